/* Lessons: every shape, what is mended, what is refused, and that nothing is lost on the way. */
#include "lesson/set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/json.h"

static void assert_adds_up(const struct lesson_set *set)
{
    size_t refused = 0, shapes = 0;
    for (size_t i = 0; i < N_LESSON_REFUSALS; i++)
        refused += set->by_refusal[i];
    for (size_t i = 0; i < N_LESSON_SHAPES; i++)
        shapes += set->by_shape[i];
    assert_int_equal(set->n_read, set->n_kept + set->n_repaired + set->n_refused);
    assert_int_equal(set->count, set->n_kept + set->n_repaired);
    assert_int_equal(shapes, set->count);
    assert_int_equal(refused, set->n_refused);
}

static struct lesson_set set_of(const char *text)
{
    struct lesson_set set = {0};
    struct err err = {0};
    if (!lesson_set_read_text(&set, str_of(text), "f.jsonl", &err))
        fail_msg("%s", err.msg);
    assert_adds_up(&set);
    return set;
}

/* "shape value about" of the one lesson of a line, or "- reason". */
static void assert_lesson(const char *line, const char *expected)
{
    struct lesson_set set = set_of(line);
    struct buf got;
    buf_init(&got, BUF_MAX_DEFAULT);
    assert_int_equal(set.n_read, 1);
    if (set.count == 0)
        buf_printf(&got, "- %s", lesson_refusal_name(set.refused[0].why));
    for (size_t i = 0; i < set.count; i++) {
        buf_printf(&got, "%s%s ", lesson_shape_name(set.items[i].shape),
                   set.items[i].repairs ? "!" : "");
        json_format(&got, set.items[i].value, (struct json_style){.compact = true});
        if (set.items[i].about) {
            buf_putc(&got, ' ');
            json_format(&got, set.items[i].about, (struct json_style){.compact = true});
        }
    }
    assert_string_equal(got.ptr, expected);
    buf_release(&got);
    lesson_set_release(&set);
}

#define QA "[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]"

static void shapes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"messages\":" QA "}", "chat {\"messages\":" QA "}"},
        {"{\"_topic\":\"t\",\"messages\":" QA ",\"score\":3}",
         "chat {\"messages\":" QA ",\"_topic\":\"t\"} {\"score\":3}"},
        {"{\"prompt\":\"q\",\"completion\":\"a\"}", "completions {\"messages\":" QA "}"},
        {"{\"prompt\":\"q\",\"response\":\"a\",\"id\":\"P1\",\"score\":4.5}",
         "answer {\"messages\":" QA "} {\"id\":\"P1\",\"score\":4.5}"},
        {"{\"prompt\":\"q\",\"response\":\"a\",\"system\":\"s\"}",
         "answer {\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\","
         "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]}"},
        {"{\"text\":\"all of it\",\"_from\":1}", "text {\"text\":\"all of it\",\"_from\":1}"},
        {"{\"type\":\"training\",\"training\":{\"messages\":" QA
         "},\"meta\":{\"probe_id\":\"P1\",\"lek_score\":24.1}}",
         "distilled {\"messages\":" QA "} {\"probe_id\":\"P1\",\"lek_score\":24.1}"},
        {"{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"gpt\",\"value\":"
         "\"a\"}]}",
         "conversations! {\"messages\":" QA "}"},
        {"{\"instruction\":\"q\",\"input\":\"\",\"output\":\"a\"}",
         "instruction {\"messages\":" QA "}"},
        {"{\"instruction\":\"q\",\"input\":\"i\",\"output\":\"a\"}",
         "instruction {\"messages\":[{\"role\":\"user\",\"content\":\"q\\n\\ni\"},{\"role\":"
         "\"assistant\",\"content\":\"a\"}]}"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":"
         "null,\"tool_calls\":[1]},{\"role\":\"tool\",\"content\":\"r\"},{\"role\":\"assistant\","
         "\"content\":\"a\"}],\"tools\":[2]}",
         "tools! {\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\","
         "\"content\":\"\",\"tool_calls\":[1]},{\"role\":\"tool\",\"content\":\"r\"},{\"role\":"
         "\"assistant\",\"content\":\"a\"}],\"tools\":[2]}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_lesson(cases[i][0], cases[i][1]);
}

static void repairs(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"messages\":[{\"role\":\"human\",\"content\":\"q\"},{\"role\":\"model\",\"content\":"
         "\"a\"}]}",
         "chat! {\"messages\":" QA "}"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"}]},"
         "{\"role\":\"assistant\",\"content\":[\"\",\"a\"]}]}",
         "chat! {\"messages\":" QA "}"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"q\",\"weight\":1},{\"role\":"
         "\"assistant\",\"content\":\"a\"}]}",
         "chat! {\"messages\":" QA "}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_lesson(cases[i][0], cases[i][1]);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"messages\":[]}", "- no messages, or too many"},
        {"{\"messages\":[\"hi\"]}", "- a message that is no object of role and content"},
        {"{\"messages\":[{\"content\":\"q\"}]}",
         "- a message that is no object of role and content"},
        {"{\"messages\":[{\"role\":\"alien\",\"content\":\"q\"}]}",
         "- a role that is not system, user, assistant or tool"},
        {"{\"messages\":[{\"role\":\"user\"}]}", "- content that is not text"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]}",
         "- content that is not text"},
        {"{\"prompt\":\"q\",\"completion\":7}", "- content that is not text"},
        {"{\"prompt\":\"q\"}", "- no messages, no prompt with an answer, no text"},
        {"{\"text\":5}", "- content that is not text"},
        {"{\"type\":\"summary\",\"model\":\"m\"}", "- about a run, not an example"},
        {"\"text\"", "- not an object"},
        {"{\"text\":\"torn", "- not valid JSON"},
        {"{\"text\":\"\xFF\"}", "- not UTF-8 text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_lesson(cases[i][0], cases[i][1]);
}

static void lists_and_lines(void **state)
{
    (void)state;
    struct lesson_set set = set_of("[{\"text\":\"a\"},{\"text\":\"b\"},3]");
    assert_int_equal(set.count, 2);
    assert_int_equal(set.items[1].line, 2);
    lesson_set_release(&set);
    set = set_of("{\"text\":\"a\"}\r\n\n{broken\n{\"text\":\"b\"}");
    assert_int_equal(set.count, 2);
    assert_int_equal(set.items[1].line, 4);
    assert_int_equal(set.refused[0].line, 3);
    lesson_set_release(&set);
    set = set_of("[{\"text\":\"a\"},\n{\"text\":");
    assert_int_equal(set.n_refused, 2);
    lesson_set_release(&set);
}

/* A line of something, chosen by the numbers: whole, or with bytes put in and taken out. */
static void put_some_line(struct buf *out, uint64_t key, uint64_t *n)
{
    static const char *const lines[] = {
        "{\"messages\":" QA "}",
        "{\"prompt\":\"q\",\"completion\":\"a\",\"id\":null}",
        "{\"prompt\":\"q\",\"response\":\"a\",\"score\":1}",
        "{\"type\":\"training\",\"training\":{\"messages\":" QA "},\"meta\":{}}",
        "{\"type\":\"summary\"}",
        "{\"text\":\"t\"}",
        "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"}]}",
        "{\"instruction\":\"q\",\"output\":\"a\"}",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]}]}",
        "[]",
        "null",
        "",
    };
    static const char bytes[] = "{}[]\",:\\ntru1\xFF\n";
    const char *line = lines[(size_t)(rng_uniform(key, 0, (*n)++) * 12)];
    bool broken = rng_uniform(key, 0, (*n)++) < 0.3;
    for (; *line; line++) {
        double x = broken ? rng_uniform(key, 0, (*n)++) : 1;
        if (x < 0.02)
            continue;
        buf_putc(out, *line);
        if (x < 0.05)
            buf_putc(out, bytes[(size_t)(rng_uniform(key, 0, (*n)++) * (sizeof bytes - 1))]);
    }
    buf_putc(out, '\n');
}

/* Lines that are not blank are read, and every one that is read is kept, repaired or refused. */
static void nothing_is_lost(void **state)
{
    (void)state;
    uint64_t n = 0;
    for (uint64_t round = 0; round < 300; round++) {
        struct buf text;
        size_t n_lines = 0;
        buf_init(&text, BUF_MAX_DEFAULT);
        for (size_t i = 0; i < 40; i++)
            put_some_line(&text, round, &n);
        for (size_t i = 0, blank = 1; i < text.len; i++) {
            if (text.ptr[i] == '\n') {
                n_lines += !blank;
                blank = 1;
            } else {
                blank = 0;
            }
        }
        struct lesson_set set = set_of(text.ptr);
        if (text.ptr[0] != '[')
            assert_int_equal(set.n_read, n_lines);
        lesson_set_release(&set);
        buf_release(&text);
    }
}

static void records_keep_what_is_about_them(void **state)
{
    (void)state;
    struct lesson_set set = set_of("{\"prompt\":\"q\",\"response\":\"a\",\"id\":\"P1\",\"x\":[1]}");
    json_t *record = lesson_record(&set.items[0]);
    struct buf got;
    buf_init(&got, BUF_MAX_DEFAULT);
    json_format(&got, record, (struct json_style){.compact = true});
    assert_string_equal(got.ptr, "{\"messages\":" QA ",\"id\":\"P1\",\"x\":[1]}");
    assert_true(str_is(lesson_id(&set.items[0]), "P1"));
    json_decref(record);
    buf_release(&got);
    lesson_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),          cmocka_unit_test(repairs),
        cmocka_unit_test(refusals),        cmocka_unit_test(lists_and_lines),
        cmocka_unit_test(nothing_is_lost), cmocka_unit_test(records_keep_what_is_about_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
