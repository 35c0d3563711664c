/* permutation.h - the sign-flip test of paired differences.
 * Does        under "a and b are interchangeable" each difference might as well have had the other
 *             sign: the p value is the share of sign patterns whose sum is at least as far from
 *             zero as the one seen. All patterns are counted when at most SIGN_FLIP_EXACT_MAX
 *             differences are not zero (by halves: sums of either half, sorted, then matched);
 *             beyond that they are drawn, and p = (b + 1) / (m + 1) counts the one seen itself.
 * Assumes     differences independent and, under the null hypothesis, symmetric about zero. Nothing
 *             about their shape.
 * Threads     uses the pool it is given.
 * Limits      sums within one part in 1e9 are equal: rounding must not decide a tie.
 * Errors      none; NaN when n is 0.
 * See         Fisher 1935, The Design of Experiments, section 21; Phipson & Smyth 2010, Stat. Appl.
 *             Genet. Mol. Biol. 9 (why + 1); Horowitz & Sahni 1974, JACM 21 (halves). */
#ifndef STAT_PERMUTATION_H
#define STAT_PERMUTATION_H

#include <stdbool.h>

#include "stat/resample.h"

enum { SIGN_FLIP_EXACT_MAX = 24 };

struct sign_flip {
    double p; /* two-sided */
    bool exact;
};

struct sign_flip sign_flip(const double *d, size_t n, const struct resample_options *options);

#endif
