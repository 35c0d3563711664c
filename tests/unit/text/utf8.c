/* UTF-8 and Python's character rules: decoding, trimming, splitting, case, composition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/utf8.h"

static void assert_str(struct str got, const char *want)
{
    struct str expected = str_of(want);
    assert_int_equal(got.len, expected.len);
    assert_memory_equal(got.ptr, expected.ptr, expected.len);
}

static void round_trips_every_scalar_value(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char bytes[UTF8_LEN_MAX];
        if (cp >= 0xD800 && cp < 0xE000)
            continue;
        size_t at = 0, n = utf8_encode(bytes, cp);
        struct str s = str_n(bytes, n);
        if (utf8_next(s, &at) != cp || at != n || !utf8_is_valid(s) || utf8_prev(s, n) != 0)
            fail_msg("U+%04X does not survive", (unsigned)cp);
    }
}

static void finds_the_first_malformed_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bad;
    } rows[] = {
        {"abc\xFF", 3},           {"\xC0\xAF", 0},     {"a\xED\xA0\x80", 1},
        {"\xF4\x90\x80\x80", 0},  {"\xE2\x82", 0},     {"12345678\x80", 8},
        {"\xF0\x8F\xBF\xBF", 0},  {"\xE0\x9F\xBF", 0}, {"\xE2\x82\xAC\xC3", 3},
        {"good \xE2\x82\xAC", 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(utf8_check(str_of(rows[i].text)), rows[i].bad);
}

static void passes_over_malformed_bytes_one_by_one(void **state)
{
    (void)state;
    struct str s = str_of("\xE2\x82x");
    size_t at = 0;
    assert_int_equal(utf8_next(s, &at), UTF8_BAD);
    assert_int_equal(at, 1);
    assert_int_equal(utf8_count(s), 3);
    assert_int_equal(utf8_prev(s, 2), 1);
}

static void counts_and_cuts_by_character(void **state)
{
    (void)state;
    struct str s = str_of("a\xC3\xA9\xF0\x9F\x98\x80z");
    assert_int_equal(utf8_count(s), 4);
    assert_str(utf8_cut(s, 2), "a\xC3\xA9");
    assert_str(utf8_cut(s, 99), s.ptr);
}

static void trims_what_python_calls_space(void **state)
{
    (void)state;
    assert_str(utf8_strip(str_of(" \x1C\t\xC2\x85x y\xC2\xA0\xE3\x80\x80\n")), "x y");
    assert_str(utf8_strip(str_of("\xE2\x80\x8Bx")), "\xE2\x80\x8Bx"); /* zero width is none */
    assert_str(utf8_lstrip(str_of("  a ")), "a ");
    assert_str(utf8_rstrip(str_of("  a ")), "  a");
    assert_int_equal(utf8_strip(str_of(" \n\x1F")).len, 0);
}

static void splits_words_and_lines(void **state)
{
    (void)state;
    static const char *const words[] = {"one", "two", "three"};
    static const char *const lines[] = {"a", "", "b", "c", "d"};
    struct str piece, text = str_of("\n one\xE2\x80\xA8two\x1Fthree ");
    size_t at = 0, n = 0;
    while (utf8_word(&piece, text, &at))
        assert_str(piece, words[n++]);
    assert_int_equal(n, 3);
    at = n = 0;
    while (utf8_line(&piece,
                     str_of("a\r\n\nb\x0C"
                            "c\xC2\x85"
                            "d\n"),
                     &at))
        assert_str(piece, lines[n++]);
    assert_int_equal(n, 5);
}

static void lowers_with_full_mappings(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"ABC \xC3\x89", "abc \xC3\xA9"},
        {"\xC4\xB0", "i\xCC\x87"},
        {"\xE2\x84\xAA", "k"},
        {"\xCE\x9F\xCE\xA3 \xCE\xA3", "\xCE\xBF\xCF\x82 \xCF\x83"},
        {"\xCE\x91\xCE\xA3\xCE\x91", "\xCE\xB1\xCF\x83\xCE\xB1"},
        {"\xCE\x91\xCE\xA3'", "\xCE\xB1\xCF\x82'"},
        {"\xCE\x91\xCE\xA3'\xCE\x91", "\xCE\xB1\xCF\x83'\xCE\xB1"},
        {"A\xFF"
         "B",
         "a\xFF"
         "b"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct buf out;
        buf_init(&out, 1000);
        assert_true(utf8_lower(&out, str_of(ROWS[i][0])));
        assert_str(buf_str(&out), ROWS[i][1]);
        buf_release(&out);
    }
}

static void maps_one_character_to_several(void **state)
{
    (void)state;
    static const struct {
        size_t (*map)(uint32_t out[3], uint32_t cp);
        uint32_t from, to[3];
        size_t count;
    } ROWS[] = {
        {utf8_upper_of, 'a', {'A'}, 1},           {utf8_upper_of, 0xDF, {'S', 'S'}, 2},
        {utf8_upper_of, 0xFB01, {'F', 'I'}, 2},   {utf8_title_of, 'b', {'B'}, 1},
        {utf8_title_of, 0xDF, {'S', 's'}, 2},     {utf8_title_of, 0x1C6, {0x1C5}, 1},
        {utf8_upper_of, UTF8_BAD, {UTF8_BAD}, 1}, {utf8_title_of, UTF8_BAD, {UTF8_BAD}, 1},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        uint32_t out[3];
        assert_int_equal(ROWS[i].map(out, ROWS[i].from), ROWS[i].count);
        assert_memory_equal(out, ROWS[i].to, ROWS[i].count * sizeof *out);
    }
}

static void composes(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 100);
    assert_true(utf8_nfc(&out, str_of("e\xCC\x81\xE1\x84\x80\xE1\x85\xA1")));
    assert_str(buf_str(&out), "\xC3\xA9\xEA\xB0\x80");
    buf_release(&out);
    buf_init(&out, 1);
    assert_false(utf8_nfc(&out, str_of("abc")));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips_every_scalar_value),
        cmocka_unit_test(finds_the_first_malformed_byte),
        cmocka_unit_test(passes_over_malformed_bytes_one_by_one),
        cmocka_unit_test(counts_and_cuts_by_character),
        cmocka_unit_test(trims_what_python_calls_space),
        cmocka_unit_test(splits_words_and_lines),
        cmocka_unit_test(lowers_with_full_mappings),
        cmocka_unit_test(maps_one_character_to_several),
        cmocka_unit_test(composes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
