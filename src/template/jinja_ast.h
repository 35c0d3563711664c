/* jinja_ast.h - a chat template's syntax: tokens, and the tree that the evaluator walks.
 * Does        template source to tokens (jinja_lex.c), tokens to nodes (jinja_parse.c for
 *             statements, jinja_expr.c for expressions). Private to template/jinja_*.c.
 * Lifetime    tokens and nodes live in the arena given; they borrow from the source.
 * Threads     immutable after parsing, share freely.
 * Limits      JINJA_*_MAX: bytes, tokens, nodes, and levels of brackets and blocks.
 * Errors      ERR_FORMAT with the template's line and what was expected; ERR_UNSUPPORTED for a tag
 *             of Jinja that chat templates have no use for. */
#ifndef TEMPLATE_JINJA_AST_H
#define TEMPLATE_JINJA_AST_H

#include "base/arena.h"
#include "template/jinja_value.h"

enum {
    JINJA_SOURCE_MAX = 1 << 20, /* real templates have 30 KB */
    JINJA_TOKENS_MAX = 400000,
    JINJA_NODES_MAX = 200000,
    JINJA_NEST_MAX = 120
};

enum token_type {
    TOKEN_END,
    TOKEN_TEXT,
    TOKEN_PRINT_BEGIN,
    TOKEN_PRINT_END,
    TOKEN_BLOCK_BEGIN,
    TOKEN_BLOCK_END,
    TOKEN_NAME,
    TOKEN_STR,
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_OP
};

struct token {
    enum token_type type;
    uint32_t line;
    struct str s; /* text, name, operator, or a string's value */
    int64_t i;
    double f;
};

/* The tokens of the whole source, ending in TOKEN_END. */
MUST_USE bool jinja_lex(struct token **out, struct arena *arena, struct str source,
                        struct err *err);

enum node_kind {
    /* expressions */
    NODE_CONST,   /* value */
    NODE_NAME,    /* name */
    NODE_LIST,    /* list */
    NODE_TUPLE,   /* list */
    NODE_DICT,    /* list: key, value, key, value */
    NODE_ATTR,    /* a.name */
    NODE_ITEM,    /* a[b]; b may be a NODE_SLICE */
    NODE_SLICE,   /* a:b:c, each may be NULL */
    NODE_CALL,    /* a(args) */
    NODE_FILTER,  /* a|name(args); a NULL inside a filter block: the block's text */
    NODE_TEST,    /* a is name(args) */
    NODE_NEG,     /* -a */
    NODE_POS,     /* +a */
    NODE_NOT,     /* not a */
    NODE_AND,     /* a and b */
    NODE_OR,      /* a or b */
    NODE_MATH,    /* a op b */
    NODE_CONCAT,  /* list, joined by ~ */
    NODE_COMPARE, /* a, then list of NODE_OPERAND */
    NODE_OPERAND, /* op a: one link of a comparison chain */
    NODE_COND,    /* b if a else c; c may be NULL */
    /* statements */
    NODE_TEXT,         /* name: the text */
    NODE_PRINT,        /* a */
    NODE_IF,           /* list of NODE_BRANCH */
    NODE_BRANCH,       /* if a (NULL: else): list */
    NODE_FOR,          /* for a in b if c: list, else other */
    NODE_SET,          /* a = b */
    NODE_SET_BLOCK,    /* a = list, filtered by b if not NULL */
    NODE_WITH,         /* other: NODE_SETs; list */
    NODE_MACRO,        /* name(params = other): list */
    NODE_CALL_BLOCK,   /* a: the call; b: the caller as a macro */
    NODE_FILTER_BLOCK, /* a: the filters; list */
    NODE_SCOPE,        /* list, in a scope of its own */
    NODE_BREAK,
    NODE_CONTINUE
};

enum node_op {
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_FLOORDIV,
    OP_MOD,
    OP_POW,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_IN,
    OP_NOT_IN
};

struct nodes {
    struct node **items;
    size_t count, cap;
};

struct node_args {
    struct nodes pos;
    struct nodes kw; /* NODE_SET with a NODE_NAME and the value */
    struct node *star, *star_star;
};

struct node {
    enum node_kind kind;
    enum node_op op;
    uint32_t line;
    bool recursive;                              /* NODE_FOR */
    bool uses_caller, uses_kwargs, uses_varargs; /* NODE_MACRO */
    struct str name;
    struct value value;
    const struct builtin *builtin; /* NODE_FILTER, NODE_TEST: NULL is an error when reached */
    struct node *a, *b, *c;
    struct nodes list, other, params;
    struct node_args args;
};

struct parser {
    struct arena *arena;
    const struct token *at;
    struct err *err;
    size_t depth, nodes;
    size_t loops; /* around here, within this macro: break and continue need one */
    bool soft;    /* in a branch: an unknown filter is an error only when reached */
    const struct node
        *unknown;       /* the first filter or test that is none of ours, outside branches */
    struct node *macro; /* the innermost one around, for what it uses; chained through `c` */
};

/* The body of a whole template. */
MUST_USE bool jinja_parse(struct node **out, struct arena *arena, struct str source,
                          struct err *err);

/* Between jinja_parse.c and jinja_expr.c. Each returns NULL after an error. */
bool parse_fail(struct parser *p, const char *expected);
bool parse_is_name(const struct parser *p, const char *name);
bool parse_is_op(const struct parser *p, const char *op);
bool parse_skip_name(struct parser *p, const char *name);
bool parse_skip_op(struct parser *p, const char *op);
MUST_USE bool parse_expect_op(struct parser *p, const char *op);
MUST_USE bool parse_expect_name(struct parser *p, struct str *name);
MUST_USE bool parse_enter(struct parser *p);
struct node *node_new(struct parser *p, enum node_kind kind);
void nodes_add(struct parser *p, struct nodes *nodes, struct node *node);

enum tuple_form {
    TUPLE_FULL,    /* expressions with if/else, as in {{ }} and set */
    TUPLE_NO_COND, /* without: what stands after "if" or "in" */
    TUPLE_PARENS   /* inside parentheses: may be empty */
};
struct node *parse_expr(struct parser *p);
struct node *parse_tuple(struct parser *p, enum tuple_form form);
struct node *parse_target(struct parser *p, bool with_attr); /* names to assign to */
struct node *parse_filters(struct parser *p, struct node *of, bool bar_seen);
struct node *parse_postfix_call(struct parser *p); /* an expression that must be a call */

#endif
