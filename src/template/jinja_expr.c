#include "template/jinja_ast.h"
#include "template/jinja_eval.h"

/* Binding, loosest first: a if b else c; or; and; not; comparison, in; + -; ~; * / // %; **; unary
 * + -; then . [] () and, tightest of all though it comes last, the filters and tests of an operand.
 */

static struct node *parse_or(struct parser *p);
static struct node *parse_unary(struct parser *p, bool with_filters);

static struct node *fail(struct parser *p, const char *expected)
{
    if (!parse_fail(p, expected))
        return NULL;
    return NULL;
}

static struct node *node_of(struct parser *p, enum node_kind kind, struct node *a, struct node *b)
{
    struct node *node = node_new(p, kind);
    if (!node)
        return NULL;
    node->a = a;
    node->b = b;
    if (a)
        node->line = a->line;
    return node;
}

static struct node *node_const(struct parser *p, struct value value)
{
    struct node *node = node_new(p, NODE_CONST);
    if (node)
        node->value = value;
    return node;
}

static struct node *node_str(struct parser *p, struct str s)
{
    struct text *text = arena_alloc(p->arena, 1, sizeof *text);
    *text = (struct text){.ptr = s.ptr, .len = s.len, .trusted = true};
    return node_const(p, (struct value){.type = VALUE_STR, .as.s = text});
}

/* A name, and what the macros around here thereby turn out to use. */
static struct node *node_name(struct parser *p, struct str name)
{
    struct node *node = node_new(p, NODE_NAME);
    for (struct node *m = p->macro; m; m = m->c) {
        m->uses_caller |= str_is(name, "caller");
        m->uses_kwargs |= str_is(name, "kwargs");
        m->uses_varargs |= str_is(name, "varargs");
    }
    if (node)
        node->name = name;
    return node;
}

static struct node *parse_strings(struct parser *p)
{
    struct str s = p->at->s;
    p->at++;
    while (p->at->type == TOKEN_STR) {
        char *joined = arena_alloc(p->arena, s.len + p->at->s.len + 1, 1);
        memcpy(joined, s.ptr, s.len);
        memcpy(joined + s.len, p->at->s.ptr, p->at->s.len);
        s = str_n(joined, s.len + p->at->s.len);
        p->at++;
    }
    return node_str(p, s);
}

static struct node *parse_list(struct parser *p)
{
    struct node *node = node_new(p, NODE_LIST);
    while (node && !parse_is_op(p, "]")) {
        if (node->list.count && !parse_expect_op(p, ","))
            return NULL;
        if (parse_is_op(p, "]"))
            break;
        struct node *item = parse_expr(p);
        if (!item)
            return NULL;
        nodes_add(p, &node->list, item);
    }
    return node && parse_expect_op(p, "]") ? node : NULL;
}

static struct node *parse_dict(struct parser *p)
{
    struct node *node = node_new(p, NODE_DICT), *key, *value;
    while (node && !parse_is_op(p, "}")) {
        if (node->list.count && !parse_expect_op(p, ","))
            return NULL;
        if (parse_is_op(p, "}"))
            break;
        key = parse_expr(p);
        value = key && parse_expect_op(p, ":") ? parse_expr(p) : NULL;
        if (!value)
            return NULL;
        nodes_add(p, &node->list, key);
        nodes_add(p, &node->list, value);
    }
    return node && parse_expect_op(p, "}") ? node : NULL;
}

static struct node *parse_word(struct parser *p)
{
    struct str name = p->at->s;
    p->at++;
    if (str_is(name, "true") || str_is(name, "True"))
        return node_const(p, value_bool(true));
    if (str_is(name, "false") || str_is(name, "False"))
        return node_const(p, value_bool(false));
    if (str_is(name, "none") || str_is(name, "None"))
        return node_const(p, value_none());
    return node_name(p, name);
}

static struct node *parse_primary(struct parser *p)
{
    struct node *node;
    switch (p->at->type) {
    case TOKEN_NAME: return parse_word(p);
    case TOKEN_STR: return parse_strings(p);
    case TOKEN_INT: return node_const(p, value_int(p->at++->i));
    case TOKEN_FLOAT: return node_const(p, value_float(p->at++->f));
    default: break;
    }
    if (parse_skip_op(p, "(")) {
        node = parse_tuple(p, TUPLE_PARENS);
        return node && parse_expect_op(p, ")") ? node : NULL;
    }
    if (parse_skip_op(p, "["))
        return parse_list(p);
    if (parse_skip_op(p, "{"))
        return parse_dict(p);
    return fail(p, "an expression");
}

static bool ends_slice_part(const struct parser *p)
{
    return parse_is_op(p, ":") || parse_is_op(p, "]") || parse_is_op(p, ",");
}

/* One index, or start:stop:step with any of them left out. */
static struct node *parse_index(struct parser *p)
{
    struct node *parts[3] = {NULL, NULL, NULL};
    size_t n = 0;
    bool colon = false;
    for (; n < 3; n++) {
        if (!ends_slice_part(p) && !(parts[n] = parse_expr(p)))
            return NULL;
        if (!parse_skip_op(p, ":"))
            break;
        colon = true;
    }
    if (n == 3)
        return fail(p, "at most start:stop:step in a slice");
    if (!colon)
        return parts[0] ? parts[0] : fail(p, "an index");
    struct node *slice = node_of(p, NODE_SLICE, parts[0], parts[1]);
    if (slice)
        slice->c = parts[2];
    return slice;
}

static struct node *parse_item(struct parser *p, struct node *of)
{
    struct node *index = parse_index(p);
    if (index && parse_is_op(p, ",")) {
        struct node *tuple = node_of(p, NODE_TUPLE, NULL, NULL);
        while (tuple && index) {
            nodes_add(p, &tuple->list, index);
            index = parse_skip_op(p, ",") ? parse_index(p) : NULL;
        }
        index = tuple && p->err->code == ERR_NONE ? tuple : NULL;
    }
    return index && parse_expect_op(p, "]") ? node_of(p, NODE_ITEM, of, index) : NULL;
}

static struct node *parse_dot(struct parser *p, struct node *of)
{
    if (p->at->type == TOKEN_INT)
        return node_of(p, NODE_ITEM, of, node_const(p, value_int(p->at++->i)));
    struct str name;
    if (!parse_expect_name(p, &name))
        return NULL;
    struct node *node = node_of(p, NODE_ATTR, of, NULL);
    if (node)
        node->name = name;
    return node;
}

static bool parse_arg(struct parser *p, struct node_args *args)
{
    bool star = parse_skip_op(p, "*"), stars = !star && parse_skip_op(p, "**");
    bool named = p->at->type == TOKEN_NAME && p->at[1].type == TOKEN_OP && str_is(p->at[1].s, "=");
    if (star || stars) {
        struct node *value = parse_expr(p);
        *(star ? &args->star : &args->star_star) = value;
        return value != NULL;
    }
    if (args->star_star || (!named && (args->kw.count || args->star)))
        return parse_fail(p, "arguments by position before those by name");
    if (!named) {
        struct node *value = parse_expr(p);
        if (value)
            nodes_add(p, &args->pos, value);
        return value != NULL;
    }
    struct node *pair = node_new(p, NODE_SET);
    struct str name = p->at->s;
    for (size_t i = 0; i < args->kw.count; i++)
        if (str_eq(args->kw.items[i]->name, name))
            return parse_fail(p, "each argument once");
    p->at += 2;
    if (!pair || !(pair->b = parse_expr(p)))
        return false;
    pair->name = name;
    nodes_add(p, &args->kw, pair);
    return true;
}

/* From after "(" to after ")". */
static bool parse_args(struct parser *p, struct node_args *args)
{
    for (bool first = true; !parse_is_op(p, ")"); first = false) {
        if (!first && !parse_expect_op(p, ","))
            return false;
        if (parse_is_op(p, ")"))
            break;
        if (!parse_arg(p, args))
            return false;
    }
    return parse_expect_op(p, ")");
}

static struct node *parse_call(struct parser *p, struct node *of)
{
    struct node *node = node_of(p, NODE_CALL, of, NULL);
    return node && parse_args(p, &node->args) ? node : NULL;
}

static struct node *parse_postfix(struct parser *p, struct node *node)
{
    while (node) {
        if (parse_skip_op(p, "."))
            node = parse_dot(p, node);
        else if (parse_skip_op(p, "["))
            node = parse_item(p, node);
        else if (parse_skip_op(p, "("))
            node = parse_call(p, node);
        else
            break;
    }
    return node;
}

struct node *parse_postfix_call(struct parser *p)
{
    struct node *node = parse_expr(p);
    if (node && node->kind != NODE_CALL)
        return fail(p, "a call of a macro");
    return node;
}

/* An unknown filter or test spoils the template, unless it stands in a branch that may never be
 * reached. */
static void note_unknown(struct parser *p, const struct node *node)
{
    if (!node->builtin && !p->soft && !p->unknown)
        p->unknown = node;
}

static struct node *parse_filter(struct parser *p, struct node *of)
{
    struct node *node = node_of(p, NODE_FILTER, of, NULL);
    if (!node || !parse_expect_name(p, &node->name))
        return NULL;
    if (parse_skip_op(p, "(") && !parse_args(p, &node->args))
        return NULL;
    node->builtin = jinja_filter_find(node->name);
    note_unknown(p, node);
    return node;
}

struct node *parse_filters(struct parser *p, struct node *of, bool bar_seen)
{
    struct node *node = of;
    while (bar_seen || parse_skip_op(p, "|")) {
        node = parse_filter(p, node);
        if (!node)
            return NULL;
        bar_seen = false;
    }
    return node;
}

/* Whether a test's single argument follows without parentheses. */
static bool starts_test_arg(const struct parser *p)
{
    switch (p->at->type) {
    case TOKEN_STR:
    case TOKEN_INT:
    case TOKEN_FLOAT: return true;
    case TOKEN_NAME:
        return !parse_is_name(p, "else") && !parse_is_name(p, "or") && !parse_is_name(p, "and");
    default: return parse_is_op(p, "[") || parse_is_op(p, "{");
    }
}

static struct node *parse_test(struct parser *p, struct node *of)
{
    bool negated = parse_skip_name(p, "not");
    struct node *node = node_of(p, NODE_TEST, of, NULL);
    if (!node || !parse_expect_name(p, &node->name))
        return NULL;
    if (parse_skip_op(p, "(")) {
        if (!parse_args(p, &node->args))
            return NULL;
    } else if (starts_test_arg(p)) {
        if (parse_is_name(p, "is"))
            return fail(p, "no second test after the first, or parentheses around it");
        struct node *arg = parse_postfix(p, parse_primary(p));
        if (!arg)
            return NULL;
        nodes_add(p, &node->args.pos, arg);
    }
    node->builtin = jinja_test_find(node->name);
    note_unknown(p, node);
    return negated ? node_of(p, NODE_NOT, node, NULL) : node;
}

static struct node *parse_filters_and_tests(struct parser *p, struct node *node)
{
    while (node) {
        if (parse_is_op(p, "|"))
            node = parse_filters(p, node, false);
        else if (parse_skip_name(p, "is"))
            node = parse_test(p, node);
        else if (parse_skip_op(p, "("))
            node = parse_call(p, node);
        else
            break;
    }
    return node;
}

static struct node *parse_unary(struct parser *p, bool with_filters)
{
    struct node *node;
    if (!parse_enter(p))
        return NULL;
    bool minus = parse_skip_op(p, "-");
    if (minus || parse_skip_op(p, "+")) {
        node = parse_unary(p, false);
        node = node ? node_of(p, minus ? NODE_NEG : NODE_POS, node, NULL) : NULL;
    } else {
        node = parse_primary(p);
    }
    node = parse_postfix(p, node);
    if (with_filters)
        node = parse_filters_and_tests(p, node);
    p->depth--;
    return node;
}

struct op_name {
    const char *s;
    enum node_op op;
};

static const struct op_name *find_op(const struct parser *p, const struct op_name *ops)
{
    for (; ops->s; ops++)
        if (parse_is_op(p, ops->s))
            return ops;
    return NULL;
}

typedef struct node *operand_fn(struct parser *p);

/* operand (op operand)*, from the left. */
static struct node *parse_math(struct parser *p, const struct op_name *ops, operand_fn *operand)
{
    struct node *left = operand(p), *right;
    const struct op_name *op;
    while (left && (op = find_op(p, ops))) {
        p->at++;
        right = operand(p);
        left = right ? node_of(p, NODE_MATH, left, right) : NULL;
        if (left)
            left->op = op->op;
    }
    return left;
}

static struct node *parse_signed(struct parser *p)
{
    return parse_unary(p, true);
}

static struct node *parse_power(struct parser *p)
{
    static const struct op_name ops[] = {{"**", OP_POW}, {0}};
    return parse_math(p, ops, parse_signed);
}

static struct node *parse_product(struct parser *p)
{
    static const struct op_name ops[] = {
        {"*", OP_MUL}, {"/", OP_DIV}, {"//", OP_FLOORDIV}, {"%", OP_MOD}, {0}};
    return parse_math(p, ops, parse_power);
}

static struct node *parse_concat(struct parser *p)
{
    struct node *first = parse_product(p);
    if (!first || !parse_is_op(p, "~"))
        return first;
    struct node *node = node_of(p, NODE_CONCAT, NULL, NULL);
    while (node && first) {
        nodes_add(p, &node->list, first);
        if (!parse_skip_op(p, "~"))
            return node;
        first = parse_product(p);
    }
    return NULL;
}

static struct node *parse_sum(struct parser *p)
{
    static const struct op_name ops[] = {{"+", OP_ADD}, {"-", OP_SUB}, {0}};
    return parse_math(p, ops, parse_concat);
}

static bool skip_compare_op(struct parser *p, enum node_op *op)
{
    static const struct op_name ops[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<", OP_LT}, {"<=", OP_LE},
                                         {">", OP_GT},  {">=", OP_GE}, {0}};
    const struct op_name *found = find_op(p, ops);
    if (found) {
        *op = found->op;
        p->at++;
        return true;
    }
    if (parse_skip_name(p, "in")) {
        *op = OP_IN;
        return true;
    }
    bool not_in =
        parse_is_name(p, "not") && p->at[1].type == TOKEN_NAME && str_is(p->at[1].s, "in");
    if (not_in) {
        *op = OP_NOT_IN;
        p->at += 2;
    }
    return not_in;
}

static struct node *parse_compare(struct parser *p)
{
    struct node *first = parse_sum(p), *chain = NULL;
    enum node_op op;
    while (first && skip_compare_op(p, &op)) {
        struct node *right = parse_sum(p);
        struct node *link = right ? node_of(p, NODE_OPERAND, right, NULL) : NULL;
        if (!chain)
            chain = node_of(p, NODE_COMPARE, first, NULL);
        if (!link || !chain)
            return NULL;
        link->op = op;
        nodes_add(p, &chain->list, link);
    }
    return chain ? chain : first;
}

static struct node *parse_not(struct parser *p)
{
    if (!parse_is_name(p, "not"))
        return parse_compare(p);
    p->at++;
    if (!parse_enter(p))
        return NULL;
    struct node *of = parse_not(p);
    p->depth--;
    return of ? node_of(p, NODE_NOT, of, NULL) : NULL;
}

static struct node *parse_and(struct parser *p)
{
    struct node *left = parse_not(p), *right;
    while (left && parse_skip_name(p, "and")) {
        right = parse_not(p);
        left = right ? node_of(p, NODE_AND, left, right) : NULL;
    }
    return left;
}

static struct node *parse_or(struct parser *p)
{
    struct node *left = parse_and(p), *right;
    while (left && parse_skip_name(p, "or")) {
        right = parse_and(p);
        left = right ? node_of(p, NODE_OR, left, right) : NULL;
    }
    return left;
}

/* From after "if": value if test else other. */
static struct node *parse_cond(struct parser *p, struct node *value)
{
    struct node *node = node_of(p, NODE_COND, NULL, value);
    if (!node || !(node->a = parse_or(p)))
        return NULL;
    if (parse_skip_name(p, "else") && !(node->c = parse_expr(p)))
        return NULL;
    return node;
}

struct node *parse_expr(struct parser *p)
{
    const struct node *unknown = p->unknown;
    bool soft = p->soft;
    if (!parse_enter(p))
        return NULL;
    struct node *node = parse_or(p);
    if (node && parse_is_name(p, "if")) {
        p->unknown = unknown; /* what was read turns out to be a branch */
        p->soft = true;
    }
    while (node && parse_skip_name(p, "if"))
        node = parse_cond(p, node);
    p->soft = soft;
    p->depth--;
    return node;
}

static bool ends_tuple(const struct parser *p)
{
    return p->at->type == TOKEN_PRINT_END || p->at->type == TOKEN_BLOCK_END || parse_is_op(p, ")");
}

struct node *parse_tuple(struct parser *p, enum tuple_form form)
{
    struct node *tuple = NULL, *item;
    if (ends_tuple(p))
        return form == TUPLE_PARENS ? node_new(p, NODE_TUPLE) : fail(p, "an expression");
    while (true) {
        item = form == TUPLE_NO_COND ? parse_or(p) : parse_expr(p);
        if (!item)
            return NULL;
        if (!tuple && !parse_is_op(p, ","))
            return item;
        if (!tuple && !(tuple = node_of(p, NODE_TUPLE, NULL, NULL)))
            return NULL;
        nodes_add(p, &tuple->list, item);
        if (!parse_skip_op(p, ",") || ends_tuple(p))
            return tuple;
    }
}

static bool parse_is_constant(const struct parser *p)
{
    static const char *const names[] = {"true", "True", "false", "False", "none", "None"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (parse_is_name(p, names[i]))
            return true;
    return false;
}

static struct node *parse_target_item(struct parser *p, bool with_attr)
{
    struct node *node;
    struct str name;
    if (parse_skip_op(p, "(")) {
        if (!parse_enter(p))
            return NULL;
        node = parse_target(p, false);
        p->depth--;
        return node && parse_expect_op(p, ")") ? node : NULL;
    }
    if (parse_is_constant(p) || (p->loops && parse_is_name(p, "loop")))
        return fail(p, "a name that may be assigned to");
    if (!parse_expect_name(p, &name))
        return NULL;
    node = node_new(p, NODE_NAME);
    if (!node)
        return NULL;
    node->name = name;
    if (with_attr && parse_skip_op(p, "."))
        return parse_dot(p, node);
    return node;
}

struct node *parse_target(struct parser *p, bool with_attr)
{
    struct node *first = parse_target_item(p, with_attr), *tuple;
    if (!first || !parse_is_op(p, ","))
        return first;
    tuple = node_of(p, NODE_TUPLE, NULL, NULL);
    while (tuple && first) {
        nodes_add(p, &tuple->list, first);
        if (!parse_skip_op(p, ",") || parse_is_name(p, "in") || parse_is_op(p, "="))
            return tuple;
        first = parse_target_item(p, with_attr);
    }
    return NULL;
}
