#include "stat/binary.h"

#include <math.h>

#include "stat/distribution.h"

struct pair_table pair_table(const double *a, const double *b, size_t n)
{
    struct pair_table table = {0};
    for (size_t i = 0; i < n; i++) {
        if (a[i] != 0 && b[i] != 0)
            table.both++;
        else if (a[i] != 0)
            table.only_a++;
        else if (b[i] != 0)
            table.only_b++;
        else
            table.neither++;
    }
    return table;
}

static double total(const struct pair_table *table)
{
    return (double)(table->both + table->only_a + table->only_b + table->neither);
}

struct interval wilson(double successes, double n, double level)
{
    if (!(n > 0))
        return (struct interval){NAN, NAN};
    double z = normal_quantile(0.5 + level / 2), zz = z * z, p = successes / n;
    double centre = (p + zz / (2 * n)) / (1 + zz / n);
    double half = z * sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n);
    /* At 0 and n the bound is 0 and 1 by algebra; rounding must not say otherwise. */
    return (struct interval){successes == 0 ? 0 : centre - half,
                             successes == n ? 1 : centre + half};
}

double mcnemar_exact(const struct pair_table *table)
{
    size_t less = table->only_a < table->only_b ? table->only_a : table->only_b;
    double differ = (double)(table->only_a + table->only_b);
    return differ == 0 ? 1 : fmin(1, 2 * binomial_cdf((double)less, differ, 0.5));
}

double paired_difference(const struct pair_table *table)
{
    return ((double)table->only_b - (double)table->only_a) / total(table);
}

/* Correlation of the two answers; method 10 takes n / 2 off a positive numerator. */
static double phi(const struct pair_table *t)
{
    double yes_a = (double)(t->both + t->only_a), no_a = (double)(t->only_b + t->neither);
    double yes_b = (double)(t->both + t->only_b), no_b = (double)(t->only_a + t->neither);
    double scale = sqrt(yes_a * no_a) * sqrt(yes_b * no_b);
    double top = (double)t->both * (double)t->neither - (double)t->only_a * (double)t->only_b;
    if (scale == 0)
        return 0;
    return (top > 0 ? fmax(top - total(t) / 2, 0) : top) / scale;
}

struct interval newcombe(const struct pair_table *table, double level)
{
    double n = total(table);
    if (n == 0)
        return (struct interval){NAN, NAN};
    double yes_a = (double)(table->both + table->only_a);
    double yes_b = (double)(table->both + table->only_b);
    struct interval a = wilson(yes_a, n, level), b = wilson(yes_b, n, level);
    double down_a = yes_a / n - a.low, up_a = a.high - yes_a / n;
    double down_b = yes_b / n - b.low, up_b = b.high - yes_b / n;
    double r = phi(table), difference = paired_difference(table);
    double below = sqrt(down_b * down_b - 2 * r * down_b * up_a + up_a * up_a);
    double above = sqrt(up_b * up_b - 2 * r * up_b * down_a + down_a * down_a);
    return (struct interval){difference - below, difference + above};
}
