/* Flat objects: whatever the quick reader accepts, the full one reads alike; on lines made of
 * pieces, on lines with a byte changed, and on the oracle's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/rng.h"
#include "os/file.h"
#include "text/json_flat.h"
#include "text/jsonl.h"

enum { N_LINES = 60000, PIECES_MAX = 14 };

static bool is_alike(const struct json_flat_member *member, const json_t *value)
{
    switch (member->kind) {
    case JSON_FLAT_STRING: return json_is_string(value) && str_eq(member->value, json_str(value));
    case JSON_FLAT_INTEGER:
        return json_is_integer(value) &&
               json_integer_value(value) == strtoll(member->value.ptr, NULL, 10);
    case JSON_FLAT_NULL: return json_is_null(value);
    case JSON_FLAT_OTHER:
        return json_is_real(value) || json_is_boolean(value) || json_is_array(value) ||
               json_is_object(value);
    }
    return false;
}

/* What is called formatted is; what is not called so may be, too, where numbers have a point. */
static void check_format(const struct json_flat *flat, struct str line, const json_t *full)
{
    struct buf written;
    buf_init(&written, 1 << 26);
    json_format(&written, full, (struct json_style){.ascii = true});
    bool is_same = str_eq(buf_str(&written), line);
    if (flat->is_formatted && !is_same)
        fail_msg("%.*s is written otherwise", STR_ARG(line));
    if (!flat->is_formatted && is_same && !memchr(line.ptr, '.', line.len))
        fail_msg("%.*s is not seen to be formatted", STR_ARG(line));
    buf_release(&written);
}

/* false: left to the full reader. */
static bool check_line(struct json_flat *flat, struct str line)
{
    struct err err = {0};
    json_t *full;
    if (!json_flat_read(flat, line))
        return false;
    if (!json_parse(&full, line, "line", &err))
        fail_msg("accepted: %.*s\n%s", STR_ARG(line), err.msg);
    assert_true(json_is_object(full));
    assert_int_equal(json_object_size(full), flat->n);
    for (size_t i = 0; i < flat->n; i++) {
        const struct json_flat_member *member = &flat->members[i];
        const json_t *value = json_object_getn(full, member->key.ptr, member->key.len);
        if (!value || !is_alike(member, value))
            fail_msg("%.*s of %.*s is read otherwise", STR_ARG(member->key), STR_ARG(line));
    }
    check_format(flat, line, full);
    json_decref(full);
    return true;
}

static void put_line(struct buf *out, uint64_t line)
{
    static const char *const pieces[] = {"\"id\": ",
                                         "\"a\"",
                                         ", ",
                                         "\"text\": ",
                                         "\"x\\n\\u00e9\\ud83d\\ude00\\\\\"",
                                         "1",
                                         "-12",
                                         "0",
                                         "1.5",
                                         "true",
                                         "null",
                                         "[1, \"a\", []]",
                                         "[]",
                                         "{}",
                                         "{\"a\": [{}], \"b\": {\"\": 1}}",
                                         "{",
                                         "}",
                                         ":",
                                         ",",
                                         "\"\\ud800\"",
                                         "\"\\u0000\"",
                                         "1e5",
                                         "01",
                                         "-",
                                         "\"b\": ",
                                         "\t",
                                         "\"\xC3\xA9\xE2\x80\xA8\"",
                                         "\"\xFF\"",
                                         "\"a\tb\"",
                                         "false",
                                         "tru",
                                         "123456789012345",
                                         "12345678901234567890",
                                         "\"k\": ",
                                         "\"long enough to be read eight at a time\""};
    buf_reset(out);
    buf_puts(out, "{");
    size_t n = (size_t)(rng_uniform(1, line, 0) * PIECES_MAX);
    for (uint64_t i = 0; i < n; i++) {
        static const char keys[] = "abcdefgh";
        if (line % 2) /* mostly well made */
            buf_printf(out, "%s\"%c\": ", i ? ", " : "", keys[i % 8]);
        buf_puts(out, pieces[(size_t)(rng_uniform(2, line, i) * (sizeof pieces / sizeof *pieces))]);
    }
    buf_puts(out, line % 5 ? "}" : " } ");
}

static void made_up_lines_are_read_alike(void **state)
{
    (void)state;
    struct json_flat flat;
    struct buf line;
    size_t accepted = 0;
    json_flat_init(&flat);
    buf_init(&line, 1 << 16);
    for (uint64_t i = 0; i < N_LINES; i++) {
        put_line(&line, i);
        accepted += check_line(&flat, buf_str(&line));
    }
    assert_true(accepted > N_LINES / 50);
    buf_release(&line);
    json_flat_release(&flat);
}

static void the_oracle_s_lines_are_read_alike(void **state)
{
    (void)state;
    static const char path[] = "tests/oracle/texts-public.jsonl";
    struct json_flat flat;
    struct buf bytes, changed;
    struct jsonl in;
    struct str line;
    struct err err = {0};
    size_t n = 0, accepted = 0;
    json_flat_init(&flat);
    buf_init(&bytes, 1 << 26);
    buf_init(&changed, 1 << 26);
    assert_true(file_read(&bytes, path, &err));
    jsonl_init(&in, buf_str(&bytes), path);
    for (; jsonl_next(&in, &line); n++) {
        accepted += check_line(&flat, line);
        for (uint64_t i = 0; i < 20 && line.len < 4000; i++) {
            size_t at = (size_t)(rng_uniform(3, n, i) * (double)line.len);
            buf_reset(&changed);
            buf_add_str(&changed, line);
            changed.ptr[at] = (char)(rng_uniform(4, n, i) * 256);
            check_line(&flat, buf_str(&changed));
            check_line(&flat, str_n(line.ptr, at));
        }
    }
    assert_int_equal(n, 1036);
    assert_int_equal(accepted, n);
    buf_release(&bytes);
    buf_release(&changed);
    json_flat_release(&flat);
}

static void what_is_not_flat_is_left_alone(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "{}",
                                        "{",
                                        "[1]",
                                        "{\"a\": {]}",
                                        "{\"a\": {\"\\u0000\": 1}}",
                                        "{\"a\": {\"b\": 1,}}",
                                        "{\"a\": 1, \"a\": 2}",
                                        "{\"a\\u0062\": 1}",
                                        "{\"a\": \"\\ud800\"}",
                                        "{\"a\": 1e5}",
                                        "{\"a\": 01}",
                                        "{\"a\": 1} x",
                                        "{\"a\": 1,}",
                                        "{\"a\" 1}",
                                        "{\"a\": [[[[[[[[[1]]]]]]]]]}",
                                        "{\"a\": \"\xC3\"}",
                                        "{\"a\": tru}",
                                        "{\"a\": .5}",
                                        "{\"a\": 1.}",
                                        "{\"a\": -}",
                                        "{\"a\": \"b}"};
    struct json_flat flat;
    json_flat_init(&flat);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(json_flat_read(&flat, str_of(lines[i])));
    assert_true(json_flat_read(&flat, str_of(" {\"a\":\"\\u0000\", \"b\" : -1.50,\"c\":null } ")));
    assert_int_equal(json_flat_find(&flat, "a")->value.len, 1);
    assert_int_equal(json_flat_find(&flat, "c")->kind, JSON_FLAT_NULL);
    assert_null(json_flat_find(&flat, "d"));
    assert_true(json_flat_read(&flat, str_of("{\"a\": {\"b\": [{}, 2], \"b\":{}}, \"c\": 1}")));
    assert_int_equal(flat.n, 2);
    assert_int_equal(json_flat_find(&flat, "a")->kind, JSON_FLAT_OTHER);
    json_flat_release(&flat);
}

static void formatted_lines_are_told(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "{\"a\": \"\\u007f\\u00e9\\ud83d\\ude00\\u0000\\n\\\"\\\\/\"}",
        "{\"a\": [], \"b\": {}, \"c\": [1, {\"d\": -2, \"e\": null}]}", "{\"a\": true, \"b\": 0}"};
    static const char *const no[] = {"{\"a\":1}",
                                     "{\"a\": 1,\"b\": 2}",
                                     "{\"a\":  1}",
                                     "{ \"a\": 1}",
                                     "{\"a\": 1 }",
                                     "{\"a\" : 1}",
                                     " {\"a\": 1}",
                                     "{\"a\": 1} ",
                                     "{\"a\":\t1}",
                                     "{\"a\": [ ]}",
                                     "{\"a\": [1 ]}",
                                     "{\"a\": [1,2]}",
                                     "{\"a\": \"\\u00E9\"}",
                                     "{\"a\": \"\\u000a\"}",
                                     "{\"a\": \"\\u0041\"}",
                                     "{\"a\": \"\\/\"}",
                                     "{\"a\": \"\xC3\xA9\"}",
                                     "{\"a\": \"\x7F\"}",
                                     "{\"a\": -0}",
                                     "{\"a\": 1.0}",
                                     "{\"\xC3\xA9\": 1}",
                                     "{\"a\": { }}",
                                     "{\"a\": {\"b\":1}}",
                                     "{\"a\": {\"b\": 1, \"b\": 2}}",
                                     "{\"a\": 1\r}",
                                     "{\"a\": \"123456789\x7F\"}",
                                     "{\"a\": \"\\u002f\"}"};
    struct json_flat flat;
    json_flat_init(&flat);
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        assert_true(check_line(&flat, str_of(yes[i])));
        assert_true(flat.is_formatted);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        assert_true(check_line(&flat, str_of(no[i])));
        assert_false(flat.is_formatted);
    }
    json_flat_release(&flat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_lines_are_read_alike),
        cmocka_unit_test(the_oracle_s_lines_are_read_alike),
        cmocka_unit_test(what_is_not_flat_is_left_alone),
        cmocka_unit_test(formatted_lines_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
