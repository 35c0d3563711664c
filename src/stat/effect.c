#include "stat/effect.h"

#include <math.h>
#include <stdlib.h>

#include "stat/values.h"

double cohen_dz(double mean, double sd)
{
    return sd > 0 ? mean / sd : (double)NAN;
}

double hedges_g(double dz, size_t n)
{
    return n < 2 ? (double)NAN : dz * (1 - 3 / (4 * (double)(n - 1) - 1));
}

double cliffs_delta(const double *a, size_t n_a, const double *b, size_t n_b)
{
    if (n_a == 0 || n_b == 0)
        return NAN;
    double *sa = values_sorted(a, n_a), *sb = values_sorted(b, n_b), balance = 0;
    size_t below = 0, not_above = 0; /* how many a are < b[j], and <= b[j] */
    for (size_t j = 0; j < n_b; j++) {
        while (below < n_a && sa[below] < sb[j])
            below++;
        while (not_above < n_a && sa[not_above] <= sb[j])
            not_above++;
        balance += (double)below - (double)(n_a - not_above);
    }
    free(sa);
    free(sb);
    return balance / (double)n_a / (double)n_b;
}

double vargha_delaney_a(double delta)
{
    return (delta + 1) / 2;
}

struct win_tie_loss win_tie_loss(const double *d, size_t n, double band)
{
    struct win_tie_loss count = {0};
    for (size_t i = 0; i < n; i++) {
        if (d[i] > band)
            count.win++;
        else if (d[i] < -band)
            count.loss++;
        else
            count.tie++;
    }
    return count;
}
