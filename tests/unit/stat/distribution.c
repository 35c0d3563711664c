/* Tail areas and quantiles against closed forms, published tables and plain summation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/distribution.h"

#include <math.h>

#define PI 3.14159265358979323846

static void close_to(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.17g is not %.17g", got, want);
}

static void gamma_of_halves_and_factorials(void **state)
{
    (void)state;
    double factorial = 0;
    close_to(gamma_log(0.5), log(PI) / 2, 1e-14);
    for (int n = 2; n < 200; n++) {
        factorial += log(n);
        close_to(gamma_log(n + 1), factorial, 1e-13);
    }
    close_to(gamma_upper(1, 3), exp(-3), 1e-13);
    close_to(gamma_upper(3, 2), exp(-2) * (1 + 2 + 2), 1e-13);
    close_to(gamma_upper(0.5, 0.3), erfc(sqrt(0.3)), 1e-13);
    close_to(gamma_upper(0.5, 300), erfc(sqrt(300)), 1e-11);
    assert_true(isnan(gamma_log(0)) && isnan(gamma_upper(0, 1)) && isnan(gamma_upper(1, -1)));
}

static void normal_areas_and_points(void **state)
{
    (void)state;
    for (double z = -8; z < 8; z += 0.37)
        close_to(normal_cdf(z), erfc(-z / sqrt(2)) / 2, 1e-12);
    close_to(normal_quantile(0.975), 1.959963984540054, 1e-13);
    close_to(normal_quantile(1e-10), -6.361340902404056, 1e-11);
    assert_true(normal_quantile(0.5) < 1e-15);
    assert_true(isinf(normal_quantile(0)) && isinf(normal_quantile(1)) &&
                isnan(normal_quantile(2)));
}

static void t_areas_and_points(void **state)
{
    (void)state;
    for (double t = -30; t < 30; t += 0.71) { /* closed forms for one and two degrees of freedom */
        close_to(t_upper(t, 1), 0.5 - atan(t) / PI, 1e-11);
        close_to(t_upper(t, 2), 0.5 - t / (2 * sqrt(2 + t * t)), 1e-11);
    }
    close_to(t_two_sided(2, 1e7), erfc(sqrt(2)), 1e-5);
    close_to(t_quantile(0.975, 1), 12.706204736174694, 1e-12);
    close_to(t_quantile(0.975, 4), 2.7764451051977987, 1e-12);
    close_to(t_quantile(0.025, 100), -1.9839715185235518, 1e-12);
    assert_true(t_two_sided(INFINITY, 3) == 0);
    assert_true(isnan(t_quantile(1, 3)) && isnan(t_quantile(0.5, 0)));
}

static void noncentral_t_by_quadrature(void **state)
{
    (void)state;
    static const double CASES[][3] = {
        {2, 4, 1}, {2.5, 10, 3}, {-2, 7, 2}, {12.7, 1, 16}, {2, 50, 0}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        /* P(T <= t) = integral of phi(u) ... over s = sqrt(chi2 / df): Phi(t s - delta) f(s) ds */
        double t = CASES[i][0], df = CASES[i][1], delta = CASES[i][2], sum = 0, step = 1e-4;
        for (double s = step / 2; s < 12; s += step) {
            double density = (df - 1) * log(s) - df * s * s / 2 + log(2) + df / 2 * log(df / 2) -
                             gamma_log(df / 2);
            sum += step * exp(density) * erfc(-(t * s - delta) / sqrt(2)) / 2;
        }
        assert_true(fabs(t_noncentral_cdf(t, df, delta) - sum) < 1e-7);
    }
    assert_true(t_noncentral_cdf(600, 1, 800) < 0.5); /* no underflow of e^-320000 */
    assert_true(t_noncentral_cdf(1200, 1, 800) > 0.3);
}

static void binomial_by_summation(void **state)
{
    (void)state;
    double sum = 0, term = pow(0.7, 40);
    for (int k = 0; k < 40; k++) {
        sum += term;
        close_to(binomial_cdf(k, 40, 0.3), sum, 1e-12);
        term *= (40.0 - k) / (k + 1) * 0.3 / 0.7;
    }
    assert_true(binomial_cdf(40, 40, 0.3) == 1 && binomial_cdf(-1, 40, 0.3) == 0);
    close_to(beta_lower(0.3, 2, 5), 1 - beta_lower(0.7, 5, 2), 1e-13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gamma_of_halves_and_factorials),
        cmocka_unit_test(normal_areas_and_points),
        cmocka_unit_test(t_areas_and_points),
        cmocka_unit_test(noncentral_t_by_quadrature),
        cmocka_unit_test(binomial_by_summation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
