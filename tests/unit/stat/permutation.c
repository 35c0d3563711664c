/* Sign flips and max-T against plain enumeration, drawn against exact, and any number of threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/permutation.h"

#include <math.h>

#include "base/rng.h"
#include "stat/max_t.h"

static void fill(double *d, size_t n, uint64_t stream)
{
    for (size_t i = 0; i < n; i++)
        d[i] = rng_uniform(21, stream, i) - 0.35;
}

static double enumerated(const double *d, size_t n)
{
    double seen = 0;
    size_t extreme = 0;
    for (size_t i = 0; i < n; i++)
        seen += d[i];
    for (unsigned pattern = 0; pattern < 1u << n; pattern++) {
        double sum = 0;
        for (unsigned i = 0; i < n; i++)
            sum += pattern >> i & 1 ? -d[i] : d[i];
        extreme += fabs(sum) >= fabs(seen) * (1 - 1e-9);
    }
    return (double)extreme / (double)(1u << n);
}

static void exact_counts_every_pattern(void **state)
{
    (void)state;
    double d[13];
    for (size_t n = 1; n <= 13; n++) {
        fill(d, n, n);
        struct sign_flip test = sign_flip(d, n, &(struct resample_options){.resamples = 1});
        assert_true(test.exact);
        assert_true(fabs(test.p - enumerated(d, n)) < 1e-15);
        for (size_t i = 0; i < n; i++)
            d[i] = floor(d[i] * 10) / 10; /* ties that rounding could break */
        test = sign_flip(d, n, &(struct resample_options){.resamples = 1});
        assert_true(fabs(test.p - enumerated(d, n)) < 1e-15);
    }
}

static void zeros_say_nothing(void **state)
{
    (void)state;
    double d[40] = {1, 2, 4};
    struct sign_flip test = sign_flip(d, 40, &(struct resample_options){.resamples = 1});
    assert_true(test.exact && test.p == 0.25);
    test = sign_flip(d + 3, 30, &(struct resample_options){.resamples = 1});
    assert_true(test.exact && test.p == 1);
    assert_true(isnan(sign_flip(d, 0, &(struct resample_options){.resamples = 1}).p));
}

static void drawn_is_near_exact_on_any_threads(void **state)
{
    (void)state;
    double d[48], few[24];
    struct resample_options options = {.seed = 5, .resamples = 40000};
    fill(few, 24, 90);
    double exact = sign_flip(few, 24, &options).p;
    for (size_t i = 0; i < 48; i++) /* twice the pairs, the same distribution in the limit */
        d[i] = i < 24 ? few[i] : (i % 2 ? 1e-12 : -1e-12);
    struct sign_flip drawn = sign_flip(d, 48, &options);
    assert_false(drawn.exact);
    assert_true(fabs(drawn.p - exact) < 4 * sqrt(exact * (1 - exact) / 40000));
    options.pool = pool_create(3);
    assert_true(sign_flip(d, 48, &options).p == drawn.p);
    pool_free(options.pool);
    options.pool = NULL;
    options.seed = 6;
    assert_true(sign_flip(d, 48, &options).p != drawn.p);
}

/* Westfall and Young by the book: for each pattern all t, then maxima over what is not yet done. */
static void max_t_by_the_book(void **state)
{
    (void)state;
    enum { M = 3, N = 8 };
    double d[M * N], p[M], t[M], flipped[M], squares[M];
    size_t order[M] = {0, 1, 2}, extreme[M] = {0};
    for (size_t j = 0; j < M; j++) {
        double sum = 0;
        squares[j] = 0;
        fill(d + j * N, N, 50 + j);
        for (size_t i = 0; i < N; i++) {
            d[j * N + i] += j == 1 ? 0.8 : 0;
            sum += d[j * N + i];
            squares[j] += d[j * N + i] * d[j * N + i];
        }
        t[j] = fabs(sum / N) / sqrt((squares[j] - sum * sum / N) / (N - 1) / N);
    }
    for (size_t i = 0; i < M; i++)
        for (size_t j = i + 1; j < M; j++)
            if (t[order[j]] > t[order[i]]) {
                size_t other = order[i];
                order[i] = order[j], order[j] = other;
            }
    for (unsigned pattern = 0; pattern < 1u << N; pattern++) {
        for (size_t j = 0; j < M; j++) {
            double sum = 0;
            for (unsigned i = 0; i < N; i++)
                sum += pattern >> i & 1 ? -d[j * N + i] : d[j * N + i];
            flipped[j] = fabs(sum / N) / sqrt((squares[j] - sum * sum / N) / (N - 1) / N);
        }
        for (size_t i = 0; i < M; i++) {
            double greatest = 0;
            for (size_t k = i; k < M; k++)
                greatest = fmax(greatest, flipped[order[k]]);
            extreme[i] += greatest >= t[order[i]] * (1 - 1e-9);
        }
    }
    max_t_adjust(p, d, M, N, &(struct resample_options){.resamples = 1 << N});
    double least = 0;
    for (size_t i = 0; i < M; i++) {
        least = fmax(least, (double)extreme[i] / (1 << N));
        assert_true(fabs(p[order[i]] - least) < 1e-15);
    }
}

static void max_t_of_nothing_and_of_one(void **state)
{
    (void)state;
    double d[2 * 30] = {0}, p[2];
    struct resample_options options = {.seed = 3, .resamples = 2000};
    fill(d + 30, 30, 77);
    max_t_adjust(p, d, 2, 30, &options);
    assert_true(p[0] == 1);
    double alone = p[1];
    options.pool = pool_create(2);
    max_t_adjust(p, d, 2, 30, &options);
    assert_true(p[1] == alone);
    pool_free(options.pool);
    for (size_t i = 0; i < 30; i++)
        d[i] = 2; /* no spread: t is infinite, and only two patterns match it */
    options.pool = NULL;
    max_t_adjust(p, d, 1, 30, &options);
    assert_true(p[0] == 1.0 / 2001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_counts_every_pattern),         cmocka_unit_test(zeros_say_nothing),
        cmocka_unit_test(drawn_is_near_exact_on_any_threads), cmocka_unit_test(max_t_by_the_book),
        cmocka_unit_test(max_t_of_nothing_and_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
