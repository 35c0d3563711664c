#include <math.h>

#include "template/jinja_eval.h"
#include "text/utf8.h"

static struct value undefined_used(struct run *run, struct value v, struct str name)
{
    struct str what = v.as.s ? text_str(v.as.s) : (struct str)STR("the value");
    run_fail(run, ERR_FORMAT, "'%.*s' is undefined, so it has no '%.*s'", STR_ARG(what),
             STR_ARG(name));
    return value_none();
}

static bool is_listed(struct str name, const char *const *names)
{
    for (; *names; names++)
        if (str_is(name, *names))
            return true;
    return false;
}

/* What Python would grant but the sandbox does not, as it would change data: it counts as
 * undefined. */
static bool is_forbidden(struct value of, struct str name)
{
    static const char *const of_list[] = {"append", "clear",  "pop",    "reverse", "insert",
                                          "sort",   "extend", "remove", NULL};
    static const char *const of_dict[] = {"clear", "pop", "popitem", "setdefault", "update", NULL};
    if (str_starts(name, (struct str)STR("__")) && str_ends(name, (struct str)STR("__")))
        return true;
    return (value_is_list(of, LIST_LIST) && is_listed(name, of_list)) ||
           (of.type == VALUE_DICT && is_listed(name, of_dict));
}

/* An attribute of Python's that is not among ours must not pass for a missing one. */
static bool is_missing_method(struct value of, struct str name)
{
    static const char *const of_str[] = {"encode",       "translate",   "maketrans", "expandtabs",
                                         "isidentifier", "isprintable", "casefold",  "format_map",
                                         "istitle",      "isascii",     NULL};
    static const char *const of_number[] = {"real",        "imag",       "numerator",
                                            "denominator", "bit_length", "is_integer",
                                            "conjugate",   "hex",        NULL};
    static const char *const of_dict[] = {"fromkeys", NULL};
    if (value_is_number(of))
        return is_listed(name, of_number);
    return (of.type == VALUE_STR && is_listed(name, of_str)) ||
           (of.type == VALUE_DICT && is_listed(name, of_dict));
}

/* A method, or undefined. */
static struct value method_or_undefined(struct run *run, struct value of, struct str name)
{
    const struct builtin *method = is_forbidden(of, name) ? NULL : jinja_method_find(of, name);
    if (method)
        return jinja_func(run, method, of);
    if (is_missing_method(of, name))
        run_fail(run, ERR_UNSUPPORTED, "the method '%.*s' is not supported", STR_ARG(name));
    return value_undefined(run, name);
}

struct value jinja_attr(struct run *run, struct value of, struct str name)
{
    const struct value *found = NULL;
    switch (of.type) {
    case VALUE_UNDEFINED: return undefined_used(run, of, name);
    case VALUE_LOOP: return jinja_loop_attr(run, of.as.loop, name);
    case VALUE_FUNC: return jinja_func_attr(run, of.as.func, name);
    case VALUE_NAMESPACE: found = dict_find_name(run, of.as.dict, name); break;
    case VALUE_DICT:
        if (!is_forbidden(of, name) && !jinja_method_find(of, name))
            found = dict_find_name(run, of.as.dict, name);
        break;
    default: break;
    }
    return found ? *found : method_or_undefined(run, of, name);
}

static struct value item_at(struct run *run, struct value of, int64_t i)
{
    if (of.type == VALUE_STR) {
        int64_t n = (int64_t)value_length(run, of);
        i += i < 0 ? n : 0;
        if (i < 0 || i >= n)
            return value_undefined(run, str_n("", 0));
        size_t start = utf8_offset(text_str(of.as.s), (size_t)i), end = start;
        utf8_next(text_str(of.as.s), &end);
        return value_of_text(run, text_sub(of.as.s, start, end - start));
    }
    const struct list *list = of.as.list;
    i += i < 0 ? (int64_t)list->count : 0;
    if (i < 0 || (size_t)i >= list->count)
        return value_undefined(run, str_n("", 0));
    return list->items[i];
}

struct value jinja_item(struct run *run, struct value of, struct value key)
{
    bool whole = key.type == VALUE_INT || key.type == VALUE_BOOL;
    bool row = of.type == VALUE_STR || (of.type == VALUE_LIST && of.as.list->kind <= LIST_RANGE);
    if (run->failed)
        return value_none();
    if (of.type == VALUE_UNDEFINED)
        return undefined_used(run, of, text_str(value_to_str(run, key).as.s));
    if (row && whole)
        return item_at(run, of, value_to_int(key));
    if (of.type == VALUE_DICT) {
        const struct value *found = dict_find(run, of.as.dict, key);
        if (found)
            return *found;
    }
    if (key.type != VALUE_STR)
        return value_undefined(run, str_n("", 0));
    struct str name = text_str(key.as.s);
    return of.type == VALUE_DICT ? method_or_undefined(run, of, name) : jinja_attr(run, of, name);
}

/* Python's slice.indices: bounds clipped to the length. */
struct slice {
    int64_t start, stop, step;
};

static int64_t clip(int64_t i, int64_t n, int64_t low, int64_t high)
{
    if (i < 0)
        i = i < -n ? -1 : i + n;
    return i < low ? low : i > high ? high : i;
}

static bool slice_of(struct run *run, struct slice *out, const struct value bounds[3],
                     size_t length)
{
    int64_t n = (int64_t)length, v[3] = {0};
    for (int i = 0; i < 3; i++) {
        if (bounds[i].type == VALUE_INT || bounds[i].type == VALUE_BOOL)
            v[i] = value_to_int(bounds[i]);
        else if (bounds[i].type != VALUE_NONE)
            run_fail(run, ERR_FORMAT, "a slice goes by whole numbers, not by a %s",
                     value_type_name(bounds[i]));
    }
    out->step = bounds[2].type == VALUE_NONE ? 1 : v[2];
    if (out->step == 0)
        run_fail(run, ERR_FORMAT, "a slice's step cannot be 0");
    if (run->failed)
        return false;
    bool up = out->step > 0;
    int64_t low = up ? 0 : -1, high = up ? n : n - 1;
    out->start = bounds[0].type == VALUE_NONE ? (up ? low : high) : clip(v[0], n, low, high);
    out->stop = bounds[1].type == VALUE_NONE ? (up ? high : low) : clip(v[1], n, low, high);
    if (out->step > n + 1 || out->step < -n - 1)
        out->step = up ? n + 1 : -n - 1; /* one item either way, and no overflow */
    return true;
}

static struct value slice_str(struct run *run, const struct text *text, struct slice slice)
{
    struct builder b = {0};
    struct str s = text_str(text);
    if (slice.step == 1) {
        size_t from = utf8_offset(s, (size_t)slice.start);
        size_t len = slice.stop > slice.start
                         ? utf8_offset(str_from(s, from), (size_t)(slice.stop - slice.start))
                         : 0;
        return value_of_text(run, text_sub(text, from, len));
    }
    struct list *chars = value_items(run, (struct value){.type = VALUE_STR, .as.s = text});
    for (int64_t i = slice.start; slice.step > 0 ? i < slice.stop : i > slice.stop; i += slice.step)
        if ((size_t)i < chars->count)
            builder_add_text(run, &b, chars->items[i].as.s);
    return builder_value(run, &b);
}

struct value jinja_slice(struct run *run, struct value of, const struct value bounds[3])
{
    struct slice slice;
    bool row = of.type == VALUE_STR || (of.type == VALUE_LIST && of.as.list->kind <= LIST_RANGE);
    if (!row) {
        run_fail(run, ERR_FORMAT, "a %s cannot be sliced", value_type_name(of));
        return value_none();
    }
    if (!slice_of(run, &slice, bounds, value_length(run, of)))
        return value_none();
    if (of.type == VALUE_STR)
        return slice_str(run, of.as.s, slice);
    struct list *list = list_new(run, of.as.list->kind, 0);
    for (int64_t i = slice.start; slice.step > 0 ? i < slice.stop : i > slice.stop; i += slice.step)
        list_add(run, list, of.as.list->items[i]);
    if (list->kind == LIST_RANGE) {
        const struct list *range = of.as.list;
        list->step = range->step * slice.step;
        list->start = range->start + slice.start * range->step;
        list->stop = range->start + slice.stop * range->step;
    }
    return (struct value){.type = VALUE_LIST, .tainted = of.tainted, .as.list = list};
}

struct value jinja_path(struct run *run, struct value of, struct value path)
{
    if (path.type != VALUE_STR)
        return jinja_item(run, of, path);
    struct str s = text_str(path.as.s);
    for (size_t at = 0; at <= s.len && !run->failed;) {
        size_t dot = str_find(s, (struct str)STR("."), at);
        size_t end = dot == (size_t)-1 ? s.len : dot;
        struct text part = text_sub(path.as.s, at, end - at);
        bool digits = part.len > 0 && part.len < 18;
        int64_t number = 0;
        for (size_t i = 0; i < part.len && digits; i++) {
            digits = part.ptr[i] >= '0' && part.ptr[i] <= '9';
            number = number * 10 + (part.ptr[i] - '0');
        }
        of = jinja_item(run, of, digits ? value_int(number) : value_of_text(run, part));
        at = end + 1;
    }
    return of;
}

static struct value type_error(struct run *run, const char *op, struct value a, struct value b)
{
    struct value bad = a.type == VALUE_UNDEFINED ? a : b;
    if (bad.type == VALUE_UNDEFINED)
        run_fail(run, ERR_FORMAT, "'%.*s' is undefined and cannot be used with '%s'",
                 STR_ARG(bad.as.s ? text_str(bad.as.s) : (struct str)STR("a value")), op);
    else
        run_fail(run, ERR_FORMAT, "'%s' does not go with %s and %s", op, value_type_name(a),
                 value_type_name(b));
    return value_none();
}

static struct value repeat(struct run *run, struct value of, int64_t times)
{
    struct builder b = {0};
    if (of.type == VALUE_STR) {
        for (int64_t i = 0; i < times && of.as.s->len && run_step(run, 1); i++)
            builder_add_text(run, &b, of.as.s);
        bool markup = of.as.s->markup;
        of = builder_value(run, &b);
        return markup ? text_as_markup(run, of) : of;
    }
    struct list *list = list_new(run, of.as.list->kind, 0);
    for (int64_t i = 0; i < times && of.as.list->count && run_step(run, 1); i++)
        for (size_t j = 0; j < of.as.list->count && !run->failed; j++)
            list_add(run, list, of.as.list->items[j]);
    return value_of_list(list);
}

static struct value join_two(struct run *run, struct value a, struct value b)
{
    struct builder joined = {0};
    if (a.type == VALUE_STR) {
        bool markup = a.as.s->markup || b.as.s->markup;
        a = markup && !a.as.s->markup ? jinja_escape(run, a) : a;
        b = markup && !b.as.s->markup ? jinja_escape(run, b) : b;
        builder_add_text(run, &joined, a.as.s);
        builder_add_text(run, &joined, b.as.s);
        a = builder_value(run, &joined);
        return markup ? text_as_markup(run, a) : a;
    }
    struct list *list = list_new(run, a.as.list->kind, a.as.list->count + b.as.list->count);
    for (size_t i = 0; i < a.as.list->count && !run->failed; i++)
        list_add(run, list, a.as.list->items[i]);
    for (size_t i = 0; i < b.as.list->count && !run->failed; i++)
        list_add(run, list, b.as.list->items[i]);
    return (struct value){.type = VALUE_LIST, .tainted = a.tainted || b.tainted, .as.list = list};
}

static const char *op_name(enum node_op op)
{
    static const char *const names[] = {"+", "-", "*", "/", "//", "%", "**"};
    return names[op];
}

static bool is_row(struct value v)
{
    return v.type == VALUE_STR || (v.type == VALUE_LIST && v.as.list->kind <= LIST_TUPLE);
}

static struct value zero_division(struct run *run)
{
    run_fail(run, ERR_FORMAT, "division by zero");
    return value_none();
}

static struct value overflow(struct run *run)
{
    run_fail(run, ERR_LIMIT, "a whole number does not fit in 64 bits");
    return value_none();
}

static struct value int_power(struct run *run, int64_t base, int64_t exponent)
{
    int64_t result = 1;
    if (exponent < 0)
        return base ? value_float(pow((double)base, (double)exponent)) : zero_division(run);
    for (; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
            return overflow(run);
        if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
            return overflow(run);
    }
    return value_int(result);
}

static struct value int_math(struct run *run, enum node_op op, int64_t a, int64_t b)
{
    int64_t r = 0;
    bool wraps = false;
    if (op >= OP_DIV && op <= OP_MOD && b == 0)
        return zero_division(run);
    switch (op) {
    case OP_ADD: wraps = __builtin_add_overflow(a, b, &r); break;
    case OP_SUB: wraps = __builtin_sub_overflow(a, b, &r); break;
    case OP_MUL: wraps = __builtin_mul_overflow(a, b, &r); break;
    case OP_DIV: return value_float((double)a / (double)b);
    case OP_FLOORDIV:
        wraps = a == INT64_MIN && b == -1;
        r = wraps ? 0 : a / b - (a % b != 0 && (a < 0) != (b < 0));
        break;
    case OP_MOD:
        r = b == -1 ? 0 : a % b;
        r += r != 0 && (r < 0) != (b < 0) ? b : 0;
        break;
    default: return int_power(run, a, b);
    }
    return wraps ? overflow(run) : value_int(r);
}

static struct value float_math(struct run *run, enum node_op op, double a, double b)
{
    if (op >= OP_DIV && op <= OP_MOD && b == 0)
        return zero_division(run);
    double m, q;
    switch (op) {
    case OP_ADD: return value_float(a + b);
    case OP_SUB: return value_float(a - b);
    case OP_MUL: return value_float(a * b);
    case OP_DIV: return value_float(a / b);
    case OP_FLOORDIV:
        m = fmod(a, b);
        q = (a - m) / b - (m != 0 && (m < 0) != (b < 0));
        return value_float(floor(q) + (q - floor(q) > 0.5));
    case OP_MOD: m = fmod(a, b); return value_float(m != 0 && (m < 0) != (b < 0) ? m + b : m);
    default: return value_float(pow(a, b));
    }
}

struct value jinja_math(struct run *run, enum node_op op, struct value a, struct value b)
{
    struct value r;
    if (value_is_number(a) && value_is_number(b)) {
        bool whole = a.type != VALUE_FLOAT && b.type != VALUE_FLOAT;
        r = whole ? int_math(run, op, value_to_int(a), value_to_int(b))
                  : float_math(run, op, value_to_float(a), value_to_float(b));
        r.tainted = a.tainted || b.tainted;
        return r;
    }
    bool whole_b = b.type == VALUE_INT || b.type == VALUE_BOOL;
    bool whole_a = a.type == VALUE_INT || a.type == VALUE_BOOL;
    if (op == OP_MOD && a.type == VALUE_STR)
        return jinja_format_percent(run, a.as.s, b);
    if (op == OP_MUL && is_row(a) && whole_b)
        return repeat(run, a, value_to_int(b));
    if (op == OP_MUL && is_row(b) && whole_a)
        return repeat(run, b, value_to_int(a));
    bool alike = a.type == b.type && is_row(a) && is_row(b) &&
                 (a.type == VALUE_STR || a.as.list->kind == b.as.list->kind);
    if (op == OP_ADD && alike)
        return join_two(run, a, b);
    return type_error(run, op_name(op), a, b);
}

struct value jinja_negate(struct run *run, struct value v, bool minus)
{
    if (!value_is_number(v))
        return type_error(run, minus ? "-" : "+", v, v);
    if (v.type == VALUE_FLOAT)
        v.as.f = minus ? -v.as.f : v.as.f;
    else if (minus && value_to_int(v) == INT64_MIN)
        return overflow(run);
    else
        v = (struct value){.type = VALUE_INT,
                           .tainted = v.tainted,
                           .as.i = minus ? -value_to_int(v) : value_to_int(v)};
    return v;
}

bool jinja_compare(struct run *run, enum node_op op, struct value a, struct value b)
{
    switch (op) {
    case OP_EQ: return value_equal(run, a, b);
    case OP_NE: return !value_equal(run, a, b);
    case OP_IN: return value_contains(run, b, a);
    case OP_NOT_IN: return !value_contains(run, b, a);
    case OP_LT: return value_compare(run, a, b) < 0;
    case OP_LE: return value_compare(run, a, b) <= 0;
    case OP_GT: return value_compare(run, a, b) > 0;
    default: return value_compare(run, a, b) >= 0;
    }
}
