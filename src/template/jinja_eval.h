/* jinja_eval.h - running a chat template's tree.
 * Does        expressions (jinja_eval.c), attributes and operators (jinja_op.c), statements, loops
 *             and macros (jinja_exec.c), and the tables of filters, tests, methods and globals
 *             (jinja_filter.c, jinja_seq.c, jinja_test.c, jinja_str.c, jinja_global.c). Private
 *             to template/jinja_*.c.
 * Lifetime    scopes, loops and functions live in the run's arena.
 * Threads     a run belongs to one thread; the tables are constant.
 * Errors      sticky in the run, see jinja_value.h. */
#ifndef TEMPLATE_JINJA_EVAL_H
#define TEMPLATE_JINJA_EVAL_H

#include "template/jinja_ast.h"
#include "template/jinja_value.h"

struct binding {
    struct binding *next;
    struct str name;
    struct value value;
};

struct scope {
    struct scope *parent;
    struct binding *first;
};

/* A for loop under way; what {{ loop }} shows. Items are drawn one by one, as the loop's filter may
 * depend on what its body did before. */
struct loop {
    const struct node *node;
    struct scope *scope; /* around the loop */
    struct list *source;
    size_t drawn;       /* of the source */
    struct list *ahead; /* drawn and let through, not yet shown to the body */
    size_t shown;       /* of `ahead` */
    size_t index0, depth0;
    struct value previous, current;
    struct value changed; /* what loop.changed() saw last */
};

struct scope *scope_new(struct run *run, struct scope *parent);
void scope_set(struct run *run, struct scope *scope, struct str name, struct value v);
const struct value *scope_find(struct run *run, const struct scope *scope, struct str name);

struct value jinja_eval(struct run *run, struct scope *scope, const struct node *node);
/* A NODE_CALL, with one more argument by name than is written (a call block's caller), or NULL. */
struct value jinja_eval_call(struct run *run, struct scope *scope, const struct node *node,
                             const struct kwarg *extra);
/* Runs the statements; what they print goes to run->out. */
void jinja_exec(struct run *run, struct scope *scope, const struct nodes *body);

struct value jinja_call(struct run *run, struct value fn, const struct call *call);
struct value jinja_call_builtin(struct run *run, const struct builtin *builtin, struct value self,
                                const struct call *call);
struct value jinja_call_macro(struct run *run, const struct func *func, const struct call *call);
struct value jinja_call_loop(struct run *run, struct loop *loop, struct value items);
struct value jinja_func_attr(struct run *run, const struct func *func, struct str name);
struct value jinja_loop_attr(struct run *run, struct loop *loop, struct str name);

/* of.name, of[key] and of[start:stop:step] with Jinja's rules; undefined where there is nothing. */
struct value jinja_attr(struct run *run, struct value of, struct str name);
struct value jinja_item(struct run *run, struct value of, struct value key);
struct value jinja_slice(struct run *run, struct value of, const struct value bounds[3]);
/* "a.b.0" as map(attribute=...) and its kin read it. */
struct value jinja_path(struct run *run, struct value of, struct value path);
struct value jinja_math(struct run *run, enum node_op op, struct value a, struct value b);
bool jinja_compare(struct run *run, enum node_op op, struct value a, struct value b);
struct value jinja_negate(struct run *run, struct value v, bool minus);
/* What str methods and filters share. */
enum { STRIP_LEFT = 1, STRIP_RIGHT = 2 };
enum letter_case { CASE_LOWER, CASE_UPPER, CASE_TITLE, CASE_CAPITAL, CASE_SWAP };
struct value jinja_strip(struct run *run, const struct text *text, const struct text *set,
                         int sides);
struct value jinja_case(struct run *run, const struct text *text, enum letter_case to);
struct value jinja_replace(struct run *run, const struct text *text, const struct text *old,
                           const struct text *new, int64_t count); /* count < 0: all */
struct value jinja_escape(struct run *run, struct value v); /* &<>'" for HTML; gives markup */
struct value jinja_center(struct run *run, struct value self, int64_t width);
bool jinja_is_case(const struct text *text, bool upper); /* str.isupper, str.islower */
struct value jinja_format_braces(struct run *run, const struct text *format,
                                 const struct call *call);
struct value jinja_format_percent(struct run *run, const struct text *format, struct value args);

/* Tables. NULL when there is no such name. */
const struct builtin *jinja_filter_find(struct str name);
const struct builtin *jinja_seq_filter_find(struct str name);
const struct builtin *jinja_test_find(struct str name);
const struct builtin *jinja_global_find(struct str name);
const struct builtin *jinja_method_find(struct value of, struct str name);
extern const struct builtin jinja_str_methods[];
const struct builtin *jinja_table_find(const struct builtin *table, struct str name);
struct value jinja_func(struct run *run, const struct builtin *builtin, struct value self);

/* Arguments: their value, or the default when absent; a wrong type is a failure. */
bool arg_given(const struct args *args, size_t i);
int64_t arg_int(struct run *run, const struct args *args, size_t i, int64_t fallback);
bool arg_bool(const struct args *args, size_t i, bool fallback);
const struct text *arg_text(struct run *run, const struct args *args, size_t i); /* NULL: absent */

/* A list sorted by key (as sort does), stable. `keys` has one for each item. */
struct list *jinja_sort(struct run *run, const struct list *items, const struct list *keys,
                        bool reverse);
struct list *jinja_sort_items(struct run *run, const struct list *items); /* pairs, by the first */

#endif
