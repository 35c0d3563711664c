/* Groups: intraclass correlation against its definition, shrinkage against a worked example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/groups.h"

#include <math.h>

static double icc(const double *x, const uint32_t *label, size_t units, size_t count)
{
    struct clusters clusters;
    clusters_init(&clusters, label, units, count);
    double out = intraclass_correlation(x, &clusters);
    clusters_release(&clusters);
    return out;
}

static void members_that_are_alike(void **state)
{
    (void)state;
    static const uint32_t PAIRS[6] = {0, 1, 2, 0, 1, 2}, UNEQUAL[5] = {0, 0, 0, 1, 1};
    static const double EQUAL[6] = {1, 5, 9, 1, 5, 9}, OPPOSED[6] = {1, 2, 3, 3, 2, 1};
    assert_true(icc(EQUAL, PAIRS, 6, 3) == 1);
    assert_true(icc(OPPOSED, PAIRS, 6, 3) == -1);
    /* Means 2 and 6, grand 3.6: MSB = 19.2, MSW = 4/3, n0 = (5 - 13/5) / 1 = 2.4. */
    static const double X[5] = {1, 2, 3, 5, 7};
    assert_true(fabs(icc(X, UNEQUAL, 5, 2) - (19.2 - 4.0 / 3) / (19.2 + 1.4 * 4 / 3)) < 1e-14);
    assert_true(isnan(icc(X, (const uint32_t[]){0, 1, 2, 3, 4}, 5, 5)));
    assert_true(isnan(icc(X, (const uint32_t[]){0, 0, 0, 0, 0}, 5, 1)));
}

static void small_groups_are_pulled_in(void **state)
{
    (void)state;
    static const double MEAN[] = {0, 10, 4}, SE[] = {1, 1, 2};
    double out[3];
    /* weights 1, 1 and 1/4 */
    double centre = (0 + 10 + 1) / 2.25;
    double q = centre * centre + (10 - centre) * (10 - centre) + (4 - centre) * (4 - centre) / 4;
    double between = (q - 2) / (2.25 - (1 + 1 + 1 / 16.0) / 2.25);
    struct group_pool pool = group_shrink(out, MEAN, SE, 3);
    assert_true(fabs(pool.q - q) < 1e-12 && fabs(pool.between_var - between) < 1e-12);
    assert_true(fabs(pool.q_p - exp(-q / 2)) < 1e-15); /* two degrees of freedom */
    assert_true(out[0] > 0 && out[0] < 0.3 && out[1] < 10 && out[1] > 9.7);
    assert_true(fabs(out[2] - (pool.mean + between / (between + 4) * (4 - pool.mean))) < 1e-12);
}

static void chance_spread_is_taken_out(void **state)
{
    (void)state;
    static const double MEAN[] = {1, 1.5, 0.7}, SE[] = {1, 1, 1};
    double out[3];
    struct group_pool pool = group_shrink(out, MEAN, SE, 3);
    assert_true(pool.between_var == 0 && pool.q_p > 0.5);
    assert_true(out[0] == out[1] && out[1] == out[2] && fabs(out[0] - 3.2 / 3) < 1e-15);
    pool = group_shrink(out, MEAN, SE, 1);
    assert_true(out[0] == 1 && isnan(pool.q_p));
    assert_true(isnan(group_shrink(out, MEAN, SE, 0).mean));
}

/* With two labels on three values of which one is apart, one in three hands it to the single place:
 * the drawn p must come near, whatever the seed. */
static void labels_are_handed_out_anew(void **state)
{
    (void)state;
    static const double X[] = {0, 0, 9}, FLAT[] = {2, 2, 2};
    static const uint32_t LABEL[] = {0, 0, 1};
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct resample_options options = {.seed = seed, .resamples = 4000};
        double p = group_permutation_p(X, LABEL, 3, 2, &options);
        assert_true(fabs(p - 1 / 3.0) < 0.03); /* four standard errors */
        struct pool *pool = pool_create(3);
        struct resample_options threaded = {.seed = seed, .resamples = 4000, .pool = pool};
        assert_true(group_permutation_p(X, LABEL, 3, 2, &threaded) == p);
        pool_free(pool);
    }
    struct resample_options options = {.resamples = 100};
    assert_true(group_permutation_p(FLAT, LABEL, 3, 2, &options) == 1);
    assert_true(isnan(group_permutation_p(X, LABEL, 3, 1, &options)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_that_are_alike),
        cmocka_unit_test(small_groups_are_pulled_in),
        cmocka_unit_test(chance_spread_is_taken_out),
        cmocka_unit_test(labels_are_handed_out_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
