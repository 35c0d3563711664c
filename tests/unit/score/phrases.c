/* Phrase counting: the same counts as a regular expression engine, on random texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "score/phrases.h"
#include "text/regex.h"

static const struct phrase_list lists[] = {
    {"both .{3,9} and|it|it depends|either or", false, false},
    {"I |I'm |my ", true, false},
    {"right to .{2,6}|right|rights to roam", false, false},
    {NULL, false, false},
    {"trade-off|tradeoff|and .{1,4} and|an .{1,3}", false, false},
    {"it|my (right|trade|x) (to|in)|an|be", false, true},
    {"ight|y |th .{2,5}to", true, true},
};
enum { N_LISTS = sizeof lists / sizeof *lists, N_TEXTS = 20000 };

static const char *const pieces[] = {
    "both ",     "and",      " and",      "it",       "it depends",
    "either or", "I ",       "I'm ",      "i ",       "my ",
    "My ",       "right",    "right to ", "RIGHT TO", "rights to roam",
    "Trade-Off", "tradeoff", "an ",       " ",        "\n",
    "x",         "-",        "_",         "7",        ".",
    "ab",        "'",        "  ",        "b",
};

static void random_text(struct buf *out, uint64_t text)
{
    size_t n = 1 + (size_t)(rng_uniform(1, text, 0) * 24);
    buf_reset(out);
    for (size_t i = 0; i < n; i++) {
        size_t n_pieces = sizeof pieces / sizeof *pieces;
        buf_puts(out, pieces[(size_t)(rng_uniform(1, text, i + 1) * (double)n_pieces)]);
    }
}

static struct regex *as_regex(const struct phrase_list *list)
{
    struct err err = {0};
    struct regex *re;
    struct buf pattern;
    buf_init(&pattern, 1 << 12);
    buf_printf(&pattern, list->anywhere ? "%s" : "\\b(%s)\\b", list->phrases);
    unsigned flags = list->exact_case ? 0 : REGEX_ICASE;
    assert_true(regex_compile(&re, buf_str(&pattern), flags, &err));
    buf_release(&pattern);
    return re;
}

static void counts_like_a_regular_expression(void **state)
{
    (void)state;
    struct err err = {0};
    struct phrases *phrases = phrases_create(lists, N_LISTS);
    struct regex_scratch *scratch = regex_scratch_create();
    struct regex *regexes[N_LISTS] = {0};
    struct symbols symbols;
    struct buf text;
    size_t counts[N_LISTS], hits = 0;
    symbols_init(&symbols, SYMBOLS_PYTHON);
    buf_init(&text, 1 << 12);
    for (size_t i = 0; i < N_LISTS; i++)
        if (lists[i].phrases)
            regexes[i] = as_regex(&lists[i]);
    for (uint64_t t = 0; t < N_TEXTS; t++) {
        random_text(&text, t);
        assert_true(symbols_load(&symbols, buf_str(&text), &err));
        symbols_map(&symbols);
        phrases_count(counts, phrases, &symbols, NULL);
        for (size_t i = 0; i < N_LISTS; i++) {
            size_t expected = 0;
            if (regexes[i])
                assert_true(regex_count(&expected, regexes[i], scratch, buf_str(&text), &err));
            if (counts[i] != expected)
                fail_msg("list %zu: %zu, expected %zu in: %s", i, counts[i], expected, text.ptr);
            hits += expected;
        }
    }
    assert_true(hits > N_TEXTS);
    for (size_t i = 0; i < N_LISTS; i++)
        regex_free(regexes[i]);
    regex_scratch_free(scratch);
    phrases_free(phrases);
    symbols_release(&symbols);
    buf_release(&text);
}

static size_t count_one(const char *phrase, const char *text)
{
    struct err err = {0};
    struct phrase_list list = {phrase, false, false};
    struct phrases *phrases = phrases_create(&list, 1);
    struct symbols symbols;
    size_t count;
    symbols_init(&symbols, SYMBOLS_PYTHON);
    assert_true(symbols_load(&symbols, str_of(text), &err));
    symbols_map(&symbols);
    phrases_count(&count, phrases, &symbols, NULL);
    phrases_free(phrases);
    symbols_release(&symbols);
    return count;
}

static void ignores_case_as_python_does(void **state)
{
    (void)state;
    assert_int_equal(count_one("risk", "R\xC4\xB1SK r\xC4\xB0\xC5\xBF\xE2\x84\xAA risk."), 3);
    assert_int_equal(count_one("my", "my\xC3\xA9 \xC3\xA9my my\xCC\x81 my\xE2\x80\x94my"), 3);
}

/* The last character of a text, and a wild card that would run past it. */
static void stays_inside_the_text(void **state)
{
    (void)state;
    assert_int_equal(count_one("my", ""), 0);
    assert_int_equal(count_one("my", "m"), 0);
    assert_int_equal(count_one("to .{3,20}", "to ab"), 0);
    assert_int_equal(count_one("to .{3,20}", "to abc"), 1);
    assert_int_equal(count_one("to .{3,20} x", "to abc "), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_like_a_regular_expression),
        cmocka_unit_test(ignores_case_as_python_does),
        cmocka_unit_test(stays_inside_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
