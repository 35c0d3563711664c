/* clock.c - time: the fixed clock, the text form, and that measuring never runs backwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/clock.h"

#include <stdlib.h>

static void monotonic_never_runs_backwards(void **state)
{
    (void)state;
    double last = clock_seconds();
    for (int i = 0; i < 10000; i++) {
        double now = clock_seconds();
        assert_true(now >= last);
        last = now;
    }
}

static void source_date_epoch_decides_when_it_is_an_integer(void **state)
{
    (void)state;
    static const char *const ignored[] = {
        "", "x", "12x", "1.5", "99999999999999999999", "9223372036854775807"};
    setenv("SOURCE_DATE_EPOCH", "1767225600", 1);
    assert_true(clock_unix_us() == 1767225600000000);
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    assert_true(clock_unix_us() == 0);
    int64_t floor_us = INT64_C(1700000000) * 1000000;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        setenv("SOURCE_DATE_EPOCH", ignored[i], 1);
        assert_true(clock_unix_us() > floor_us);
    }
    unsetenv("SOURCE_DATE_EPOCH");
    assert_true(clock_unix_us() > floor_us);
}

static void iso_text(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {INT64_C(1767225600000001), "2026-01-01T00:00:00.000001+00:00"},
        {0, "1970-01-01T00:00:00.000000+00:00"},
        {-1, "1969-12-31T23:59:59.999999+00:00"},
        {-1000000, "1969-12-31T23:59:59.000000+00:00"},
        {INT64_C(951827696123456), "2000-02-29T12:34:56.123456+00:00"},
        {INT64_MAX, "294247-01-10T04:00:54.775807+00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CLOCK_ISO_MAX];
        clock_iso(text, cases[i].us);
        assert_string_equal(text, cases[i].text);
    }
}

static void utc_fields(void **state)
{
    (void)state;
    struct tm tm;
    clock_utc(&tm, INT64_C(951827696123456));
    assert_int_equal(tm.tm_year, 100);
    assert_int_equal(tm.tm_yday, 59);
    assert_int_equal(tm.tm_wday, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_never_runs_backwards),
        cmocka_unit_test(source_date_epoch_decides_when_it_is_an_integer),
        cmocka_unit_test(iso_text),
        cmocka_unit_test(utc_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
