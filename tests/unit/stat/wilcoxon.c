/* Signed ranks and the Hodges-Lehmann shift against plain enumeration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/wilcoxon.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

static double draw(uint64_t i)
{
    return rng_uniform(11, 0, i) * 4 - 1.5;
}

static void counts_every_sign_pattern(void **state)
{
    (void)state;
    enum { N = 9 };
    double d[N], rank[N], size[N];
    for (size_t i = 0; i < N; i++) {
        d[i] = draw(i);
        size[i] = fabs(d[i]);
    }
    values_ranks(rank, size, N);
    struct wilcoxon test = wilcoxon(d, N);
    size_t extreme = 0;
    for (unsigned pattern = 0; pattern < 1u << N; pattern++) {
        double w = 0;
        for (unsigned i = 0; i < N; i++)
            w += pattern >> i & 1 ? rank[i] : 0;
        extreme += fabs(w - N * (N + 1) / 4.0) >= fabs(test.w_plus - N * (N + 1) / 4.0);
    }
    assert_true(test.exact && test.n == N);
    assert_true(fabs(test.p - (double)extreme / (1u << N)) < 1e-15);
    assert_true(test.w_plus + test.w_minus == N * (N + 1) / 2.0);
}

static void zeros_are_dropped_and_ties_shared(void **state)
{
    (void)state;
    static const double D[] = {0, 1, -1, 2, 0, 3};
    struct wilcoxon test = wilcoxon(D, 6);
    assert_int_equal(test.n, 4);
    assert_false(test.exact);
    assert_true(test.w_plus == 1.5 + 3 + 4 && test.w_minus == 1.5);
    assert_true(test.rank_biserial == 0.7);
    test = wilcoxon(D, 1);
    assert_true(test.n == 0 && test.p == 1 && isnan(test.rank_biserial));
}

static void shift_is_the_median_walsh_average(void **state)
{
    (void)state;
    double d[40], walsh[40 * 41 / 2];
    for (size_t n = 1; n <= 40; n++) {
        size_t pairs = 0;
        for (size_t i = 0; i < n; i++)
            d[i] = n % 3 ? draw(100 * n + i) : floor(draw(100 * n + i)); /* also with ties and 0 */
        for (size_t i = 0; i < n; i++)
            for (size_t j = i; j < n; j++)
                walsh[pairs++] = (d[i] + d[j]) / 2;
        assert_true(hodges_lehmann(d, n) == values_median(walsh, pairs));
    }
    assert_true(isnan(hodges_lehmann(d, 0)));
}

static void many_differences_need_no_table_of_averages(void **state)
{
    (void)state;
    enum { N = 200000 }; /* 2e10 averages */
    double *d = mem_zalloc(N, sizeof *d);
    for (size_t i = 0; i < N; i++)
        d[i] = (double)i - N / 2 + 7;
    assert_true(hodges_lehmann(d, N) == 6.5);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_every_sign_pattern),
        cmocka_unit_test(zeros_are_dropped_and_ties_shared),
        cmocka_unit_test(shift_is_the_median_walsh_average),
        cmocka_unit_test(many_differences_need_no_table_of_averages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
