/* Chat templates against the recorded answers of the original interpreter, and what those cannot
 * show: which bytes are the template's, and that hostile templates come to an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/file.h"
#include "template/chat_template.h"
#include "text/jsonl.h"

enum { FILE_MAX = 16 << 20 };
static const int64_t noon_2026_01_01_us = 1767268800000000;

/* Renders `source`; false with the sentence in err when it refuses. */
static bool render(struct chat_text *out, struct str source, const json_t *messages, bool prompt,
                   struct err *err)
{
    struct chat_template *tmpl;
    struct chat_input in = {.messages = messages,
                            .add_generation_prompt = prompt,
                            .bos_token = STR("<s>"),
                            .eos_token = STR("</s>"),
                            .now_unix_us = noon_2026_01_01_us};
    chat_text_init(out);
    if (!chat_template_parse(&tmpl, source, err))
        return false;
    bool ok = chat_template_render(tmpl, out, &in, err);
    chat_template_free(tmpl);
    return ok;
}

static void check_row(const json_t *row, struct str smollm2)
{
    struct err err = {0};
    struct chat_text out;
    struct str name = json_get_str(row, "template"), want = json_get_str(row, "text");
    struct str source = str_is(name, "@smollm2") ? smollm2 : json_get_str(row, "source");
    bool prompt = json_is_true(json_object_get(row, "add_generation_prompt"));
    bool ok = render(&out, source, json_object_get(row, "messages"), prompt, &err);
    if (ok != (want.ptr != NULL))
        fail_msg("%.*s: %s", STR_ARG(name), ok ? "rendered, but was to refuse" : err.msg);
    if (ok && !str_eq(buf_str(&out.text), want))
        fail_msg("%.*s: got '%s'", STR_ARG(name), out.text.ptr);
    if (ok)
        assert_int_equal(out.text.len, out.trusted.len);
    chat_text_release(&out);
}

static void agrees_with_the_oracle(void **state)
{
    (void)state;
    struct err err = {0};
    struct buf rows, smollm2;
    struct jsonl in;
    struct str line;
    size_t n = 0;
    buf_init(&rows, FILE_MAX);
    buf_init(&smollm2, FILE_MAX);
    assert_true(file_read(&rows, "tests/oracle/chat-templates.jsonl", &err));
    assert_true(file_read(&smollm2, "tests/data/smollm2-chat-template.jinja", &err));
    jsonl_init(&in, buf_str(&rows), "chat-templates.jsonl");
    for (; jsonl_next(&in, &line); n++) {
        json_t *row;
        if (!jsonl_parse(&row, &in, line, &err))
            fail_msg("%s", err.msg);
        check_row(row, buf_str(&smollm2));
        json_decref(row);
    }
    assert_int_equal(n, 233);
    buf_release(&rows);
    buf_release(&smollm2);
}

/* The text with every byte that is not the template's own replaced by '.'. */
static void assert_origin(const char *source, const char *content, const char *want)
{
    struct err err = {0};
    struct chat_text out;
    json_t *messages = json_pack("[{s:s, s:s}]", "role", "user", "content", content);
    if (!render(&out, str_of(source), messages, true, &err))
        fail_msg("%s: %s", source, err.msg);
    for (size_t i = 0; i < out.text.len; i++)
        if (!out.trusted.ptr[i])
            out.text.ptr[i] = '.';
    assert_string_equal(out.text.ptr ? out.text.ptr : "", want);
    chat_text_release(&out);
    json_decref(messages);
}

static void tells_the_template_from_the_data(void **state)
{
    (void)state;
    static const char *const evil = "<eos>";
    assert_origin("{{ bos_token }}[{{ messages[0].content }}]", evil, "<s>[.....]");
    assert_origin("{{ '<u>' + messages[0].content + '</u>' }}", evil, "<u>.....</u>");
    assert_origin("{{ '<u>' ~ messages[0].content | trim | upper ~ 1 }}", " e ", "<u>.1");
    assert_origin("{{ ('ab' + messages[0].content + 'cd')[1:-1] }}", evil, "b.....c");
    assert_origin("{{ ('ab' ~ messages[0].content)[::-1] }}", evil, ".....ba");
    assert_origin("{{ messages[0].content.replace('o', '<X>') }}", evil, "..<X>..");
    assert_origin("{{ '<|X|>'.replace('X', messages[0].content) }}", evil, "<|.....|>");
    assert_origin("{{ '|'.join(['a', messages[0].content]) }}", evil, "a|.....");
    assert_origin("{{ ['a', messages[0].content] | join('+') }}", evil, "a+.....");
    assert_origin("{{ ('x' + messages[0].content).split('o')[0] }}", evil, "x..");
    assert_origin("{% set t %}<t>{{ messages[0].content }}{% endset %}{{ t }}", evil, "<t>.....");
    assert_origin("{% macro m(x) %}<m>{{ x }}{% endmacro %}{{ m(messages[0].role) }}", "",
                  "<m>....");
    assert_origin("{{ messages[0] | tojson }}", "x", "................................");
    assert_origin("{{ '%s<b>' % messages[0].content }}", "ab", "..<b>");
    assert_origin("{{ '<{}>'.format(messages[0].content) }}", "ab", "<..>");
    assert_origin("{% for k in messages[0] %}{{ k }}-{% endfor %}", "", "....-.......-");
    assert_origin("{{ messages[0].content | int + 1 }}<", "41", "..<");
    assert_origin("{% filter upper %}a{{ messages[0].content }}{% endfilter %}", "b", "A.");
    assert_origin("{{ messages[0].content | list | first }}", evil, ".");
    assert_origin("{{ 'x' | indent(2, true) }}{{ messages[0].content | indent }}", "a\nb",
                  "  x.\n    .");
    assert_origin("{{ messages[0].content * 2 }}", "ab", "....");
}

/* A template without data; NULL where it must refuse. */
static void assert_renders(const char *source, const char *want)
{
    struct err err = {0};
    struct chat_text out;
    json_t *messages = json_array();
    bool ok = render(&out, str_of(source), messages, false, &err);
    if (ok != (want != NULL))
        fail_msg("%s: %s", source, ok ? out.text.ptr : err.msg);
    if (ok)
        assert_string_equal(out.text.ptr ? out.text.ptr : "", want);
    else
        assert_true(err.code != ERR_NONE && err.msg[0]);
    chat_text_release(&out);
    json_decref(messages);
}

/* Corners that the oracle's templates do not reach; each was compared with Jinja2 3.1. */
static void renders_as_the_original(void **state)
{
    (void)state;
    static const struct {
        const char *source, *text; /* NULL: refuses */
    } rows[] = {
        {"{{ 1, 2 }}|{{ (1,) }}|{{ () }}", "(1, 2)|(1,)|()"},
        {"{% print 1, 2 %}", "12"},
        {"{{ 2 ** 3 ** 2 }}|{{ -2 ** 2 }}|{{ -7 // 2 }}|{{ 7 % -3 }}", "64|4|-4|-2"},
        {"{{ 1.0 // 0.1 }}|{{ -7 // 2.0 }}|{{ 0.1 * 3 }}", "9.0|-4.0|0.30000000000000004"},
        {"{{ 1 ~ 2 + '3' }}|{{ 2 * 3 ~ 4 }}", "123|64"},
        {"{{ {'a': {'b': 1}}}}", "{'a': {'b': 1}}"},
        {"{{ {'items': 3}['items'] }}|{{ {'items': 3}.items() }}", "3|dict_items([('items', 3)])"},
        {"{{ ['a\\'b', 'a\\nb', 1e16, none] }}", "[\"a'b\", 'a\\nb', 1e+16, None]"},
        {"{{ 'abcdef'[4:1:-1] }}|{{ range(9)[::4] }}", "edc|range(0, 9, 4)"},
        {"{{ \"they're (foo) -y\" | title }}|{{ \"they're\".title() }}",
         "They're (Foo) -Y|They'Re"},
        {"{{ '%05d|%-4s|%.1f|%x' % (42, 'a', 2.25, 255) }}", "00042|a   |2.2|ff"},
        {"{{ '{1}{0}|{:>3}|{!r}'.format('a', 'b') }}", NULL},
        {"{{ '{1}{0}|{x!r}|{{}}'.format('a', 'b', x='c') }}", "ba|'c'|{}"},
        {"{{ 'a\nb\n\nc' | indent(2) }}", "a\n  b\n\n  c"},
        {"{{ {'b': [1, {}], 'a': 'x'} | tojson(indent=1) }}",
         "{\n \"b\": [\n  1,\n  {}\n ],\n \"a\": \"x\"\n}"},
        {"{{ '<'|safe + '<' }}|{{ '<'|safe ~ '<' }}|{{ '<'|e|e }}", "<&lt;|<<|&lt;"},
        {"{% for x in [1] %}{% break %}{% else %}E{% endfor %}", "E"},
        {"{% for x in [1, 2] %}{{ x }}{% continue %}{% else %}E{% endfor %}", "12E"},
        {"{% set ns = namespace(stop=false) %}{% for i in range(9) if not ns.stop %}{{ i }}"
         "{% if i == 2 %}{% set ns.stop = true %}{% endif %}{% endfor %}",
         "012"},
        {"{% for i in [1, 2] recursive %}{{ i }}{% if i == 1 %}({{ loop([3]) }}){% endif %}"
         "{{ loop.depth }}{% endfor %}",
         "1(32)121"},
        {"{% macro m(a, b=a) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, "
         "c=4) }}",
         "12(3,){'c': 4}"},
        {"{% macro m() %}[{{ caller(5) }}]{% endmacro %}{% call(u) m() %}b{{ u }}{% endcall %}",
         "[b5]"},
        {"{% macro m() %}{{ q }}{% endmacro %}{% set q = 3 %}{{ m() }}", "3"},
        {"{% if false %}{{ x | no_such }}{% endif %}ok", "ok"},
        {"{% if false %}{% for i in [] %}{{ x | no_such }}{% endfor %}{% endif %}ok", NULL},
        {"{{ x | no_such if false }}ok", "ok"},
        {"  {% if true %}  \n  x\n  {%- endif %}\nc", "  \n  xc"},
        {"{{ 1 }}\n  {% if true +%}\nb{% endif %}", "1\n\nb"},
        {"{% raw %}\n{{ x }} {% endraw %}\n", "\n{{ x }} "},
        {"{{ {}.update({1: 2}) }}", NULL},
        {"{{ x == y }}|{{ x is defined }}|{{ x }}|{{ x | list }}|{{ not x }}",
         "True|False||[]|True"},
        {"{{ x + 1 }}", NULL},
        {"{{ 'a' in none }}", NULL},
        {"{{ [1, 'a'] | sort }}", NULL},
        {"{{ 'a'.replace('a') }}", NULL},
        {"{% set true = 1 %}", NULL},
        {"{% break %}", NULL},
        {"{{ dict(a=1, a=2) }}", NULL},
        {"{{ 'abc'.split('') }}", NULL},
        {"{{ range(3, 0, 0) }}", NULL},
        {"{{ '\\ud83d' }}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_renders(rows[i].source, rows[i].text);
}

static void names_the_fault_and_its_line(void **state)
{
    (void)state;
    struct err err = {0};
    struct chat_text out;
    json_t *messages = json_array();
    static const struct {
        const char *source, *part;
        enum err_code code;
    } rows[] = {
        {"a\nb\n{{ x.y }}", "line 3: 'x' is undefined", ERR_FORMAT},
        {"a\n{% if %}", "line 2: expected an expression, found '%}'", ERR_FORMAT},
        {"{{ 'a' | nonsense }}", "no filter named 'nonsense'", ERR_UNSUPPORTED},
        {"{% include 'x' %}", "'include' is not supported", ERR_UNSUPPORTED},
        {"{{ raise_exception('roles must take turns') }}", "roles must take turns", ERR_USAGE},
        {"{{ 9223372036854775807 + 1 }}", "64 bits", ERR_LIMIT},
        {"{{ 'a'.encode() }}", "'encode' is not supported", ERR_UNSUPPORTED},
        {"{% for x in [] %}", "'endfor'", ERR_FORMAT},
        {"{{ messages.append(1) }}", "'append' is undefined or may not", ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(render(&out, str_of(rows[i].source), messages, false, &err));
        if (!strstr(err.msg, rows[i].part) || err.code != rows[i].code)
            fail_msg("%s: '%s' (%d)", rows[i].source, err.msg, (int)err.code);
        chat_text_release(&out);
    }
    json_decref(messages);
}

/* `count` copies of `unit` after `head`. */
static char *repeated(const char *head, const char *unit, size_t count, const char *tail)
{
    struct buf out;
    buf_init(&out, FILE_MAX);
    buf_puts(&out, head);
    for (size_t i = 0; i < count; i++)
        buf_puts(&out, unit);
    buf_puts(&out, tail);
    return buf_take(&out);
}

static void hostile_templates_come_to_an_end(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'aaaaaaaaaa' * 1000000000 }}",
        "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% "
        "endfor %}",
        "{{ range(1000000000) }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ 2 ** 5000 }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ [[1] * 90000] * 90000 }}",
        "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}",
    };
    static const struct {
        const char *head, *unit, *tail;
    } long_rows[] = {
        {"{{ ", "(", ""},
        {"{{ ", "[", ""},
        {"{{ 1", "+1", " }}"},
        {"{{ ", "not ", "1 }}"},
        {"{{ ", "- ", "1 }}"},
        {"{{ x", ".y", " }}"},
        {"{{ x", "|e", " }}"},
        {"{{ '", "a", ""},
        {"", "{% if 1 %}", ""},
        {"{{ 1", "~1", " }}"},
        {"", "{{ 1 if 1 }}", ""},
        {"{{ 1", " if 1 else 1", " }}"},
        {"{% set ", "a,", "b = 1 %}"},
        {"{% set ", "(", "b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_renders(rows[i], NULL);
    for (size_t i = 0; i < sizeof long_rows / sizeof *long_rows; i++) {
        size_t count = (1 << 20) / strlen(long_rows[i].unit);
        char *source = repeated(long_rows[i].head, long_rows[i].unit, count, long_rows[i].tail);
        assert_renders(source, NULL);
        free(source);
    }
}

static void builtins_are_found_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"gemma", "chatml", "llama3", "mistral"};
    struct err err = {0};
    struct chat_template *tmpl;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!chat_template_builtin(&tmpl, str_of(names[i]), &err))
            fail_msg("%s: %s", names[i], err.msg);
        assert_true(chat_template_source(tmpl).len > 0);
        chat_template_free(tmpl);
    }
    assert_false(chat_template_builtin(&tmpl, (struct str)STR("other"), &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.msg, "chatml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_oracle),
        cmocka_unit_test(tells_the_template_from_the_data),
        cmocka_unit_test(renders_as_the_original),
        cmocka_unit_test(names_the_fault_and_its_line),
        cmocka_unit_test(hostile_templates_come_to_an_end),
        cmocka_unit_test(builtins_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
