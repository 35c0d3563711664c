/* Choosing a level: by name, by LEM_ISA, or the best there is; every refusal is one sentence. */
#include "kern/kern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const LEVELS[] = {"ref", "avx2", "avx512", "avx512-vnni", "neon"};

static int clear_choice(void **state)
{
    (void)state;
    return unsetenv("LEM_ISA");
}

static bool runs_here(const char *name)
{
    for (size_t i = 0; kern_at(i); i++)
        if (strcmp(kern_at(i)->name, name) == 0)
            return true;
    return false;
}

static void list_starts_with_ref_and_ends(void **state)
{
    (void)state;
    size_t n = 0;
    assert_ptr_equal(kern_at(0), &kern_ref);
    while (kern_at(n)) {
        for (size_t i = 0; i < n; i++)
            assert_string_not_equal(kern_at(i)->name, kern_at(n)->name);
        n++;
    }
    assert_in_range(n, 1, 4);
    assert_null(kern_at(n + 100));
}

static void best_level_is_chosen_unasked(void **state)
{
    (void)state;
    const struct kern *kern = NULL;
    struct err err = {0};
    size_t last = 0;
    while (kern_at(last + 1))
        last++;
    assert_true(kern_select(&kern, NULL, &err));
    assert_ptr_equal(kern, kern_at(last));
    setenv("LEM_ISA", "", 1);
    assert_true(kern_select(&kern, NULL, &err));
    assert_ptr_equal(kern, kern_at(last));
}

static void name_and_variable_choose(void **state)
{
    (void)state;
    const struct kern *kern = NULL;
    struct err err = {0};
    for (size_t i = 0; kern_at(i); i++) {
        assert_true(kern_select(&kern, kern_at(i)->name, &err));
        assert_ptr_equal(kern, kern_at(i));
        setenv("LEM_ISA", kern_at(i)->name, 1);
        assert_true(kern_select(&kern, NULL, &err));
        assert_ptr_equal(kern, kern_at(i));
        assert_true(kern_select(&kern, "ref", &err)); /* a name counts more */
        assert_ptr_equal(kern, &kern_ref);
    }
}

static void unknown_name_is_refused_with_the_known(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"avx", "AVX2", "avx2 ", "sse", "avx512-vnni2"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const struct kern *kern;
        struct err err = {0};
        setenv("LEM_ISA", NAMES[i], 1);
        assert_false(kern_select(&kern, NULL, &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.msg, "LEM_ISA"));
        assert_non_null(strstr(err.msg, NAMES[i]));
        for (size_t j = 0; j < sizeof LEVELS / sizeof *LEVELS; j++)
            assert_non_null(strstr(err.msg, LEVELS[j]));
    }
}

/* A level that exists, though not on this processor. */
static void known_level_of_another_processor_is_unsupported(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof LEVELS / sizeof *LEVELS; i++) {
        const struct kern *kern;
        struct err err = {0};
        if (runs_here(LEVELS[i]))
            continue;
        setenv("LEM_ISA", LEVELS[i], 1);
        assert_false(kern_select(&kern, NULL, &err));
        assert_int_equal(err.code, ERR_UNSUPPORTED);
        assert_non_null(strstr(err.msg, LEVELS[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(list_starts_with_ref_and_ends, clear_choice),
        cmocka_unit_test_setup(best_level_is_chosen_unasked, clear_choice),
        cmocka_unit_test_setup(name_and_variable_choose, clear_choice),
        cmocka_unit_test_setup(unknown_name_is_refused_with_the_known, clear_choice),
        cmocka_unit_test_setup(known_level_of_another_processor_is_unsupported, clear_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
