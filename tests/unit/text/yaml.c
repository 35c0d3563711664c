/* YAML: scalars by the core schema, structure, and what is refused, with its place. */
#include "text/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_json(const char *yaml, const char *json)
{
    struct err err = {0};
    struct buf got;
    json_t *value;
    buf_init(&got, BUF_MAX_DEFAULT);
    if (!yaml_parse(&value, str_of(yaml), "f.yaml", &err))
        fail_msg("%s: %s", yaml, err.msg);
    json_format(&got, value, (struct json_style){.compact = true});
    assert_string_equal(got.ptr, json);
    json_decref(value);
    buf_release(&got);
}

static void assert_refused(const char *yaml, enum err_code code, const char *sentence)
{
    struct err err = {0};
    json_t *value;
    assert_false(yaml_parse(&value, str_of(yaml), "f.yaml", &err));
    assert_null(value);
    if (err.code != code || str_find(str_of(err.msg), str_of(sentence), 0) == (size_t)-1)
        fail_msg("%s: code %d, \"%s\"", yaml, (int)err.code, err.msg);
}

static void scalars(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[~, null, Null, NULL]", "[null,null,null,null]"},
        {"[true, False, TRUE]", "[true,false,true]"},
        {"[yes, no, on, off, y]", "[\"yes\",\"no\",\"on\",\"off\",\"y\"]"},
        {"[1, -2, +3, 007, 0x1F, 0o17]", "[1,-2,3,7,31,15]"},
        {"[1e-5, 2.5, .5, 3., -1.5E3, 1e5]", "[1e-05,2.5,0.5,3.0,-1500.0,100000.0]"},
        {"[1.2.3, 1e, e5, '.', +, -x, 0x, 0xg]",
         "[\"1.2.3\",\"1e\",\"e5\",\".\",\"+\",\"-x\",\"0x\",\"0xg\"]"},
        {"['1', \"true\", !!str 5, !!int '7']", "[\"1\",\"true\",\"5\",7]"},
        {"2026-11-25", "\"2026-11-25\""},
        {"", "null"},
        {"# only a comment\n", "null"},
        {"a:", "{\"a\":null}"},
        {"\"\\u00e9\\0\"", "\"\xC3\xA9\\u0000\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_json(cases[i][0], cases[i][1]);
}

static void structure(void **state)
{
    (void)state;
    assert_json("b: 1\na:\n  - x\n  - {c: d, e: [f]}\n",
                "{\"b\":1,\"a\":[\"x\",{\"c\":\"d\",\"e\":[\"f\"]}]}");
    assert_json("lessons:\n  0: lesson-0.jsonl\n  1: lesson-1.jsonl\n",
                "{\"lessons\":{\"0\":\"lesson-0.jsonl\",\"1\":\"lesson-1.jsonl\"}}");
    assert_json("p: |\n  one\n  two\nq: >-\n  three\n  four\n",
                "{\"p\":\"one\\ntwo\\n\",\"q\":\"three four\"}");
    assert_json("---\na: 1\n...\n", "{\"a\":1}");
}

static void refusals(void **state)
{
    (void)state;
    assert_refused("a: [1,\n", ERR_FORMAT, "f.yaml: line 2");
    assert_refused("a: &x 1\nb: *x\n", ERR_UNSUPPORTED, "line 2, column 4: aliases");
    assert_refused("a: !thing 1\n", ERR_UNSUPPORTED, "tag");
    assert_refused("a: 1\na: 2\n", ERR_FORMAT, "line 2, column 1: a key stands there twice");
    assert_refused("[a]: 1\n", ERR_FORMAT, "a key must be a string");
    assert_refused("a: 99999999999999999999\n", ERR_FORMAT, "beyond 64 bits");
    assert_refused("a: 1e999\n", ERR_FORMAT, "too large");
    assert_refused("a: .inf\n", ERR_FORMAT, "not finite");
    assert_refused("a: 1\n---\nb: 2\n", ERR_FORMAT, "second document");
    assert_refused("a: \xFF\n", ERR_FORMAT, "not UTF-8 text from byte 3");
    assert_refused("\"a\\0b\": 1\n", ERR_FORMAT, "U+0000");
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct buf deep;
    buf_init(&deep, BUF_MAX_DEFAULT);
    for (int i = 0; i < YAML_DEPTH_MAX; i++)
        buf_putc(&deep, '[');
    for (int i = 0; i < YAML_DEPTH_MAX; i++)
        buf_putc(&deep, ']');
    struct err err = {0};
    json_t *value;
    assert_true(yaml_parse(&value, buf_str(&deep), "deep", &err));
    json_decref(value);
    buf_reset(&deep);
    for (int i = 0; i < 100000; i++)
        buf_putc(&deep, '[');
    assert_refused(deep.ptr, ERR_LIMIT, "nested too deep");
    buf_release(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),
        cmocka_unit_test(structure),
        cmocka_unit_test(refusals),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
