/* The Mersenne Twister against its authors' reference output, and shuffles against CPython 3.11. */
#include "base/mersenne.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void reference_output(void **state)
{
    (void)state;
    static const uint32_t key[] = {0x123, 0x234, 0x345, 0x456};
    static const uint32_t first[] = {1067595299u, 955945823u, 477289528u, 4107218783u, 4228976476u};
    struct mersenne mt;
    mersenne_seed_words(&mt, key, 4);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(mersenne_next(&mt), first[i]);
    for (size_t i = 5; i < 999; i++)
        mersenne_next(&mt);
    assert_int_equal(mersenne_next(&mt), 3460025646u);
}

static void assert_shuffle(uint64_t seed, const uint32_t *expected, size_t n)
{
    uint32_t order[64];
    mersenne_shuffle(order, n, seed);
    assert_memory_equal(order, expected, n * sizeof *expected);
}

/* x = list(range(n)); random.seed(seed); random.shuffle(x) */
static void as_python_shuffles(void **state)
{
    (void)state;
    static const uint32_t ten[] = {7, 3, 2, 8, 5, 6, 9, 4, 0, 1};
    static const uint32_t thirty_three[] = {27, 5,  11, 16, 26, 12, 20, 15, 10, 14, 19,
                                            22, 9,  29, 24, 6,  25, 0,  31, 13, 18, 2,
                                            17, 21, 3,  30, 4,  28, 32, 8,  23, 1,  7};
    static const uint32_t seed_zero[] = {2, 1, 0, 4, 3};
    static const uint32_t long_seed[] = {1, 3, 5, 0, 2, 6, 4};
    assert_shuffle(42, ten, 10);
    assert_shuffle(42, thirty_three, 33);
    assert_shuffle(0, seed_zero, 5);
    assert_shuffle(((uint64_t)1 << 40) + 5, long_seed, 7);
    assert_shuffle(1, (const uint32_t[]){0}, 1);
    assert_shuffle(1, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_output),
        cmocka_unit_test(as_python_shuffles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
