#include "stat/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kern/detmath.h"
#include "stat/distribution.h"

/* Neumaier's summation: differences of scores often cancel, and one outlier must not eat the rest.
 */
static double sum_of(const double *x, size_t n)
{
    double sum = 0, lost = 0;
    for (size_t i = 0; i < n; i++) {
        double next = sum + x[i];
        lost += fabs(sum) >= fabs(x[i]) ? (sum - next) + x[i] : (x[i] - next) + sum;
        sum = next;
    }
    return sum + lost;
}

double values_mean(const double *x, size_t n)
{
    return n ? sum_of(x, n) / (double)n : (double)NAN;
}

double values_sd(const double *x, size_t n)
{
    if (n < 2)
        return NAN;
    double mean = values_mean(x, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void values_sort(double *x, size_t n)
{
    if (n > 1)
        qsort(x, n, sizeof *x, by_value);
}

double *values_sorted(const double *x, size_t n)
{
    double *copy = mem_zalloc(n + 1, sizeof *copy);
    memcpy(copy, x, n * sizeof *copy);
    values_sort(copy, n);
    return copy;
}

double values_at(const double *sorted, size_t n, double p)
{
    if (n == 0 || isnan(p))
        return NAN;
    double position = p * (double)(n - 1);
    size_t below = (size_t)position;
    if (below >= n - 1)
        return sorted[n - 1];
    return sorted[below] + (position - (double)below) * (sorted[below + 1] - sorted[below]);
}

double values_median(const double *x, size_t n)
{
    double *sorted = values_sorted(x, n);
    double median = n ? (sorted[(n - 1) / 2] + sorted[n / 2]) / 2 : (double)NAN;
    free(sorted);
    return median;
}

struct placed {
    double value;
    size_t index;
};

static int by_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

double values_ranks(double *ranks, const double *x, size_t n)
{
    struct placed *placed = mem_zalloc(n + 1, sizeof *placed);
    double ties = 0;
    for (size_t i = 0; i < n; i++)
        placed[i] = (struct placed){x[i], i};
    qsort(placed, n, sizeof *placed, by_placed);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && placed[end].value == placed[first].value; end++)
            ;
        double t = (double)(end - first);
        ties += t * t * t - t;
        for (size_t i = first; i < end; i++)
            ranks[placed[i].index] = (double)(first + 1 + end) / 2;
    }
    free(placed);
    return ties;
}

double correlation(const double *x, const double *y, size_t n)
{
    double mean_x = values_mean(x, n), mean_y = values_mean(y, n);
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        double dx = x[i] - mean_x, dy = y[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    if (!(xx > 0 && yy > 0))
        return NAN;
    return fmax(-1, fmin(1, xy / (sqrt(xx) * sqrt(yy)))); /* rounding may pass the bounds */
}

double spearman(const double *x, const double *y, size_t n)
{
    double *ranks = mem_zalloc(2 * n + 1, sizeof *ranks);
    values_ranks(ranks, x, n);
    values_ranks(ranks + n, y, n);
    double rho = correlation(ranks, ranks + n, n);
    free(ranks);
    return rho;
}

struct interval spearman_interval(double rho, size_t n, double level)
{
    if (n < 4 || isnan(rho))
        return (struct interval){NAN, NAN};
    if (fabs(rho) >= 1)
        return (struct interval){rho, rho};
    double z = (det_log(1 + rho) - det_log(1 - rho)) / 2;
    double reach = normal_quantile((1 + level) / 2) * sqrt((1 + rho * rho / 2) / ((double)n - 3));
    double low = det_exp(2 * (z - reach)), high = det_exp(2 * (z + reach));
    return (struct interval){(low - 1) / (low + 1), (high - 1) / (high + 1)};
}
