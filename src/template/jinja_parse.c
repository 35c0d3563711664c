#include "base/mem.h"
#include "template/jinja_ast.h"

static bool parse_body(struct parser *p, struct nodes *out, const char *const *ends);

bool parse_fail(struct parser *p, const char *expected)
{
    static const char *const names[] = {
        "the end of the template", "text", "'{{'", "'}}'", "'{%'", "'%}'"};
    const struct token *at = p->at;
    if (p->err->code != ERR_NONE)
        return false;
    if (at->type <= TOKEN_BLOCK_END)
        return err_set(p->err, ERR_FORMAT, "template line %u: expected %s, found %s",
                       (unsigned)at->line, expected, names[at->type]);
    return err_set(p->err, ERR_FORMAT, "template line %u: expected %s, found '%.*s'",
                   (unsigned)at->line, expected,
                   STR_ARG(str_n(at->s.ptr, size_min(at->s.len, 60))));
}

bool parse_is_name(const struct parser *p, const char *name)
{
    return p->at->type == TOKEN_NAME && str_is(p->at->s, name);
}

bool parse_is_op(const struct parser *p, const char *op)
{
    return p->at->type == TOKEN_OP && str_is(p->at->s, op);
}

bool parse_skip_name(struct parser *p, const char *name)
{
    bool is = parse_is_name(p, name);
    p->at += is;
    return is;
}

bool parse_skip_op(struct parser *p, const char *op)
{
    bool is = parse_is_op(p, op);
    p->at += is;
    return is;
}

bool parse_expect_op(struct parser *p, const char *op)
{
    return parse_skip_op(p, op) || parse_fail(p, op);
}

bool parse_expect_name(struct parser *p, struct str *name)
{
    if (p->at->type != TOKEN_NAME)
        return parse_fail(p, "a name");
    *name = p->at++->s;
    return true;
}

bool parse_enter(struct parser *p)
{
    if (++p->depth <= JINJA_NEST_MAX)
        return true;
    return err_set(p->err, ERR_LIMIT, "template line %u: nested over %d deep",
                   (unsigned)p->at->line, JINJA_NEST_MAX);
}

struct node *node_new(struct parser *p, enum node_kind kind)
{
    if (++p->nodes > JINJA_NODES_MAX) {
        err_set(p->err, ERR_LIMIT, "template: more than %d parts", JINJA_NODES_MAX);
        return NULL;
    }
    struct node *node = arena_alloc(p->arena, 1, sizeof *node);
    node->kind = kind;
    node->line = p->at->line;
    return node;
}

void nodes_add(struct parser *p, struct nodes *nodes, struct node *node)
{
    if (nodes->count == nodes->cap) {
        size_t cap = nodes->cap ? nodes->cap * 2 : 4;
        struct node **items = arena_alloc(p->arena, cap, sizeof *items);
        if (nodes->count)
            memcpy(items, nodes->items, nodes->count * sizeof *items);
        nodes->items = items;
        nodes->cap = cap;
    }
    nodes->items[nodes->count++] = node;
}

static bool block_end(struct parser *p)
{
    if (p->at->type != TOKEN_BLOCK_END)
        return parse_fail(p, "'%}'");
    p->at++;
    return true;
}

/* A body that is a scope of its own: what it uses is judged apart from the branch around it. */
static bool parse_scoped(struct parser *p, struct nodes *out, const char *const *ends)
{
    bool soft = p->soft;
    p->soft = false;
    bool ok = parse_body(p, out, ends);
    p->soft = soft;
    return ok;
}

static const char *const ends_if[] = {"elif", "else", "endif", NULL};
static const char *const ends_for[] = {"else", "endfor", NULL};

static bool parse_branch(struct parser *p, struct node *node, bool has_test)
{
    struct node *branch = node_new(p, NODE_BRANCH);
    if (!branch || (has_test && !(branch->a = parse_tuple(p, TUPLE_NO_COND))))
        return false;
    nodes_add(p, &node->list, branch);
    return block_end(p) && parse_body(p, &branch->list, ends_if);
}

static bool parse_if(struct parser *p, struct node *node)
{
    bool soft = p->soft, ok;
    node->kind = NODE_IF;
    p->soft = true;
    ok = parse_branch(p, node, true);
    while (ok && parse_skip_name(p, "elif"))
        ok = parse_branch(p, node, true);
    if (ok && parse_skip_name(p, "else"))
        ok = parse_branch(p, node, false);
    p->soft = soft;
    return ok && (parse_skip_name(p, "endif") || parse_fail(p, "'endif'"));
}

static bool parse_for(struct parser *p, struct node *node)
{
    node->kind = NODE_FOR;
    if (!(node->a = parse_target(p, false)))
        return false;
    if (node->a->kind == NODE_NAME && str_is(node->a->name, "loop"))
        return parse_fail(p, "another name than 'loop' for a loop's item");
    if (!parse_skip_name(p, "in"))
        return parse_fail(p, "'in'");
    if (!(node->b = parse_tuple(p, TUPLE_NO_COND)))
        return false;
    if (parse_skip_name(p, "if") && !(node->c = parse_expr(p)))
        return false;
    node->recursive = parse_skip_name(p, "recursive");
    if (!block_end(p))
        return false;
    p->loops++;
    bool ok = parse_scoped(p, &node->list, ends_for);
    p->loops--;
    if (ok && parse_skip_name(p, "else"))
        ok = block_end(p) && parse_scoped(p, &node->other, ends_for + 1);
    return ok && (parse_skip_name(p, "endfor") || parse_fail(p, "'endfor'"));
}

static bool parse_set(struct parser *p, struct node *node)
{
    static const char *const ends[] = {"endset", NULL};
    node->kind = NODE_SET;
    if (!(node->a = parse_target(p, true)))
        return false;
    if (parse_skip_op(p, "="))
        return (node->b = parse_tuple(p, TUPLE_FULL)) != NULL;
    node->kind = NODE_SET_BLOCK;
    if (parse_is_op(p, "|") && !(node->b = parse_filters(p, NULL, false)))
        return false;
    return block_end(p) && parse_scoped(p, &node->list, ends) && parse_skip_name(p, "endset");
}

static bool parse_with(struct parser *p, struct node *node)
{
    static const char *const ends[] = {"endwith", NULL};
    node->kind = NODE_WITH;
    while (p->at->type != TOKEN_BLOCK_END) {
        struct node *set = node_new(p, NODE_SET);
        if (!set || (node->other.count && !parse_expect_op(p, ",")))
            return false;
        if (!(set->a = parse_target(p, false)) || !parse_expect_op(p, "=") ||
            !(set->b = parse_expr(p)))
            return false;
        nodes_add(p, &node->other, set);
    }
    return block_end(p) && parse_scoped(p, &node->list, ends) && parse_skip_name(p, "endwith");
}

/* (a, b=1) of a macro or caller, from after "(". */
static bool parse_params(struct parser *p, struct node *macro)
{
    while (!parse_is_op(p, ")")) {
        struct node *param = node_new(p, NODE_SET);
        if (!param || (macro->params.count && !parse_expect_op(p, ",")))
            return false;
        if (!parse_expect_name(p, &param->name))
            return false;
        bool needs_default = macro->params.count && macro->params.items[macro->params.count - 1]->b;
        if (parse_skip_op(p, "=")) {
            if (!(param->b = parse_expr(p)))
                return false;
        } else if (needs_default) {
            return parse_fail(p, "a default, as the parameter before has one");
        }
        nodes_add(p, &macro->params, param);
    }
    return parse_expect_op(p, ")");
}

/* Parameters already read or none: the rest of the tag and the body. */
static bool parse_macro_body(struct parser *p, struct node *macro, const char *const *ends)
{
    size_t loops = p->loops;
    p->loops = 0;
    bool ok = block_end(p) && parse_scoped(p, &macro->list, ends) && parse_skip_name(p, ends[0]);
    p->loops = loops;
    return ok;
}

static bool parse_macro(struct parser *p, struct node *node)
{
    static const char *const ends[] = {"endmacro", NULL};
    node->kind = NODE_MACRO;
    node->c = p->macro;
    p->macro = node;
    bool ok = parse_expect_name(p, &node->name) && parse_expect_op(p, "(") &&
              parse_params(p, node) && parse_macro_body(p, node, ends);
    p->macro = node->c;
    return ok;
}

static bool parse_call_block(struct parser *p, struct node *node)
{
    static const char *const ends[] = {"endcall", NULL};
    struct node *caller = node_new(p, NODE_MACRO);
    node->kind = NODE_CALL_BLOCK;
    if (!caller)
        return false;
    caller->name = (struct str)STR("caller");
    node->b = caller;
    if (parse_skip_op(p, "(") && !parse_params(p, caller))
        return false;
    if (!(node->a = parse_postfix_call(p)))
        return false;
    caller->c = p->macro;
    p->macro = caller;
    bool ok = parse_macro_body(p, caller, ends);
    p->macro = caller->c;
    return ok;
}

static bool parse_filter_block(struct parser *p, struct node *node)
{
    static const char *const ends[] = {"endfilter", NULL};
    node->kind = NODE_FILTER_BLOCK;
    if (!(node->a = parse_filters(p, NULL, true)))
        return false;
    return block_end(p) && parse_scoped(p, &node->list, ends) && parse_skip_name(p, "endfilter");
}

/* {% generation %} marks what an assistant said; it prints its inside and is a scope. */
static bool parse_generation(struct parser *p, struct node *node)
{
    static const char *const ends[] = {"endgeneration", NULL};
    node->kind = NODE_SCOPE;
    return parse_macro_body(p, node, ends);
}

static bool parse_loop_control(struct parser *p, struct node *node)
{
    node->kind = parse_is_name(p, "break") ? NODE_BREAK : NODE_CONTINUE;
    if (p->loops == 0)
        return parse_fail(p, "'break' and 'continue' inside a loop only");
    p->at++;
    return true;
}

static bool parse_print(struct parser *p, struct node *node)
{
    node->kind = NODE_PRINT;
    node->a = parse_tuple(p, TUPLE_FULL);
    return node->a != NULL;
}

/* {% print a, b %} prints both, where {{ a, b }} would print a tuple. */
static bool parse_print_tag(struct parser *p, struct node *node)
{
    node->kind = NODE_PRINT;
    node->a = node_new(p, NODE_CONCAT);
    do {
        struct node *item = node->a ? parse_expr(p) : NULL;
        if (!item)
            return false;
        nodes_add(p, &node->a->list, item);
    } while (parse_skip_op(p, ","));
    return true;
}

static bool is_known_elsewhere(const struct parser *p)
{
    static const char *const tags[] = {"block", "extends", "include",    "import", "from",
                                       "do",    "trans",   "autoescape", "debug"};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (parse_is_name(p, tags[i]))
            return true;
    return false;
}

static bool parse_statement(struct parser *p, struct node *node)
{
    static const struct {
        const char *tag;
        bool (*parse)(struct parser *p, struct node *node);
    } tags[] = {{"if", parse_if},
                {"for", parse_for},
                {"set", parse_set},
                {"macro", parse_macro},
                {"with", parse_with},
                {"call", parse_call_block},
                {"print", parse_print_tag},
                {"filter", parse_filter_block},
                {"generation", parse_generation}};
    if (parse_is_name(p, "break") || parse_is_name(p, "continue"))
        return parse_loop_control(p, node);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (parse_skip_name(p, tags[i].tag))
            return tags[i].parse(p, node);
    if (is_known_elsewhere(p))
        return err_set(p->err, ERR_UNSUPPORTED, "template line %u: the tag '%.*s' is not supported",
                       (unsigned)p->at->line, STR_ARG(p->at->s));
    return parse_fail(p, "a tag that is known");
}

static bool is_end(const struct parser *p, const char *const *ends)
{
    for (; *ends; ends++)
        if (p->at[1].type == TOKEN_NAME && str_is(p->at[1].s, *ends))
            return true;
    return false;
}

/* One text, {{ }} or {% %}, added to `out`. */
static bool parse_piece(struct parser *p, struct nodes *out)
{
    struct node *node = node_new(p, NODE_TEXT);
    if (!node)
        return false;
    nodes_add(p, out, node);
    if (p->at->type == TOKEN_TEXT) {
        node->name = p->at++->s;
        return true;
    }
    if (p->at->type == TOKEN_PRINT_BEGIN) {
        p->at++;
        if (!parse_print(p, node))
            return false;
        if (p->at->type != TOKEN_PRINT_END)
            return parse_fail(p, "'}}'");
        p->at++;
        return true;
    }
    p->at++; /* {% */
    return parse_statement(p, node) && block_end(p);
}

/* Up to a tag named in `ends`, which is left to be read (without its "{%"). */
static bool parse_body(struct parser *p, struct nodes *out, const char *const *ends)
{
    bool ok = parse_enter(p);
    while (ok && p->at->type != TOKEN_END) {
        if (p->at->type == TOKEN_BLOCK_BEGIN && is_end(p, ends)) {
            p->at++;
            break;
        }
        ok = parse_piece(p, out);
    }
    p->depth--;
    while (ok && ends[0] && ends[1])
        ends++; /* the last is the one that closes */
    if (ok && *ends && p->at->type == TOKEN_END)
        return err_set(p->err, ERR_FORMAT, "template: the end came before '%s'", *ends);
    return ok;
}

bool jinja_parse(struct node **out, struct arena *arena, struct str source, struct err *err)
{
    static const char *const no_end[] = {NULL};
    struct token *tokens;
    struct parser p = {.arena = arena, .err = err};
    *out = NULL;
    *err = (struct err){0};
    if (!jinja_lex(&tokens, arena, source, err))
        return false;
    p.at = tokens;
    struct node *root = node_new(&p, NODE_SCOPE);
    if (!root || !parse_body(&p, &root->list, no_end))
        return false;
    if (p.unknown)
        return err_set(err, ERR_UNSUPPORTED, "template line %u: there is no %s named '%.*s'",
                       (unsigned)p.unknown->line,
                       p.unknown->kind == NODE_FILTER ? "filter" : "test",
                       STR_ARG(p.unknown->name));
    *out = root;
    return true;
}
