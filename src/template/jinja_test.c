#include "template/jinja_eval.h"

/* The tests after "is". Names of comparisons serve selectattr and its kin. */

#define TYPE_TEST(name, expression)                                                    \
    static struct value name(struct run *run, struct value v, const struct args *args) \
    {                                                                                  \
        (void)run;                                                                     \
        (void)v;                                                                       \
        (void)args;                                                                    \
        return value_bool(expression);                                                 \
    }

TYPE_TEST(t_defined, v.type != VALUE_UNDEFINED)
TYPE_TEST(t_undefined, v.type == VALUE_UNDEFINED)
TYPE_TEST(t_none, v.type == VALUE_NONE)
TYPE_TEST(t_boolean, v.type == VALUE_BOOL)
TYPE_TEST(t_true, v.type == VALUE_BOOL && v.as.b)
TYPE_TEST(t_false, v.type == VALUE_BOOL && !v.as.b)
TYPE_TEST(t_integer, v.type == VALUE_INT)
TYPE_TEST(t_float, v.type == VALUE_FLOAT)
TYPE_TEST(t_number, value_is_number(v))
TYPE_TEST(t_string, v.type == VALUE_STR)
TYPE_TEST(t_mapping, v.type == VALUE_DICT)
TYPE_TEST(t_callable, v.type == VALUE_FUNC || v.type == VALUE_LOOP || v.type == VALUE_UNDEFINED)
TYPE_TEST(t_iterable, v.type == VALUE_STR || v.type == VALUE_LIST || v.type == VALUE_DICT ||
                          v.type == VALUE_UNDEFINED || v.type == VALUE_LOOP)
TYPE_TEST(t_sequence, v.type == VALUE_STR || v.type == VALUE_DICT || v.type == VALUE_UNDEFINED ||
                          (v.type == VALUE_LIST && v.as.list->kind <= LIST_RANGE))
TYPE_TEST(t_escaped, v.type == VALUE_STR && v.as.s->markup)
TYPE_TEST(t_filter, v.type == VALUE_STR && jinja_filter_find(text_str(v.as.s)))
TYPE_TEST(t_test, v.type == VALUE_STR && jinja_test_find(text_str(v.as.s)))

static struct value t_lower(struct run *run, struct value v, const struct args *args)
{
    (void)args;
    return value_bool(jinja_is_case(value_to_str(run, v).as.s, false));
}

static struct value t_upper(struct run *run, struct value v, const struct args *args)
{
    (void)args;
    return value_bool(jinja_is_case(value_to_str(run, v).as.s, true));
}

static struct value remainder_is(struct run *run, struct value v, struct value by, int64_t wanted)
{
    if (!value_is_number(v)) {
        run_fail(run, ERR_FORMAT, "a %s has no remainder", value_type_name(v));
        return value_bool(false);
    }
    return value_bool(value_equal(run, jinja_math(run, OP_MOD, v, by), value_int(wanted)));
}

static struct value t_odd(struct run *run, struct value v, const struct args *args)
{
    (void)args;
    return remainder_is(run, v, value_int(2), 1);
}

static struct value t_even(struct run *run, struct value v, const struct args *args)
{
    (void)args;
    return remainder_is(run, v, value_int(2), 0);
}

static struct value t_divisibleby(struct run *run, struct value v, const struct args *args)
{
    return remainder_is(run, v, args->v[0], 0);
}

/* Identity: of constants their value, of containers that they are the same one. */
static struct value t_sameas(struct run *run, struct value v, const struct args *args)
{
    struct value other = args->v[0];
    bool plain =
        v.type == VALUE_NONE || v.type == VALUE_BOOL || v.type == VALUE_INT || v.type == VALUE_STR;
    if (v.type != other.type)
        return value_bool(false);
    if (v.type == VALUE_LIST || v.type == VALUE_DICT || v.type == VALUE_NAMESPACE)
        return value_bool(v.as.list == other.as.list);
    return value_bool(plain && value_equal(run, v, other));
}

static struct value t_in(struct run *run, struct value v, const struct args *args)
{
    return value_bool(value_contains(run, args->v[0], v));
}

#define COMPARE_TEST(name, op)                                                         \
    static struct value name(struct run *run, struct value v, const struct args *args) \
    {                                                                                  \
        return value_bool(jinja_compare(run, op, v, args->v[0]));                      \
    }

COMPARE_TEST(t_eq, OP_EQ)
COMPARE_TEST(t_ne, OP_NE)
COMPARE_TEST(t_lt, OP_LT)
COMPARE_TEST(t_le, OP_LE)
COMPARE_TEST(t_gt, OP_GT)
COMPARE_TEST(t_ge, OP_GE)

const struct builtin *jinja_test_find(struct str name)
{
    static const struct builtin tests[] = {
        {"defined", t_defined, "", 0},     {"undefined", t_undefined, "", 0},
        {"none", t_none, "", 0},           {"boolean", t_boolean, "", 0},
        {"true", t_true, "", 0},           {"false", t_false, "", 0},
        {"integer", t_integer, "", 0},     {"float", t_float, "", 0},
        {"number", t_number, "", 0},       {"string", t_string, "", 0},
        {"mapping", t_mapping, "", 0},     {"callable", t_callable, "", 0},
        {"iterable", t_iterable, "", 0},   {"sequence", t_sequence, "", 0},
        {"escaped", t_escaped, "", 0},     {"filter", t_filter, "", 0},
        {"test", t_test, "", 0},           {"lower", t_lower, "", 0},
        {"upper", t_upper, "", 0},         {"odd", t_odd, "", 0},
        {"even", t_even, "", 0},           {"divisibleby", t_divisibleby, "num ", 1},
        {"sameas", t_sameas, "other ", 1}, {"in", t_in, "seq ", 1},
        {"eq", t_eq, "other ", 1},         {"equalto", t_eq, "other ", 1},
        {"==", t_eq, "other ", 1},         {"ne", t_ne, "other ", 1},
        {"!=", t_ne, "other ", 1},         {"lt", t_lt, "other ", 1},
        {"lessthan", t_lt, "other ", 1},   {"<", t_lt, "other ", 1},
        {"le", t_le, "other ", 1},         {"<=", t_le, "other ", 1},
        {"gt", t_gt, "other ", 1},         {"greaterthan", t_gt, "other ", 1},
        {">", t_gt, "other ", 1},          {"ge", t_ge, "other ", 1},
        {">=", t_ge, "other ", 1},         {0},
    };
    return jinja_table_find(tests, name);
}
