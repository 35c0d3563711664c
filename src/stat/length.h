/* length.h - what is left of a difference when answers are equally long.
 * Does        least squares of the score difference on the length difference of each pair: the
 *             intercept is the difference at equal length.
 * Assumes     a linear effect of length; errors independent, of equal variance, nearly normal. It
 *             controls for length, it does not prove that length is the cause.
 * Threads     no state.
 * Errors      none; NaN when n < 3 or all length differences are equal.
 * See         Fisher 1932, Statistical Methods for Research Workers (analysis of covariance);
 *             Dubois et al. 2024, arXiv 2404.04475 (length-controlled win rates). */
#ifndef STAT_LENGTH_H
#define STAT_LENGTH_H

#include <stddef.h>

struct ancova {
    double intercept, slope;
    double intercept_se, slope_se;
    double intercept_p; /* two-sided, against 0 */
};

struct ancova ancova(const double *d, const double *length_difference, size_t n);

#endif
