#include "stat/robust.h"

#include <math.h>
#include <stdlib.h>

double trimmed_mean(const double *x, size_t n, double share)
{
    size_t cut = (size_t)(share * (double)n);
    double *sorted = values_sorted(x, n);
    double mean = values_mean(sorted + cut, n - 2 * cut);
    free(sorted);
    return mean;
}

double winsorised_mean(const double *x, size_t n, double share)
{
    size_t cut = (size_t)(share * (double)n);
    double *sorted = values_sorted(x, n);
    for (size_t i = 0; i < cut; i++) {
        sorted[i] = sorted[cut];
        sorted[n - 1 - i] = sorted[n - 1 - cut];
    }
    double mean = values_mean(sorted, n);
    free(sorted);
    return mean;
}

struct interval leave_one_out(const double *x, size_t n)
{
    if (n < 2)
        return (struct interval){NAN, NAN};
    /* Leaving out the greatest value gives the least mean. Each is summed anew: taking one value
     * off the whole sum would keep an outlier's rounding. */
    double *sorted = values_sorted(x, n);
    struct interval range = {values_mean(sorted, n - 1), values_mean(sorted + 1, n - 1)};
    free(sorted);
    return range;
}

bool rests_on_one(const double *x, size_t n)
{
    double mean = values_mean(x, n);
    struct interval range = leave_one_out(x, n);
    return (mean > 0 && range.low <= 0) || (mean < 0 && range.high >= 0);
}
