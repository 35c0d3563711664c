/* max_t.h - p values of many metrics of the same pairs, adjusted by their joint distribution.
 * Does        Westfall and Young's step-down max-T over sign flips: a pair's differences in all
 *             metrics change sign together, so metrics that move together cost little. The chance
 *             of any false finding stays below alpha. All sign patterns are counted when there are
 *             no more of them than resamples, otherwise they are drawn, with the (b + 1) / (m + 1)
 *             rule.
 * Assumes     as stat/permutation.h, for the rows of all metrics jointly.
 * Threads     uses the pool it is given.
 * Errors      none; a metric whose differences are all zero gets p = 1.
 * See         Westfall & Young 1993, Resampling-Based Multiple Testing, algorithm 4.1. */
#ifndef STAT_MAX_T_H
#define STAT_MAX_T_H

#include "stat/resample.h"

/* adjusted (m); d (m, n) row-major: row j holds metric j's difference of each pair; n >= 2. */
void max_t_adjust(double *adjusted, const double *d, size_t m, size_t n,
                  const struct resample_options *options);

#endif
