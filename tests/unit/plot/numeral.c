/* Numbers in print, and the round ones of axes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/numeral.h"
#include "plot/ticks.h"

#include <math.h>

#define MINUS "\xE2\x88\x92"
#define DASH  "\xE2\x80\x93"
#define NBSP  "\xC2\xA0"

static void signs_and_groups(void **state)
{
    (void)state;
    assert_string_equal(numeral_fixed(-1.256, 2).text, MINUS "1.26");
    assert_string_equal(numeral_fixed(-0.001, 2).text, "0.00");
    assert_string_equal(numeral_signed(0.001, 2).text, "0.00");
    assert_string_equal(numeral_signed(3, 1).text, "+3.0");
    assert_string_equal(numeral_signed(NAN, 1).text, DASH);
    assert_string_equal(numeral_count(9999).text, "9999");
    assert_string_equal(numeral_count(1234567).text, "1,234,567");
    assert_string_equal(numeral_fixed(-12345.6, 1).text, MINUS "12,345.6");
    assert_string_equal(numeral_fixed(-1e300, 1).text, MINUS "1e+300");
    assert_string_equal(numeral_percent(0.2512, 1).text, "25.1" NBSP "%");
    assert_string_equal(numeral_range(-1, 2, 1).text, MINUS "1.0 to 2.0");
    assert_string_equal(numeral_range(-1, NAN, 1).text, DASH);
}

static void small_p_is_small(void **state)
{
    (void)state;
    assert_string_equal(numeral_p(0.00099).text, "<" NBSP "0.001");
    assert_string_equal(numeral_p(0.0312).text, "0.031");
    assert_string_equal(numeral_p(0.312).text, "0.31");
    assert_string_equal(numeral_p(NAN).text, DASH);
}

static void ticks_are(double low, double high, size_t wanted, double first, double step, size_t n)
{
    struct ticks ticks = ticks_nice((struct span){low, high}, wanted);
    assert_true(fabs(ticks.step - step) <= step * 1e-12);
    assert_true(fabs(tick_at(&ticks, 0) - first) <= step * 1e-9);
    assert_int_equal(ticks.n, n);
}

static void ticks_are_round(void **state)
{
    (void)state;
    ticks_are(-4.7, 10.9, 7, -4, 2, 8);
    ticks_are(0, 1, 6, 0, 0.2, 6);
    ticks_are(0, 0.03, 4, 0, 0.01, 4);
    ticks_are(12, 487, 6, 100, 100, 4);
    ticks_are(-1e6, 1e6, 5, -1e6, 5e5, 5);
    assert_int_equal(ticks_nice((struct span){0, 0.03}, 4).decimals, 2);
    assert_int_equal(ticks_nice((struct span){0, 300}, 4).decimals, 0);
}

static void spans_can_always_be_drawn(void **state)
{
    (void)state;
    struct span span = span_none();
    span_add(&span, NAN);
    span_add(&span, INFINITY);
    span = span_usable(span);
    assert_true(span.low == 0 && span.high == 1);
    span = span_usable((struct span){7, 7});
    assert_true(span.low < 7 && span.high > 7);
    span = span_usable((struct span){0, 5e-324});
    assert_true(span.high - span.low > 0.1);
    span = span_nice((struct span){-4.7, 10.9}, 7);
    assert_true(span.low == -6 && span.high == 12);
    struct scale scale = {{-1, 3}, 100, 20};
    assert_true(scale_at(&scale, -1) == 100 && scale_at(&scale, 3) == 20);
    assert_true(scale_at(&scale, 1) == 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_groups),
        cmocka_unit_test(small_p_is_small),
        cmocka_unit_test(ticks_are_round),
        cmocka_unit_test(spans_can_always_be_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
