/* Every scorer of the table: equal to the original on all texts of the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "os/file.h"
#include "score/score.h"
#include "text/jsonl.h"

enum { N_TEXTS = 1036, N_SUMS = 93, N_PROBES = 207, SCORERS_MAX = 32 };

struct rows {
    struct buf bytes;
    struct jsonl lines;
};

static void rows_open(struct rows *rows, const char *path)
{
    struct err err = {0};
    buf_init(&rows->bytes, 1 << 26);
    if (!file_read(&rows->bytes, path, &err))
        fail_msg("%s", err.msg);
    jsonl_init(&rows->lines, buf_str(&rows->bytes), path);
}

static json_t *rows_next(struct rows *rows)
{
    struct err err = {0};
    struct str line;
    json_t *row;
    if (!jsonl_next(&rows->lines, &line))
        return NULL;
    if (!jsonl_parse(&row, &rows->lines, line, &err))
        fail_msg("%s", err.msg);
    return row;
}

static bool is_same(const char *name, const json_t *got, const json_t *expected)
{
    size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, "_raw") == 0)
        return fabs(json_number_value(got) - json_number_value(expected)) <= 1e-9;
    if (json_is_number(got) && json_is_number(expected))
        return json_number_value(got) == json_number_value(expected);
    return json_equal(got, expected);
}

/* The same fields with the same values; says what differs. */
static bool agrees(const char *id, const char *key, const json_t *got, json_t *expected)
{
    const char *name;
    json_t *value;
    if (json_object_size(got) != json_object_size(expected))
        print_error("%s: %s has other fields than expected\n", id, key);
    bool ok = json_object_size(got) == json_object_size(expected);
    json_object_foreach(expected, name, value)
    {
        if (is_same(name, json_object_get(got, name), value))
            continue;
        print_error("%s: %s.%s differs\n", id, key, name);
        ok = false;
    }
    return ok;
}

/* Written directly it is what its JSON is. */
static void check_text_form(const struct scorer *scorer, const struct score_result *result,
                            const json_t *json)
{
    struct buf direct, formatted;
    buf_init(&direct, 1 << 20);
    buf_init(&formatted, 1 << 20);
    score_result_format(&direct, scorer, result);
    json_format(&formatted, json, (struct json_style){.ascii = true});
    assert_true(str_eq(buf_str(&direct), buf_str(&formatted)));
    buf_release(&direct);
    buf_release(&formatted);
}

static size_t check_text(struct score **scores, const json_t *text, const json_t *expected)
{
    struct err err = {0};
    struct score_result result;
    size_t count, bad = 0;
    const struct scorer *const *all = scorer_list(&count);
    for (size_t i = 0; i < count; i++) {
        struct score_item item = {.text = json_get_str(text, "text"),
                                  .prompt = json_get_str(text, "prompt")};
        if (all[i]->is_apart)
            continue;
        json_t *row = json_object_get(expected, all[i]->key);
        assert_non_null(row);
        assert_true(score_item(scores[i], &result, &item, &err));
        json_t *got = score_result_to_json(all[i], &result);
        bad += !agrees(json_get_str(text, "id").ptr, all[i]->key, got, row);
        check_text_form(all[i], &result, got);
        json_decref(got);
    }
    return bad;
}

static void all_agree_with_the_original(void **state)
{
    struct score **scores = *state;
    struct rows texts, expected;
    size_t n = 0, bad = 0;
    json_t *text;
    rows_open(&texts, "tests/oracle/texts-public.jsonl");
    rows_open(&expected, "tests/oracle/expected-public.jsonl");
    while ((text = rows_next(&texts))) {
        json_t *row = rows_next(&expected);
        assert_true(str_eq(json_get_str(text, "id"), json_get_str(row, "id")));
        bad += check_text(scores, text, row);
        n++;
        json_decref(text);
        json_decref(row);
    }
    buf_release(&texts.bytes);
    buf_release(&expected.bytes);
    assert_int_equal(n, N_TEXTS);
    assert_int_equal(bad, 0);
}

/* A file of answers that only the two scorers of a group judge: as in Python, as in Go. */
static size_t check_pair(const char *path, const char *python, const char *go, size_t n_expected)
{
    const struct scorer *scorers[] = {scorer_find(str_of(python)), scorer_find(str_of(go))};
    struct score *scores[] = {score_create(scorers[0]), score_create(scorers[1])};
    struct rows rows;
    struct score_result result;
    struct err err = {0};
    size_t n = 0, bad = 0;
    rows_open(&rows, path);
    for (json_t *row; (row = rows_next(&rows)); n++) {
        struct score_item item = {.text = json_get_str(row, "response"),
                                  .expected = json_get_str(row, "correct_answer"),
                                  .probe = json_get_str(row, "probe_id")};
        for (size_t i = 0; i < 2; i++) {
            assert_true(score_item(scores[i], &result, &item, &err));
            json_t *got = score_result_to_json(scorers[i], &result);
            bad += !agrees(json_get_str(row, "id").ptr, scorers[i]->key, got,
                           json_object_get(row, i ? "go" : "py"));
            json_decref(got);
        }
        json_decref(row);
    }
    score_free(scores[0]);
    score_free(scores[1]);
    buf_release(&rows.bytes);
    assert_int_equal(n, n_expected);
    return bad;
}

static void sums_and_probes_are_judged_alike(void **state)
{
    (void)state;
    assert_int_equal(check_pair("tests/oracle/exact-public.jsonl", "exact-py", "exact-go", N_SUMS),
                     0);
    assert_int_equal(check_pair("tests/oracle/capability-public.jsonl", "capability-py",
                                "capability-go", N_PROBES),
                     0);
}

/* The harness has no file of answers here; its rules are few enough to be tried one by one. */
static void the_harness_is_followed(void **state)
{
    (void)state;
    static const struct {
        const char *scorer, *text, *expected, *extracted;
        bool correct;
    } cases[] = {
        {"exact-strict", "So 9.\n#### 18", "9 + 9 = 18\n#### 18", "18", true},
        {"exact-strict", "#### 1,800.", "#### $1800", "1,800.", true},
        {"exact-strict", "#### 17 #### 18", "18", "17", false},
        {"exact-strict", "####18", "18", "[invalid]", false},
        {"exact-strict", "#### -18 x", "-18", "-18", true},
        {"exact-strict", "#### 18.0", "18", "18.0", false},
        {"exact-flexible", "costs $18", "18", "$18", true},
        {"exact-flexible", "3 of them, so 5", "5", "5", true},
        {"exact-flexible", "It is 18. Done...", "18", "...", false},
        {"exact-flexible", "7-3", "-3", "-3", true},
        {"exact-flexible", "none - , .", "18", "[invalid]", false},
        {"exact-flexible", "ERROR 18", "18", "18", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct scorer *scorer = scorer_find(str_of(cases[i].scorer));
        struct score *score = score_create(scorer);
        struct score_result result;
        struct err err = {0};
        struct score_item item = {.text = str_of(cases[i].text),
                                  .expected = str_of(cases[i].expected)};
        assert_true(score_item(score, &result, &item, &err));
        if (!str_is(result.text, cases[i].extracted) || result.values[1] != cases[i].correct)
            fail_msg("%s of '%s': '%.*s', %g", cases[i].scorer, cases[i].text, STR_ARG(result.text),
                     result.values[1]);
        item.expected = (struct str){0};
        assert_true(score_item(score, &result, &item, &err) && !result.is_scored);
        score_free(score);
    }
}

static void tables_are_sound(void **state)
{
    (void)state;
    size_t count;
    const struct scorer *const *all = scorer_list(&count);
    char hex[SCORERS_MAX][SHA256_HEX_LEN + 1];
    for (size_t i = 0; i < count; i++) {
        scorer_hash(hex[i], all[i]);
        assert_int_equal(strspn(hex[i], "0123456789abcdef"), SHA256_HEX_LEN);
        assert_true(all[i]->n_fields <= SCORE_VALUES_MAX && all[i]->overall < all[i]->n_fields);
        assert_ptr_equal(scorer_find(str_of(all[i]->name)), all[i]);
        assert_ptr_equal(scorer_find(str_of(all[i]->key)), all[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(hex[i], hex[k]);
    }
}

static int open_scores(void **state)
{
    static struct score *scores[SCORERS_MAX];
    size_t count;
    const struct scorer *const *all = scorer_list(&count);
    assert_true(count <= SCORERS_MAX);
    for (size_t i = 0; i < count; i++)
        scores[i] = score_create(all[i]);
    *state = scores;
    return 0;
}

static int close_scores(void **state)
{
    struct score **scores = *state;
    size_t count;
    scorer_list(&count);
    for (size_t i = 0; i < count; i++)
        score_free(scores[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_agree_with_the_original),
        cmocka_unit_test(sums_and_probes_are_judged_alike),
        cmocka_unit_test(the_harness_is_followed),
        cmocka_unit_test(tables_are_sound),
    };
    return cmocka_run_group_tests(tests, open_scores, close_scores);
}
