/* values.h - what every statistic starts from: mean, spread, order and ranks of a list of numbers.
 * Threads     no state.
 * Limits      VALUES_MAX numbers a list: what a caller accepts from outside, so that scratch copies
 *             are small allocations.
 * Errors      none; a quantity that is not defined (the spread of one number) is NaN. Numbers are
 *             finite: readers refuse others. */
#ifndef STAT_VALUES_H
#define STAT_VALUES_H

#include <stddef.h>

enum { VALUES_MAX = 1 << 20 };

struct interval {
    double low, high;
};

double values_mean(const double *x, size_t n); /* compensated sum / n; NaN when n is 0 */
double values_sd(const double *x, size_t n);   /* divisor n - 1; NaN when n < 2 */
double values_median(const double *x, size_t n);

void values_sort(double *x, size_t n);            /* ascending, in place */
double *values_sorted(const double *x, size_t n); /* a sorted copy; free with free() */
double values_at(const double *sorted, size_t n,
                 double p); /* quantile, linear between neighbours */

/* Ranks from 1, equal numbers share the mean of theirs. Returns the sum of t^3 - t over groups of t
 * equal numbers, which is 0 when there are no ties. */
double values_ranks(double *ranks, const double *x, size_t n);

double correlation(const double *x, const double *y, size_t n); /* Pearson; NaN without variation */
/* Pearson's correlation of the ranks. Assumes pairs (x, y) independent of each other.
 * Spearman 1904, American Journal of Psychology 15. */
double spearman(const double *x, const double *y, size_t n);
/* An interval for Spearman's rho of n pairs, by Fisher's z with the variance (1 + rho^2 / 2) / (n -
 * 3): Bonett & Wright 2000, Psychometrika 65. NaN when n < 4; of rho = +-1 that value alone. */
struct interval spearman_interval(double rho, size_t n, double level);

#endif
