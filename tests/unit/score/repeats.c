/* Five copies in a row: found exactly where the plain quadratic way finds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "score/repeats.h"
#include "text/utf8.h"

enum { N_TEXTS = 20000, CHARS_MAX = 1024 };

static bool found(struct str text)
{
    struct err err = {0};
    bool is_found;
    struct str copies;
    assert_true(repeats_find(&is_found, &copies, text, &err));
    if (is_found) {
        size_t period = copies.len / 5;
        assert_true(copies.ptr >= text.ptr && copies.ptr + copies.len <= text.ptr + text.len);
        assert_memory_equal(copies.ptr, copies.ptr + period, copies.len - period);
        assert_true(utf8_count(str_n(copies.ptr, period)) >= 10);
    }
    return is_found;
}

static bool found_plainly(struct str text)
{
    uint32_t chars[CHARS_MAX];
    size_t n = 0;
    for (size_t at = 0; at < text.len;)
        chars[n++] = utf8_next(text, &at);
    for (size_t period = 10; period * 5 <= n; period++)
        for (size_t i = 0, run = 0; i + period < n; i++) {
            run = chars[i] == chars[i + period] ? run + 1 : 0;
            if (run == 4 * period)
                return true;
        }
    return false;
}

/* Something said about five times, whole or cut short, with something before and after. */
static void random_text(struct buf *out, uint64_t text)
{
    static const char *const letters[] = {"a", "b", "\xC3\xA9", "\xE5\x93\x88", "\xE5\x93\x89"};
    size_t unit = 1 + (size_t)(rng_uniform(1, text, 0) * 24);
    size_t total = (size_t)((4.7 + 0.6 * rng_uniform(1, text, 1)) * (double)unit);
    size_t variety = 1 + (size_t)(rng_uniform(1, text, 2) * 5);
    size_t before = (size_t)(rng_uniform(1, text, 3) * 40);
    total = unit < 10 ? total * (1 + 10 / unit) : total;
    buf_reset(out);
    for (size_t i = 0; i < before; i++)
        buf_puts(out, letters[(size_t)(rng_uniform(2, text, i) * 5)]);
    for (size_t i = 0; i < total; i++)
        buf_puts(out, letters[(size_t)(rng_uniform(3, text, i % unit) * (double)variety)]);
    buf_puts(out, letters[text % 5]);
}

static void finds_what_the_plain_way_finds(void **state)
{
    (void)state;
    struct buf text;
    size_t n_found = 0;
    buf_init(&text, 1 << 16);
    for (uint64_t t = 0; t < N_TEXTS; t++) {
        random_text(&text, t);
        bool expected = found_plainly(buf_str(&text));
        n_found += expected;
        if (found(buf_str(&text)) != expected)
            fail_msg("expected %d for: %s", expected, text.ptr);
    }
    assert_true(n_found > N_TEXTS / 10 && n_found < N_TEXTS * 9 / 10);
    buf_release(&text);
}

static void finds_one_repetition_in_a_long_text(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 20);
    for (uint64_t i = 0; i < 200000; i++)
        buf_putc(&text, (char)('a' + (int)(rng_uniform(5, 0, i) * 20)));
    assert_false(found(buf_str(&text)));
    for (size_t i = 0; i < 4 * 777; i++)
        text.ptr[61234 + 777 + i] = text.ptr[61234 + i];
    assert_true(found(buf_str(&text)));
    text.ptr[61234 + 3 * 777] = 'z';
    assert_false(found(buf_str(&text)));
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_the_plain_way_finds),
        cmocka_unit_test(finds_one_repetition_in_a_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
