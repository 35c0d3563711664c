/* schema.c - what is written is what docs/schema/ says, and the schemas say no to what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "os/file.h"
#include "report/report_json.h"
#include "support/schema_check.h"
#include "text/jsonl.h"

#define RUNS "tests/data/runs/"

static json_t *load(const char *path)
{
    struct buf text;
    struct err err = {0};
    json_t *value = NULL;
    buf_init(&text, BUF_MAX_DEFAULT);
    if (!file_read(&text, path, &err) || !json_parse(&value, buf_str(&text), path, &err))
        fail_msg("%s", err.msg);
    buf_release(&text);
    return value;
}

static void assert_holds(json_t *schema, json_t *value)
{
    struct schema_check check;
    if (!schema_check(&check, schema, value))
        fail_msg("%s", check.where);
}

static size_t check_lines(const char *schema_path, const char *path)
{
    json_t *schema = load(schema_path), *value;
    struct buf text;
    struct err err = {0};
    struct jsonl in;
    struct str line;
    size_t n = 0;
    buf_init(&text, BUF_MAX_DEFAULT);
    assert_true(file_read(&text, path, &err));
    jsonl_init(&in, buf_str(&text), path);
    for (; jsonl_next(&in, &line); n++) {
        assert_true(jsonl_parse(&value, &in, line, &err));
        assert_holds(schema, value);
        json_decref(value);
    }
    buf_release(&text);
    json_decref(schema);
    return n;
}

static void results_are_as_described(void **state)
{
    (void)state;
    static const char schema[] = "docs/schema/result.json";
    assert_int_equal(check_lines(schema, RUNS "gemma.jsonl"), 13);
    assert_int_equal(check_lines(schema, RUNS "smollm2.jsonl"), 9);
    assert_int_equal(check_lines(schema, RUNS "original.jsonl"), 21);
    assert_int_equal(check_lines(schema, "tests/oracle/ab-golden/run1-system/output.jsonl"), 15);
}

static void journals_are_as_described(void **state)
{
    (void)state;
    static const char schema[] = "docs/schema/journal.json";
    assert_int_equal(check_lines(schema, RUNS "gemma.jsonl.journal"), 25);
    assert_int_equal(check_lines(schema, RUNS "smollm2.jsonl.journal"), 49);
}

static json_t *report_of(const char *const *paths, size_t n, bool as_pair)
{
    struct run *runs[2] = {NULL, NULL};
    struct err err = {0};
    struct analysis *an = NULL;
    struct analysis_options options = {
        .compare = {.alpha = 0.05, .power = 0.8, .margin = 2, .resample = {.resamples = 200}},
        .n_changes = 3,
        .force = true};
    for (size_t i = 0; i < n; i++)
        if (!run_load(&runs[i], paths[i], &err))
            fail_msg("%s", err.msg);
    if (!(as_pair ? analysis_of_pair(&an, runs, &options, &err)
                  : analysis_of_runs(&an, runs, n, &options, &err)))
        fail_msg("%s", err.msg);
    json_t *report = report_to_json(an, "test");
    analysis_free(an);
    for (size_t i = 0; i < n; i++)
        run_free(runs[i]);
    return report;
}

static void reports_are_as_described(void **state)
{
    (void)state;
    static const char *const all[] = {RUNS "gemma.jsonl", RUNS "smollm2.jsonl",
                                      RUNS "original.jsonl", RUNS "smollm2-seed2.jsonl"};
    json_t *schema = load("docs/schema/report.json");
    for (size_t i = 0; i < 3; i++) {
        json_t *report = report_of(all + i, 1, false);
        assert_holds(schema, report);
        json_decref(report);
    }
    static const char *const pair[] = {RUNS "smollm2.jsonl", RUNS "smollm2-seed2.jsonl"};
    for (int as_pair = 0; as_pair < 2; as_pair++) {
        json_t *report = report_of(pair, 2, as_pair);
        assert_holds(schema, report);
        assert_int_equal(json_array_size(json_object_get(report, "contrasts")), 2);
        json_decref(report);
    }
    json_decref(schema);
}

/* Every rule of the schema bites somewhere: taking a member away, adding one, or changing a type
 * is found. */
static void schemas_refuse_what_is_not(void **state)
{
    (void)state;
    static const char *const one[] = {RUNS "original.jsonl"};
    json_t *schema = load("docs/schema/report.json"), *report = report_of(one, 1, false);
    struct schema_check check;
    json_object_set_new(report, "surplus", json_null());
    assert_false(schema_check(&check, schema, report));
    assert_string_equal(check.where, "/surplus: a member the schema does not know");
    json_object_del(report, "surplus");
    json_object_set_new(report, "schema", json_string("lem-report/2"));
    assert_false(schema_check(&check, schema, report));
    json_object_set_new(report, "schema", json_string(REPORT_SCHEMA));
    json_t *arm = json_array_get(json_object_get(report, "arms"), 0);
    json_object_set_new(arm, "run", json_integer(-1));
    assert_false(schema_check(&check, schema, report));
    json_object_set_new(arm, "run", json_string("0"));
    assert_false(schema_check(&check, schema, report));
    json_object_del(arm, "run");
    assert_false(schema_check(&check, schema, report));
    json_object_set_new(arm, "run", json_integer(0));
    json_t *contrast = json_array_get(json_object_get(report, "contrasts"), 0);
    json_t *finding = json_array_get(json_object_get(contrast, "findings"), 0);
    json_object_set_new(finding, "verdict", json_string("proven"));
    assert_false(schema_check(&check, schema, report));
    json_object_set_new(finding, "verdict", json_string("better"));
    assert_true(schema_check(&check, schema, report));
    json_decref(report);
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_as_described),
        cmocka_unit_test(journals_are_as_described),
        cmocka_unit_test(reports_are_as_described),
        cmocka_unit_test(schemas_refuse_what_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
