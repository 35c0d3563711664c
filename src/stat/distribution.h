/* distribution.h - tail areas and quantiles of the distributions that tests need.
 * Does        the normal, Student's t, noncentral t and binomial distributions, from the incomplete
 *             gamma and beta functions. Written over kern/detmath.h, so every machine gets the same
 *             bits. Relative error about 1e-13 in the body and 1e-11 in the tails (noncentral t:
 *             1e-12 absolute).
 * Threads     no state.
 * Limits      degrees of freedom up to about 1e7; beyond, the accuracy of the logarithms runs out.
 *             T_DELTA_MAX bounds the terms of the noncentral t: about 20 times as many.
 * Errors      none; an argument outside the domain gives NaN.
 * See         DLMF 8.7.1, 8.9.2 (incomplete gamma), 8.17.22 (incomplete beta), 5.11.1 (Stirling);
 *             Lenth 1989, AS 243 (noncentral t). */
#ifndef STAT_DISTRIBUTION_H
#define STAT_DISTRIBUTION_H

double gamma_log(double x);                      /* log of the gamma function, x > 0 */
double gamma_upper(double a, double x);          /* regularised Q(a, x), a > 0, x >= 0 */
double beta_lower(double x, double a, double b); /* regularised I_x(a, b), 0 <= x <= 1 */

double normal_cdf(double z);
double normal_quantile(double p); /* 0 and 1 give -inf and inf */

double t_upper(double t, double df); /* P(T > t) */
double t_two_sided(double t, double df);
double t_quantile(double p, double df); /* 0 < p < 1 */

enum { T_DELTA_MAX = 10000 };
/* P(T <= t) where T = (Z + delta) / sqrt(chi-square(df) / df); |delta| <= T_DELTA_MAX. */
double t_noncentral_cdf(double t, double df, double delta);

/* P(X <= k) of a binomial with n trials of probability p. */
double binomial_cdf(double k, double n, double p);

#endif
