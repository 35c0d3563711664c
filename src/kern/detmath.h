/* detmath.h - exponential, logarithm, power, sine and cosine in double: the same bits on every machine.
 * Does        what libm does, to within two units in the last place, from additions, multiplications and fma alone, so that
 *             no C library's taste reaches an answer (RoPE tables, sampling, log-sum-exp).
 * Threads     no state.
 * Limits      det_sincos: |x| below 1e8. Others: the whole range; det_log and det_pow of a negative number are NaN. */
#ifndef KERN_DETMATH_H
#define KERN_DETMATH_H

double det_exp(double x);
double det_log(double x);
double det_pow(double base, double exponent); /* base > 0 */
void det_sincos(double x, double *sine, double *cosine);

#endif
