#include "template/jinja_eval.h"

struct scope *scope_new(struct run *run, struct scope *parent)
{
    struct scope *scope = run_alloc(run, 1, sizeof *scope);
    scope->parent = parent;
    return scope;
}

static struct binding *scope_binding(struct run *run, const struct scope *scope, struct str name)
{
    size_t seen = 0;
    struct binding *binding = scope->first;
    for (; binding && !str_eq(binding->name, name); binding = binding->next)
        seen++;
    run_step(run, seen / 8);
    return binding;
}

void scope_set(struct run *run, struct scope *scope, struct str name, struct value v)
{
    struct binding *binding = scope_binding(run, scope, name);
    if (!binding) {
        binding = run_alloc(run, 1, sizeof *binding);
        binding->name = name;
        binding->next = scope->first;
        scope->first = binding;
    }
    binding->value = v;
}

const struct value *scope_find(struct run *run, const struct scope *scope, struct str name)
{
    for (; scope; scope = scope->parent) {
        const struct binding *binding = scope_binding(run, scope, name);
        if (binding)
            return &binding->value;
    }
    return NULL;
}

bool arg_given(const struct args *args, size_t i)
{
    return args->v[i].type != VALUE_ABSENT;
}

int64_t arg_int(struct run *run, const struct args *args, size_t i, int64_t fallback)
{
    struct value v = args->v[i];
    if (v.type == VALUE_ABSENT)
        return fallback;
    if (v.type != VALUE_INT && v.type != VALUE_BOOL)
        run_fail(run, ERR_FORMAT, "expected a whole number, got a %s", value_type_name(v));
    return v.type == VALUE_INT || v.type == VALUE_BOOL ? value_to_int(v) : fallback;
}

bool arg_bool(const struct args *args, size_t i, bool fallback)
{
    return arg_given(args, i) ? value_truth(args->v[i]) : fallback;
}

const struct text *arg_text(struct run *run, const struct args *args, size_t i)
{
    struct value v = args->v[i];
    if (v.type == VALUE_ABSENT)
        return NULL;
    if (v.type == VALUE_STR)
        return v.as.s;
    run_fail(run, ERR_FORMAT, "expected a str, got a %s", value_type_name(v));
    return value_of_cstr(run, "").as.s;
}

/* The place of `name` among "a b c ", or -1. */
static int param_index(const char *params, struct str name)
{
    int i = 0;
    while (*params) {
        size_t len = strcspn(params, " ");
        if (str_eq(str_n(params, len), name))
            return i;
        params += len + (params[len] == ' ');
        i++;
    }
    return -1;
}

static size_t param_count(const char *params)
{
    size_t n = 0;
    for (; *params; params++)
        n += *params == ' ';
    return n;
}

static void bind_args(struct run *run, struct args *args, const struct builtin *builtin)
{
    const struct call *call = args->call;
    bool by_name = builtin->params[0] != '/';
    const char *params = builtin->params + !by_name;
    if (call->n_pos > param_count(params)) {
        run_fail(run, ERR_FORMAT, "%s takes %zu arguments, got %zu", builtin->name,
                 param_count(params), call->n_pos);
        return;
    }
    for (size_t i = 0; i < call->n_pos; i++)
        args->v[i] = call->pos[i];
    for (size_t i = 0; i < call->n_kw; i++) {
        int at = by_name ? param_index(params, call->kw[i].name) : -1;
        if (at < 0 || arg_given(args, (size_t)at)) {
            run_fail(run, ERR_FORMAT, "%s does not take the argument '%.*s' here", builtin->name,
                     STR_ARG(call->kw[i].name));
            return;
        }
        args->v[at] = call->kw[i].value;
    }
    for (size_t i = 0; i < builtin->required; i++)
        if (!arg_given(args, i))
            run_fail(run, ERR_FORMAT, "%s needs %zu arguments", builtin->name, builtin->required);
}

struct value jinja_call_builtin(struct run *run, const struct builtin *builtin, struct value self,
                                const struct call *call)
{
    struct args args = {.call = call};
    if (builtin->params)
        bind_args(run, &args, builtin);
    if (run->failed)
        return value_none();
    return builtin->fn(run, self, &args);
}

struct value jinja_call(struct run *run, struct value fn, const struct call *call)
{
    struct value result = value_none();
    if (!run_enter(run)) {
        run_leave(run);
        return result;
    }
    if (fn.type == VALUE_FUNC && fn.as.func->builtin)
        result = jinja_call_builtin(run, fn.as.func->builtin, fn.as.func->self, call);
    else if (fn.type == VALUE_FUNC)
        result = jinja_call_macro(run, fn.as.func, call);
    else if (fn.type == VALUE_LOOP && call->n_pos == 1 && call->n_kw == 0)
        result = jinja_call_loop(run, fn.as.loop, call->pos[0]);
    else if (fn.type == VALUE_UNDEFINED && fn.as.s)
        run_fail(run, ERR_FORMAT, "'%.*s' is undefined or may not be called here",
                 STR_ARG(text_str(fn.as.s)));
    else
        run_fail(run, ERR_FORMAT, "a %s cannot be called", value_type_name(fn));
    run_leave(run);
    return result;
}

/* Arguments evaluated: counts are bounded by the template's size, and star arguments by their list.
 */
struct call_args {
    struct list *pos;
    struct kwarg *kw;
    size_t n_kw;
};

static void eval_star_star(struct run *run, struct call_args *out, struct value dict)
{
    if (dict.type != VALUE_DICT) {
        run_fail(run, ERR_FORMAT, "** takes a dict, not a %s", value_type_name(dict));
        return;
    }
    size_t n = dict.as.dict->count;
    struct kwarg *kw = run_alloc(run, out->n_kw + n + 1, sizeof *kw);
    if (!kw)
        return;
    if (out->n_kw)
        memcpy(kw, out->kw, out->n_kw * sizeof *kw);
    for (size_t i = 0; i < n; i++) {
        struct value key = dict.as.dict->keys[i];
        if (key.type != VALUE_STR) {
            run_fail(run, ERR_FORMAT, "** takes a dict whose keys are str");
            return;
        }
        kw[out->n_kw++] = (struct kwarg){text_str(key.as.s), dict.as.dict->values[i]};
    }
    out->kw = kw;
}

/* `extra` is a further argument by name (a call block's caller), or NULL. */
static struct call_args eval_args(struct run *run, struct scope *scope,
                                  const struct node_args *args, const struct kwarg *extra)
{
    struct call_args out = {.pos = list_new(run, LIST_LIST, args->pos.count)};
    for (size_t i = 0; i < args->pos.count; i++)
        list_add(run, out.pos, jinja_eval(run, scope, args->pos.items[i]));
    if (args->star) {
        struct list *rest = value_items(run, jinja_eval(run, scope, args->star));
        for (size_t i = 0; i < rest->count; i++)
            list_add(run, out.pos, rest->items[i]);
    }
    if (args->kw.count || extra)
        out.kw = run_alloc(run, args->kw.count + 1, sizeof *out.kw);
    for (size_t i = 0; out.kw && i < args->kw.count; i++)
        out.kw[out.n_kw++] =
            (struct kwarg){args->kw.items[i]->name, jinja_eval(run, scope, args->kw.items[i]->b)};
    if (out.kw && extra)
        out.kw[out.n_kw++] = *extra;
    if (args->star_star)
        eval_star_star(run, &out, jinja_eval(run, scope, args->star_star));
    return out;
}

static struct call call_of(const struct call_args *args)
{
    return (struct call){args->pos->items, args->pos->count, args->kw, args->n_kw};
}

struct value jinja_eval_call(struct run *run, struct scope *scope, const struct node *node,
                             const struct kwarg *extra)
{
    struct value fn = jinja_eval(run, scope, node->a);
    struct call_args args = eval_args(run, scope, &node->args, extra);
    struct call call = call_of(&args);
    run->line = node->line;
    return run->failed ? value_none() : jinja_call(run, fn, &call);
}

/* A filter or test: its operand first, then its arguments. */
static struct value eval_builtin(struct run *run, struct scope *scope, const struct node *node)
{
    struct value self = jinja_eval(run, scope, node->a);
    struct call_args args = eval_args(run, scope, &node->args, NULL);
    struct call call = call_of(&args);
    run->line = node->line;
    if (!node->builtin)
        run_fail(run, ERR_UNSUPPORTED, "there is no %s named '%.*s'",
                 node->kind == NODE_FILTER ? "filter" : "test", STR_ARG(node->name));
    return run->failed ? value_none() : jinja_call_builtin(run, node->builtin, self, &call);
}

static struct value eval_name(struct run *run, struct scope *scope, const struct node *node)
{
    const struct value *found = scope_find(run, scope, node->name);
    if (found)
        return *found;
    const struct builtin *global = jinja_global_find(node->name);
    return global ? jinja_func(run, global, value_none()) : value_undefined(run, node->name);
}

static struct value eval_items(struct run *run, struct scope *scope, const struct node *node)
{
    enum list_kind kind = node->kind == NODE_LIST ? LIST_LIST : LIST_TUPLE;
    struct list *list = list_new(run, kind, node->list.count);
    for (size_t i = 0; i < node->list.count && !run->failed; i++)
        list_add(run, list, jinja_eval(run, scope, node->list.items[i]));
    return value_of_list(list);
}

static struct value eval_dict(struct run *run, struct scope *scope, const struct node *node)
{
    struct dict *dict = dict_new(run);
    for (size_t i = 0; i + 1 < node->list.count && !run->failed; i += 2) {
        struct value key = jinja_eval(run, scope, node->list.items[i]);
        dict_set(run, dict, key, jinja_eval(run, scope, node->list.items[i + 1]));
    }
    return value_of_dict(dict);
}

static struct value eval_item(struct run *run, struct scope *scope, const struct node *node)
{
    struct value of = jinja_eval(run, scope, node->a);
    if (node->b->kind != NODE_SLICE)
        return jinja_item(run, of, jinja_eval(run, scope, node->b));
    const struct node *parts[3] = {node->b->a, node->b->b, node->b->c};
    struct value bounds[3];
    for (int i = 0; i < 3; i++)
        bounds[i] = parts[i] ? jinja_eval(run, scope, parts[i]) : value_none();
    run->line = node->line;
    return run->failed ? value_none() : jinja_slice(run, of, bounds);
}

static struct value eval_concat(struct run *run, struct scope *scope, const struct node *node)
{
    struct builder b = {0};
    for (size_t i = 0; i < node->list.count && !run->failed; i++)
        print_str(run, &b, jinja_eval(run, scope, node->list.items[i]));
    return builder_value(run, &b);
}

static struct value eval_compare(struct run *run, struct scope *scope, const struct node *node)
{
    struct value left = jinja_eval(run, scope, node->a);
    for (size_t i = 0; i < node->list.count && !run->failed; i++) {
        const struct node *link = node->list.items[i];
        struct value right = jinja_eval(run, scope, link->a);
        run->line = link->line;
        if (run->failed || !jinja_compare(run, link->op, left, right))
            return value_bool(false);
        left = right;
    }
    return value_bool(true);
}

static struct value eval_cond(struct run *run, struct scope *scope, const struct node *node)
{
    if (value_truth(jinja_eval(run, scope, node->a)))
        return jinja_eval(run, scope, node->b);
    return node->c ? jinja_eval(run, scope, node->c) : value_undefined(run, str_n("", 0));
}

static struct value eval_logic(struct run *run, struct scope *scope, const struct node *node)
{
    struct value left = jinja_eval(run, scope, node->a);
    if (node->kind == NODE_NOT)
        return value_bool(!value_truth(left));
    return value_truth(left) == (node->kind == NODE_AND) ? jinja_eval(run, scope, node->b) : left;
}

static struct value eval_math(struct run *run, struct scope *scope, const struct node *node)
{
    struct value left = jinja_eval(run, scope, node->a), right;
    if (node->kind != NODE_MATH)
        return run->failed ? left : jinja_negate(run, left, node->kind == NODE_NEG);
    right = jinja_eval(run, scope, node->b);
    run->line = node->line;
    return run->failed ? left : jinja_math(run, node->op, left, right);
}

static struct value eval_attr(struct run *run, struct scope *scope, const struct node *node)
{
    struct value of = jinja_eval(run, scope, node->a);
    run->line = node->line;
    return run->failed ? value_none() : jinja_attr(run, of, node->name);
}

static struct value eval_node(struct run *run, struct scope *scope, const struct node *node)
{
    switch (node->kind) {
    case NODE_CONST: return node->value;
    case NODE_NAME: return eval_name(run, scope, node);
    case NODE_LIST:
    case NODE_TUPLE: return eval_items(run, scope, node);
    case NODE_DICT: return eval_dict(run, scope, node);
    case NODE_ATTR: return eval_attr(run, scope, node);
    case NODE_ITEM: return eval_item(run, scope, node);
    case NODE_CALL: return jinja_eval_call(run, scope, node, NULL);
    case NODE_FILTER:
    case NODE_TEST: return eval_builtin(run, scope, node);
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT: return eval_logic(run, scope, node);
    case NODE_NEG:
    case NODE_POS:
    case NODE_MATH: return eval_math(run, scope, node);
    case NODE_CONCAT: return eval_concat(run, scope, node);
    case NODE_COMPARE: return eval_compare(run, scope, node);
    case NODE_COND: return eval_cond(run, scope, node);
    case NODE_SLICE: run_fail(run, ERR_UNSUPPORTED, "a slice beside another index"); break;
    default: BUG("statement %d where an expression stands", (int)node->kind);
    }
    return value_none();
}

struct value jinja_eval(struct run *run, struct scope *scope, const struct node *node)
{
    struct value v = value_none();
    if (run_enter(run)) {
        run->line = node->line;
        v = eval_node(run, scope, node);
    }
    run_leave(run);
    return v;
}
