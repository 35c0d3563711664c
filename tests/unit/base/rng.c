/* Random numbers: the generator's published answers, the range, and that streams differ. */
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct answer {
    uint64_t key, hi, lo;
    uint32_t word[4];
};

/* Philox 4x32-10, known answers published with the paper's library. */
static const struct answer ANSWERS[] = {
    {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {UINT64_MAX, UINT64_MAX, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {0x299f31d0a4093822u,
     0x0370734413198a2eu,
     0x85a308d3243f6a88u,
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void blocks_are_the_published_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ANSWERS / sizeof *ANSWERS; i++) {
        const struct answer *a = &ANSWERS[i];
        struct rng_block got = rng_block(a->key, a->hi, a->lo);
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(got.word[j], a->word[j]);
    }
}

/* 0 <= u < 1; with 100,000 draws mean and variance are within five standard errors. */
static void uniform_fills_its_range(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    double sum = 0, squares = 0;
    for (uint64_t n = 0; n < DRAWS; n++) {
        double u = rng_uniform(42, 7, n);
        if (!(u >= 0 && u < 1))
            fail_msg("draw %llu is %g", (unsigned long long)n, u);
        sum += u;
        squares += (u - 0.5) * (u - 0.5);
    }
    assert_true(fabs(sum / DRAWS - 0.5) < 5 * sqrt(1.0 / 12 / DRAWS));
    assert_true(fabs(squares / DRAWS - 1.0 / 12) < 5 * sqrt(1.0 / 180 / DRAWS));
}

static void uniform_has_53_bits(void **state)
{
    (void)state;
    double u = rng_uniform(0, 0, 0);
    double want = (double)((0x6627e8d5ull << 32 | 0xe169c58du) >> 11) / 9007199254740992.0;
    assert_true(u == want);
}

static void every_part_of_the_address_matters(void **state)
{
    (void)state;
    double u = rng_uniform(1, 2, 3);
    assert_true(u == rng_uniform(1, 2, 3));
    assert_true(u != rng_uniform(2, 2, 3) && u != rng_uniform(1, 3, 3) &&
                u != rng_uniform(1, 2, 4));
    assert_true(u != rng_uniform(1ull << 32 | 1, 2, 3) && u != rng_uniform(1, 1ull << 63 | 2, 3));
}

static void keys_depend_on_bytes_length_and_seed(void **state)
{
    (void)state;
    uint64_t key = rng_key("abc", 3, 1);
    assert_true(key == rng_key("abcd", 3, 1));
    assert_true(key != rng_key("abd", 3, 1) && key != rng_key("abc", 4, 1));
    assert_true(key != rng_key("abc", 3, 2) && key != rng_key("", 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_the_published_ones),
        cmocka_unit_test(uniform_fills_its_range),
        cmocka_unit_test(uniform_has_53_bits),
        cmocka_unit_test(every_part_of_the_address_matters),
        cmocka_unit_test(keys_depend_on_bytes_length_and_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
