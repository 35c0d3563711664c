#include "stat/length.h"

#include <math.h>

#include "stat/distribution.h"
#include "stat/values.h"

struct ancova ancova(const double *d, const double *length_difference, size_t n)
{
    struct ancova fit = {NAN, NAN, NAN, NAN, NAN};
    double mean_x = values_mean(length_difference, n), mean_y = values_mean(d, n);
    double xx = 0, xy = 0, residual = 0;
    for (size_t i = 0; i < n; i++) {
        double dx = length_difference[i] - mean_x;
        xx += dx * dx;
        xy += dx * (d[i] - mean_y);
    }
    if (n < 3 || !(xx > 0))
        return fit;
    fit.slope = xy / xx;
    fit.intercept = mean_y - fit.slope * mean_x;
    for (size_t i = 0; i < n; i++) {
        double e = (d[i] - mean_y) - fit.slope * (length_difference[i] - mean_x);
        residual += e * e;
    }
    double df = (double)(n - 2), variance = residual / df;
    fit.slope_se = sqrt(variance / xx);
    fit.intercept_se = sqrt(variance * (1 / (double)n + mean_x * mean_x / xx));
    if (fit.intercept_se > 0 || fit.intercept != 0)
        fit.intercept_p = t_two_sided(fit.intercept / fit.intercept_se, df);
    return fit;
}
