/* jinja_value.h - what a chat template computes with: Python-like values whose text knows where it
 * came from.
 * Does        values, strings that carry for every byte whether the template or the data wrote it,
 *             and the run they live in with its limits. Private to template/jinja_*.c.
 * Lifetime    everything lives in the run's arena and dies with it; strings of the data are
 *             borrowed from the caller's JSON for as long as the run lasts.
 * Threads     a run belongs to one thread.
 * Limits      RUN_*; see each. A list, dict or string never changes once built, except under
 *             construction and in namespaces: the sandbox refuses what would change data.
 * Errors      sticky: the first run_fail is kept, `failed` stays true, and every function may be
 *             called on with whatever values it likes; loops look at `failed` and end early. */
#ifndef TEMPLATE_JINJA_VALUE_H
#define TEMPLATE_JINJA_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum {
    RUN_STEPS_MAX = 8000000,   /* nodes evaluated, plus bytes touched by the time they take */
    RUN_DEPTH_MAX = 800,       /* nested evaluations: bounds the C stack */
    RUN_BYTES_MAX = 256 << 20, /* memory of one rendering */
    RUN_OUTPUT_MAX = 64 << 20, /* rendered text */
    RUN_RANGE_MAX = 100000,    /* items of range(), the sandbox's own limit */
    RUN_ARGS_MAX = 6           /* parameters of a built-in function */
};

enum value_type {
    VALUE_ABSENT, /* an optional argument not given; never seen by a template */
    VALUE_UNDEFINED,
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STR,
    VALUE_LIST, /* every sequence and one-pass iterator, see list_kind */
    VALUE_DICT,
    VALUE_NAMESPACE, /* a dict that may be assigned to */
    VALUE_LOOP,
    VALUE_FUNC
};

/* Bytes with their origin: trust[i] tells for byte i; trust NULL means `trusted` for all of them.
 */
struct text {
    const char *ptr;
    size_t len;
    const uint8_t *trust;
    bool trusted;
    bool markup; /* passed through safe or escape: what is added to it by + is escaped */
};

struct value {
    enum value_type type;
    bool tainted; /* of numbers, lists and dicts: came from the data */
    union {
        bool b;
        int64_t i;
        double f;
        const struct text *s; /* also the name of an undefined value, or NULL */
        struct list *list;
        struct dict *dict;
        struct loop *loop;
        const struct func *func;
    } as;
};

enum list_kind {
    LIST_LIST,
    LIST_TUPLE,
    LIST_RANGE,
    LIST_KEYS,
    LIST_VALUES,
    LIST_ITEMS,
    LIST_ITERATOR /* can be walked once */
};

struct list {
    enum list_kind kind;
    struct value *items;
    size_t count, cap;
    size_t taken;              /* of an iterator: items already given */
    int64_t start, stop, step; /* of a range, for printing */
};

struct dict {
    struct value *keys, *values;
    size_t count, cap;
};

struct run;

/* Arguments as called, and bound to a built-in's parameters. */
struct kwarg {
    struct str name;
    struct value value;
};
struct call {
    const struct value *pos;
    size_t n_pos;
    const struct kwarg *kw;
    size_t n_kw;
};
struct args {
    struct value v[RUN_ARGS_MAX]; /* VALUE_ABSENT where not given */
    const struct call *call;
};

/* A filter, test, method or global: `self` is what stands before the bar, "is" or dot. */
typedef struct value builtin_fn(struct run *run, struct value self, const struct args *args);
struct builtin {
    const char *name;
    builtin_fn *fn;
    /* Names, each followed by a space; "/" in front: by position only. NULL: takes args->call as it
     * is. */
    const char *params;
    size_t required;
};

struct scope;
struct node;

struct func {
    const struct builtin *builtin; /* or NULL: a macro */
    struct value self;
    const struct node *macro;
    struct scope *scope; /* where the macro was defined */
};

struct builder;

struct run {
    struct arena *arena;
    struct builder *out; /* where printing goes now */
    struct err *err;
    bool failed;
    uint32_t line;
    size_t steps, depth, bytes;
    int64_t now_unix_us;
};

/* Keeps the first failure, with the template's line before it. */
void run_fail(struct run *run, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool run_step(struct run *run, size_t cost); /* false: failed, now or before */
bool run_enter(struct run *run);             /* one level deeper; false: failed */
void run_leave(struct run *run);
/* Zeroed memory of the run; NULL (and failed) only when it is large and the run has used up
 * RUN_BYTES_MAX. */
void *run_alloc(struct run *run, size_t count, size_t size);
enum { RUN_ALLOC_SMALL = 4096 }; /* up to here run_alloc never returns NULL */

/* Values. */
struct value value_undefined(struct run *run, struct str name);
struct value value_none(void);
struct value value_bool(bool b);
struct value value_int(int64_t i);
struct value value_float(double f);
struct value value_of_list(struct list *list);
struct value value_of_dict(struct dict *dict);
struct value value_of_func(const struct func *func);
struct value value_of_json(struct run *run, const json_t *json);

bool value_is_number(struct value v); /* bool counts, as in Python */
bool value_is_list(struct value v, enum list_kind kind);
bool value_truth(struct value v);
const char *value_type_name(struct value v); /* as Python calls it */
bool value_equal(struct run *run, struct value a, struct value b);
/* <0, 0, >0; fails when the two have no order. */
int value_compare(struct run *run, struct value a, struct value b);
bool value_contains(struct run *run, struct value container, struct value item);
double value_to_float(struct value v); /* of a number */
int64_t value_to_int(struct value v);  /* of a bool or int */

/* len(); fails where Python has none. */
size_t value_length(struct run *run, struct value v);
/* The items a for loop would see, as a list; fails when it cannot be iterated. Consumes an
 * iterator. */
struct list *value_items(struct run *run, struct value v);

struct list *list_new(struct run *run, enum list_kind kind, size_t room);
void list_add(struct run *run, struct list *list, struct value v);
struct value list_pair(struct run *run, struct value a, struct value b); /* a tuple */

struct dict *dict_new(struct run *run);
void dict_set(struct run *run, struct dict *dict, struct value key, struct value v);
void dict_set_name(struct run *run, struct dict *dict, struct str key, struct value v);
/* NULL when absent. */
const struct value *dict_find(struct run *run, const struct dict *dict, struct value key);
const struct value *dict_find_name(struct run *run, const struct dict *dict, struct str key);
struct list *dict_items(struct run *run, const struct dict *dict);

/* Strings: jinja_text.c. */
struct value value_of_text(struct run *run, struct text text);
struct value value_of_str(struct run *run, struct str s, bool trusted); /* borrows */
struct value value_of_cstr(struct run *run, const char *s);             /* trusted, borrows */
struct str text_str(const struct text *t);
struct text text_sub(const struct text *t, size_t start, size_t len); /* shares the bytes */
struct value text_as_markup(struct run *run, struct value v);         /* of a VALUE_STR */
bool text_all_trusted(const struct text *t);
bool text_trusted_at(const struct text *t, size_t at);

/* A growing string in the run's memory. */
struct builder {
    char *ptr;
    uint8_t *trust;
    size_t len, cap;
};
void builder_add(struct run *run, struct builder *b, struct str s, bool trusted);
void builder_add_text(struct run *run, struct builder *b, const struct text *t);
void builder_add_cp(struct run *run, struct builder *b, uint32_t cp, bool trusted);
struct value builder_value(struct run *run, const struct builder *b);

/* str(), repr() and JSON of values: jinja_print.c. */
void print_str(struct run *run, struct builder *b, struct value v);
void print_repr(struct run *run, struct builder *b, struct value v);
struct value value_to_str(struct run *run, struct value v); /* a VALUE_STR */
struct json_layout {
    bool ascii, sort_keys;
    const struct text *indent;             /* NULL: one line */
    const struct text *item_sep, *key_sep; /* NULL: Python's defaults */
};
void print_json(struct run *run, struct builder *b, struct value v,
                const struct json_layout *layout);

#endif
