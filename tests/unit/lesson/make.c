/* Lessons of our own making: sandwiches, conversations, numbered texts, replies, parts, and what is
 * refused on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lesson/composure.h"
#include "lesson/conversation.h"
#include "lesson/lesson.h"
#include "lesson/parts.h"
#include "lesson/reply.h"
#include "lesson/sandwich.h"
#include "text/json.h"

static void assert_turns(const json_t *value, const char *const *turns, size_t count)
{
    assert_int_equal(lesson_turns(value), count);
    for (size_t i = 0; i < count; i++) {
        struct buf got;
        buf_init(&got, BUF_MAX_DEFAULT);
        buf_printf(&got, "%.*s: %.*s", STR_ARG(lesson_role(value, i)),
                   STR_ARG(lesson_content(value, i)));
        assert_string_equal(got.ptr, turns[i]);
        buf_release(&got);
    }
}

static json_t *json_of(const char *text)
{
    json_t *value;
    struct err err = {0};
    if (!json_parse(&value, str_of(text), "test", &err))
        fail_msg("%s", err.msg);
    return value;
}

static void sandwiches(void **state)
{
    (void)state;
    json_t *axioms = json_of("[{\"name\":\"one\",\"statement\":\"First.\"},"
                             "{\"name\":\"two\",\"statement\":\"Second.\"}]");
    struct sandwich recipe = {
        .kernel = STR("KERNEL"), .signature = STR("SIG"), .preamble = STR("KB"), .axioms = axioms};
    static const char *const expected[][3] = {
        {"user: KERNEL\n\nprobe?\n\nSIG", "assistant: answer"},
        {"user: KERNEL\n\nprobe?\n\nKERNEL", "assistant: answer"},
        {"system: Five axioms stand under everything you say:\n\nAxiom 1 (one): First.\nAxiom 2 "
         "(two): Second.",
         "user: probe?\n\n---\n\nAnswer in the light of this framework.\n\nKERNEL",
         "assistant: answer"},
        {"user: KB\n\n---\n\nprobe?\n\n---\n\nKERNEL\n\nLet the text above be the ground you "
         "answer "
         "from.",
         "assistant: answer"},
    };
    for (int kind = 0; kind < N_SANDWICH_KINDS; kind++) {
        enum sandwich_kind named;
        assert_true(sandwich_of_name(&named, sandwich_name((enum sandwich_kind)kind)));
        assert_int_equal(named, kind);
        recipe.kind = named;
        json_t *value = sandwich_lesson(&recipe, str_of("probe?"), str_of("answer"));
        assert_turns(value, expected[kind], kind == SANDWICH_GOLDEN ? 3 : 2);
        json_decref(value);
    }
    static const char *const bare[] = {"user: probe?", "assistant: answer"};
    json_t *value = sandwich_lesson(NULL, str_of("probe?"), str_of("answer"));
    assert_turns(value, bare, 2);
    json_decref(value);
    recipe.kind = SANDWICH_LEK;
    recipe.signature = (struct str){0};
    static const char *const open_faced[] = {"user: KERNEL\n\nprobe?", "assistant: answer"};
    value = sandwich_lesson(&recipe, str_of("probe?"), str_of("answer"));
    assert_turns(value, open_faced, 2);
    json_decref(value);
    json_decref(axioms);
}

static void conversations(void **state)
{
    (void)state;
    json_t *record = json_of("{\"id\":\"A001\",\"title\":\"On thought\",\"pairs\":[{\"passage\":"
                             "\"p1\",\"reflection\":\"r1\"},{\"passage\":\" p2 \",\"reflection\":"
                             "\"r2\"}],\"close\":{\"user\":\"stop\",\"assistant\":\"thanks\"}}");
    static const char *const expected[] = {"user: Lesson A001: On thought. Are you ready?",
                                           "assistant: I am ready.",
                                           "user: p1",
                                           "assistant: r1",
                                           "user: p2",
                                           "assistant: r2",
                                           "user: stop",
                                           "assistant: thanks"};
    json_t *value;
    struct err err = {0};
    assert_true(conversation_is(record));
    assert_true(conversation_lesson(&value, record, &err));
    assert_turns(value, expected, 8);
    assert_true(str_is(json_get_str(value, "_id"), "A001"));
    assert_true(str_is(json_get_str(value, "_topic"), "On thought"));
    json_decref(value);
    json_object_set_new(record, "ready", json_of("{\"user\":\"Bereit?\",\"assistant\":\"Ja.\"}"));
    json_object_del(record, "close");
    assert_true(conversation_lesson(&value, record, &err));
    assert_int_equal(lesson_turns(value), 6);
    assert_true(str_is(lesson_content(value, 0), "Bereit?"));
    json_decref(value);
    json_decref(record);
}

static void conversations_are_checked(void **state)
{
    (void)state;
#define PAIR "{\"passage\":\"p\",\"reflection\":\"r\"}"
    static const char *const cases[][2] = {
        {"{\"pairs\":[" PAIR "," PAIR "]}", "needs an \"id\""},
        {"{\"id\":\"A\",\"pairs\":[" PAIR "]}", "4 turns"},
        {"{\"id\":\"A\",\"pairs\":[" PAIR "," PAIR "," PAIR "," PAIR
         "],\"close\":{\"user\":\"a\",\"assistant\":\"b\"}}",
         "12 turns"},
        {"{\"id\":\"A\",\"pairs\":[" PAIR ",{\"passage\":\"p\"}]}", "pair 2: expected"},
        {"{\"id\":\"A\",\"pairs\":[" PAIR "," PAIR "],\"close\":{\"user\":\" \"}}",
         "close: expected"},
        {"{\"id\":\"A\",\"pairs\":[" PAIR "," PAIR "],\"ready\":3}", "ready: expected"},
        {"{\"x\":1}", "no messages"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *record = json_of(cases[i][0]), *value;
        struct err err = {0};
        assert_false(conversation_take(&value, record, &err));
        assert_null(value);
        if (str_find(str_of(err.msg), str_of(cases[i][1]), 0) == (size_t)-1)
            fail_msg("%s: \"%s\"", cases[i][0], err.msg);
        json_decref(record);
    }
    json_t *record = json_of("{\"text\":\"t\",\"id\":\"x\"}"), *value;
    struct err err = {0};
    assert_true(conversation_take(&value, record, &err));
    assert_true(str_is(json_get_str(value, "_id"), "x"));
    json_decref(value);
    json_decref(record);
}

#define HUNDRED                                                                                    \
    "one two three four five six seven eight nine ten and so on to a hundred characters of words " \
    "in a row"

/* A text of n numbered paragraphs. */
static void put_text(struct buf *out, size_t n)
{
    buf_puts(out, "Title: The Orchard\nAuthor: A. Gardener\n\nA foreword without a number.\n\n");
    for (size_t i = 1; i <= n; i++)
        buf_printf(out, "[%zu] Paragraph %zu, %s.\n%s\n\n", i, i, HUNDRED,
                   i == 3 ? "It has a second line." : "");
}

static void numbered_texts(void **state)
{
    (void)state;
    struct composure_count count;
    struct buf text;
    struct err err = {0};
    json_t *list = json_array();
    buf_init(&text, BUF_MAX_DEFAULT);
    put_text(&text, 47);
    if (!composure_lessons(list, &count, buf_str(&text), "lib/privacy-orchard.txt", &err))
        fail_msg("%s", err.msg);
    assert_int_equal(count.paragraphs, 47);
    assert_int_equal(count.metadata, 3);
    assert_int_equal(count.chunks, 10);
    assert_int_equal(count.lessons, 10);
    assert_int_equal(json_array_size(list), 10);
    const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    assert_true(str_starts(lesson_content(first, 1), str_of("Paragraph 1, one two")));
    assert_true(str_find(lesson_content(first, 1), str_of("It has a second line."), 0) !=
                (size_t)-1);
    assert_true(str_find(lesson_content(first, 1), str_of("foreword"), 0) == (size_t)-1);
    assert_true(str_starts(lesson_content(second, 1), str_of("Paragraph 6,")));
    assert_true(str_is(lesson_content(second, 0),
                       "Read to me from The Orchard, where A. Gardener speaks of being alone."));
    for (size_t i = 0; i < 8; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(lesson_content(json_array_get(list, i), 0),
                                lesson_content(json_array_get(list, k), 0)));
    assert_true(str_eq(lesson_content(json_array_get(list, 8), 0), lesson_content(first, 0)));
    json_decref(list);
    buf_release(&text);
}

static void short_chunks_and_metadata(void **state)
{
    (void)state;
    struct composure_count count;
    struct err err = {0};
    json_t *list = json_array();
    static const char text[] =
        "[1] CHAPTER ONE\n\n[2] Title: Nothing\n\n[3] " HUNDRED ".\n\n[4] " HUNDRED ".\n\n"
        "[5] " HUNDRED ".\n\n[6] " HUNDRED ".\n\n[7] " HUNDRED ".\n\n[8] Brief.";
    assert_true(composure_lessons(list, &count, str_of(text), "other-x.txt", &err));
    assert_int_equal(count.paragraphs, 6);
    assert_int_equal(count.metadata, 2);
    assert_int_equal(count.chunks, 2);
    assert_int_equal(count.lessons, 1);
    assert_true(
        str_is(lesson_content(json_array_get(list, 0), 0), "What does Nothing have to say to us?"));
    json_decref(list);
}

static void broken_texts(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[1] a\n\n[3] b", "x.txt: line 3: paragraph [3] after [1]"},
        {"[2] b", "line 1: paragraph [2] after [0]"},
        {"prose only", "no paragraph begins with a number"},
        {"", "no paragraph begins with a number"},
        {"[1] \xFF", "not UTF-8 text from byte 4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct composure_count count;
        struct err err = {0};
        json_t *list = json_array();
        assert_false(composure_lessons(list, &count, str_of(cases[i][0]), "x.txt", &err));
        if (str_find(str_of(err.msg), str_of(cases[i][1]), 0) == (size_t)-1)
            fail_msg("\"%s\"", err.msg);
        json_decref(list);
    }
    assert_true(str_is(composure_domain("a-b/consent-x-y.txt"), "consent"));
    assert_true(str_is(composure_domain("plain.txt"), "plain"));
}

static void replies(void **state)
{
    (void)state;
    static const char probes_json[] = "[{\"id\":\"P1\",\"prompt\":\"One?\"},{\"id\":2,\"prompt\":"
                                      "\"Two? \"},{\"prompt\":\"Three?\"}]";
    static const char text[] =
        "{\"id\":\"P1\",\"response\":\"An answer to one.\"}\n"
        "{\"id\":2,\"response\":\"An answer to two.\",\"prompt\":\"Two?\"}\n"
        "{\"prompt\":\"Three?\",\"response\":\"An answer to three.\"}\n"
        "{\"type\":\"training\",\"training\":{\"messages\":[{\"role\":\"user\",\"content\":\"K "
        "One? "
        "S\"},{\"role\":\"assistant\",\"content\":\"Another answer to one.\"}]},\"meta\":{"
        "\"probe_id\":\"P1\"}}\n"
        "{\"type\":\"probe\",\"id\":\"P1\",\"prompt\":\"One?\",\"conditions\":{\"baseline\":{"
        "\"response\":\"plain\"},\"kernel\":{\"response\":\"A third answer to one.\"}}}\n"
        "{\"type\":\"summary\"}\n"
        "{\"id\":\"P9\",\"response\":\"An answer to nothing.\"}\n"
        "{\"id\":\"P1\",\"response\":\"An answer.\",\"prompt\":\"Other?\"}\n"
        "{\"id\":\"P1\",\"response\":\"ERROR: none\"}\n"
        "{\"id\":\"P1\",\"response\":\"  \"}\n"
        "{\"id\":\"P1\"}\n"
        "{\"id\":\"P1\",\"response\":\"No.\"}\n"
        "{\"response\":\"An answer without a question.\"}\n";
    struct probe_set probes;
    struct reply_set set;
    struct err err = {0};
    assert_true(
        probe_set_parse(&probes, str_of(probes_json), "p.json", &(struct probe_options){0}, &err));
    if (!reply_read_text(&set, &probes, str_of(text), "r.jsonl",
                         &(struct reply_options){.chars_min = 5}, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(set.n_read, 12);
    assert_int_equal(set.count, 5);
    assert_int_equal(reply_refused(&set), 7);
    assert_int_equal(set.n_answered, 3);
    assert_int_equal(set.by_refusal[REPLY_REFUSED_NO_PROBE], 2);
    assert_int_equal(set.by_refusal[REPLY_REFUSED_PROMPT], 1);
    assert_int_equal(set.by_refusal[REPLY_REFUSED_FAILED], 1);
    assert_int_equal(set.by_refusal[REPLY_REFUSED_EMPTY], 1);
    assert_int_equal(set.by_refusal[REPLY_REFUSED_NO_ANSWER], 1);
    assert_int_equal(set.by_refusal[REPLY_REFUSED_SHORT], 1);
    assert_int_equal(set.items[2].probe, 2);
    assert_true(str_is(set.items[4].text, "A third answer to one."));
    reply_release(&set);
    assert_true(reply_read_text(&set, &probes, str_of(text), "r.jsonl",
                                &(struct reply_options){.condition = "baseline"}, &err));
    assert_true(str_is(set.items[4].text, "plain"));
    reply_release(&set);
    assert_false(reply_read_text(&set, &probes, str_of(text), "r.jsonl",
                                 &(struct reply_options){.condition = "x"}, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_false(
        reply_read_text(&set, &probes, str_of("{"), "r.jsonl", &(struct reply_options){0}, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    probe_set_release(&probes);
}

static void parts(void **state)
{
    (void)state;
    const double weights[N_PARTS] = {0.8, 0.1, 0.1}, ninety[N_PARTS] = {0.9, 0.1, 0};
    for (size_t n = 0; n <= 120; n++) {
        char names[120][8];
        struct str keys[120] = {{0}};
        uint32_t part_of[120];
        size_t counts[N_PARTS] = {0};
        for (size_t i = 0; i < n; i++) { /* two lessons a key */
            snprintf(names[i], sizeof names[i], "k%zu", i / 2);
            keys[i] = str_of(names[i]);
        }
        parts_deal(part_of, keys, n, weights, 42);
        for (size_t i = 0; i < n; i++) {
            counts[part_of[i]]++;
            if (i % 2 == 1)
                assert_int_equal(part_of[i], part_of[i - 1]);
        }
        if (n >= 5)
            assert_true(counts[PART_TRAIN] > 0 && counts[PART_VALID] > 0 && counts[PART_TEST] > 0);
        parts_deal(part_of, keys, n, ninety, 42);
        for (size_t i = 0; i < n; i++)
            assert_int_not_equal(part_of[i], PART_TEST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sandwiches),
        cmocka_unit_test(conversations),
        cmocka_unit_test(conversations_are_checked),
        cmocka_unit_test(numbered_texts),
        cmocka_unit_test(short_chunks_and_metadata),
        cmocka_unit_test(broken_texts),
        cmocka_unit_test(replies),
        cmocka_unit_test(parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
