/* half.c - float16 conversions: every half against arithmetic, rounding against the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tensor/half.h"

#include <math.h>

/* What the 16 bits mean by definition: sign, 5 bits of exponent, 10 of fraction. */
static double half_value(unsigned h)
{
    int exponent = h >> 10 & 31;
    double fraction = h & 0x3ff;
    double size = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return h & 0x8000 ? -size : size;
}

static void every_half_has_its_value(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 0x10000; h++) {
        float f = half_to_float((uint16_t)h);
        assert_int_equal(half_float_to_bits(f) >> 31, h >> 15);
        if ((h & 0x7fff) > 0x7c00)
            assert_true(isnan(f));
        else if ((h & 0x7fff) == 0x7c00)
            assert_true(isinf(f));
        else
            assert_true((double)f == half_value(h));
    }
}

static void every_half_comes_back(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 0x10000; h++)
        if ((h & 0x7fff) <= 0x7c00)
            assert_int_equal(half_from_float(half_to_float((uint16_t)h)), h);
        else
            assert_true((half_from_float(half_to_float((uint16_t)h)) & 0x7fff) > 0x7c00);
}

/* Between neighbours: below the middle goes down, above goes up, the middle goes to the even one.
 */
static void rounding_is_to_nearest_even(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 0x7bff; h++) {
        float middle = (float)((half_value(h) + half_value(h + 1)) / 2);
        unsigned even = h & 1 ? h + 1 : h;
        assert_int_equal(half_from_float(middle), even);
        assert_int_equal(half_from_float(nextafterf(middle, 0)), h);
        assert_int_equal(half_from_float(nextafterf(middle, 1e9f)), h + 1);
        assert_int_equal(half_from_float(-middle), even | 0x8000);
    }
    assert_int_equal(half_from_float(65519.996f), 0x7bff);
    assert_int_equal(half_from_float(65520.0f), 0x7c00);
    assert_int_equal(half_from_float(-INFINITY), 0xfc00);
    assert_int_equal(half_from_float(0x1p-149f), 0);
    assert_int_equal(half_from_float(-0.0f), 0x8000);
}

static void bfloat_is_the_top_half(void **state)
{
    (void)state;
    for (uint32_t b = 0; b < 0x10000; b++)
        assert_int_equal(half_float_to_bits(bfloat_to_float((uint16_t)b)), b << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_has_its_value),
        cmocka_unit_test(every_half_comes_back),
        cmocka_unit_test(rounding_is_to_nearest_even),
        cmocka_unit_test(bfloat_is_the_top_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
