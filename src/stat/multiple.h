/* multiple.h - p values when many questions are asked at once.
 * Does        Holm's step-down adjustment (the chance of any false finding stays below alpha,
 *             whatever the dependence) and Benjamini-Hochberg's step-up (the expected share of
 *             false findings does, for independent or positively dependent tests). Adjusted p
 *             values are compared with alpha itself. For tests on the same items, stat/max_t.h is
 *             sharper than Holm.
 * Threads     no state.
 * Errors      none; p values are within 0 .. 1.
 * See         Holm 1979, Scand. J. Statist. 6; Benjamini & Hochberg 1995, JRSS B 57. */
#ifndef STAT_MULTIPLE_H
#define STAT_MULTIPLE_H

#include <stddef.h>

/* adjusted (m), in the order of p; may not be p itself. */
void holm_adjust(double *adjusted, const double *p, size_t m);
void bh_adjust(double *adjusted, const double *p, size_t m);

#endif
