/* Hits: on every text of the oracle and for every scorer, their points add up to the score, their
 * places lie in the text, and being asked for them changes no number. */
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
#include "text/utf8.h"

enum { SCORERS_MAX = 32 };

static struct score *scores[SCORERS_MAX];
static const struct scorer *const *all;
static size_t n_scorers;

static int create(void **state)
{
    (void)state;
    all = scorer_list(&n_scorers);
    for (size_t i = 0; i < n_scorers; i++)
        scores[i] = score_create(all[i]);
    return 0;
}

static int release(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_scorers; i++)
        score_free(scores[i]);
    return 0;
}

/* What the points must add up to: the overall value, before it was rounded where that is known. */
static double unrounded(const struct scorer *scorer, const struct score_result *result)
{
    char raw[64];
    snprintf(raw, sizeof raw, "%s_raw", scorer->fields[scorer->overall].name);
    for (size_t i = 0; i < scorer->n_fields; i++)
        if (strcmp(scorer->fields[i].name, raw) == 0)
            return result->values[i];
    return result->values[scorer->overall];
}

/* Of fields whose value is a number of hits: v2's all are. */
static bool counts_agree(const struct scorer *scorer, const struct score_result *result,
                         const struct hits *hits)
{
    bool ok = true;
    for (size_t f = 0; f < scorer->overall; f++) {
        double units = 0;
        for (size_t i = 0; i < hits->n; i++)
            units +=
                strcmp(hits->items[i].rule, scorer->fields[f].name) == 0 ? hits->items[i].units : 0;
        ok = ok && units == result->values[f];
    }
    return ok;
}

static void check_places(const struct hits *hits, const struct score_item *item)
{
    for (size_t i = 0; i < hits->n; i++) {
        const struct hit *hit = &hits->items[i];
        struct str text = hit->in_prompt ? item->prompt : item->text;
        assert_true(hit->start <= hit->end && hit->end <= text.len);
        assert_true(utf8_is_valid(str_sub(text, hit->start, hit->end - hit->start)));
        assert_non_null(hit->rule);
        assert_non_null(hit->detail);
        if (i > 0 && hits->items[i - 1].in_prompt == hit->in_prompt)
            assert_true(hits->items[i - 1].start <= hit->start);
    }
}

static bool check_item(size_t i, const struct score_item *item, struct hits *hits)
{
    struct err err = {0};
    struct score_result plain, explained;
    double sum = 0;
    hits_reset(hits);
    assert_true(score_item(scores[i], &plain, item, &err));
    assert_true(score_explain(scores[i], &explained, hits, item, &err));
    assert_memory_equal(plain.values, explained.values, sizeof plain.values);
    if (!plain.is_scored)
        return hits->n == 0;
    check_places(hits, item);
    for (size_t k = 0; k < hits->n; k++)
        sum += hits->items[k].points;
    bool is_v2 = strncmp(all[i]->name, "v2", 2) == 0;
    return fabs(sum - unrounded(all[i], &plain)) <= 1e-9 &&
           (!is_v2 || counts_agree(all[i], &plain, hits));
}

static void check_file(const char *path, const char *text_name, size_t n_expected)
{
    struct buf bytes;
    struct jsonl in;
    struct str line;
    struct err err = {0};
    struct hits hits;
    size_t n = 0, bad = 0;
    hits_init(&hits);
    buf_init(&bytes, 1 << 26);
    assert_true(file_read(&bytes, path, &err));
    jsonl_init(&in, buf_str(&bytes), path);
    for (; jsonl_next(&in, &line); n++) {
        json_t *row;
        assert_true(jsonl_parse(&row, &in, line, &err));
        struct score_item item = {.text = json_get_str(row, text_name),
                                  .prompt = json_get_str(row, "prompt"),
                                  .expected = json_get_str(row, "correct_answer"),
                                  .probe = json_get_str(row, "probe_id")};
        for (size_t i = 0; i < n_scorers; i++) {
            if (check_item(i, &item, &hits))
                continue;
            print_error("%s: %s: the points do not add up to the score\n",
                        json_get_str(row, "id").ptr, all[i]->name);
            bad++;
        }
        json_decref(row);
    }
    buf_release(&bytes);
    hits_release(&hits);
    assert_int_equal(n, n_expected);
    assert_int_equal(bad, 0);
}

static void points_add_up_on_every_text(void **state)
{
    (void)state;
    check_file("tests/oracle/texts-public.jsonl", "text", 1036);
}

static void points_add_up_on_sums_and_probes(void **state)
{
    (void)state;
    check_file("tests/oracle/exact-public.jsonl", "response", 93);
    check_file("tests/oracle/capability-public.jsonl", "response", 207);
}

/* The one hit of that rule and detail; its text must be `match`. */
static const struct hit *find_hit(const struct hits *hits, struct str text, const char *rule,
                                  const char *detail, const char *match)
{
    for (size_t i = 0; i < hits->n; i++) {
        const struct hit *hit = &hits->items[i];
        if (strcmp(hit->rule, rule) != 0 || strcmp(hit->detail, detail) != 0)
            continue;
        assert_true(str_is(str_sub(text, hit->start, hit->end - hit->start), match));
        return hit;
    }
    fail_msg("no hit of %s, %s", rule, detail);
    return NULL;
}

static void explain(struct hits *hits, const char *scorer, const char *text, const char *probe)
{
    struct err err = {0};
    struct score_result result;
    struct score_item item = {.text = str_of(text), .probe = str_of(probe)};
    size_t i = 0;
    while (i < n_scorers && all[i] != scorer_find(str_of(scorer)))
        i++;
    assert_true(i < n_scorers);
    hits_init(hits);
    assert_true(score_explain(scores[i], &result, hits, &item, &err));
}

static void a_hit_says_where_and_what(void **state)
{
    (void)state;
    struct hits hits;
    const char *text =
        "\xC3\x89t\xC3\xA9: I feel that HOPE is\n\nlike a lamp. \xE2\x80\x94 I Cannot.";
    explain(&hits, "v2-ab", text, "");
    find_hit(&hits, str_of(text), "emotional_register", "hope", "HOPE");
    find_hit(&hits, str_of(text), "metaphor", "like a ", "like a ");
    find_hit(&hits, str_of(text), "engagement_depth", "", "\n\n");
    assert_true(
        find_hit(&hits, str_of(text), "compliance_markers", "i cannot", "I Cannot")->points == -5);
    hits_release(&hits);
}

/* Python's lower case makes two characters of U+0130, and what was found stands behind it. */
static void places_survive_a_change_of_case(void **state)
{
    (void)state;
    struct hits hits;
    const char *text = "\xC4\xB0\xC4\xB0stanbul \xC4\xB0: as an ai I say a key is a key.";
    explain(&hits, "lek-py", text, "");
    find_hit(&hits, str_of(text), "compliance_markers", "as an ai", "as an ai");
    hits_release(&hits);
    explain(&hits, "tier1-py", text, "");
    find_hit(&hits, str_of(text), "phrase", "as an ai", "as an ai");
    hits_release(&hits);
    text = "\xC4\xB0<think>seven</think> it is\xC4\xB0 <think>x</think>SEVEN.";
    explain(&hits, "capability-py", text, "word_02");
    find_hit(&hits, str_of(text), "pass", "word_02", "SEVEN");
    hits_release(&hits);
}

static void what_is_past_a_cap_is_worth_nothing(void **state)
{
    (void)state;
    struct hits hits;
    explain(&hits, "v2-ab", "Paradox, tension, dilemma, complexity, nuanced: that is five of them.",
            "");
    double points[5];
    size_t n = 0;
    for (size_t i = 0; i < hits.n; i++)
        if (strcmp(hits.items[i].rule, "nuance") == 0 && n < 5)
            points[n++] = hits.items[i].points;
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++)
        assert_true(points[i] == (i < 4 ? 1.5 : 0));
    hits_release(&hits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_add_up_on_every_text),
        cmocka_unit_test(points_add_up_on_sums_and_probes),
        cmocka_unit_test(a_hit_says_where_and_what),
        cmocka_unit_test(places_survive_a_change_of_case),
        cmocka_unit_test(what_is_past_a_cap_is_worth_nothing),
    };
    return cmocka_run_group_tests(tests, create, release);
}
