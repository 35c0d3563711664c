/* Import: every shape that occurs in the original's seeds, what is mended, what is refused, and
 * that nothing is lost on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "probe/import.h"
#include "text/json.h"

static void assert_adds_up(const struct import *in)
{
    size_t refused = 0;
    for (size_t i = 0; i < N_REFUSALS; i++)
        refused += in->by_refusal[i];
    assert_int_equal(in->n_read, in->n_kept + in->n_repaired + in->n_refused);
    assert_int_equal(in->n_records, in->n_kept + in->n_repaired);
    assert_int_equal(refused, in->n_refused);
}

static struct import imported_as(const char *text, const char *name, bool unique)
{
    struct import in;
    struct err err = {0};
    import_init(&in, (struct import_options){.unique_ids = unique});
    if (!import_text(&in, str_of(text), name, &err))
        fail_msg("%s", err.msg);
    assert_adds_up(&in);
    return in;
}

/* The records as one line of JSON each, the counts before them. */
static void assert_import(const char *text, const char *expected)
{
    struct import in = imported_as(text, "dir/de-p1.json", true);
    struct buf got;
    buf_init(&got, BUF_MAX_DEFAULT);
    buf_printf(&got, "%zu=%zu+%zu+%zu", in.n_read, in.n_kept, in.n_repaired, in.n_refused);
    for (size_t i = 0; i < in.n_records; i++) {
        buf_putc(&got, ' ');
        json_format(&got, in.records[i].value, (struct json_style){.compact = true});
    }
    assert_string_equal(got.ptr, expected);
    buf_release(&got);
    import_release(&in);
}

static void assert_same_text(struct str a, struct str b)
{
    assert_true(str_eq(a, b) && !a.ptr == !b.ptr);
}

/* What is kept as a line is the record that it would have become. Returns how many were. */
static size_t assert_lines_change_nothing(struct str text)
{
    struct import plain, lines;
    struct err err = {0};
    size_t n_lines = 0;
    import_init(&plain, (struct import_options){0});
    import_init(&lines, (struct import_options){.keep_lines = true});
    assert_true(import_text(&plain, text, "r.jsonl", &err));
    assert_true(import_text(&lines, text, "r.jsonl", &err));
    assert_adds_up(&lines);
    assert_int_equal(lines.n_records, plain.n_records);
    assert_int_equal(lines.n_repaired, plain.n_repaired);
    assert_memory_equal(lines.by_refusal, plain.by_refusal, sizeof plain.by_refusal);
    for (size_t i = 0; i < plain.n_records; i++) {
        const struct import_record *a = &plain.records[i], *b = &lines.records[i];
        struct buf written;
        buf_init(&written, BUF_MAX_DEFAULT);
        json_format(&written, a->value, (struct json_style){.ascii = true});
        json_t *value = import_value(b);
        if (b->value)
            assert_null(b->line.ptr);
        else
            assert_true(!b->is_formatted || str_eq(b->line, buf_str(&written)));
        assert_true(json_equal(a->value, value));
        assert_same_text(a->texts.id, b->texts.id);
        assert_same_text(a->texts.prompt, b->texts.prompt);
        assert_same_text(a->texts.region, b->texts.region);
        assert_same_text(a->texts.domain, b->texts.domain);
        assert_int_equal(a->place, b->place);
        n_lines += !b->value;
        json_decref(value);
        buf_release(&written);
    }
    import_release(&plain);
    import_release(&lines);
    return n_lines;
}

static void shapes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"[{\"id\":\"a\",\"domain\":\"X\",\"prompt\":\"p\"}]",
         "1=1+0+0 {\"id\":\"a\",\"domain\":\"X\",\"prompt\":\"p\"}"},
        {"[{\"prompt\":\"p\",\"id\":7}]", "1=0+1+0 {\"id\":\"7\",\"prompt\":\"p\"}"},
        {"[{\"id\":9067.0,\"prompt\":\"p\"},{\"id\":1.5,\"prompt\":\"q\"}]",
         "2=0+2+0 {\"id\":\"9067\",\"prompt\":\"p\"} {\"id\":\"1.5\",\"prompt\":\"q\"}"},
        {"[{\"id\":null,\"prompt\":\"p\"},{\"prompt\":\"q\"}]",
         "2=0+2+0 {\"id\":\"de-p1-1\",\"prompt\":\"p\"} {\"id\":\"de-p1-2\",\"prompt\":\"q\"}"},
        {"[{\"id\":\"a\",\"domain\":\"X\"},{\"id\":\"b\",\"prompt\":\" "
         "\"},{\"id\":\"c\",\"prompt\":"
         "null},{\"id\":\"d\",\"prompt\":3}]",
         "4=0+0+4"},
        {"[\"one\", \"two\", 3, null, []]",
         "5=0+2+3 {\"id\":\"de-p1-1\",\"prompt\":\"one\"} {\"id\":\"de-p1-2\",\"prompt\":\"two\"}"},
        {"{\"id\":\"a\",\"prompt\":\"p\"}\n{broken\n\"bare\"\n{\"id\":\"b\",\"prompt\":\"q\"}\n",
         "4=2+1+1 {\"id\":\"a\",\"prompt\":\"p\"} {\"id\":\"de-p1-3\",\"prompt\":\"bare\"} "
         "{\"id\":\"b\",\"prompt\":\"q\"}"},
        {"```json\n[{\"id\":\"a\",\"prompt\":\"p\"}]\n```\n",
         "1=1+0+0 {\"id\":\"a\",\"prompt\":\"p\"}"},
        {"Here you are:\n```json\n[{\"id\":\"a\",\"prompt\":\"p\"}]\n```\nand "
         "more\n```\n[{\"id\":\"b\","
         "\"prompt\":\"q\"}]",
         "2=2+0+0 {\"id\":\"a\",\"prompt\":\"p\"} {\"id\":\"b\",\"prompt\":\"q\"}"},
        {"[{\"region\":\"Baltic\",\"context\":\"c\",\"scenarios\":[{\"id\":\"a\",\"prompt\":\"p\"},"
         "{\"id\":\"b\",\"region\":\"own\",\"prompt\":\"q\"},{\"id\":\"c\"}]}]",
         "3=0+2+1 {\"id\":\"a\",\"prompt\":\"p\",\"region\":\"Baltic\",\"context\":\"c\"} "
         "{\"id\":\"b\",\"region\":\"own\",\"prompt\":\"q\",\"context\":\"c\"}"},
        {"[{\"id\":\"a\",\"prompt\":\"p\"},{\"id\":\"b\",\"prompt\":\"q\"},{\"id\":\"c\",\"pro",
         "3=2+0+1 {\"id\":\"a\",\"prompt\":\"p\"} {\"id\":\"b\",\"prompt\":\"q\"}"},
        {"[{\"id\":\"a\",\"prompt\":\"p\",\"response\":\"r\",\"tags\":[1]}]",
         "1=1+0+0 {\"id\":\"a\",\"prompt\":\"p\",\"response\":\"r\",\"tags\":[1]}"},
        {"[{\"id\":\"a\",\"prompt\":\"p\"},{\"id\":\"a\",\"prompt\":\"q\"},{\"id\":\"a\","
         "\"prompt\":"
         "\"p\"},{\"id\":\"a\",\"prompt\":\"r\"}]",
         "4=1+2+1 {\"id\":\"a\",\"prompt\":\"p\"} {\"id\":\"a-2\",\"prompt\":\"q\"} "
         "{\"id\":\"a-3\",\"prompt\":\"r\"}"},
        {"[{\"id\":\"a\",\"domain\":null,\"region\":4,\"prompt\":\"p\\n\"}]",
         "1=0+1+0 {\"id\":\"a\",\"region\":\"4\",\"prompt\":\"p\"}"},
        {"[{\"id\":[1],\"prompt\":\"p\"}]", "1=0+0+1"},
        {"not JSON at all", "1=0+0+1"},
        {"[]", "0=0+0+0"},
        {" \n", "0=0+0+0"},
        {"[{\"seed_id\":\"s1\",\"prompt\":\"p\"}]", "1=1+0+0 {\"id\":\"s1\",\"prompt\":\"p\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_import(cases[i].text, cases[i].expected);
}

static void keys(void **state)
{
    (void)state;
    static const struct {
        const char *given, *key;
    } cases[] = {
        {"ethic_tension", "ethical_tension"},
        {"ethical_ Tension", "ethical_tension"},
        {"elastic_tension", "ethical_tension"},
        {"earned_tension", "ethical_tension"},
        {"Ethical Dimension", "ethical_dimension"},
        {"Domain", "domain"},
        {"domian", "domain"},
        {"respnse", "response"},
        {"tension", "tension"},
        {"prompt_en", "prompt_en"},
        {"prompt_es", "prompt_es"},
        {"capacity", "capacity"},
        {"environ", "environ"},
        {"responses", "responses"},
        {"a key that is much too long to be a slip of anything", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "[{\"id\":\"a\",\"prompt\":\"p\",\"%s\":\"v\"}]",
                 cases[i].given);
        struct import in = imported_as(text, "x.json", false);
        const char *key = cases[i].key ? cases[i].key : cases[i].given;
        assert_int_equal(in.n_records, 1);
        if (!json_object_get(in.records[0].value, key))
            fail_msg("%s is lost", cases[i].given);
        assert_int_equal(in.n_kept, strcmp(key, cases[i].given) == 0);
        import_release(&in);
    }
    struct import in =
        imported_as("[{\"id\":\"a\",\"promt\":\"p\"},{\"id\":\"b\",\"Prompt\":\"p\"},"
                    "{\"id\":\"c\",\"question\":\"p\"}]",
                    "x.json", false);
    assert_int_equal(in.by_repair[REPAIR_KEY], 3);
    import_release(&in);
}

/* A slip is not mended where the right name is taken: no value may be lost. */
static void a_taken_name_stays(void **state)
{
    (void)state;
    assert_import("[{\"id\":\"a\",\"prompt\":\"p\",\"promt\":\"q\"}]",
                  "1=1+0+0 {\"id\":\"a\",\"prompt\":\"p\",\"promt\":\"q\"}");
}

static uint32_t draw(uint64_t key, uint64_t *n, uint32_t below)
{
    return rng_block(key, 0, (*n)++).word[0] % below;
}

/* One record of some shape; counts how many records it is. */
static size_t add_random(struct buf *out, uint64_t key, uint64_t *n, size_t number)
{
    switch (draw(key, n, 9)) {
    case 0: buf_printf(out, "{\"id\": null, \"prompt\": \"text %zu\"}", number); return 1;
    case 1: buf_printf(out, "{\"id\": %zu.0, \"promt\": \"text %zu\"}", number, number); return 1;
    case 2: buf_printf(out, "{\"id\": \"x%zu\"}", number); return 1;
    case 3: buf_printf(out, "\"bare %zu\"", number); return 1;
    case 4: buf_printf(out, "%zu", number); return 1;
    case 5:
        buf_printf(out, "{\"scenarios\": [{\"id\": 1, \"prompt\": \"a %zu\"}, {\"id\": 2}, \"b\"]}",
                   number);
        return 3;
    case 6: buf_printf(out, "{\"id\": \"same\", \"prompt\": \"text\"}"); return 1;
    case 7: buf_printf(out, "[[], [\"deep %zu\"]]", number); return 2;
    default: buf_printf(out, "{\"id\": \"k%zu\", \"prompt\": \"kept\"}", number); return 1;
    }
}

static void nothing_is_lost(void **state)
{
    (void)state;
    for (uint64_t key = 0; key < 300; key++) {
        struct buf text;
        uint64_t n = 0;
        size_t count = draw(key, &n, 40), expected = 0;
        bool lines = draw(key, &n, 2) == 1, fenced = draw(key, &n, 3) == 0;
        buf_init(&text, BUF_MAX_DEFAULT);
        buf_puts(&text, fenced ? "```json\n" : "");
        buf_puts(&text, lines ? "\"first\"\n" : "[\"first\"");
        expected++;
        for (size_t i = 0; i < count; i++) {
            buf_puts(&text, lines ? "" : ", ");
            expected += add_random(&text, key, &n, i);
            buf_puts(&text, lines ? "\n" : "");
        }
        buf_puts(&text, lines ? "" : "]");
        buf_puts(&text, fenced ? "\n```" : "");
        struct import in = imported_as(text.ptr, "r.json", draw(key, &n, 2) == 1);
        assert_int_equal(in.n_read, expected);
        import_release(&in);
        /* cut anywhere, or with a byte changed, the counts still add up */
        text.ptr[draw(key, &n, (uint32_t)text.len)] = (char)draw(key, &n, 256);
        text.len = draw(key, &n, (uint32_t)text.len + 1);
        struct err err = {0};
        import_init(&in, (struct import_options){.unique_ids = true});
        assert_true(import_text(&in, buf_str(&text), "r.json", &err));
        assert_adds_up(&in);
        import_release(&in);
        assert_lines_change_nothing(buf_str(&text));
        buf_release(&text);
    }
}

/* Lines that are records as they stand, and lines that are so but for one thing. */
static void regular_lines_stay_lines(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"id\": \"a\", \"prompt\": \"p\"}",
        "{\"prompt\": \"\\u00e9 \\\"x\\\"\", \"id\": \"b\", \"domain\": \"D\", \"own\": [1, "
        "{\"k\": null}]}",
        "{\"id\": \"c\", \"prompt\": \"p\", \"category\": \"\", \"domain\": \"E\", \"region\": "
        "\"cn\"}",
        "{\"id\": \"c\", \"prompt\": \"p\", \"category\": \"F\", \"derivation\": {\"a\": 1, \"b\": "
        "\"x\"}}",
        "{\"id\":\"a\",\"prompt\":\"p\"}",
        "{\"id\": \"a\", \"prompt\": \"p \"}",
        "{\"id\": \"a\", \"prompt\": \"\\u00a0p\"}",
        "{\"id\": \"a\", \"prompt\": \" \"}",
        "{\"id\": \"a\", \"prompt\": \"\"}",
        "{\"id\": \"a\", \"prompt\": null}",
        "{\"id\": \"\", \"prompt\": \"p\"}",
        "{\"id\": 7, \"prompt\": \"p\"}",
        "{\"seed_id\": \"s\", \"prompt\": \"p\"}",
        "{\"id\": \"a\", \"prompt\": \"p\", \"domain\": null}",
        "{\"id\": \"a\", \"prompt\": \"p\", \"region\": 3}",
        "{\"id\": \"a\", \"prompt\": \"p\", \"category\": [\"x\"]}",
        "{\"id\": \"a\", \"prompt\": \"p\", \"Domain\": \"X\"}",
        "{\"id\": \"a\", \"prompt\": \"p\", \"domian\": \"X\"}",
        "{\"id\": \"a\", \"prompt\": \"p\", \"x\": 1.5}",
        "{\"id\": \"a\", \"question\": \"p\"}",
        "{\"id\": \"a\", \"scenarios\": [{\"id\": \"b\", \"prompt\": \"p\"}]}",
        "{\"id\": \"a\", \"prompt\": \"p\", \"scenarios\": [\"x\"]}",
        "{\"id\": \"a\", \"id\": \"b\", \"prompt\": \"p\"}",
        "\"bare\"",
        "[\"one\", \"two\"]",
        "{broken",
    };
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        buf_reset(&text);
        buf_printf(&text, "%s\r\n%s\n\n", lines[0], lines[i]);
        bool stays = i < 5 || strstr(lines[i], "\"prompt\": \"p\", \"scenarios\"") ||
                     strstr(lines[i], "1.5");
        assert_int_equal(assert_lines_change_nothing(buf_str(&text)), stays ? 2 : 1);
    }
    buf_reset(&text);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        buf_printf(&text, "%s\n", lines[i]);
    assert_int_equal(assert_lines_change_nothing(buf_str(&text)), 7);
    buf_release(&text);
}

/* Openings of objects that never close would be read again from each of them. */
static void broken_nesting_ends_soon(void **state)
{
    (void)state;
    struct buf text;
    struct import in;
    struct err err = {0};
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < 2000; i++)
        buf_puts(&text, "{\"a\":");
    for (size_t i = 0; i < 200000; i++)
        buf_puts(&text, "[1],");
    import_init(&in, (struct import_options){0});
    assert_true(import_text(&in, buf_str(&text), "n.json", &err));
    assert_int_equal(in.n_read, 1);
    assert_adds_up(&in);
    import_release(&in);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(keys),
        cmocka_unit_test(a_taken_name_stays),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(regular_lines_stay_lines),
        cmocka_unit_test(broken_nesting_ends_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
