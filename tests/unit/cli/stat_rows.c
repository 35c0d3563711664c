/* Rows of numbers: every field of the oracle, and a sentence for each kind of bad row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/stat_rows.h"

#include <math.h>
#include <string.h>

#include "os/file.h"
#include "text/jsonl.h"

static const struct compare_options OPTIONS = {
    .alpha = 0.05, .power = 0.8, .resample = {.resamples = 500}};

static size_t compare_values(const json_t *got, const json_t *want, const char *id,
                             const char *key);

static size_t compare_parts(const json_t *got, const json_t *want, const char *id, const char *key)
{
    size_t count = 0, i;
    const char *name;
    json_t *item;
    json_array_foreach(want, i, item) count +=
        compare_values(json_array_get(got, i), item, id, key);
    json_object_foreach((json_t *)(uintptr_t)want, name, item) count +=
        compare_values(json_object_get(got, name), item, id, name);
    return count;
}

/* How many numbers and strings were compared. */
static size_t compare_values(const json_t *got, const json_t *want, const char *id, const char *key)
{
    double tolerance = strcmp(key, "minimum_detectable_effect") == 0 ? 1e-4 : 1e-6;
    if (json_is_array(want) || json_is_object(want))
        return compare_parts(got, want, id, key);
    if (json_is_string(want) && !json_equal(got, want))
        fail_msg("%s: %s differs", id, key);
    double x = json_number_value(got), y = json_number_value(want);
    if (json_is_number(want) &&
        (!json_is_number(got) || !(fabs(x - y) <= tolerance * fabs(y) + 1e-15)))
        fail_msg("%s: %s is %.12g, not %.12g", id, key, x, y);
    return 1;
}

static void agrees_with_the_oracle(void **state)
{
    (void)state;
    struct err err = {0};
    struct buf bytes;
    struct jsonl in;
    struct str line;
    size_t compared = 0;
    buf_init(&bytes, BUF_MAX_DEFAULT);
    assert_true(file_read(&bytes, "tests/oracle/stat-public.jsonl", &err));
    jsonl_init(&in, buf_str(&bytes), "stat-public.jsonl");
    while (jsonl_next(&in, &line)) {
        json_t *row, *answer;
        assert_true(jsonl_parse(&row, &in, line, &err));
        assert_true(stat_row_answer(&answer, row, &OPTIONS, &err));
        const char *id = json_string_value(json_object_get(row, "id"));
        assert_string_equal(id, json_string_value(json_object_get(answer, "id")));
        compared += compare_values(answer, json_object_get(row, "expected"), id, "expected");
        json_decref(answer);
        json_decref(row);
    }
    assert_int_equal(in.line, 43);
    assert_true(compared > 700);
    buf_release(&bytes);
}

static json_t *answer(const char *row)
{
    struct err err = {0};
    json_t *value, *out;
    assert_true(json_parse(&value, str_of(row), "row", &err));
    if (!stat_row_answer(&out, value, &OPTIONS, &err))
        fail_msg("%s", err.msg);
    json_decref(value);
    return out;
}

static void refuses(const char *row, const char *sentence)
{
    struct err err = {0};
    json_t *value, *out;
    assert_true(json_parse(&value, str_of(row), "row", &err));
    assert_false(stat_row_answer(&out, value, &OPTIONS, &err));
    assert_null(out);
    if (!strstr(err.msg, sentence))
        fail_msg("\"%s\" lacks \"%s\"", err.msg, sentence);
    json_decref(value);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    refuses("{}", "\"kind\" must be paired");
    refuses("{\"kind\": \"paired\", \"a\": [1]}", "\"b\" must be a list of numbers");
    refuses("{\"kind\": \"paired\", \"a\": [], \"b\": []}", "\"a\" must be a list of numbers");
    refuses("{\"kind\": \"paired\", \"a\": [1, 2], \"b\": [1]}", "\"b\" has 1 numbers where 2");
    refuses("{\"kind\": \"paired\", \"a\": [1, \"x\"], \"b\": [1, 2]}", "element 2: a must be a");
    refuses("{\"kind\": \"paired\", \"a\": [1e200], \"b\": [1]}", "beyond +-1e+100");
    refuses("{\"kind\": \"paired\", \"a\": [1], \"b\": [1], \"margin\": -1}", "above 0");
    refuses("{\"kind\": \"paired\", \"a\": [1], \"b\": [1], \"cluster\": [1, 2]}", "1 labels");
    refuses("{\"kind\": \"paired\", \"a\": [1], \"b\": [1], \"cluster\": [[]]}", "whole numbers");
    refuses("{\"kind\": \"binary\", \"a\": [1], \"b\": [2]}", "\"b\", element 1: 2 is neither");
    refuses("{\"kind\": \"pvalues\", \"p\": [0.5, 1.5]}", "element 2: 1.5 is not within");
    refuses("{\"kind\": \"metrics\", \"differences\": [[1, 2], [1]]}", "list 2: not a list of 2");
    refuses("{\"kind\": \"groups\", \"mean\": [1, 2], \"se\": [1, 0]}",
            "element 2: 0 is not above 0");
    refuses("{\"kind\": \"metrics\", \"differences\": [[1]]}", "2 or more numbers");
    refuses("{\"kind\": \"agreement\", \"ratings\": [[1], [1]]}", "\"level\" must be");
    refuses("{\"kind\": \"agreement\", \"level\": \"nominal\", \"ratings\": [[1]]}", "two raters");
    refuses("{\"kind\": \"pass_at_k\", \"samples\": 3, \"correct\": 4, \"k\": 1}",
            "can be correct");
    refuses("{\"kind\": \"pass_at_k\", \"samples\": 3, \"correct\": 1, \"k\": 1.5}",
            "whole number");
}

static void undefined_numbers_are_null(void **state)
{
    (void)state;
    json_t *out = answer("{\"kind\": \"paired\", \"a\": [1, 1, 1], \"b\": [1, 1, 1]}");
    assert_true(json_is_null(json_object_get(out, "cohen_dz")));
    assert_true(json_is_null(json_object_get(out, "t_p")));
    assert_true(json_is_null(json_object_get(out, "tost_p")));
    assert_true(json_number_value(json_object_get(out, "sign_flip_p")) == 1);
    assert_string_equal(json_string_value(json_object_get(out, "verdict")), "inconclusive");
    json_decref(out);
    out = answer("{\"kind\": \"paired\", \"a\": [1], \"b\": [2]}");
    assert_true(json_is_null(json_object_get(out, "sd")));
    assert_true(json_is_null(json_object_get(out, "minimum_detectable_effect")));
    json_decref(out);
    out =
        answer("{\"kind\": \"agreement\", \"level\": \"ratio\", \"ratings\": [[1, 1], [1, null]]}");
    assert_true(json_is_null(json_object_get(out, "krippendorff_alpha")));
    assert_null(json_object_get(out, "cohen_kappa"));
    json_decref(out);
}

static void repeated_samples_are_one_probe(void **state)
{
    (void)state;
    json_t *once = answer("{\"kind\": \"paired\", \"a\": [0, 0, 0], \"b\": [1, 2, 4]}");
    json_t *thrice = answer("{\"kind\": \"paired\", \"a\": [0, 0, 0, 0, 0], \"b\": [1, 2, 2, 3, 5],"
                            " \"cluster\": [\"x\", 7, 7, \"y\", \"y\"]}");
    assert_true(json_equal(json_object_get(once, "t_ci95"), json_object_get(thrice, "t_ci95")));
    assert_int_equal(json_integer_value(json_object_get(thrice, "n")), 3);
    assert_int_equal(json_integer_value(json_object_get(thrice, "items")), 5);
    const json_t *bootstrap = json_object_get(thrice, "cluster_bootstrap");
    assert_true(fabs(json_number_value(json_object_get(bootstrap, "estimate")) - 7.0 / 3) < 1e-15);
    json_decref(once);
    json_decref(thrice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_oracle),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(undefined_numbers_are_null),
        cmocka_unit_test(repeated_samples_are_one_probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
