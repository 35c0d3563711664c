/* Bootstrap intervals: the same on any threads, mirrored by mirrored data, right for clusters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/bootstrap.h"

#include <math.h>

#include "base/rng.h"

enum { N = 60 };

static void fill(double *x, double sign)
{
    for (size_t i = 0; i < N; i++)
        x[i] = sign * exp(3 * rng_uniform(31, 0, i));
}

static struct bootstrap run(const double *x, size_t n, struct resample_options options)
{
    struct bootstrap_source source = {.statistic = bootstrap_mean, .data = x, .units = n};
    return bootstrap_run(&source, 0.95, &options);
}

static bool same(struct interval a, struct interval b)
{
    return a.low == b.low && a.high == b.high;
}

static void threads_change_nothing_and_seeds_do(void **state)
{
    (void)state;
    double x[N];
    struct resample_options options = {.seed = 1, .resamples = 1000};
    fill(x, 1);
    struct bootstrap one = run(x, N, options);
    options.pool = pool_create(3);
    struct bootstrap three = run(x, N, options);
    pool_free(options.pool);
    assert_true(same(one.percentile, three.percentile) && same(one.bca, three.bca));
    assert_true(one.se == three.se);
    options.pool = NULL;
    options.seed = 2;
    assert_false(same(one.percentile, run(x, N, options).percentile));
}

static void near_theory_and_mirrored(void **state)
{
    (void)state;
    double x[N], y[N];
    struct resample_options options = {.seed = 1, .resamples = 20000};
    fill(x, 1);
    fill(y, -1);
    struct bootstrap b = run(x, N, options), mirrored = run(y, N, options);
    double se = values_sd(x, N) / sqrt(N) * sqrt((N - 1.0) / N);
    assert_true(fabs(b.se - se) < 0.03 * se);
    assert_true(fabs(b.percentile.low + mirrored.percentile.high) < 1e-9);
    assert_true(fabs(b.bca.low + mirrored.bca.high) < 1e-9);
    /* The long tail is to the right: BCa moves the interval there, the percentile one less so. */
    assert_true(b.bca.low > b.percentile.low && b.bca.high > b.percentile.high);
}

static void grouped_jackknife_agrees(void **state)
{
    (void)state;
    static double x[4000], y[1000];
    struct resample_options options = {.resamples = 2000};
    for (size_t i = 0; i < 4000; i++)
        x[i] = exp(3 * rng_uniform(32, 0, i));
    for (size_t i = 0; i < 1000; i++)
        y[i] = x[i];
    struct bootstrap many = run(x, 4000, options), few = run(y, 1000, options);
    double shift_many = (many.bca.low - many.percentile.low) / many.se;
    double shift_few = (few.bca.low - few.percentile.low) / few.se;
    assert_true(shift_few > 0 && shift_few < 0.3);
    assert_true(fabs(shift_many) < 0.2);
}

static double first_value(const void *data, const uint32_t *index, size_t count)
{
    const double *x = data;
    return count && index[0] != 0 ? x[index[0]] : (double)NAN;
}

static void undefined_draws_are_counted(void **state)
{
    (void)state;
    double x[N] = {0};
    struct bootstrap b = run(x, 0, (struct resample_options){.resamples = 10});
    assert_true(isnan(b.estimate) && isnan(b.percentile.low));
    for (size_t i = 0; i < N; i++)
        x[i] = 3;
    b = run(x, N, (struct resample_options){.resamples = 100});
    assert_true(b.percentile.low == 3 && b.percentile.high == 3 && b.bca.low == 3 && b.se == 0);
    struct bootstrap_source source = {.statistic = first_value, .data = x, .units = 4};
    b = bootstrap_run(&source, 0.95, &(struct resample_options){.resamples = 4000});
    assert_true(b.undefined > 850 && b.undefined < 1150); /* one draw in four */
}

/* Checks each draw, and says which cluster came first. */
static double clusters_whole(const void *data, const uint32_t *index, size_t count)
{
    const uint32_t *label = data;
    assert_true(count == 6 || count == 3); /* 3 when BCa leaves one cluster out */
    for (size_t i = 0; i < count; i += 3) /* members come together, and in order */
        assert_true(label[index[i]] == label[index[i + 1]] && index[i] < index[i + 1] &&
                    index[i + 1] < index[i + 2]);
    return (double)label[index[0]];
}

static void clusters_are_drawn_whole(void **state)
{
    (void)state;
    static const uint32_t LABEL[6] = {1, 0, 0, 1, 1, 0};
    struct clusters clusters;
    clusters_init(&clusters, LABEL, 6, 2);
    assert_int_equal(clusters.largest, 3);
    assert_int_equal(clusters.start[1], 3);
    assert_int_equal(clusters.member[0], 1);
    assert_int_equal(clusters.member[3], 0);
    struct bootstrap_source source = {
        .statistic = clusters_whole, .data = LABEL, .units = 6, .clusters = &clusters};
    struct resample_options options = {.resamples = 200};
    struct bootstrap b = bootstrap_run(&source, 0.95, &options);
    assert_true(b.percentile.low == 0 && b.percentile.high == 1);
    clusters_release(&clusters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing_and_seeds_do),
        cmocka_unit_test(near_theory_and_mirrored),
        cmocka_unit_test(grouped_jackknife_agrees),
        cmocka_unit_test(undefined_draws_are_counted),
        cmocka_unit_test(clusters_are_drawn_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
