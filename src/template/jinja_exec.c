#include "template/jinja_eval.h"

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };

static enum flow exec_body(struct run *run, struct scope *scope, const struct nodes *body);

/* What the statements print, as a string. */
static struct value capture(struct run *run, struct scope *scope, const struct nodes *body)
{
    struct builder b = {0}, *out = run->out;
    run->out = &b;
    exec_body(run, scope, body);
    run->out = out;
    return builder_value(run, &b);
}

static void unpack(struct run *run, struct scope *scope, const struct node *target, struct value v);

static void assign(struct run *run, struct scope *scope, const struct node *target, struct value v)
{
    if (target->kind == NODE_TUPLE) {
        unpack(run, scope, target, v);
    } else if (target->kind == NODE_NAME) {
        scope_set(run, scope, target->name, v);
    } else {
        struct value of = jinja_eval(run, scope, target->a);
        if (of.type != VALUE_NAMESPACE)
            run_fail(run, ERR_FORMAT, "only a namespace can be given the attribute '%.*s'",
                     STR_ARG(target->name));
        else
            dict_set_name(run, of.as.dict, target->name, v);
    }
}

static void unpack(struct run *run, struct scope *scope, const struct node *target, struct value v)
{
    const struct list *items = value_items(run, v);
    if (items->count != target->list.count)
        run_fail(run, ERR_FORMAT, "%zu names are to take %zu values", target->list.count,
                 items->count);
    for (size_t i = 0; i < target->list.count && !run->failed; i++)
        assign(run, scope, target->list.items[i], items->items[i]);
}

/* Whether the loop's own filter lets the item through. */
static bool loop_admits(struct run *run, const struct loop *loop, struct value item)
{
    if (!loop->node->c)
        return true;
    struct scope *scope = scope_new(run, loop->scope);
    assign(run, scope, loop->node->a, item);
    return value_truth(jinja_eval(run, scope, loop->node->c));
}

/* Draws until an item has passed the filter; it then waits in `ahead`. */
static bool loop_draw(struct run *run, struct loop *loop)
{
    while (loop->drawn < loop->source->count && run_step(run, 1)) {
        struct value item = loop->source->items[loop->drawn++];
        if (!loop_admits(run, loop, item))
            continue;
        list_add(run, loop->ahead, item);
        return !run->failed;
    }
    return false;
}

static bool loop_has_next(struct run *run, struct loop *loop)
{
    return loop->shown < loop->ahead->count || loop_draw(run, loop);
}

static size_t loop_remaining(struct run *run, struct loop *loop)
{
    while (loop_draw(run, loop))
        continue;
    return loop->ahead->count - loop->shown;
}

static bool loop_next(struct run *run, struct loop *loop)
{
    if (!loop_has_next(run, loop))
        return false;
    loop->previous = loop->current;
    loop->current = loop->ahead->items[loop->shown++];
    if (loop->shown == loop->ahead->count)
        loop->shown = loop->ahead->count = 0; /* the queue is empty: use its memory again */
    return true;
}

static void exec_loop(struct run *run, struct scope *around, const struct node *node,
                      struct value items, size_t depth0)
{
    struct loop *loop = run_alloc(run, 1, sizeof *loop);
    bool completed = false;
    *loop = (struct loop){.node = node, .scope = around, .depth0 = depth0};
    loop->ahead = list_new(run, LIST_LIST, 0);
    loop->source = value_items(run, items);
    for (; loop_next(run, loop) && run_step(run, 1); loop->index0++) {
        struct scope *scope = scope_new(run, around);
        assign(run, scope, node->a, loop->current);
        scope_set(run, scope, (struct str)STR("loop"),
                  (struct value){.type = VALUE_LOOP, .as.loop = loop});
        enum flow flow = exec_body(run, scope, &node->list);
        completed = completed || flow == FLOW_ON;
        if (flow == FLOW_BREAK)
            break;
    }
    /* Not only an empty loop has its else: so has one whose every pass was cut short. */
    if (!completed && !run->failed)
        exec_body(run, scope_new(run, around), &node->other);
}

struct value jinja_call_loop(struct run *run, struct loop *loop, struct value items)
{
    struct builder b = {0}, *out = run->out;
    if (!loop->node->recursive) {
        run_fail(run, ERR_FORMAT, "a loop can be called only when it says 'recursive'");
        return value_none();
    }
    run->out = &b;
    exec_loop(run, loop->scope, loop->node, items, loop->depth0 + 1);
    run->out = out;
    return builder_value(run, &b);
}

static struct value loop_cycle(struct run *run, struct value self, const struct args *args)
{
    if (args->call->n_pos == 0) {
        run_fail(run, ERR_FORMAT, "loop.cycle needs something to cycle through");
        return value_none();
    }
    return args->call->pos[self.as.loop->index0 % args->call->n_pos];
}

static struct value loop_changed(struct run *run, struct value self, const struct args *args)
{
    struct loop *loop = self.as.loop;
    struct list *seen = list_new(run, LIST_TUPLE, args->call->n_pos);
    for (size_t i = 0; i < args->call->n_pos; i++)
        list_add(run, seen, args->call->pos[i]);
    bool same =
        loop->changed.type == VALUE_LIST && value_equal(run, loop->changed, value_of_list(seen));
    loop->changed = value_of_list(seen);
    return value_bool(!same);
}

struct value jinja_loop_attr(struct run *run, struct loop *loop, struct str name)
{
    static const struct builtin methods[] = {
        {"cycle", loop_cycle, NULL, 0}, {"changed", loop_changed, NULL, 0}, {0}};
    const struct builtin *method = jinja_table_find(methods, name);
    int64_t index0 = (int64_t)loop->index0, depth0 = (int64_t)loop->depth0;
    if (method)
        return jinja_func(run, method, (struct value){.type = VALUE_LOOP, .as.loop = loop});
    if (str_is(name, "index"))
        return value_int(index0 + 1);
    if (str_is(name, "index0"))
        return value_int(index0);
    if (str_is(name, "first"))
        return value_bool(index0 == 0);
    if (str_is(name, "last"))
        return value_bool(!loop_has_next(run, loop));
    if (str_is(name, "length"))
        return value_int(index0 + 1 + (int64_t)loop_remaining(run, loop));
    if (str_is(name, "revindex"))
        return value_int(1 + (int64_t)loop_remaining(run, loop));
    if (str_is(name, "revindex0"))
        return value_int((int64_t)loop_remaining(run, loop));
    if (str_is(name, "depth"))
        return value_int(depth0 + 1);
    if (str_is(name, "depth0"))
        return value_int(depth0);
    if (str_is(name, "previtem") && index0 > 0)
        return loop->previous;
    if (str_is(name, "nextitem") && loop_has_next(run, loop))
        return loop->ahead->items[loop->shown];
    return value_undefined(run, name);
}

/* Gives each parameter its argument or default; what is left over goes to varargs and kwargs, if
 * the body uses them. */
struct macro_call {
    const struct node *macro;
    const struct call *call;
    struct scope *scope;
    bool *used; /* of call->kw */
};

static const struct value *take_kwarg(struct macro_call *m, struct str name)
{
    for (size_t i = 0; i < m->call->n_kw; i++) {
        if (!m->used[i] && str_eq(m->call->kw[i].name, name)) {
            m->used[i] = true;
            return &m->call->kw[i].value;
        }
    }
    return NULL;
}

static void bind_params(struct run *run, struct macro_call *m)
{
    const struct nodes *params = &m->macro->params;
    for (size_t i = 0; i < params->count && !run->failed; i++) {
        const struct node *param = params->items[i];
        const struct value *given =
            i < m->call->n_pos ? &m->call->pos[i] : take_kwarg(m, param->name);
        struct value v = given      ? *given
                         : param->b ? jinja_eval(run, m->scope, param->b)
                                    : value_undefined(run, param->name);
        scope_set(run, m->scope, param->name, v);
    }
}

static void bind_rest(struct run *run, struct macro_call *m)
{
    const struct node *macro = m->macro;
    struct dict *kwargs = dict_new(run);
    struct list *varargs = list_new(run, LIST_TUPLE, 0);
    if (macro->uses_caller) {
        const struct value *caller = take_kwarg(m, (struct str)STR("caller"));
        scope_set(run, m->scope, (struct str)STR("caller"),
                  caller ? *caller : value_undefined(run, (struct str)STR("caller")));
    }
    for (size_t i = 0; i < m->call->n_kw; i++) {
        if (m->used[i])
            continue;
        if (!macro->uses_kwargs)
            run_fail(run, ERR_FORMAT, "macro '%.*s' takes no argument '%.*s'", STR_ARG(macro->name),
                     STR_ARG(m->call->kw[i].name));
        dict_set_name(run, kwargs, m->call->kw[i].name, m->call->kw[i].value);
    }
    for (size_t i = macro->params.count; i < m->call->n_pos; i++)
        list_add(run, varargs, m->call->pos[i]);
    if (varargs->count && !macro->uses_varargs)
        run_fail(run, ERR_FORMAT, "macro '%.*s' takes %zu arguments, got %zu", STR_ARG(macro->name),
                 macro->params.count, m->call->n_pos);
    if (macro->uses_kwargs)
        scope_set(run, m->scope, (struct str)STR("kwargs"), value_of_dict(kwargs));
    if (macro->uses_varargs)
        scope_set(run, m->scope, (struct str)STR("varargs"), value_of_list(varargs));
}

struct value jinja_call_macro(struct run *run, const struct func *func, const struct call *call)
{
    struct macro_call m = {.macro = func->macro, .call = call};
    m.scope = scope_new(run, func->scope);
    m.used = run_alloc(run, call->n_kw + 1, sizeof *m.used);
    if (!m.used)
        return value_none();
    bind_params(run, &m);
    bind_rest(run, &m);
    return run->failed ? value_none() : capture(run, m.scope, &func->macro->list);
}

static struct value macro_value(struct run *run, struct scope *scope, const struct node *node)
{
    struct func *func = run_alloc(run, 1, sizeof *func);
    func->macro = node;
    func->scope = scope;
    return value_of_func(func);
}

static void exec_call_block(struct run *run, struct scope *scope, const struct node *node)
{
    struct kwarg caller = {STR("caller"), macro_value(run, scope, node->b)};
    struct value result = jinja_eval_call(run, scope, node->a, &caller);
    if (!run->failed)
        print_str(run, run->out, result);
}

/* The innermost filter of a chain in a block has no operand: it reads the block's text from here.
 */
static struct value filter_text(struct run *run, struct scope *scope, const struct node *filter,
                                struct value text)
{
    struct node operand = {.kind = NODE_CONST, .line = filter->line, .value = text};
    struct node copy = *filter;
    if (!run_enter(run)) {
        run_leave(run);
        return text;
    }
    if (filter->a)
        operand.value = filter_text(run, scope, filter->a, text);
    copy.a = &operand;
    struct value v = jinja_eval(run, scope, &copy);
    run_leave(run);
    return v;
}

static void exec_set_block(struct run *run, struct scope *scope, const struct node *node)
{
    struct value text = capture(run, scope_new(run, scope), &node->list);
    if (node->b)
        text = filter_text(run, scope, node->b, text);
    assign(run, scope, node->a, text);
}

static void exec_filter_block(struct run *run, struct scope *scope, const struct node *node)
{
    struct value text = capture(run, scope_new(run, scope), &node->list);
    print_str(run, run->out, filter_text(run, scope, node->a, text));
}

static enum flow exec_if(struct run *run, struct scope *scope, const struct node *node)
{
    for (size_t i = 0; i < node->list.count && !run->failed; i++) {
        const struct node *branch = node->list.items[i];
        if (!branch->a || value_truth(jinja_eval(run, scope, branch->a)))
            return exec_body(run, scope, &branch->list);
    }
    return FLOW_ON;
}

static enum flow exec_with(struct run *run, struct scope *scope, const struct node *node)
{
    struct scope *inner = scope_new(run, scope);
    for (size_t i = 0; i < node->other.count && !run->failed; i++) {
        const struct node *set = node->other.items[i];
        assign(run, inner, set->a, jinja_eval(run, scope, set->b));
    }
    return exec_body(run, inner, &node->list);
}

static void exec_print(struct run *run, struct scope *scope, const struct node *node)
{
    struct value v = jinja_eval(run, scope, node->a);
    if (!run->failed)
        print_str(run, run->out, v);
}

static enum flow exec_node(struct run *run, struct scope *scope, const struct node *node)
{
    run->line = node->line;
    switch (node->kind) {
    case NODE_TEXT: builder_add(run, run->out, node->name, true); break;
    case NODE_PRINT: exec_print(run, scope, node); break;
    case NODE_IF: return exec_if(run, scope, node);
    case NODE_FOR: exec_loop(run, scope, node, jinja_eval(run, scope, node->b), 0); break;
    case NODE_SET: assign(run, scope, node->a, jinja_eval(run, scope, node->b)); break;
    case NODE_SET_BLOCK: exec_set_block(run, scope, node); break;
    case NODE_WITH: return exec_with(run, scope, node);
    case NODE_MACRO: scope_set(run, scope, node->name, macro_value(run, scope, node)); break;
    case NODE_CALL_BLOCK: exec_call_block(run, scope, node); break;
    case NODE_FILTER_BLOCK: exec_filter_block(run, scope, node); break;
    case NODE_SCOPE: return exec_body(run, scope_new(run, scope), &node->list);
    case NODE_BREAK: return FLOW_BREAK;
    case NODE_CONTINUE: return FLOW_CONTINUE;
    default: BUG("expression %d where a statement stands", (int)node->kind);
    }
    return FLOW_ON;
}

static enum flow exec_body(struct run *run, struct scope *scope, const struct nodes *body)
{
    enum flow flow = FLOW_ON;
    bool ok = run_enter(run);
    for (size_t i = 0; ok && i < body->count && flow == FLOW_ON; i++) {
        flow = exec_node(run, scope, body->items[i]);
        ok = run_step(run, 1);
    }
    if (run->out->len > RUN_OUTPUT_MAX)
        run_fail(run, ERR_LIMIT, "renders more than %d bytes", RUN_OUTPUT_MAX);
    run_leave(run);
    return flow;
}

void jinja_exec(struct run *run, struct scope *scope, const struct nodes *body)
{
    exec_body(run, scope, body);
}
