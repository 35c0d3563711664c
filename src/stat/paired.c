#include "stat/paired.h"

#include <math.h>

#include "stat/distribution.h"

enum { BISECTIONS = 60 };

struct t_test t_test(const double *d, size_t n, double level)
{
    struct t_test test = {.n = n, .mean = values_mean(d, n), .sd = values_sd(d, n)};
    test.se = test.sd / sqrt((double)n);
    test.interval = (struct interval){NAN, NAN};
    test.p = NAN;
    if (n < 2)
        return test;
    double df = (double)(n - 1), half = t_quantile(0.5 + level / 2, df) * test.se;
    test.interval = (struct interval){test.mean - half, test.mean + half};
    if (test.se > 0 || test.mean != 0)
        test.p = t_two_sided(test.mean / test.se, df);
    return test;
}

double tost_p(const struct t_test *test, double margin)
{
    if (test->n < 2 || !(margin > 0))
        return NAN;
    double df = (double)(test->n - 1);
    double nearer = margin - fabs(test->mean); /* the bound that is harder to reject */
    if (test->se == 0)
        return nearer > 0 ? 0 : 1;
    return t_upper(nearer / test->se, df);
}

static double power_at(double delta, double df, double critical)
{
    return 1 - t_noncentral_cdf(critical, df, delta) + t_noncentral_cdf(-critical, df, delta);
}

double t_test_power(double effect, size_t n, double alpha)
{
    if (n < 2)
        return NAN;
    double df = (double)(n - 1), delta = fmin(fabs(effect) * sqrt((double)n), T_DELTA_MAX);
    return power_at(delta, df, t_quantile(1 - alpha / 2, df));
}

double minimum_detectable_effect(size_t n, double alpha, double power)
{
    if (n < 2 || !(power > alpha && power < 1))
        return NAN;
    double df = (double)(n - 1), critical = t_quantile(1 - alpha / 2, df);
    double low = 0, high = 2;
    while (power_at(high, df, critical) < power)
        high *= 2;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        if (power_at(middle, df, critical) < power)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2 / sqrt((double)n);
}

size_t pairs_needed(double effect, double alpha, double power)
{
    size_t low = 1, high = 2;
    effect = fabs(effect);
    while (high <= VALUES_MAX && !(t_test_power(effect, high, alpha) >= power)) {
        low = high;
        high *= 2;
    }
    if (high > VALUES_MAX)
        return 0;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (t_test_power(effect, middle, alpha) >= power)
            high = middle;
        else
            low = middle;
    }
    return high;
}
