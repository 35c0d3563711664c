#include "stat/pass.h"

#include <math.h>

/* C(c, k) / C(n, k) as a product of k ratios below 1, which neither overflows nor cancels. */
double pass_hat_k(size_t n, size_t c, size_t k)
{
    if (c > n || k < 1 || k > n)
        return NAN;
    if (c < k)
        return 0;
    double all = 1;
    for (size_t i = 0; i < k && all > 0; i++)
        all *= (double)(c - i) / (double)(n - i);
    return all;
}

double pass_at_k(size_t n, size_t c, size_t k)
{
    return c > n ? (double)NAN : 1 - pass_hat_k(n, n - c, k);
}
