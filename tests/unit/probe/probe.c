/* Probe files: every shape that occurs, ids and categories as Python writes them, selection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/probe.h"
#include "text/json.h"

static const struct probe_options all = {0};

static bool parse(struct probe_set *set, const char *text, const struct probe_options *options,
                  struct err *err)
{
    return probe_set_parse(set, str_of(text), "p.json", options, err);
}

static struct probe_set parsed(const char *text)
{
    struct probe_set set;
    struct err err = {0};
    if (!parse(&set, text, &all, &err))
        fail_msg("%s", err.msg);
    return set;
}

static void assert_probe(const struct probe *probe, const char *id, const char *category,
                         const char *prompt)
{
    assert_true(str_is(probe->id, id));
    assert_true(str_is(probe->category, category));
    assert_true(str_is(probe->prompt, prompt));
}

static void assert_refused(const char *text, enum err_code code, const char *sentence)
{
    struct probe_set set;
    struct err err = {0};
    assert_false(parse(&set, text, &all, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.msg, sentence);
    assert_null(set.items);
}

static void reads_the_golden_file(void **state)
{
    (void)state;
    struct probe_set set;
    struct err err = {0};
    assert_true(probe_set_load(&set, "tests/oracle/ab-golden/probes.json", &all, &err));
    assert_int_equal(set.count, 14);
    assert_true(str_is(set.items[1].category, "care"));
    assert_true(str_is(set.items[2].category, "uncategorised"));
    assert_true(str_is(set.items[3].id, ""));
    assert_true(str_is(set.items[4].category, "\xC3\xA9thique i\xCC\x87\xC4\xB1"));
    assert_true(str_is(set.items[8].category, ""));
    assert_int_equal(set.items[9].prompt.len, 0);
    assert_int_equal(json_integer_value(json_object_get(set.items[7].extra, "weight")), 3);
    assert_int_equal(strlen(set.sha256), SHA256_HEX_LEN);
    probe_set_release(&set);
}

static void our_own_probes_load(void **state)
{
    (void)state;
    struct probe_set set;
    struct err err = {0};
    assert_true(probe_set_load(&set, "seeds/P01-P20.json", &all, &err));
    assert_int_equal(set.count, 20);
    assert_true(str_is(set.items[0].id, "P01_IDENTITY_WHISTLEBLOWER"));
    assert_true(str_is(set.items[19].category, "culture"));
    probe_set_release(&set);
}

static void writes_ids_as_python_does(void **state)
{
    (void)state;
    static const struct {
        const char *json, *id;
    } cases[] = {
        {"\"a b\"", "a b"}, {"7", "7"},        {"-7", "-7"},     {"1.0", "1.0"},
        {"0.1", "0.1"},     {"1e22", "1e+22"}, {"null", "None"}, {"true", "True"},
        {"\"\"", ""},       {"1e16", "1e+16"}, {"9067", "9067"}, {"false", "False"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, "[{\"id\": %s, \"prompt\": \"p\"}]", cases[i].json);
        struct probe_set set = parsed(text);
        assert_probe(&set.items[0], cases[i].id, "uncategorised", "p");
        probe_set_release(&set);
    }
}

static void reads_every_shape(void **state)
{
    (void)state;
    static const char *const shapes[] = {
        "[{\"prompt\": \"one\"}, {\"prompt\": \"two\"}]",
        "[\"one\", \"two\"]",
        "[\n\"one\",\n\"two\"\n]\n",
        "{\"prompt\": \"one\"}\n{\"prompt\": \"two\"}",
        "\r\n{\"prompt\": \"one\"}\r\n\r\n{\"prompt\": \"two\"}\r\n",
        "\"one\"\n\"two\"\n",
        "{\"scenarios\": [{\"prompt\": \"one\"}, {\"prompt\": \"two\"}]}",
        "{\n \"region\": \"x\",\n \"scenarios\": [{\"prompt\": \"one\"},\n \"two\"]\n}",
        "[{\"scenarios\": [{\"prompt\": \"one\"}]}, {\"scenarios\": [{\"prompt\": \"two\"}]}]",
        "{\"scenarios\": [\"one\"]}\n{\"scenarios\": [\"two\"]}",
        "```json\n[\"one\", \"two\"]\n```\n",
        "```\n\"one\"\n\"two\"\n```",
        "\xEF\xBB\xBF[\"one\", \"two\"]",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct probe_set set = parsed(shapes[i]);
        assert_int_equal(set.count, 2);
        assert_probe(&set.items[0], "", "uncategorised", "one");
        assert_probe(&set.items[1], "", "uncategorised", "two");
        probe_set_release(&set);
    }
}

static void keeps_what_else_is_said(void **state)
{
    (void)state;
    struct probe_set set = parsed(
        "[{\"region\": \"cn\", \"scenarios\": [{\"id\": 1, \"domain\": \"Law\", \"prompt\": \"p\","
        " \"ethical_ Tension\": \"t\", \"tags\": [\"a\"]}]},"
        " {\"seed_id\": \"s9\", \"domain\": \"D\", \"category\": \"C\", \"prompt\": \"q\"},"
        " {\"id\": 2, \"category\": null, \"domain\": 3, \"prompt\": \"r\"}]");
    struct buf text;
    buf_init(&text, 1 << 10);
    assert_probe(&set.items[0], "1", "law", "p");
    json_format(&text, set.items[0].extra, (struct json_style){0});
    assert_string_equal(text.ptr,
                        "{\"ethical_ Tension\": \"t\", \"tags\": [\"a\"], \"region\": \"cn\"}");
    assert_probe(&set.items[1], "s9", "c", "q");
    assert_true(str_is(json_get_str(set.items[1].extra, "domain"), "D"));
    assert_probe(&set.items[2], "2", "3", "r");
    buf_release(&text);
    probe_set_release(&set);
}

static void names_the_bad_record(void **state)
{
    (void)state;
    assert_refused("[{\"prompt\": \"a\"}, {\"id\": 2}]", ERR_FORMAT,
                   "p.json: record 2 has no prompt");
    assert_refused("{\"prompt\": \"a\"}\n\n{\"prompt\": null}", ERR_FORMAT,
                   "p.json: line 3 has no prompt");
    assert_refused("[{\"prompt\": 7}]", ERR_FORMAT,
                   "p.json: record 1 has a prompt that is not a string");
    assert_refused("[{\"prompt\": \"a\", \"id\": []}]", ERR_FORMAT,
                   "p.json: record 1 has an id that is neither a string nor a number");
    assert_refused("[\"a\", 5]", ERR_FORMAT, "p.json: record 2 is neither an object nor a string");
    assert_refused("[{\"scenarios\": [\"a\", \"b\"]}, {}]", ERR_FORMAT,
                   "p.json: record 3 has no prompt");
}

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    static const char *const texts[] = {"", " \n", "hello", "[", "[\"a\"", "{\"prompt\"", "```\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct probe_set set;
        struct err err = {0};
        assert_false(parse(&set, texts[i], &all, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_true(strncmp(err.msg, "p.json: ", 8) == 0);
    }
}

static void skips_bad_records_on_request(void **state)
{
    (void)state;
    struct probe_options options = {.skip_bad = true};
    struct probe_set set;
    struct err err = {0};
    assert_true(parse(&set, "[\"a\", {}, 5, {\"prompt\": null}, \"b\"]", &options, &err));
    assert_int_equal(set.count, 2);
    assert_int_equal(set.skipped, 3);
    assert_int_equal(set.items[1].record, 5);
    probe_set_release(&set);
}

static void selects_by_id_and_number(void **state)
{
    (void)state;
    static const char text[] =
        "[{\"id\": \"P1_A\", \"prompt\": \"1\", \"x\": 1}, {\"id\": \"P10_B\", \"prompt\": \"2\"},"
        " {\"id\": \"P1_C\", \"prompt\": \"3\"}, {\"id\": \"Q\", \"prompt\": \"4\", \"x\": 1}]";
    static const struct {
        const char *ids;
        size_t limit, count;
        const char *last;
    } cases[] = {
        {NULL, 0, 4, "4"}, {NULL, 3, 3, "3"},        {"P1", 0, 2, "3"},       {"P1", 1, 1, "1"},
        {"Q", 0, 1, "4"},  {"P10_B", 0, 1, "2"},     {" Q , P10", 0, 2, "4"}, {"", 0, 0, NULL},
        {NULL, 9, 4, "4"}, {"P1_C,P1_A", 0, 2, "3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct probe_options options = {.ids = cases[i].ids, .limit = cases[i].limit};
        struct probe_set set;
        struct err err = {0};
        assert_true(parse(&set, text, &options, &err));
        assert_int_equal(set.count, cases[i].count);
        if (set.count)
            assert_true(str_is(set.items[set.count - 1].prompt, cases[i].last));
        probe_set_release(&set);
    }
    struct probe_set set;
    struct err err = {0};
    assert_false(parse(&set, text, &(struct probe_options){.ids = "Q,P2"}, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.msg, "p.json holds no probe with the id P2");
}

static void says_which_file_is_missing(void **state)
{
    (void)state;
    struct probe_set set;
    struct err err = {0};
    assert_false(probe_set_load(&set, "no/such/probes.json", &all, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.msg, "no/such/probes.json"));
}

/* Lines that are plain, and lines that are so almost, with and without values made of them. */
static void leaving_extra_changes_nothing_else(void **state)
{
    static const char *const lines[] = {
        "{\"id\": \"A\", \"domain\": \"ÉTHIQUE\", \"prompt\": \"a \\u00e9 \\\"\", \"d\": {\"n\": "
        "1}}",
        "{\"id\": 7, \"prompt\": \"b\"}",
        "{\"id\": null, \"seed_id\": \"S\", \"prompt\": \"\"}",
        "{\"seed_id\": \"S\", \"category\": null, \"domain\": \"D\", \"prompt\": \"c\"}",
        "{\"seed_id\": null, \"prompt\": \"c\"}",
        "{\"category\": \"\", \"domain\": \"D\", \"prompt\": \"\\u0000\", \"weight\": 1e5}",
        "{\"category\": 1.5, \"domain\": null, \"prompt\": \"d\", \"prompt\": \"e\"}",
        "{\"prompt\": null}",
        "{\"prompt\": {}}",
        "{\"id\": []}",
        "{\"prompt\": \"x\", \"scenarios\": [{\"prompt\": \"y\"}, \"z\"]}",
        "{\"prompt\": \"x\", \"scenarios\": 1}",
        "\"plain\"",
    };
    struct probe_set with, without;
    struct probe_options options = {.skip_bad = true};
    struct buf text;
    struct err err = {0};
    (void)state;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        buf_printf(&text, "%s\n\n", lines[i]);
    assert_true(parse(&with, text.ptr, &options, &err));
    options.leave_extra = true;
    assert_true(parse(&without, text.ptr, &options, &err));
    assert_int_equal(with.count, 11);
    assert_int_equal(without.count, with.count);
    assert_int_equal(without.skipped, with.skipped);
    for (size_t i = 0; i < with.count; i++) {
        const struct probe *a = &with.items[i], *b = &without.items[i];
        assert_true(str_eq(a->id, b->id) && str_eq(a->category, b->category));
        assert_true(str_eq(a->prompt, b->prompt) && a->record == b->record);
    }
    assert_non_null(with.items[0].extra);
    assert_null(without.items[0].extra);
    probe_set_release(&with);
    probe_set_release(&without);
    buf_reset(&text);
    buf_puts(&text, "{\"prompt\": \"a\"}\n{\"prompt\": 1}\n");
    assert_false(parse(&without, text.ptr, &(struct probe_options){.leave_extra = true}, &err));
    assert_string_equal(err.msg, "p.json: line 2 has a prompt that is not a string");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_golden_file),
        cmocka_unit_test(our_own_probes_load),
        cmocka_unit_test(writes_ids_as_python_does),
        cmocka_unit_test(reads_every_shape),
        cmocka_unit_test(keeps_what_else_is_said),
        cmocka_unit_test(names_the_bad_record),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(skips_bad_records_on_request),
        cmocka_unit_test(selects_by_id_and_number),
        cmocka_unit_test(says_which_file_is_missing),
        cmocka_unit_test(leaving_extra_changes_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
