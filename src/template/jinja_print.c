#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <utf8proc.h>

#include "template/jinja_eval.h"
#include "text/json.h"
#include "text/utf8.h"

/* str(), repr() and json.dumps() of values, byte for byte as Python spells them. Bytes of strings
 * keep their origin; what is written around them (brackets, quotes, digits) belongs to whoever made
 * the value. */

static void add(struct run *run, struct builder *b, const char *s, struct value of)
{
    builder_add(run, b, str_of(s), !of.tainted);
}

static bool is_printable(uint32_t cp)
{
    if (cp < 0x7F)
        return cp >= ' ';
    switch (cp == UTF8_BAD ? UTF8PROC_CATEGORY_CN : utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS: return false;
    default: return true;
    }
}

static void add_repr_char(struct run *run, struct builder *b, uint32_t cp, char quote, bool trusted)
{
    char escape[16] = "";
    if (cp == '\n' || cp == '\r' || cp == '\t')
        snprintf(escape, sizeof escape, "\\%c", cp == '\n' ? 'n' : cp == '\r' ? 'r' : 't');
    else if (cp == '\\' || cp == (unsigned char)quote)
        snprintf(escape, sizeof escape, "\\%c", (char)cp);
    else if (!is_printable(cp))
        snprintf(escape, sizeof escape,
                 cp < 0x100     ? "\\x%02x"
                 : cp < 0x10000 ? "\\u%04x"
                                : "\\U%08x",
                 (unsigned)cp);
    if (escape[0])
        builder_add(run, b, str_of(escape), trusted);
    else
        builder_add_cp(run, b, cp, trusted);
}

static void repr_str(struct run *run, struct builder *b, const struct text *text)
{
    struct str s = text_str(text);
    bool single = memchr(s.ptr, '\'', s.len) != NULL, twice = memchr(s.ptr, '"', s.len) != NULL;
    char quote[2] = {single && !twice ? '"' : '\'', '\0'};
    bool trusted = text_all_trusted(text);
    builder_add(run, b, str_of(quote), trusted);
    for (size_t at = 0; at < s.len && run_step(run, 1);) {
        size_t from = at;
        uint32_t cp = utf8_next(s, &at);
        add_repr_char(run, b, cp, quote[0], text_trusted_at(text, from));
    }
    builder_add(run, b, str_of(quote), trusted);
}

static void print_number(struct run *run, struct builder *b, struct value v)
{
    char digits[JSON_REAL_LEN_MAX];
    if (v.type == VALUE_INT)
        snprintf(digits, sizeof digits, "%" PRId64, v.as.i);
    else
        json_format_real(digits, v.as.f);
    add(run, b, digits, v);
}

static void repr_items(struct run *run, struct builder *b, struct value v)
{
    static const char *const open[] = {"[",           "(", "", "dict_keys([", "dict_values([",
                                       "dict_items(["};
    static const char *const shut[] = {"]", ")", "", "])", "])", "])"};
    const struct list *list = v.as.list;
    add(run, b, open[list->kind], v);
    for (size_t i = 0; i < list->count && !run->failed; i++) {
        add(run, b, i ? ", " : "", v);
        print_repr(run, b, list->items[i]);
    }
    add(run, b, list->kind == LIST_TUPLE && list->count == 1 ? "," : "", v);
    add(run, b, shut[list->kind], v);
}

static void repr_list(struct run *run, struct builder *b, struct value v)
{
    const struct list *list = v.as.list;
    char range[100];
    if (list->kind == LIST_ITERATOR) {
        run_fail(run, ERR_UNSUPPORTED, "an iterator has no text; a list made of it does");
        return;
    }
    if (list->kind != LIST_RANGE) {
        repr_items(run, b, v);
        return;
    }
    if (list->step == 1)
        snprintf(range, sizeof range, "range(%" PRId64 ", %" PRId64 ")", list->start, list->stop);
    else
        snprintf(range, sizeof range, "range(%" PRId64 ", %" PRId64 ", %" PRId64 ")", list->start,
                 list->stop, list->step);
    add(run, b, range, v);
}

static void repr_dict(struct run *run, struct builder *b, struct value v)
{
    const struct dict *dict = v.as.dict;
    add(run, b, v.type == VALUE_NAMESPACE ? "<Namespace {" : "{", v);
    for (size_t i = 0; i < dict->count && !run->failed; i++) {
        add(run, b, i ? ", " : "", v);
        print_repr(run, b, dict->keys[i]);
        add(run, b, ": ", v);
        print_repr(run, b, dict->values[i]);
    }
    add(run, b, v.type == VALUE_NAMESPACE ? "}>" : "}", v);
}

void print_repr(struct run *run, struct builder *b, struct value v)
{
    if (!run_enter(run)) {
        run_leave(run);
        return;
    }
    switch (v.type) {
    case VALUE_ABSENT:
    case VALUE_UNDEFINED: add(run, b, "Undefined", v); break;
    case VALUE_NONE: add(run, b, "None", v); break;
    case VALUE_BOOL: add(run, b, v.as.b ? "True" : "False", v); break;
    case VALUE_INT:
    case VALUE_FLOAT: print_number(run, b, v); break;
    case VALUE_STR: repr_str(run, b, v.as.s); break;
    case VALUE_LIST: repr_list(run, b, v); break;
    case VALUE_DICT:
    case VALUE_NAMESPACE: repr_dict(run, b, v); break;
    case VALUE_LOOP:
    case VALUE_FUNC: run_fail(run, ERR_UNSUPPORTED, "a %s has no text", value_type_name(v)); break;
    }
    run_leave(run);
}

void print_str(struct run *run, struct builder *b, struct value v)
{
    if (v.type == VALUE_STR)
        builder_add_text(run, b, v.as.s);
    else if (v.type != VALUE_UNDEFINED)
        print_repr(run, b, v);
}

struct value value_to_str(struct run *run, struct value v)
{
    struct builder b = {0};
    if (v.type == VALUE_STR)
        return v;
    print_str(run, &b, v);
    return builder_value(run, &b);
}

/* A quoted JSON string: escapes take the origin of the character they stand for. */
static void json_str_of(struct run *run, struct builder *b, const struct text *text, bool ascii)
{
    struct str s = text_str(text);
    bool trusted = text_all_trusted(text);
    builder_add(run, b, (struct str)STR("\""), trusted);
    for (size_t at = 0; at < s.len && run_step(run, 1);) {
        struct buf one;
        size_t from = at;
        uint32_t cp = utf8_next(s, &at);
        struct text ch = text_sub(text, from, at - from);
        if (cp >= ' ' && cp != '"' && cp != '\\' && (cp < 0x7F || !ascii)) {
            builder_add_text(run, b, &ch);
            continue;
        }
        buf_init(&one, 64);
        json_format_str(&one, text_str(&ch), ascii);
        builder_add(run, b, str_sub(buf_str(&one), 1, one.len - 2), text_trusted_at(text, from));
        buf_release(&one);
    }
    builder_add(run, b, (struct str)STR("\""), trusted);
}

static void json_float(struct run *run, struct builder *b, struct value v)
{
    if (isfinite(v.as.f))
        print_number(run, b, v);
    else
        add(run, b, isnan(v.as.f) ? "NaN" : v.as.f > 0 ? "Infinity" : "-Infinity", v);
}

struct json_writer {
    struct run *run;
    struct builder *b;
    const struct json_layout *layout;
    size_t level;
};

static void json_value(struct json_writer *w, struct value v);

static void json_newline(struct json_writer *w, struct value of)
{
    if (!w->layout->indent)
        return;
    add(w->run, w->b, "\n", of);
    for (size_t i = 0; i < w->level && !w->run->failed; i++)
        builder_add_text(w->run, w->b, w->layout->indent);
}

static void json_separator(struct json_writer *w, bool item, struct value of)
{
    const struct text *given = item ? w->layout->item_sep : w->layout->key_sep;
    if (given)
        builder_add_text(w->run, w->b, given);
    else
        add(w->run, w->b, !item ? ": " : w->layout->indent ? "," : ", ", of);
}

static void json_list(struct json_writer *w, struct value v)
{
    const struct list *list = v.as.list;
    if (list->kind > LIST_TUPLE) {
        run_fail(w->run, ERR_FORMAT, "tojson: a %s is not JSON", value_type_name(v));
        return;
    }
    add(w->run, w->b, "[", v);
    w->level++;
    for (size_t i = 0; i < list->count && !w->run->failed; i++) {
        if (i)
            json_separator(w, true, v);
        json_newline(w, v);
        json_value(w, list->items[i]);
    }
    w->level--;
    if (list->count)
        json_newline(w, v);
    add(w->run, w->b, "]", v);
}

static void json_key(struct json_writer *w, struct value key)
{
    if (key.type == VALUE_STR) {
        json_str_of(w->run, w->b, key.as.s, w->layout->ascii);
        return;
    }
    if (!value_is_number(key) && key.type != VALUE_NONE) {
        run_fail(w->run, ERR_FORMAT, "tojson: a %s is no key in JSON", value_type_name(key));
        return;
    }
    add(w->run, w->b, "\"", key);
    json_value(w, key);
    add(w->run, w->b, "\"", key);
}

static void json_dict(struct json_writer *w, struct value v)
{
    const struct dict *dict = v.as.dict;
    struct list *items = dict_items(w->run, dict);
    if (w->layout->sort_keys)
        items = jinja_sort_items(w->run, items);
    add(w->run, w->b, "{", v);
    w->level++;
    for (size_t i = 0; i < items->count && !w->run->failed; i++) {
        if (i)
            json_separator(w, true, v);
        json_newline(w, v);
        json_key(w, items->items[i].as.list->items[0]);
        json_separator(w, false, v);
        json_value(w, items->items[i].as.list->items[1]);
    }
    w->level--;
    if (items->count)
        json_newline(w, v);
    add(w->run, w->b, "}", v);
}

static void json_value(struct json_writer *w, struct value v)
{
    if (!run_enter(w->run)) {
        run_leave(w->run);
        return;
    }
    switch (v.type) {
    case VALUE_NONE: add(w->run, w->b, "null", v); break;
    case VALUE_BOOL: add(w->run, w->b, v.as.b ? "true" : "false", v); break;
    case VALUE_INT: print_number(w->run, w->b, v); break;
    case VALUE_FLOAT: json_float(w->run, w->b, v); break;
    case VALUE_STR: json_str_of(w->run, w->b, v.as.s, w->layout->ascii); break;
    case VALUE_LIST: json_list(w, v); break;
    case VALUE_DICT: json_dict(w, v); break;
    default: run_fail(w->run, ERR_FORMAT, "tojson: a %s is not JSON", value_type_name(v)); break;
    }
    run_leave(w->run);
}

void print_json(struct run *run, struct builder *b, struct value v,
                const struct json_layout *layout)
{
    struct json_writer w = {.run = run, .b = b, .layout = layout};
    json_value(&w, v);
}
