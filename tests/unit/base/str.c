/* Borrowed strings: comparing, prefixes and searching, also where there is nothing. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const size_t NOWHERE = (size_t)-1;

static void equality_is_of_all_bytes(void **state)
{
    (void)state;
    static const struct str LITERAL = STR("a\0b");
    assert_int_equal(LITERAL.len, 3);
    assert_true(str_eq(LITERAL, str_n("a\0b", 3)));
    assert_false(str_eq(LITERAL, str_n("a\0c", 3)));
    assert_false(str_is(LITERAL, "a"));
    assert_true(str_eq(str_n(NULL, 0), str_of("")));
    assert_true(str_is(str_n("abc", 2), "ab"));
}

static void starts_and_ends(void **state)
{
    (void)state;
    struct str s = str_of("abcab");
    assert_true(str_starts(s, str_of("ab")));
    assert_true(str_starts(s, s));
    assert_true(str_starts(s, str_of("")));
    assert_false(str_starts(s, str_of("abcabc")));
    assert_false(str_starts(s, str_of("b")));
    assert_true(str_ends(s, str_of("ab")));
    assert_true(str_ends(s, str_n(NULL, 0)));
    assert_false(str_ends(s, str_of("abc")));
    assert_false(str_ends(str_of("b"), str_of("ab")));
}

static void find_starts_where_it_is_told(void **state)
{
    (void)state;
    struct str s = str_n("ab\0ab", 5);
    assert_int_equal(str_find(s, str_of("ab"), 0), 0);
    assert_int_equal(str_find(s, str_of("ab"), 1), 3);
    assert_int_equal(str_find(s, str_of("ab"), 4), NOWHERE);
    assert_int_equal(str_find(s, str_of("b\0a"), 6), NOWHERE);
    assert_int_equal(str_find(s, str_n("\0", 1), 0), 2);
    assert_int_equal(str_find(s, str_of(""), 5), 5);
    assert_int_equal(str_find(s, str_of(""), 6), NOWHERE);
    assert_int_equal(str_find(str_n(NULL, 0), str_of("a"), 0), NOWHERE);
}

static void order_is_of_bytes_and_shorter_first(void **state)
{
    (void)state;
    static const char *const ORDER[] = {"", "B", "a", "aa", "ab", "b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++)
        for (size_t j = 0; j < sizeof ORDER / sizeof *ORDER; j++) {
            int order = str_cmp(str_of(ORDER[i]), str_of(ORDER[j]));
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
    assert_int_equal(str_cmp(str_n(NULL, 0), str_of("")), 0);
}

static void pieces_are_views(void **state)
{
    (void)state;
    struct str s = str_of("abcdef");
    assert_true(str_is(str_from(s, 2), "cdef"));
    assert_true(str_is(str_from(s, 6), ""));
    assert_true(str_is(str_sub(s, 1, 3), "bcd"));
    assert_ptr_equal(str_sub(s, 1, 3).ptr, s.ptr + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_is_of_all_bytes),
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(find_starts_where_it_is_told),
        cmocka_unit_test(order_is_of_bytes_and_shorter_first),
        cmocka_unit_test(pieces_are_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
