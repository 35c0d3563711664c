#include "stat/multiple.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

struct entry {
    double p;
    size_t index;
};

static int by_p(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static struct entry *in_order(const double *p, size_t m)
{
    struct entry *entries = mem_zalloc(m + 1, sizeof *entries);
    for (size_t i = 0; i < m; i++)
        entries[i] = (struct entry){p[i], i};
    qsort(entries, m, sizeof *entries, by_p);
    return entries;
}

void holm_adjust(double *adjusted, const double *p, size_t m)
{
    struct entry *entries = in_order(p, m);
    double greatest = 0;
    for (size_t i = 0; i < m; i++) {
        greatest = fmax(greatest, fmin(1, (double)(m - i) * entries[i].p));
        adjusted[entries[i].index] = greatest;
    }
    free(entries);
}

void bh_adjust(double *adjusted, const double *p, size_t m)
{
    struct entry *entries = in_order(p, m);
    double least = 1;
    for (size_t i = m; i-- > 0;) {
        least = fmin(least, (double)m / (double)(i + 1) * entries[i].p);
        adjusted[entries[i].index] = least;
    }
    free(entries);
}
