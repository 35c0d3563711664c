#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "template/jinja_eval.h"
#include "text/utf8.h"

/* Filters of single values. Most turn their operand into a str first, as Jinja's do. */

static const struct text *as_text(struct run *run, struct value v)
{
    return value_to_str(run, v).as.s;
}

static struct value f_upper(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, as_text(run, self), CASE_UPPER);
}

static struct value f_lower(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, as_text(run, self), CASE_LOWER);
}

static struct value f_capitalize(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, as_text(run, self), CASE_CAPITAL);
}

/* Unlike str.title: a word begins after white space or an opening sign, not after an apostrophe. */
static struct value f_title(struct run *run, struct value self, const struct args *args)
{
    struct builder b = {0};
    const struct text *text = as_text(run, self);
    struct str s = text_str(text);
    (void)args;
    for (size_t at = 0; at < s.len && run_step(run, 1);) {
        size_t end = at;
        bool first = true;
        while (end < s.len) {
            size_t next = end;
            uint32_t cp = utf8_next(s, &next);
            bool breaks = utf8_is_space(cp) || (cp < 0x80 && cp && strchr("-({[<", (int)cp));
            if (breaks && !first)
                break;
            end = next;
            first = false;
            if (breaks)
                break;
        }
        struct text word = text_sub(text, at, end - at);
        builder_add_text(run, &b, jinja_case(run, &word, CASE_CAPITAL).as.s);
        at = end;
    }
    return builder_value(run, &b);
}

static struct value f_trim(struct run *run, struct value self, const struct args *args)
{
    bool all_space = !arg_given(args, 0) || args->v[0].type == VALUE_NONE;
    return jinja_strip(run, as_text(run, self), all_space ? NULL : arg_text(run, args, 0),
                       STRIP_LEFT | STRIP_RIGHT);
}

static struct value f_replace(struct run *run, struct value self, const struct args *args)
{
    bool all = !arg_given(args, 2) || args->v[2].type == VALUE_NONE;
    int64_t count = all ? -1 : arg_int(run, args, 2, -1);
    return jinja_replace(run, as_text(run, self), as_text(run, args->v[0]),
                         as_text(run, args->v[1]), count);
}

static struct value f_string(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return value_to_str(run, self);
}

static struct value f_default(struct run *run, struct value self, const struct args *args)
{
    bool use = self.type == VALUE_UNDEFINED || (arg_bool(args, 1, false) && !value_truth(self));
    if (!use)
        return self;
    return arg_given(args, 0) ? args->v[0] : value_of_cstr(run, "");
}

static struct value f_length(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return value_int((int64_t)value_length(run, self));
}

/* A number as Python's int() or float() reads it: white space around, underscores between digits.
 */
static bool read_number(struct str s, bool whole, int base, struct value *out)
{
    char digits[128], *end;
    size_t n = 0;
    s = utf8_strip(s);
    if (s.len == 0 || s.len >= sizeof digits)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool between = i > 0 && i + 1 < s.len && s.ptr[i - 1] != '_' && s.ptr[i + 1] != '_';
        if (s.ptr[i] == '_' && !between)
            return false;
        if (s.ptr[i] != '_')
            digits[n++] = s.ptr[i];
    }
    digits[n] = '\0';
    if (strspn(digits, "0123456789abcdefABCDEFxXoOinftyINFTY+-._") != n)
        return false;
    if (whole) {
        if (base == 10 && strspn(digits, "0123456789+-") != n)
            return false;
        *out = value_int(strtoll(digits, &end, base));
        return *end == '\0' && end != digits && out->as.i != INT64_MAX && out->as.i != INT64_MIN;
    }
    if (strpbrk(digits, "xX"))
        return false;
    *out = value_float(strtod(digits, &end));
    return *end == '\0' && end != digits;
}

static bool to_int(struct value v, int base, struct value *out)
{
    struct value f;
    if (v.type == VALUE_INT || v.type == VALUE_BOOL) {
        *out = value_int(value_to_int(v));
        return true;
    }
    if (v.type == VALUE_STR && read_number(text_str(v.as.s), true, base, out))
        return true;
    if (v.type != VALUE_FLOAT &&
        (v.type != VALUE_STR || !read_number(text_str(v.as.s), false, 10, &f)))
        return false;
    double d = v.type == VALUE_FLOAT ? v.as.f : f.as.f;
    if (!(fabs(d) < 9.2e18))
        return false;
    *out = value_int((int64_t)d);
    return true;
}

static bool refuse_undefined(struct run *run, struct value v)
{
    if (v.type == VALUE_UNDEFINED)
        run_fail(run, ERR_FORMAT, "an undefined value is no number");
    return v.type == VALUE_UNDEFINED;
}

static struct value f_int(struct run *run, struct value self, const struct args *args)
{
    struct value out;
    if (!refuse_undefined(run, self) && to_int(self, (int)arg_int(run, args, 1, 10), &out)) {
        out.tainted = self.tainted;
        return out;
    }
    return arg_given(args, 0) ? args->v[0] : value_int(0);
}

static struct value f_float(struct run *run, struct value self, const struct args *args)
{
    struct value out;
    if (refuse_undefined(run, self))
        return self;
    if (value_is_number(self))
        return value_float(value_to_float(self));
    if (self.type == VALUE_STR && read_number(text_str(self.as.s), false, 10, &out))
        return out;
    return arg_given(args, 0) ? args->v[0] : value_float(0);
}

static struct value f_abs(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    if (!value_is_number(self))
        run_fail(run, ERR_FORMAT, "abs takes a number, not a %s", value_type_name(self));
    else if (value_to_float(self) < 0)
        return jinja_negate(run, self, true);
    return self;
}

/* As Python's round: the decimal nearest to the exact value, ties to even. */
static double round_to(double x, int precision)
{
    char digits[400];
    snprintf(digits, sizeof digits, "%.*f", precision, x);
    return strtod(digits, NULL);
}

static struct value f_round(struct run *run, struct value self, const struct args *args)
{
    int64_t precision = arg_int(run, args, 0, 0);
    struct str method =
        arg_given(args, 1) ? text_str(arg_text(run, args, 1)) : (struct str)STR("common");
    if (!value_is_number(self) || precision < 0 || precision > 15) {
        run_fail(run, ERR_UNSUPPORTED, "round takes a number and 0 to 15 digits");
        return self;
    }
    double x = value_to_float(self), scale = pow(10, (double)precision);
    if (str_is(method, "ceil"))
        return value_float(ceil(x * scale) / scale);
    if (str_is(method, "floor"))
        return value_float(floor(x * scale) / scale);
    if (!str_is(method, "common"))
        run_fail(run, ERR_FORMAT, "round goes by common, ceil or floor");
    if (self.type != VALUE_FLOAT)
        return value_int(value_to_int(self));
    return value_float(round_to(x, (int)precision));
}

/* The text's lines, each after `head`, but empty ones and the first as they are unless asked for.
 */
static struct value f_indent(struct run *run, struct value self, const struct args *args)
{
    struct builder b = {0}, head = {0};
    struct str line;
    size_t at = 0;
    bool first = arg_bool(args, 1, false), blank = arg_bool(args, 2, false);
    if (self.type != VALUE_STR) {
        run_fail(run, ERR_FORMAT, "indent takes a str, not a %s", value_type_name(self));
        return self;
    }
    if (args->v[0].type == VALUE_STR)
        builder_add_text(run, &head, args->v[0].as.s);
    else
        for (int64_t i = arg_int(run, args, 0, 4); i > 0 && run_step(run, 1); i--)
            builder_add(run, &head, (struct str)STR(" "), true);
    struct value indent = builder_value(run, &head);
    /* Jinja adds a newline before it splits, so that a last empty line counts. */
    struct builder with_end = {0};
    builder_add_text(run, &with_end, self.as.s);
    builder_add(run, &with_end, (struct str)STR("\n"), true);
    const struct text *text = builder_value(run, &with_end).as.s;
    for (size_t n = 0; utf8_line(&line, text_str(text), &at) && run_step(run, 1); n++) {
        struct text part = text_sub(text, (size_t)(line.ptr - text->ptr), line.len);
        if (n)
            builder_add(run, &b, (struct str)STR("\n"), true);
        if (n ? line.len || blank : first)
            builder_add_text(run, &b, indent.as.s);
        builder_add_text(run, &b, &part);
    }
    return builder_value(run, &b);
}

static struct value f_center(struct run *run, struct value self, const struct args *args)
{
    return jinja_center(run, value_to_str(run, self), arg_int(run, args, 0, 80));
}

struct value jinja_escape(struct run *run, struct value v)
{
    static const char chars[] = "&<>'\"";
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&#39;", "&#34;"};
    struct builder b = {0};
    const struct text *text = as_text(run, v);
    for (size_t i = 0; i < text->len && run_step(run, 1); i++) {
        const char *hit = text->ptr[i] ? strchr(chars, text->ptr[i]) : NULL;
        struct text one = text_sub(text, i, 1);
        if (hit)
            builder_add(run, &b, str_of(names[hit - chars]), text_trusted_at(text, i));
        else
            builder_add_text(run, &b, &one);
    }
    return text_as_markup(run, builder_value(run, &b));
}

static struct value f_escape(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return self.type == VALUE_STR && self.as.s->markup ? self : jinja_escape(run, self);
}

static struct value f_forceescape(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_escape(run, self);
}

static struct value f_safe(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return text_as_markup(run, value_to_str(run, self));
}

static struct value f_truncate(struct run *run, struct value self, const struct args *args)
{
    struct builder b = {0};
    struct text end = {.ptr = "...", .len = 3, .trusted = true};
    const struct text *text = as_text(run, self);
    int64_t length = arg_int(run, args, 0, 255), leeway = arg_int(run, args, 3, 5);
    int64_t n = (int64_t)value_length(run, value_to_str(run, self));
    if (arg_given(args, 2))
        end = *arg_text(run, args, 2);
    int64_t keep = length - (int64_t)utf8_count(text_str(&end));
    if (keep < 0 || leeway < 0) {
        run_fail(run, ERR_FORMAT, "truncate needs a length of at least its end's");
        return self;
    }
    if (n <= length + leeway)
        return value_to_str(run, self);
    size_t cut = utf8_offset(text_str(text), (size_t)keep);
    for (size_t i = cut; !arg_bool(args, 1, false) && i > 0; i--) {
        if (text->ptr[i - 1] == ' ') {
            cut = i - 1;
            break;
        }
    }
    struct text kept = text_sub(text, 0, cut);
    builder_add_text(run, &b, &kept);
    builder_add_text(run, &b, &end);
    return builder_value(run, &b);
}

static struct value f_wordcount(struct run *run, struct value self, const struct args *args)
{
    struct str s = text_str(as_text(run, self));
    int64_t n = 0;
    bool inside = false;
    (void)args;
    for (size_t at = 0; at < s.len && run_step(run, 1);) {
        uint32_t cp = utf8_next(s, &at);
        bool word = cp == '_' || utf8_is_alnum(cp);
        n += word && !inside;
        inside = word;
    }
    return value_int(n);
}

static struct value f_format(struct run *run, struct value self, const struct args *args)
{
    struct list *tuple = list_new(run, LIST_TUPLE, args->call->n_pos);
    if (args->call->n_kw)
        run_fail(run, ERR_UNSUPPORTED, "format with arguments by name");
    for (size_t i = 0; i < args->call->n_pos; i++)
        list_add(run, tuple, args->call->pos[i]);
    return jinja_format_percent(run, as_text(run, self), value_of_list(tuple));
}

/* tojson's indent: a number of spaces, a text, or none. */
static const struct text *json_indent(struct run *run, struct value v)
{
    if (v.type == VALUE_ABSENT || v.type == VALUE_NONE)
        return NULL;
    if (v.type == VALUE_STR)
        return v.as.s;
    struct builder b = {0};
    if (v.type != VALUE_INT && v.type != VALUE_BOOL)
        run_fail(run, ERR_FORMAT, "tojson: indent is a number or a str, not a %s",
                 value_type_name(v));
    for (int64_t i = 0; !run->failed && i < value_to_int(v) && run_step(run, 1); i++)
        builder_add(run, &b, (struct str)STR(" "), true);
    return builder_value(run, &b).as.s;
}

static struct value f_tojson(struct run *run, struct value self, const struct args *args)
{
    struct builder b = {0};
    struct json_layout layout = {.ascii = arg_bool(args, 0, false),
                                 .sort_keys = arg_bool(args, 3, false)};
    layout.indent = json_indent(run, args->v[1]);
    if (arg_given(args, 2) && args->v[2].type != VALUE_NONE) {
        struct list *two = value_items(run, args->v[2]);
        if (two->count != 2 || two->items[0].type != VALUE_STR || two->items[1].type != VALUE_STR) {
            run_fail(run, ERR_FORMAT, "tojson: separators are two texts");
            return self;
        }
        layout.item_sep = two->items[0].as.s;
        layout.key_sep = two->items[1].as.s;
    }
    print_json(run, &b, self, &layout);
    return builder_value(run, &b);
}

static struct value f_attr(struct run *run, struct value self, const struct args *args)
{
    const struct text *name = arg_text(run, args, 0);
    if (self.type == VALUE_DICT) {
        const struct builtin *method = jinja_method_find(self, text_str(name));
        return method ? jinja_func(run, method, self) : value_undefined(run, text_str(name));
    }
    return jinja_attr(run, self, text_str(name));
}

const struct builtin *jinja_filter_find(struct str name)
{
    static const struct builtin filters[] = {
        {"upper", f_upper, "", 0},
        {"lower", f_lower, "", 0},
        {"capitalize", f_capitalize, "", 0},
        {"title", f_title, "", 0},
        {"trim", f_trim, "chars ", 0},
        {"replace", f_replace, "old new count ", 2},
        {"string", f_string, "", 0},
        {"safe", f_safe, "", 0},
        {"default", f_default, "default_value boolean ", 0},
        {"d", f_default, "default_value boolean ", 0},
        {"length", f_length, "", 0},
        {"count", f_length, "", 0},
        {"int", f_int, "default base ", 0},
        {"float", f_float, "default ", 0},
        {"abs", f_abs, "", 0},
        {"round", f_round, "precision method ", 0},
        {"indent", f_indent, "width first blank ", 0},
        {"center", f_center, "width ", 0},
        {"escape", f_escape, "", 0},
        {"e", f_escape, "", 0},
        {"forceescape", f_forceescape, "", 0},
        {"truncate", f_truncate, "length killwords end leeway ", 0},
        {"wordcount", f_wordcount, "", 0},
        {"format", f_format, NULL, 0},
        {"tojson", f_tojson, "ensure_ascii indent separators sort_keys ", 0},
        {"attr", f_attr, "name ", 1},
        {0},
    };
    const struct builtin *found = jinja_table_find(filters, name);
    return found ? found : jinja_seq_filter_find(name);
}
