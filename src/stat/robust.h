/* robust.h - means that a few wild values cannot move far, and how far one value moves the plain
 * mean.
 * Threads     no state.
 * Errors      none; NaN when nothing is left.
 * See         Tukey & McLaughlin 1963, Sankhya A 25 (trimming and winsorising); Wilcox 2012,
 *             Introduction to Robust Estimation and Hypothesis Testing, ch. 3. */
#ifndef STAT_ROBUST_H
#define STAT_ROBUST_H

#include <stdbool.h>

#include "stat/values.h"

/* floor(share n) values at each end are left out, or set to the nearest one kept.
 * 0 <= share < 0.5. */
double trimmed_mean(const double *x, size_t n, double share);
double winsorised_mean(const double *x, size_t n, double share);

/* The least and the greatest mean when one value is left out; NaN when n < 2. */
struct interval leave_one_out(const double *x, size_t n);
/* True when leaving one value out turns the sign of the mean, or takes it to zero. */
bool rests_on_one(const double *x, size_t n);

#endif
