/* wilcoxon.h - the signed-rank test and the shift that belongs to it.
 * Does        Wilcoxon's signed ranks of differences and the Hodges-Lehmann estimate: a companion
 *             of the t test that one wild difference cannot overturn.
 * Assumes     differences independent and, under the null hypothesis, symmetric about zero. Zero
 *             differences are dropped (Wilcoxon's way), ties share ranks.
 * Threads     no state.
 * Limits      exact up to WILCOXON_EXACT_MAX differences without ties or zeros; otherwise the
 *             normal approximation, corrected for ties, without continuity correction.
 * See         Wilcoxon 1945, Biometrics Bulletin 1; Hodges & Lehmann 1963, Ann. Math. Stat. 34;
 *             Kerby 2014, Comprehensive Psychology 3 (rank-biserial correlation). */
#ifndef STAT_WILCOXON_H
#define STAT_WILCOXON_H

#include <stdbool.h>

#include "stat/values.h"

enum { WILCOXON_EXACT_MAX = 50 };

struct wilcoxon {
    size_t n; /* differences other than zero */
    double w_plus, w_minus;
    double p; /* two-sided; 1 when every difference is zero */
    bool exact;
    double rank_biserial; /* (w_plus - w_minus) / (w_plus + w_minus); NaN when n is 0 */
};

struct wilcoxon wilcoxon(const double *d, size_t n);

/* Median of all (d[i] + d[j]) / 2 with i <= j, found in O(n log n) without forming them. */
double hodges_lehmann(const double *d, size_t n);

#endif
