/* JSON lines: counting, tolerance, and faults that name file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/jsonl.h"

static void walks_lines_and_counts_them(void **state)
{
    (void)state;
    struct jsonl in;
    struct str line;
    jsonl_init(&in, str_of("\xEF\xBB\xBF{\"a\":1}\r\n\n  \n[2]"), "x.jsonl");
    assert_true(jsonl_next(&in, &line));
    assert_true(str_is(line, "{\"a\":1}"));
    assert_int_equal(in.line, 1);
    assert_true(jsonl_next(&in, &line));
    assert_true(str_is(line, "[2]"));
    assert_int_equal(in.line, 4);
    assert_false(jsonl_next(&in, &line));
    assert_false(jsonl_next(&in, &line));
}

static void goes_on_after_a_bad_line(void **state)
{
    (void)state;
    struct err err = {0};
    struct jsonl in;
    struct str line;
    json_t *value;
    jsonl_init(&in, str_of("{\"a\":\n{\"b\":2}\n"), "x.jsonl");
    assert_true(jsonl_next(&in, &line));
    assert_false(jsonl_parse(&value, &in, line, &err));
    assert_non_null(strstr(err.msg, "x.jsonl: line 1, column"));
    assert_true(jsonl_next(&in, &line));
    assert_true(jsonl_parse(&value, &in, line, &err));
    assert_int_equal(json_integer_value(json_object_get(value, "b")), 2);
    json_decref(value);
}

static void an_empty_text_has_no_lines(void **state)
{
    (void)state;
    struct jsonl in;
    struct str line;
    jsonl_init(&in, str_of("\n\n"), "x");
    assert_false(jsonl_next(&in, &line));
    jsonl_init(&in, str_of(""), "x");
    assert_false(jsonl_next(&in, &line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_lines_and_counts_them),
        cmocka_unit_test(goes_on_after_a_bad_line),
        cmocka_unit_test(an_empty_text_has_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
