/* Agreement: the published worked example, perfect and absent agreement, ceilings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/agreement.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define X NAN

static void is(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f is not %.6f", got, want);
}

/* Krippendorff 2011, section C and D: four observers, twelve units, values missing. */
static void alpha_of_the_published_example(void **state)
{
    (void)state;
    static const double RATINGS[4 * 12] = {
        1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X, /* A */
        1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3, /* B */
        X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X, /* C */
        1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X, /* D */
    };
    struct agreement table;
    struct err err = {0};
    assert_true(agreement_init(&table, RATINGS, 4, 12, &err));
    assert_int_equal(table.categories, 5);
    assert_false(agreement_is_complete(&table));
    is(krippendorff_alpha(&table, LEVEL_NOMINAL), 0.743, 0.0005);
    is(krippendorff_alpha(&table, LEVEL_ORDINAL), 0.815, 0.0005);
    is(krippendorff_alpha(&table, LEVEL_INTERVAL), 0.849, 0.0005);
    is(krippendorff_alpha(&table, LEVEL_RATIO), 0.797, 0.0005);
    is(gwet_ac1(&table), 0.775, 0.0005); /* Gwet's own example of the same table */
    assert_true(isnan(cohen_kappa(&table)));
    agreement_release(&table);
}

static void extremes(void **state)
{
    (void)state;
    static const double SAME[] = {1, 2, 3, 1, 2, 3}, ONE[] = {4, 4, 4, 4};
    static const double AGAINST[] = {0, 0, 1, 1, 1, 1, 0, 0};
    struct agreement table;
    struct err err = {0};
    assert_true(agreement_init(&table, SAME, 2, 3, &err));
    assert_true(krippendorff_alpha(&table, LEVEL_ORDINAL) == 1 && cohen_kappa(&table) == 1);
    assert_true(quadratic_kappa(&table) == 1 && gwet_ac1(&table) == 1);
    agreement_release(&table);
    assert_true(agreement_init(&table, AGAINST, 2, 4, &err));
    assert_true(cohen_kappa(&table) == -1 && gwet_ac1(&table) == -1);
    agreement_release(&table);
    assert_true(agreement_init(&table, ONE, 2, 2, &err)); /* nothing to disagree about */
    assert_true(isnan(krippendorff_alpha(&table, LEVEL_NOMINAL)) && isnan(cohen_kappa(&table)));
    assert_true(isnan(gwet_ac1(&table)));
    agreement_release(&table);
}

/* Two raters who both say "yes" nearly always: kappa falls to nothing, AC1 does not. */
static void a_common_category(void **state)
{
    (void)state;
    double ratings[200];
    for (size_t i = 0; i < 200; i++)
        ratings[i] = i != 3 && i != 105;
    struct agreement table;
    struct err err = {0};
    assert_true(agreement_init(&table, ratings, 2, 100, &err));
    is(cohen_kappa(&table), -0.0101, 1e-4);
    is(gwet_ac1(&table), 0.9796, 1e-4);
    agreement_release(&table);
}

static void ceilings(void **state)
{
    (void)state;
    enum { ITEMS = AGREEMENT_CATEGORIES_MAX + 1 };
    double *ratings = mem_zalloc(2 * ITEMS, sizeof *ratings);
    struct agreement table;
    struct err err = {0};
    for (size_t i = 0; i < 2 * ITEMS; i++)
        ratings[i] = (double)(i % ITEMS);
    assert_false(agreement_init(&table, ratings, 2, ITEMS, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_false(agreement_init(&table, ratings, SIZE_MAX, 2, &err));
    free(ratings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alpha_of_the_published_example),
        cmocka_unit_test(extremes),
        cmocka_unit_test(a_common_category),
        cmocka_unit_test(ceilings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
