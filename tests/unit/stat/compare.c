/* Edges of the small statistics: outliers, no spread, one number, and the verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/compare.h"

#include <math.h>

#include "stat/binary.h"
#include "stat/multiple.h"
#include "stat/pass.h"

static const struct compare_options OPTIONS = {
    .margin = 1, .alpha = 0.05, .power = 0.8, .resample = {.resamples = 200}};

static struct compare compared(const double *a, const double *b, size_t n)
{
    struct compare out;
    struct compare_input input = {.a = a, .b = b, .n = n};
    compare_run(&out, &input, &OPTIONS);
    return out;
}

static void one_outlier_is_flagged(void **state)
{
    (void)state;
    double a[21] = {0}, b[21];
    for (size_t i = 0; i < 21; i++)
        b[i] = i ? 2 + 0.1 * (double)i : -156;
    struct compare r = compared(a, b, 21);
    assert_true(r.t.mean < 0 && r.rests_on_one && r.leave_one_out.high > 2.9);
    assert_true(r.trimmed_mean > 2.5 && r.winsorised_mean > 2.5 && r.hodges_lehmann > 2.5);
    assert_true(r.count.win == 20 && r.count.loss == 1 && r.wilcoxon.p < 0.01);
}

static void numbers_without_spread(void **state)
{
    (void)state;
    static const double A[] = {1, 1, 1, 1}, B[] = {2, 2, 2, 2};
    struct compare r = compared(A, B, 4);
    assert_true(r.t.sd == 0 && r.t.p == 0 && isnan(r.dz) && r.tost_p == 1);
    assert_true(r.sign_flip.p == 0.125 && r.cliffs_delta == 1 && r.vargha_delaney_a == 1);
    r = compared(A, A, 4);
    assert_true(isnan(r.t.p) && r.tost_p == 0 && r.sign_flip.p == 1 && r.wilcoxon.p == 1);
    r = compared(A, B, 1);
    assert_true(r.t.mean == 1 && isnan(r.t.sd) && isnan(r.t.interval.low) && isnan(r.hedges_g));
}

static void verdicts(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(1, 0.01, NAN, 0.05), VERDICT_BETTER);
    assert_int_equal(verdict_of(-1, 0.05, 0.01, 0.05), VERDICT_WORSE);
    assert_int_equal(verdict_of(1, 0.2, 0.01, 0.05), VERDICT_EQUIVALENT);
    assert_int_equal(verdict_of(1, 0.2, 0.2, 0.05), VERDICT_INCONCLUSIVE);
    assert_int_equal(verdict_of(NAN, NAN, NAN, 0.05), VERDICT_INCONCLUSIVE);
    assert_string_equal(verdict_name(VERDICT_EQUIVALENT), "equivalent");
}

static void units_are_clusters(void **state)
{
    (void)state;
    static const double A[] = {0, 0, 0, 0, 0}, B[] = {1, 3, 5, 5, 9}, LENGTH[] = {1, 2, 3, 4, 6};
    static const uint32_t CLUSTER[] = {0, 0, 1, 1, 2};
    struct compare_input input = {
        .a = A, .b = B, .n = 5, .length_difference = LENGTH, .cluster = CLUSTER, .n_clusters = 3};
    struct compare r;
    double d[5];
    assert_int_equal(compare_differences(d, &input), 3);
    assert_true(d[0] == 2 && d[1] == 5 && d[2] == 9);
    compare_run(&r, &input, &OPTIONS);
    assert_int_equal(r.items, 5);
    assert_true(r.t.n == 3 && r.median == 5 && r.has_length);
    assert_true(fabs(r.cluster_bootstrap.estimate - r.t.mean) < 1e-12);
}

static void ties_bands_and_quantiles(void **state)
{
    (void)state;
    static const double D[] = {0.5, -0.5, 0.6, -0.6, 0};
    struct win_tie_loss count = win_tie_loss(D, 5, 0.5);
    assert_true(count.win == 1 && count.tie == 3 && count.loss == 1);
    double ranks[5];
    assert_true(values_ranks(ranks, (const double[]){3, 1, 3, 3, 2}, 5) == 24);
    assert_true(ranks[0] == 4 && ranks[1] == 1 && ranks[4] == 2);
    assert_true(values_at((const double[]){1, 2, 4}, 3, 0.75) == 3);
    assert_true(values_mean((const double[]){1e100, 1, -1e100}, 3) == 1.0 / 3);
    assert_true(isnan(spearman(D, (const double[]){1, 1, 1, 1, 1}, 5)));
    assert_true(spearman(D, (const double[]){5, 2, 60, 1, 4}, 5) > 1 - 1e-15);
    /* z = atanh(0.5), error sqrt(1.125 / 25) */
    struct interval range = spearman_interval(0.5, 28, 0.95);
    assert_true(fabs(range.low - 0.132747) < 1e-5 && fabs(range.high - 0.746533) < 1e-5);
    assert_true(isnan(spearman_interval(0.5, 3, 0.95).low));
    assert_true(spearman_interval(-1, 9, 0.95).high == -1);
}

static void power_and_pairs(void **state)
{
    (void)state;
    assert_int_equal(pairs_needed(0.5, 0.05, 0.8), 34); /* Cohen 1988, table 2.4.1, one sample */
    assert_int_equal(pairs_needed(0, 0.05, 0.8), 0);
    assert_int_equal(pairs_needed(1e100, 0.05, 0.8), 2); /* and does not take for ever */
    assert_true(t_test_power(-1e300, 2, 0.05) == 1);
    assert_true(isnan(minimum_detectable_effect(1, 0.05, 0.8)));
    double effect = minimum_detectable_effect(2, 0.05, 0.8);
    assert_true(fabs(t_test_power(effect, 2, 0.05) - 0.8) < 1e-9);
    assert_true(fabs(t_test_power(0, 10, 0.05) - 0.05) < 1e-9);
}

static void adjusting_keeps_order_and_bounds(void **state)
{
    (void)state;
    static const double P[] = {0.04, 0.01, 0.04, 0.9};
    double out[4];
    holm_adjust(out, P, 4);
    assert_true(out[1] == 0.04 && out[0] == 0.12 && out[2] == 0.12 && out[3] == 0.9);
    bh_adjust(out, P, 4);
    assert_true(out[1] == 0.04 && fabs(out[0] - 0.16 / 3) < 1e-15 && out[2] == out[0]);
    holm_adjust(out, P, 0);
}

static void samples_that_pass(void **state)
{
    (void)state;
    assert_true(pass_at_k(5, 5, 5) == 1 && pass_hat_k(5, 5, 5) == 1 && pass_at_k(5, 0, 5) == 0);
    assert_true(fabs(pass_at_k(1000000, 1, 500000) - 0.5) < 1e-9);
    assert_true(isnan(pass_at_k(3, 4, 1)) && isnan(pass_at_k(3, 1, 0)) &&
                isnan(pass_hat_k(3, 1, 4)));
}

static void no_items_no_numbers(void **state)
{
    (void)state;
    struct pair_table none = {0};
    assert_true(isnan(wilson(0, 0, 0.95).low) && isnan(newcombe(&none, 0.95).low));
    assert_true(mcnemar_exact(&none) == 1 && isnan(paired_difference(&none)));
    struct interval all = wilson(7, 7, 0.95);
    assert_true(all.high == 1 && all.low > 0.6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_outlier_is_flagged),
        cmocka_unit_test(numbers_without_spread),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(units_are_clusters),
        cmocka_unit_test(ties_bands_and_quantiles),
        cmocka_unit_test(power_and_pairs),
        cmocka_unit_test(adjusting_keeps_order_and_bounds),
        cmocka_unit_test(samples_that_pass),
        cmocka_unit_test(no_items_no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
