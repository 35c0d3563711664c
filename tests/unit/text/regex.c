/* Regular expressions: the matches Python's re finds, and an end to hostile searches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "text/regex.h"

static struct regex *compiled(const char *pattern, unsigned flags)
{
    struct err err = {0};
    struct regex *re;
    if (!regex_compile(&re, str_of(pattern), flags, &err))
        fail_msg("%s: %s", pattern, err.msg);
    return re;
}

/* All matches, each followed by '|'. */
static void assert_matches(const char *pattern, unsigned flags, const char *text, const char *want)
{
    struct err err = {0};
    struct regex *re = compiled(pattern, flags);
    struct regex_scratch *scratch = regex_scratch_create();
    struct regex_scan scan;
    struct buf out;
    bool found;
    buf_init(&out, 10000);
    buf_puts(&out, "");
    regex_scan_init(&scan, re, scratch, str_of(text));
    while (regex_scan_next(&scan, &found, &err) && found) {
        buf_add_str(&out, regex_group_str(&scan, 0));
        buf_putc(&out, '|');
    }
    assert_int_equal(err.code, ERR_NONE);
    assert_string_equal(out.ptr, want);
    buf_release(&out);
    regex_scratch_free(scratch);
    regex_free(re);
}

static void finds_what_python_finds(void **state)
{
    (void)state;
    assert_matches("x*", 0, "axb", "|x|||");
    assert_matches("a|", 0, "aab", "a|a|||");
    assert_matches("\\bI\\b", REGEX_ICASE, "I am i, It", "I|i|");
    assert_matches("^\\w+$", REGEX_MULTILINE, "one\ntwo 3\nfour", "one|four|");
    assert_matches("a.c", 0, "a\nc a\rc", "a\rc|");
    assert_matches("a.c", REGEX_DOTALL, "a\nc", "a\nc|");
    assert_matches("b$", 0, "ab\n", "b|");
    assert_matches("b\\Z", 0, "ab\n", "");
    assert_matches("k", REGEX_ICASE, "\xE2\x84\xAA", "\xE2\x84\xAA|");
    assert_matches("\\d+", 0,
                   "\xD9\xA3"
                   "4",
                   "\xD9\xA3"
                   "4|");
    assert_matches("\\d+", REGEX_ASCII,
                   "\xD9\xA3"
                   "4",
                   "4|");
    assert_matches("\\w+", 0, "\xC3\xA9t\xC3\xA9_1", "\xC3\xA9t\xC3\xA9_1|");
}

static void reads_space_as_python_does(void **state)
{
    (void)state;
    assert_matches("\\s+", 0,
                   "a\x1C\xC2\x85\xC2\xA0"
                   "b\xE1\xA0\x8E",
                   "\x1C\xC2\x85\xC2\xA0|");
    assert_matches("\\s", REGEX_ASCII, "\x0B\x1C ", "\x0B| |");
    assert_matches("\\S+", 0,
                   "a\x1F"
                   "b c",
                   "a|b|c|");
    assert_matches("[\\s,]+", 0, "a,\x1D b", ",\x1D |");
    assert_matches("[^\\s\\]]+", 0, "a] b", "a|b|");
    assert_matches("[]\\s]", 0, "] ", "]| |");
}

static void counts_searches_and_groups(void **state)
{
    (void)state;
    struct err err = {0};
    struct regex *re = compiled("(\\d+)(x)?", 0);
    struct regex_scratch *scratch = regex_scratch_create();
    size_t n;
    bool found;
    assert_true(regex_count(&n, re, scratch, str_of("1 22x 3"), &err));
    assert_int_equal(n, 3);
    assert_true(regex_search(&found, re, scratch, str_of("ab 12"), 0, &err) && found);
    assert_int_equal(regex_group(scratch, 1).start, 3);
    assert_int_equal(regex_group(scratch, 2).start, (size_t)-1);
    assert_true(regex_search(&found, re, scratch, str_of("ab 12"), 5, &err));
    assert_false(found);
    assert_true(regex_count(&n, re, scratch, str_n(NULL, 0), &err));
    assert_int_equal(n, 0);
    regex_scratch_free(scratch);
    regex_free(re);
}

static void names_the_fault_in_a_pattern(void **state)
{
    (void)state;
    struct err err = {0};
    struct regex *re;
    assert_false(regex_compile(&re, str_of("ab(c"), 0, &err));
    assert_null(re);
    assert_int_equal(err.code, ERR_FORMAT);
    assert_non_null(strstr(err.msg, "byte 4"));
    assert_false(regex_compile(&re, str_of("[\\S]"), 0, &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    regex_free(NULL);
}

static void gives_up_on_exponential_searches(void **state)
{
    (void)state;
    enum { LEN = 1 << 20 };
    struct err err = {0};
    struct regex *re = compiled("(a+)+$", 0);
    struct regex_scratch *scratch = regex_scratch_create();
    char *text = mem_alloc(LEN);
    size_t n;
    memset(text, 'a', LEN);
    text[LEN - 1] = '!';
    assert_false(regex_count(&n, re, scratch, str_n(text, LEN), &err));
    assert_int_equal(err.code, ERR_LIMIT);
    free(text);
    regex_scratch_free(scratch);
    regex_free(re);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_python_finds),
        cmocka_unit_test(reads_space_as_python_does),
        cmocka_unit_test(counts_searches_and_groups),
        cmocka_unit_test(names_the_fault_in_a_pattern),
        cmocka_unit_test(gives_up_on_exponential_searches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
