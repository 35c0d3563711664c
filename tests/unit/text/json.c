/* JSON: Python's spelling on the way out, named places on the way in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "text/json.h"

static void assert_formats(const char *json, struct json_style style, const char *want)
{
    struct err err = {0};
    struct buf out;
    json_t *value;
    buf_init(&out, 10000);
    if (!json_parse(&value, str_of(json), "test", &err))
        fail_msg("%s", err.msg);
    json_format(&out, value, style);
    assert_string_equal(out.ptr, want);
    json_decref(value);
    buf_release(&out);
}

static void writes_what_python_writes(void **state)
{
    (void)state;
    static const char *const sample =
        "{\"b\":[1,2.0,null,true],\"a\":{},\"c\":[],\"s\":\"\\u00e9\\\"\"}";
    assert_formats(sample, (struct json_style){0},
                   "{\"b\": [1, 2.0, null, true], \"a\": {}, \"c\": [], \"s\": \"\xC3\xA9\\\"\"}");
    assert_formats(sample, (struct json_style){.compact = true, .ascii = true},
                   "{\"b\":[1,2.0,null,true],\"a\":{},\"c\":[],\"s\":\"\\u00e9\\\"\"}");
    assert_formats("{\"b\":[1,{\"x\":2}],\"a\":3}",
                   (struct json_style){.indent = 2, .sort_keys = true},
                   "{\n  \"a\": 3,\n  \"b\": [\n    1,\n    {\n      \"x\": 2\n    }\n  ]\n}");
}

static void escapes_strings(void **state)
{
    (void)state;
    static const char *const sample = "\"\\u0000\\u001f\\u007f\\n\\/\\ud83d\\ude00\\u2028\"";
    assert_formats(sample, (struct json_style){.ascii = true},
                   "\"\\u0000\\u001f\\u007f\\n/\\ud83d\\ude00\\u2028\"");
    assert_formats(sample, (struct json_style){0},
                   "\"\\u0000\\u001f\x7F\\n/\xF0\x9F\x98\x80\xE2\x80\xA8\"");
}

static void keeps_the_last_of_equal_keys(void **state)
{
    (void)state;
    assert_formats("{\"a\":1,\"b\":2,\"a\":3}", (struct json_style){0}, "{\"a\": 3, \"b\": 2}");
}

static void writes_floats_like_repr(void **state)
{
    (void)state;
    static const struct {
        double x;
        const char *text;
    } rows[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1e16, "1e+16"},
        {1e15, "1000000000000000.0"},
        {1e-5, "1e-05"},
        {0.0001, "0.0001"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100.25, "100.25"},
        {5e-324, "5e-324"},
        {1.5e300, "1.5e+300"},
        {-2.5, "-2.5"},
        {5.9604644775390625e-08, "5.960464477539063e-08"},
        {123456789012345680.0, "1.2345678901234568e+17"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[JSON_REAL_LEN_MAX];
        size_t n = json_format_real(out, rows[i].x);
        assert_string_equal(out, rows[i].text);
        assert_int_equal(n, strlen(out));
        assert_true(strtod(out, NULL) == rows[i].x);
    }
}

/* Scores, most of them hundredths: read back the same, by no more digits than that takes. */
static void writes_hundredths_as_short_as_can_be(void **state)
{
    (void)state;
    for (int i = -30000; i <= 30000; i++) {
        char out[JSON_REAL_LEN_MAX], plain[64];
        double x = i % 3 ? i / 100.0 : i * 0.01 + i * 1e7;
        int digits = 1, significant = 0;
        size_t n = json_format_real(out, x);
        assert_int_equal(n, strlen(out));
        assert_true(strtod(out, NULL) == x);
        while (snprintf(plain, sizeof plain, "%.*g", digits, x), strtod(plain, NULL) != x)
            digits++;
        const char *p = out + strspn(out, "-0.");
        for (const char *q = p; *q; q++)
            significant += *q != '.';
        while (significant > digits && strcspn(p, ".") != strlen(p) && out[n - 1] == '0')
            significant--, n--; /* the ".0" of a whole number, and its own zeros */
        assert_true(significant <= digits || strchr(out, '.') == out + strlen(out) - 2);
        assert_non_null(strchr(out, '.'));
    }
}

static void assert_refused(struct str text, enum err_code code, const char *part)
{
    struct err err = {0};
    json_t *value;
    assert_false(json_parse(&value, text, "probes.json", &err));
    assert_null(value);
    assert_int_equal(err.code, code);
    if (!strstr(err.msg, part) || !strstr(err.msg, "probes.json"))
        fail_msg("'%s' does not name '%s'", err.msg, part);
}

static void names_the_place_of_a_fault(void **state)
{
    (void)state;
    assert_refused(str_of("{\"a\":\n 1,}"), ERR_FORMAT, "line 2, column 4");
    assert_refused(str_of(""), ERR_FORMAT, "white space");
    assert_refused(str_of("[1] 2"), ERR_FORMAT, "line 1");
    assert_refused(str_of("\"\\ud800\""), ERR_FORMAT, "line 1");
    assert_refused(str_of("\"\xFF\""), ERR_FORMAT, "line 1");
    assert_refused(str_of("[NaN]"), ERR_FORMAT, "line 1");
    assert_refused(str_of("99999999999999999999"), ERR_FORMAT, "line 1");
    assert_refused(str_n("x", (size_t)JSON_TEXT_MAX + 1), ERR_LIMIT, "bytes");
}

static void refuses_bottomless_nesting(void **state)
{
    (void)state;
    size_t n = 1000000;
    char *text = mem_alloc(n);
    memset(text, '[', n);
    assert_refused(str_n(text, n), ERR_FORMAT, "depth");
    free(text);
}

static void reads_lone_values_and_a_byte_order_mark(void **state)
{
    (void)state;
    assert_formats("\xEF\xBB\xBF 7 ", (struct json_style){0}, "7");
    assert_formats("\"x\"", (struct json_style){0}, "\"x\"");
}

static void stops_at_the_ceiling(void **state)
{
    (void)state;
    struct err err = {0};
    struct buf out;
    json_t *value;
    buf_init(&out, 8);
    assert_true(json_parse(&value, str_of("[\"long enough to pass\"]"), "x", &err));
    json_format(&out, value, (struct json_style){0});
    assert_true(out.full);
    assert_true(out.len <= 8);
    json_decref(value);
    buf_release(&out);
}

static void gets_strings_with_nul_inside(void **state)
{
    (void)state;
    struct err err = {0};
    json_t *value;
    assert_true(json_parse(&value, str_of("{\"a\":\"x\\u0000y\",\"n\":1}"), "x", &err));
    assert_int_equal(json_get_str(value, "a").len, 3);
    assert_null(json_get_str(value, "n").ptr);
    assert_null(json_get_str(value, "absent").ptr);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_python_writes),
        cmocka_unit_test(escapes_strings),
        cmocka_unit_test(keeps_the_last_of_equal_keys),
        cmocka_unit_test(writes_floats_like_repr),
        cmocka_unit_test(writes_hundredths_as_short_as_can_be),
        cmocka_unit_test(names_the_place_of_a_fault),
        cmocka_unit_test(refuses_bottomless_nesting),
        cmocka_unit_test(reads_lone_values_and_a_byte_order_mark),
        cmocka_unit_test(stops_at_the_ceiling),
        cmocka_unit_test(gets_strings_with_nul_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
