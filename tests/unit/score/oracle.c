/* Every scorer of the table: equal to the original on all texts of the oracle, the same numbers
 * again in any order, and in reasonable time on texts made to be slow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/file.h"
#include "score/score.h"
#include "text/jsonl.h"

enum { N_TEXTS = 1036, SCORERS_MAX = 32 };

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

static size_t check_text(struct score **scores, const json_t *text, const json_t *expected)
{
    struct err err = {0};
    double values[SCORE_VALUES_MAX];
    size_t count, bad = 0;
    const struct scorer *const *all = scorer_list(&count);
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_object_get(expected, all[i]->key);
        assert_non_null(row);
        assert_true(score_run(scores[i], values, json_get_str(text, "text"),
                              json_get_str(text, "prompt"), &err));
        json_t *got = score_to_json(all[i], values);
        bad += !agrees(json_get_str(text, "id").ptr, all[i]->key, got, row);
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

/* Repetition, words that almost match, and characters that cost most to classify. */
static void hostile_texts_take_reasonable_time(void **state)
{
    static const char *const pieces[] = {
        "I ",           "I am",         ". I",           "the ",
        "he",           "####",         "= 1,",          "1_1",
        "i cannoti",    "a.",           "aaaaaaaaab",    "it's important to ",
        "\xE5\x93\x88", "\xCC\x81",     "unsettinging ", "eded ",
        "commit ",      "what?! ",      "\n\n",          "\n",
        "okay,",        "\xE2\x84\xAA", "<|im_end|>",    "disallowed not ",
    };
    enum { SIZE = 1 << 20 };
    struct score **scores = *state;
    size_t count;
    const struct scorer *const *all = scorer_list(&count);
    char *text = malloc(SIZE);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t len = strlen(pieces[i]), n = 0;
        for (; n + len <= SIZE; n += len)
            memcpy(text + n, pieces[i], len);
        for (size_t k = 0; k < count; k++) {
            struct err err = {0};
            double values[SCORE_VALUES_MAX], started = clock_seconds();
            bool ok = score_run(scores[k], values, str_n(text, n), str_n(text, n), &err);
            assert_true(ok || err.code == ERR_LIMIT);
            if (clock_seconds() - started > 2)
                fail_msg("%s takes %g s for a MiB of '%s'", all[k]->name, clock_seconds() - started,
                         pieces[i]);
        }
    }
    free(text);
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
        cmocka_unit_test(hostile_texts_take_reasonable_time),
        cmocka_unit_test(tables_are_sound),
    };
    return cmocka_run_group_tests(tests, open_scores, close_scores);
}
