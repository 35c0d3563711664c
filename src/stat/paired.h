/* paired.h - is the mean of paired differences zero, small, or large enough to have been seen?
 * Does        Student's one-sample t on differences d = b - a, equivalence by two one-sided tests,
 *             and power: what this many pairs could have shown.
 * Assumes     differences independent of each other; their mean nearly normal (from about 30 pairs,
 *             or fewer when the differences themselves are). One outlier can hide any effect: read
 *             it beside stat/robust.h and stat/wilcoxon.h.
 * Threads     no state.
 * Errors      none; NaN where n or the spread leaves a number undefined. Without spread at all, a
 *             mean other than zero has p = 0, and a mean of zero p = NaN.
 * See         Student 1908, Biometrika 6; Schuirmann 1987, J. Pharmacokinet. Biopharm. 15 (TOST);
 *             Card et al. 2020, arXiv 2010.06595 (power); Miller 2024, arXiv 2411.00640. */
#ifndef STAT_PAIRED_H
#define STAT_PAIRED_H

#include "stat/values.h"

struct t_test {
    size_t n;
    double mean, sd, se;
    struct interval interval;
    double p; /* two-sided */
};

struct t_test t_test(const double *d, size_t n, double level); /* level: 0.95 */

/* The larger p of the tests "mean <= -margin" and "mean >= margin"; below alpha the mean lies
 * within the margin. margin > 0. */
double tost_p(const struct t_test *test, double margin);

/* Chance that the two-sided t test at alpha finds a true mean of `effect` standard deviations.
 * effect * sqrt(n) counts up to T_DELTA_MAX, where power is 1 for any alpha from 0.001 on. */
double t_test_power(double effect, size_t n, double alpha);
/* The smallest such effect found with this power (0.8), in standard deviations; n >= 2. */
double minimum_detectable_effect(size_t n, double alpha, double power);
/* The least number of pairs that finds `effect` standard deviations; 0: more than VALUES_MAX. */
size_t pairs_needed(double effect, double alpha, double power);

#endif
