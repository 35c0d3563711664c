/* effect.h - how large a difference is, without units.
 * Does        standardised mean difference of pairs, its small-sample correction, the chance that
 *             one side beats the other, and plain counts.
 * Threads     no state.
 * Errors      none; NaN where there is no spread (d_z) or nothing to compare.
 * See         Cohen 1988, Statistical Power Analysis, ch. 2 (d_z); Hedges 1981, J. Educ. Stat. 6;
 *             Cliff 1993, Psychological Bulletin 114; Vargha & Delaney 2000, J. Educ. Behav.
 *             Stat. 25. */
#ifndef STAT_EFFECT_H
#define STAT_EFFECT_H

#include <stddef.h>

double cohen_dz(double mean, double sd); /* of the differences */
/* d_z times 1 - 3 / (4 (n - 1) - 1): what d_z overstates in small samples. NaN when n < 2. */
double hedges_g(double dz, size_t n);

/* P(b > a) - P(b < a) over all pairs of one b and any a: the two lists as samples, the pairing
 * unused. -1 .. 1. O(n log n). */
double cliffs_delta(const double *a, size_t n_a, const double *b, size_t n_b);
/* The same as a probability: P(b > a) + P(b = a) / 2. */
double vargha_delaney_a(double delta);

struct win_tie_loss {
    size_t win, tie, loss;
};

/* A difference within `band` of zero, band included, is a tie. */
struct win_tie_loss win_tie_loss(const double *d, size_t n, double band);

#endif
