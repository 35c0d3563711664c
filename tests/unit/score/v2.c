/* The A/B scorer: equal to the original on every text of the oracle, and linear on hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/rng.h"
#include "os/clock.h"
#include "os/file.h"
#include "score/v2_int.h"
#include "text/jsonl.h"

static struct score *score;
static const struct scorer *scorer;

static int open_scorer(void **state)
{
    (void)state;
    scorer = scorer_find(str_of("v2-ab"));
    score = score_create(scorer);
    return 0;
}

static int close_scorer(void **state)
{
    (void)state;
    score_free(score);
    return 0;
}

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

/* How many of the values differ from what is expected; says which. */
static size_t count_differences(const char *id, const double *values, const json_t *expected)
{
    size_t bad = 0;
    for (size_t i = 0; i < scorer->n_fields; i++) {
        const char *name = scorer->fields[i].name;
        const json_t *value =
            json_is_array(expected) ? json_array_get(expected, i) : json_object_get(expected, name);
        assert_true(json_is_number(value));
        if (json_number_value(value) == values[i])
            continue;
        print_error("%s: %s is %g, expected %g\n", id, name, values[i], json_number_value(value));
        bad++;
    }
    return bad;
}

static size_t check_row(const json_t *text, const json_t *expected)
{
    struct err err = {0};
    double values[SCORE_VALUES_MAX];
    assert_true(score_run(score, values, json_get_str(text, "text"), (struct str){0}, &err));
    return count_differences(json_get_str(text, "id").ptr, values, expected);
}

static void agrees_with_the_original(void **state)
{
    (void)state;
    struct rows texts, expected;
    size_t n = 0, bad = 0;
    json_t *text;
    rows_open(&texts, "tests/oracle/texts-public.jsonl");
    rows_open(&expected, "tests/oracle/expected-public.jsonl");
    while ((text = rows_next(&texts))) {
        json_t *row = rows_next(&expected);
        assert_true(str_eq(json_get_str(text, "id"), json_get_str(row, "id")));
        bad += check_row(text, json_object_get(row, "v2_ab"));
        n++;
        json_decref(text);
        json_decref(row);
    }
    buf_release(&texts.bytes);
    buf_release(&expected.bytes);
    assert_int_equal(n, 1036);
    assert_int_equal(bad, 0);
}

/* Random Unicode, case variants and wild-card lengths around every pattern, scored by Python. */
static void agrees_with_python_on_soup(void **state)
{
    (void)state;
    struct rows rows;
    size_t n = 0, bad = 0;
    json_t *row;
    rows_open(&rows, "tests/oracle/v2-soup.jsonl");
    while ((row = rows_next(&rows))) {
        bad += check_row(row, json_object_get(row, "v2_ab"));
        n++;
        json_decref(row);
    }
    buf_release(&rows.bytes);
    assert_int_equal(n, 800);
    assert_int_equal(bad, 0);
}

static void writes_numbers_as_the_original_does(void **state)
{
    (void)state;
    struct err err = {0};
    double values[SCORE_VALUES_MAX];
    struct buf text;
    buf_init(&text, 1 << 12);
    struct str answer = str_of("Sure, a b c a b c a b c a b c?");
    assert_true(score_run(score, values, answer, (struct str){0}, &err));
    json_t *object = score_to_json(scorer, values);
    json_format(&text, object, (struct json_style){.ascii = true});
    assert_string_equal(
        text.ptr,
        "{\"compliance_markers\": 0, \"formulaic_preamble\": 1, \"degeneration\": 0.5, "
        "\"empty_broken\": 0, \"first_person\": 0, \"creative_form\": 0, \"engagement_depth\": 1, "
        "\"emotional_register\": 0, \"nuance\": 0, \"specificity\": 0, \"axiom_resonance\": 0, "
        "\"perspective_taking\": 0, \"metaphor\": 0, \"questioning\": 1, \"lek_score\": -10.5}");
    json_decref(object);
    buf_release(&text);
}

static void refuses_what_is_not_text(void **state)
{
    (void)state;
    struct err err = {0};
    double values[SCORE_VALUES_MAX] = {7};
    assert_false(score_run(score, values, str_of("ab\xC3(c"), (struct str){0}, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_non_null(strstr(err.msg, "byte 3"));
    struct str endless = {"", (size_t)SCORE_TEXT_MAX + 1};
    assert_false(score_run(score, values, endless, (struct str){0}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_true(values[0] == 7);
}

/* Texts that make backtracking matchers slow; each must cost time in proportion to its length. */
static void hostile_texts_take_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "both ",
        "while a",
        "consider x ",
        "right to ",
        "from a",
        "1,1.",
        "9",
        "#",
        "*_",
        "\n",
        "A",
        "Aaaa",
        "a ",
        "I ",
        "I'm ",
        ". Ab",
        "\xC3\xA9",
        "\xE3\x80\x80",
        "think of both while from consider ",
        "___",
    };
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    double started = clock_seconds();
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct err err = {0};
        double values[SCORE_VALUES_MAX];
        size_t len = strlen(pieces[i]), n = 0;
        for (; n + len <= SIZE; n += len)
            memcpy(text + n, pieces[i], len);
        assert_true(score_run(score, values, str_n(text, n), (struct str){0}, &err));
    }
    free(text);
    assert_true(clock_seconds() - started < 30); /* a quadratic step alone would take hours */
}

static void finds_scorers_by_either_name(void **state)
{
    (void)state;
    size_t count;
    char hex[SHA256_HEX_LEN + 1];
    const struct scorer *const *all = scorer_list(&count);
    assert_true(count >= 1 && all[0] == scorer);
    assert_ptr_equal(scorer_find(str_of("v2_ab")), scorer);
    assert_null(scorer_find(str_of("v2")));
    assert_null(scorer_find(str_of("")));
    scorer_hash(hex, scorer);
    assert_int_equal(strspn(hex, "0123456789abcdef"), SHA256_HEX_LEN);
}

static void rounds_like_python(void **state)
{
    (void)state;
    static const double edges[] = {0,     -0.0,   0.005, 0.015, 0.025,  2.675, -2.675,   1e15,
                                   1e300, -1e-17, 0.125, 0.375, -0.125, 12.35, 1234.565, 1e7 / 3};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        double fast = v2_round(edges[i]), plain = v2_round_plainly(edges[i]);
        assert_memory_equal(&fast, &plain, sizeof fast);
    }
    for (uint64_t i = 0; i < 200000; i++) {
        double u = rng_uniform(1, i, 0),
               x = i % 2 ? (u - 0.5) * 400 : floor(u * 40000 - 20000) / 200;
        double fast = v2_round(x), plain = v2_round_plainly(x);
        assert_memory_equal(&fast, &plain, sizeof fast);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_like_python),
        cmocka_unit_test(agrees_with_the_original),
        cmocka_unit_test(agrees_with_python_on_soup),
        cmocka_unit_test(writes_numbers_as_the_original_does),
        cmocka_unit_test(refuses_what_is_not_text),
        cmocka_unit_test(hostile_texts_take_linear_time),
        cmocka_unit_test(finds_scorers_by_either_name),
    };
    return cmocka_run_group_tests(tests, open_scorer, close_scorer);
}
