#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "template/jinja_eval.h"
#include "text/utf8.h"

/* The two ways of filling in a text: "%s" % value, and "{}".format(value). */

/* %[-0+ ][width][.precision]conversion, as Python's str % and the format filter read it. */
struct directive {
    bool left, zero, plus, space;
    size_t width;
    int precision; /* -1: none */
    char kind;
};

static bool parse_directive(struct directive *out, struct str s, size_t *at)
{
    *out = (struct directive){.precision = -1};
    for (; *at < s.len && strchr("-0+ ", s.ptr[*at]) && s.ptr[*at]; ++*at) {
        out->left |= s.ptr[*at] == '-';
        out->zero |= s.ptr[*at] == '0';
        out->plus |= s.ptr[*at] == '+';
        out->space |= s.ptr[*at] == ' ';
    }
    for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9' && out->width < 1000; ++*at)
        out->width = out->width * 10 + (size_t)(s.ptr[*at] - '0');
    if (*at < s.len && s.ptr[*at] == '.') {
        out->precision = 0;
        for (++*at; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9' && out->precision < 100;
             ++*at)
            out->precision = out->precision * 10 + (s.ptr[*at] - '0');
    }
    if (*at == s.len || !strchr("sdirfxXeEgG", s.ptr[*at]) || !s.ptr[*at])
        return false;
    out->kind = s.ptr[(*at)++];
    return true;
}

static void pad(struct run *run, struct builder *b, const struct text *text, struct directive d)
{
    size_t n = utf8_count(text_str(text));
    bool trusted = text_all_trusted(text);
    for (size_t i = n; i < d.width && !d.left; i++)
        builder_add(run, b, (struct str)STR(" "), trusted);
    builder_add_text(run, b, text);
    for (size_t i = n; i < d.width && d.left; i++)
        builder_add(run, b, (struct str)STR(" "), trusted);
}

static void format_number(struct run *run, struct builder *b, struct value v, struct directive d)
{
    char spec[16], out[512];
    bool whole = strchr("dixX", d.kind) != NULL;
    if (!value_is_number(v) || (v.type == VALUE_FLOAT && (d.kind == 'x' || d.kind == 'X'))) {
        run_fail(run, ERR_FORMAT, "%%%c takes a number, not a %s", d.kind, value_type_name(v));
        return;
    }
    if (whole && v.type == VALUE_FLOAT) {
        if (!(fabs(v.as.f) < 9e18)) {
            run_fail(run, ERR_LIMIT, "a whole number does not fit in 64 bits");
            return;
        }
        v = value_int((int64_t)v.as.f);
    }
    if (d.precision > 100 || d.width > 200) {
        run_fail(run, ERR_UNSUPPORTED, "a number wider than 200 or finer than 100 digits");
        return;
    }
    snprintf(spec, sizeof spec, "%%%s%s%s%s*.*%s%c", d.left ? "-" : "", d.zero ? "0" : "",
             d.plus ? "+" : "", d.space ? " " : "", whole ? PRId64 : "",
             d.kind == 'i' ? 'd' : d.kind);
    if (whole) {
        size_t star = strlen(spec) - 1; /* PRId64 ends in its own conversion: ours replaces it */
        spec[star - 1] = spec[star];
        spec[star] = '\0';
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    /* The directive is built above from checked parts only. */
    if (whole)
        snprintf(out, sizeof out, spec, (int)d.width, d.precision, value_to_int(v));
    else
        snprintf(out, sizeof out, spec, (int)d.width, d.precision < 0 ? 6 : d.precision,
                 value_to_float(v));
#pragma GCC diagnostic pop
    builder_add(run, b, str_of(out), !v.tainted);
}

static void format_one(struct run *run, struct builder *b, struct value v, struct directive d)
{
    struct builder repr = {0};
    if (d.kind != 's' && d.kind != 'r') {
        format_number(run, b, v, d);
        return;
    }
    if (d.kind == 'r')
        print_repr(run, &repr, v);
    else
        print_str(run, &repr, v);
    struct text text = *builder_value(run, &repr).as.s;
    if (d.precision >= 0)
        text = text_sub(&text, 0, utf8_offset(text_str(&text), (size_t)d.precision));
    pad(run, b, &text, d);
}

struct value jinja_format_percent(struct run *run, const struct text *format, struct value args)
{
    struct builder b = {0};
    struct str s = text_str(format);
    struct list *many = value_is_list(args, LIST_TUPLE) ? args.as.list : NULL;
    size_t used = 0, count = many ? many->count : 1;
    if (format->markup)
        run_fail(run, ERR_UNSUPPORTED, "%% with text that is marked safe");
    for (size_t at = 0; at < s.len && run_step(run, 1);) {
        struct directive d;
        size_t percent = str_find(s, (struct str)STR("%"), at);
        size_t end = percent == (size_t)-1 ? s.len : percent;
        struct text plain = text_sub(format, at, end - at);
        builder_add_text(run, &b, &plain);
        at = end + 1;
        if (end == s.len)
            break;
        if (at < s.len && s.ptr[at] == '%') {
            builder_add(run, &b, (struct str)STR("%"), text_trusted_at(format, at++));
        } else if (!parse_directive(&d, s, &at)) {
            run_fail(run, ERR_UNSUPPORTED, "a directive of %% that is not supported");
        } else if (used >= count) {
            run_fail(run, ERR_FORMAT, "fewer arguments than %% directives");
        } else {
            format_one(run, &b, many ? many->items[used] : args, d);
            used++;
        }
    }
    if (used < count && (many || args.type != VALUE_DICT))
        run_fail(run, ERR_FORMAT, "more arguments than %% directives");
    return builder_value(run, &b);
}

/* What stands between braces: [name or number][!r|!s|][:spec]. */
struct field {
    struct str name, spec;
    bool repr;
};

static bool parse_field(struct field *out, struct str s)
{
    size_t colon = str_find(s, (struct str)STR(":"), 0);
    *out = (struct field){.name = s, .spec = str_n("", 0)};
    if (colon != (size_t)-1) {
        out->name = str_n(s.ptr, colon);
        out->spec = str_from(s, colon + 1);
    }
    size_t bang = str_find(out->name, (struct str)STR("!"), 0);
    if (bang != (size_t)-1) {
        struct str how = str_from(out->name, bang);
        out->repr = str_is(how, "!r");
        out->name.len = bang;
        if (!out->repr && !str_is(how, "!s"))
            return false;
    }
    for (size_t i = 0; i < out->name.len; i++)
        if (strchr(".[{", out->name.ptr[i]))
            return false;
    return true;
}

/* Fields are numbered by the template or one after the other, but not both. */
struct numbering {
    size_t next;
    bool by_hand;
};

/* The value a field names: by number, in turn when it is empty, or by name. */
static struct value field_value(struct run *run, struct str name, const struct call *call,
                                struct numbering *turn)
{
    bool digits = true;
    size_t n = 0;
    for (size_t i = 0; i < name.len && digits && n < 100000; i++) {
        digits = name.ptr[i] >= '0' && name.ptr[i] <= '9';
        n = n * 10 + (size_t)(name.ptr[i] - '0');
    }
    if (digits) {
        turn->by_hand = turn->by_hand || name.len;
        n = name.len ? n : turn->next++;
        if (turn->by_hand && turn->next)
            run_fail(run, ERR_FORMAT, "format: fields both with and without a number");
        if (n < call->n_pos)
            return call->pos[n];
    }
    for (size_t i = 0; !digits && i < call->n_kw; i++)
        if (str_eq(call->kw[i].name, name))
            return call->kw[i].value;
    run_fail(run, ERR_FORMAT, "format: there is no argument '%.*s'", STR_ARG(name));
    return value_none();
}

/* A spec of the forms 5, 05d, .2f, <8, >8; text goes to the left by itself, numbers to the right.
 */
static void format_field(struct run *run, struct builder *b, struct value v,
                         const struct field *field)
{
    struct directive d = {.precision = -1, .kind = 's'};
    struct builder one = {0};
    struct str spec = field->spec;
    bool number = value_is_number(v) && !field->repr, left = !number, fits = true;
    if (spec.len && (spec.ptr[0] == '<' || spec.ptr[0] == '>')) {
        left = spec.ptr[0] == '<';
        spec = str_from(spec, 1);
    }
    size_t at = 0;
    if (spec.len) {
        char rest[32];
        bool typed = strchr("sdfeEgGxX", spec.ptr[spec.len - 1]) != NULL;
        int n = snprintf(rest, sizeof rest, "%.*s%s", STR_ARG(spec),
                         typed    ? ""
                         : number ? "g"
                                  : "s");
        fits = n < (int)sizeof rest && spec.ptr[0] != '-' &&
               parse_directive(&d, str_n(rest, (size_t)n), &at) && at == (size_t)n &&
               (typed || !number || (d.precision < 0 && v.type == VALUE_INT)) &&
               (d.kind == 's') == !number && (d.kind != 'd' || v.type == VALUE_INT);
        d.kind = !typed && number ? 'd' : d.kind;
    }
    if (!fits) {
        run_fail(run, ERR_UNSUPPORTED, "format: the form '%.*s' is not supported",
                 STR_ARG(field->spec));
        return;
    }
    d.left = left;
    if (field->repr) {
        print_repr(run, &one, v);
        v = builder_value(run, &one);
    }
    if (field->spec.len)
        format_one(run, b, v, d);
    else
        print_str(run, b, v);
}

struct value jinja_format_braces(struct run *run, const struct text *format,
                                 const struct call *call)
{
    struct builder b = {0};
    struct str s = text_str(format);
    struct numbering turn = {0};
    for (size_t at = 0; at < s.len && run_step(run, 1);) {
        char c = s.ptr[at];
        struct text one = text_sub(format, at, 1);
        bool twice = at + 1 < s.len && s.ptr[at + 1] == c;
        if ((c != '{' && c != '}') || twice) {
            builder_add_text(run, &b, &one);
            at += c == '{' || c == '}' ? 2 : 1;
            continue;
        }
        size_t end = str_find(s, (struct str)STR("}"), at);
        struct field field;
        if (c == '}' || end == (size_t)-1 ||
            !parse_field(&field, str_sub(s, at + 1, end - at - 1))) {
            run_fail(run, ERR_UNSUPPORTED, "format: braces that are not supported");
            break;
        }
        struct value v = field_value(run, field.name, call, &turn);
        if (!run->failed)
            format_field(run, &b, v, &field);
        at = end + 1;
    }
    return builder_value(run, &b);
}
