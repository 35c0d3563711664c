/* Sizes that do not fit, memory that is not there, and arrays that grow. */
#include "base/mem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/vec.h"

/* Whether fn aborts, seen in a child that says nothing. */
static bool aborts(void (*fn)(void))
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        fn();
        _exit(0);
    }
    int status = 0;
    assert_true(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static volatile size_t huge = SIZE_MAX / 4; /* the compiler must not see through it */

static void zalloc_too_much(void)
{
    free(mem_zalloc(huge, 16));
}

static void realloc_too_much(void)
{
    free(mem_realloc(NULL, huge, 16));
}

static void products_that_wrap_abort(void **state)
{
    (void)state;
    assert_true(aborts(zalloc_too_much));
    assert_true(aborts(realloc_too_much));
}

static void size_arithmetic_notices_wrapping(void **state)
{
    (void)state;
    size_t n = 1;
    assert_true(size_mul(&n, SIZE_MAX / 2, 2));
    assert_int_equal(n, SIZE_MAX - 1);
    assert_false(size_mul(&n, SIZE_MAX / 2 + 1, 2));
    assert_true(size_mul(&n, SIZE_MAX, 0));
    assert_true(size_add(&n, SIZE_MAX - 1, 1));
    assert_int_equal(n, SIZE_MAX);
    assert_false(size_add(&n, SIZE_MAX, 1));
    assert_int_equal(size_round_up(0, 64), 0);
    assert_int_equal(size_round_up(1, 64), 64);
    assert_int_equal(size_round_up(64, 64), 64);
    assert_int_equal(size_min(2, 3), 2);
    assert_int_equal(size_max(2, 3), 3);
}

static void nothing_is_something_to_free(void **state)
{
    (void)state;
    void *a = mem_alloc(0), *b = mem_zalloc(0, 8), *c = mem_realloc(mem_alloc(8), 0, 8);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    free(a);
    free(b);
    free(c);
}

static void aligned_is_aligned_and_zeroed(void **state)
{
    (void)state;
    for (size_t align = 16; align <= 4096; align *= 2)
        for (size_t size = 0; size < 300; size += 37) {
            unsigned char *p = mem_try_aligned(size, align);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % align, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            free(p);
        }
}

static void aligned_beyond_all_memory_is_null(void **state)
{
    (void)state;
    assert_null(mem_try_aligned(huge * 2, 64));
    assert_null(mem_try_aligned(huge * 4, 64));
    assert_null(mem_try_aligned(huge * 4 + 3, 64));
}

static void strdup_copies(void **state)
{
    (void)state;
    char text[] = "text";
    char *copy = mem_strdup(text);
    text[0] = 'n';
    assert_string_equal(copy, "text");
    free(copy);
}

static void vectors_grow(void **state)
{
    (void)state;
    struct pair {
        size_t a, b;
    } *items = NULL;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < 1000; i++) {
        VEC_PUSH(items, count, cap, ((struct pair){i, 2 * i}));
        assert_true(count <= cap);
    }
    assert_int_equal(count, 1000);
    for (size_t i = 0; i < count; i++)
        assert_true(items[i].a == i && items[i].b == 2 * i);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_that_wrap_abort),
        cmocka_unit_test(size_arithmetic_notices_wrapping),
        cmocka_unit_test(nothing_is_something_to_free),
        cmocka_unit_test(aligned_is_aligned_and_zeroed),
        cmocka_unit_test(aligned_beyond_all_memory_is_null),
        cmocka_unit_test(strdup_copies),
        cmocka_unit_test(vectors_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
