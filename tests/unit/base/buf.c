/* Growing bytes: the ceiling, the memory of having met it, and the NUL after the last byte. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_holds(const struct buf *buf, const char *want)
{
    assert_int_equal(buf->len, strlen(want));
    assert_memory_equal(buf->ptr, want, strlen(want) + 1);
}

static void every_append_appends(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    assert_true(str_is(buf_str(&buf), ""));
    assert_true(buf_add(&buf, "ab", 2));
    assert_true(buf_putc(&buf, 'c'));
    assert_true(buf_puts(&buf, "de"));
    assert_true(buf_add_str(&buf, str_of("fg")));
    assert_true(buf_printf(&buf, "-%d%s", 42, "!"));
    assert_true(buf_add(&buf, NULL, 0));
    assert_holds(&buf, "abcdefg-42!");
    buf_release(&buf);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.max, 100);
}

/* Of every kind: what just fits goes in, one byte more changes nothing but `full`. */
static void ceiling_holds_and_is_remembered(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    assert_true(buf_puts(&buf, "0123456"));
    assert_false(buf_puts(&buf, "abcd"));
    assert_false(buf_printf(&buf, "%d", 1234));
    assert_null(buf_room(&buf, 4));
    assert_null(buf_room(&buf, SIZE_MAX));
    assert_true(buf.full);
    assert_holds(&buf, "0123456");
    assert_true(buf_printf(&buf, "%s", "xyz"));
    assert_false(buf_putc(&buf, '!'));
    assert_holds(&buf, "0123456xyz");
    assert_true(buf.full);
    buf_reset(&buf);
    assert_false(buf.full);
    assert_holds(&buf, "");
    assert_true(buf_puts(&buf, "again"));
    assert_holds(&buf, "again");
    buf_release(&buf);
}

static void empty_ceiling_takes_nothing(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 0);
    assert_true(buf_add(&buf, "", 0));
    assert_false(buf_putc(&buf, 'a'));
    assert_true(buf.full);
    buf_release(&buf);
}

static void growth_keeps_what_was_there(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1 << 20);
    for (unsigned i = 0; i < 100000; i++)
        assert_true(buf_putc(&buf, (char)('a' + i % 26)));
    for (unsigned i = 0; i < 100000; i++)
        if (buf.ptr[i] != (char)('a' + i % 26))
            fail_msg("byte %u is lost", i);
    assert_int_equal(buf.ptr[buf.len], 0);
    buf_release(&buf);
}

static void room_is_writable(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    buf_puts(&buf, "n=");
    char *to = buf_room(&buf, 500);
    assert_non_null(to);
    memset(to, 'x', 500);
    buf.len += 500;
    char *taken = buf_take(&buf);
    assert_int_equal(strlen(taken), 502);
    free(taken);
}

static void take_gives_the_bytes_away(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    char *nothing = buf_take(&buf);
    assert_string_equal(nothing, "");
    buf_puts(&buf, "mine");
    char *taken = buf_take(&buf);
    assert_string_equal(taken, "mine");
    assert_null(buf.ptr);
    assert_int_equal(buf.len, 0);
    assert_true(buf_puts(&buf, "0123456789")); /* the ceiling stays, the length starts anew */
    assert_string_equal(taken, "mine");
    buf_release(&buf);
    free(taken);
    free(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_append_appends),
        cmocka_unit_test(ceiling_holds_and_is_remembered),
        cmocka_unit_test(empty_ceiling_takes_nothing),
        cmocka_unit_test(growth_keeps_what_was_there),
        cmocka_unit_test(room_is_writable),
        cmocka_unit_test(take_gives_the_bytes_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
