#include "kern/detmath.h"

#include <math.h> /* only fma, rint, and what is exact by definition: ldexp, frexp, isnan */

#define LN2_HI  0x1.62e42fefa3800p-1 /* ln 2 in two parts; n * LN2_HI is exact for |n| < 2^11 */
#define LN2_LO  0x1.ef35793c76730p-45
#define PIO2_HI 0x1.921fb54442d18p+0 /* pi / 2 in three parts */
#define PIO2_MD 0x1.1a62633145c07p-54
#define PIO2_LO -0x1.f1976b7ed8fbcp-110

/* c[0] + x (c[1] + x (...)) */
static double horner(const double *c, int n, double x)
{
    double sum = c[n - 1];
    for (int i = n - 2; i >= 0; i--)
        sum = fma(sum, x, c[i]);
    return sum;
}

double det_exp(double x)
{
    /* Taylor: |r| <= 0.347, so the term after r^14 / 14! is below 2^-56 of the sum. */
    static const double C[] = {1.0,
                               1.0,
                               1.0 / 2,
                               1.0 / 6,
                               1.0 / 24,
                               1.0 / 120,
                               1.0 / 720,
                               1.0 / 5040,
                               1.0 / 40320,
                               1.0 / 362880,
                               1.0 / 3628800,
                               1.0 / 39916800,
                               1.0 / 479001600,
                               1.0 / 6227020800,
                               1.0 / 87178291200};
    if (isnan(x))
        return x;
    if (x > 709.8)
        return INFINITY;
    if (x < -745.2)
        return 0.0;
    double n = rint(x * 0x1.71547652b82fep+0);
    double r = fma(n, -LN2_LO, fma(n, -LN2_HI, x));
    return ldexp(horner(C, sizeof C / sizeof *C, r), (int)n);
}

double det_log(double x)
{
    /* log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| <= 0.1716. */
    static const double C[] = {2.0,      2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                               2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
    if (isnan(x) || x < 0)
        return NAN;
    if (x == 0)
        return -INFINITY;
    if (isinf(x))
        return x;
    int e;
    double m = frexp(x, &e);
    if (m < 0x1.6a09e667f3bcdp-1) {
        m *= 2;
        e--;
    }
    double s = (m - 1) / (m + 1);
    double log_m = s * horner(C, sizeof C / sizeof *C, s * s);
    return fma((double)e, LN2_HI, fma((double)e, LN2_LO, log_m));
}

double det_pow(double base, double exponent)
{
    return det_exp(exponent * det_log(base));
}

void det_sincos(double x, double *sine, double *cosine)
{
    static const double S[] = {1.0,
                               -1.0 / 6,
                               1.0 / 120,
                               -1.0 / 5040,
                               1.0 / 362880,
                               -1.0 / 39916800,
                               1.0 / 6227020800,
                               -1.0 / 1307674368000,
                               1.0 / 355687428096000,
                               -1.0 / 121645100408832000};
    static const double C[] = {1.0,
                               -1.0 / 2,
                               1.0 / 24,
                               -1.0 / 720,
                               1.0 / 40320,
                               -1.0 / 3628800,
                               1.0 / 479001600,
                               -1.0 / 87178291200,
                               1.0 / 20922789888000,
                               -1.0 / 6402373705728000};
    double n = rint(x * 0x1.45f306dc9c883p-1);
    double r = fma(n, -PIO2_LO, fma(n, -PIO2_MD, fma(n, -PIO2_HI, x)));
    double s = r * horner(S, sizeof S / sizeof *S, r * r);
    double c = horner(C, sizeof C / sizeof *C, r * r);
    switch ((long long)n & 3) {
    case 0: *sine = s, *cosine = c; break;
    case 1: *sine = c, *cosine = -s; break;
    case 2: *sine = -s, *cosine = -c; break;
    default: *sine = -c, *cosine = s; break;
    }
}
