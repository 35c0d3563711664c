#include "template/jinja_value.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "text/utf8.h"

void run_fail(struct run *run, enum err_code code, const char *fmt, ...)
{
    char sentence[ERR_MSG_MAX - 40];
    va_list ap;
    if (run->failed)
        return;
    run->failed = true;
    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    err_set(run->err, code, "template line %u: %s", (unsigned)run->line, sentence);
}

bool run_step(struct run *run, size_t cost)
{
    run->steps += cost;
    if (run->steps > RUN_STEPS_MAX)
        run_fail(run, ERR_LIMIT, "takes more than %d steps", RUN_STEPS_MAX);
    return !run->failed;
}

bool run_enter(struct run *run)
{
    if (++run->depth > RUN_DEPTH_MAX)
        run_fail(run, ERR_LIMIT, "nested over %d deep", RUN_DEPTH_MAX);
    return run_step(run, 1);
}

void run_leave(struct run *run)
{
    run->depth--;
}

void *run_alloc(struct run *run, size_t count, size_t size)
{
    size_t bytes, total = 0;
    if (!size_mul(&bytes, count, size) || !size_add(&total, run->bytes, bytes) ||
        total > RUN_BYTES_MAX) {
        run_fail(run, ERR_LIMIT, "takes more than %d bytes of memory", RUN_BYTES_MAX);
        if (count > RUN_ALLOC_SMALL || bytes > RUN_ALLOC_SMALL)
            return NULL;
    }
    run->bytes = total;
    return arena_alloc(run->arena, count, size);
}

struct value value_undefined(struct run *run, struct str name)
{
    struct value v = {.type = VALUE_UNDEFINED};
    if (name.len) {
        struct text *text = run_alloc(run, 1, sizeof *text);
        *text = (struct text){.ptr = name.ptr, .len = name.len};
        v.as.s = text;
    }
    return v;
}

struct value value_none(void)
{
    return (struct value){.type = VALUE_NONE};
}

struct value value_bool(bool b)
{
    return (struct value){.type = VALUE_BOOL, .as.b = b};
}

struct value value_int(int64_t i)
{
    return (struct value){.type = VALUE_INT, .as.i = i};
}

struct value value_float(double f)
{
    return (struct value){.type = VALUE_FLOAT, .as.f = f};
}

struct value value_of_list(struct list *list)
{
    return (struct value){.type = VALUE_LIST, .as.list = list};
}

struct value value_of_dict(struct dict *dict)
{
    return (struct value){.type = VALUE_DICT, .as.dict = dict};
}

struct value value_of_func(const struct func *func)
{
    return (struct value){.type = VALUE_FUNC, .as.func = func};
}

static struct value json_container(struct run *run, const json_t *json)
{
    union {
        const json_t *in;
        json_t *out;
    } walk = {json}; /* jansson walks an object through a pointer that is not const */
    if (json_is_array(json)) {
        size_t n = json_array_size(json);
        struct list *list = list_new(run, LIST_LIST, n);
        for (size_t i = 0; i < n && !run->failed; i++)
            list_add(run, list, value_of_json(run, json_array_get(json, i)));
        return value_of_list(list);
    }
    struct dict *dict = dict_new(run);
    for (void *it = json_object_iter(walk.out); it && !run->failed;
         it = json_object_iter_next(walk.out, it)) {
        struct str name = str_n(json_object_iter_key(it), json_object_iter_key_len(it));
        dict_set(run, dict, value_of_str(run, name, false),
                 value_of_json(run, json_object_iter_value(it)));
    }
    return value_of_dict(dict);
}

struct value value_of_json(struct run *run, const json_t *json)
{
    struct value v = value_none();
    if (!run_enter(run)) {
        run_leave(run);
        return v;
    }
    switch (json_typeof(json)) {
    case JSON_OBJECT:
    case JSON_ARRAY: v = json_container(run, json); break;
    case JSON_STRING:
        v = value_of_str(run, str_n(json_string_value(json), json_string_length(json)), false);
        break;
    case JSON_INTEGER: v = value_int(json_integer_value(json)); break;
    case JSON_REAL: v = value_float(json_real_value(json)); break;
    case JSON_TRUE: v = value_bool(true); break;
    case JSON_FALSE: v = value_bool(false); break;
    case JSON_NULL: break;
    }
    v.tainted = true;
    run_leave(run);
    return v;
}

bool value_is_number(struct value v)
{
    return v.type == VALUE_BOOL || v.type == VALUE_INT || v.type == VALUE_FLOAT;
}

bool value_is_list(struct value v, enum list_kind kind)
{
    return v.type == VALUE_LIST && v.as.list->kind == kind;
}

bool value_truth(struct value v)
{
    switch (v.type) {
    case VALUE_ABSENT:
    case VALUE_UNDEFINED:
    case VALUE_NONE: return false;
    case VALUE_BOOL: return v.as.b;
    case VALUE_INT: return v.as.i != 0;
    case VALUE_FLOAT: return v.as.f != 0;
    case VALUE_STR: return v.as.s->len > 0;
    case VALUE_LIST: return v.as.list->kind == LIST_ITERATOR || v.as.list->count > 0;
    case VALUE_DICT: return v.as.dict->count > 0;
    case VALUE_NAMESPACE:
    case VALUE_LOOP:
    case VALUE_FUNC: return true;
    }
    return false;
}

const char *value_type_name(struct value v)
{
    static const char *const lists[] = {"list",        "tuple",      "range",    "dict_keys",
                                        "dict_values", "dict_items", "generator"};
    switch (v.type) {
    case VALUE_ABSENT:
    case VALUE_UNDEFINED: return "undefined";
    case VALUE_NONE: return "NoneType";
    case VALUE_BOOL: return "bool";
    case VALUE_INT: return "int";
    case VALUE_FLOAT: return "float";
    case VALUE_STR: return "str";
    case VALUE_LIST: return lists[v.as.list->kind];
    case VALUE_DICT: return "dict";
    case VALUE_NAMESPACE: return "namespace";
    case VALUE_LOOP: return "loop";
    case VALUE_FUNC: return "function";
    }
    return "value";
}

double value_to_float(struct value v)
{
    return v.type == VALUE_FLOAT ? v.as.f : (double)value_to_int(v);
}

int64_t value_to_int(struct value v)
{
    return v.type == VALUE_BOOL ? v.as.b : v.as.i;
}

/* Lists compare with lists and tuples with tuples only; views and iterators with nothing but
 * themselves. */
static bool lists_match(const struct list *a, const struct list *b)
{
    return a->kind == b->kind && (a->kind <= LIST_RANGE || a == b);
}

static bool list_equal(struct run *run, const struct list *a, const struct list *b)
{
    if (a == b)
        return true;
    if (!lists_match(a, b) || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!value_equal(run, a->items[i], b->items[i]) || run->failed)
            return false;
    return true;
}

static bool dict_equal(struct run *run, const struct dict *a, const struct dict *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count && !run->failed; i++) {
        const struct value *other = dict_find(run, b, a->keys[i]);
        if (!other || !value_equal(run, a->values[i], *other))
            return false;
    }
    return !run->failed;
}

static bool numbers_equal(struct value a, struct value b)
{
    if (a.type == VALUE_FLOAT || b.type == VALUE_FLOAT)
        return value_to_float(a) == value_to_float(b);
    return value_to_int(a) == value_to_int(b);
}

static bool same_type_equal(struct run *run, struct value a, struct value b)
{
    switch (a.type) {
    case VALUE_STR:
        run_step(run, 1 + a.as.s->len / 32);
        return str_eq(text_str(a.as.s), text_str(b.as.s));
    case VALUE_LIST: return list_equal(run, a.as.list, b.as.list);
    case VALUE_DICT: return dict_equal(run, a.as.dict, b.as.dict);
    case VALUE_NAMESPACE: return a.as.dict == b.as.dict;
    case VALUE_LOOP: return a.as.loop == b.as.loop;
    case VALUE_FUNC: return a.as.func == b.as.func;
    default: return true; /* none and undefined */
    }
}

bool value_equal(struct run *run, struct value a, struct value b)
{
    bool equal = false;
    if (value_is_number(a) && value_is_number(b))
        return numbers_equal(a, b);
    if (a.type != b.type)
        return false;
    if (run_enter(run))
        equal = same_type_equal(run, a, b);
    run_leave(run);
    return equal;
}

static int order(double a, double b)
{
    return a < b ? -1 : a > b;
}

static int list_compare(struct run *run, const struct list *a, const struct list *b)
{
    for (size_t i = 0; i < a->count && i < b->count && !run->failed; i++)
        if (!value_equal(run, a->items[i], b->items[i]))
            return value_compare(run, a->items[i], b->items[i]);
    return order((double)a->count, (double)b->count);
}

int value_compare(struct run *run, struct value a, struct value b)
{
    int result = 0;
    if (value_is_number(a) && value_is_number(b)) {
        if (a.type == VALUE_FLOAT || b.type == VALUE_FLOAT)
            return order(value_to_float(a), value_to_float(b));
        int64_t x = value_to_int(a), y = value_to_int(b);
        return x < y ? -1 : x > y;
    }
    if (!run_enter(run)) {
        run_leave(run);
        return 0;
    }
    if (a.type == VALUE_STR && b.type == VALUE_STR)
        result = str_cmp(text_str(a.as.s), text_str(b.as.s));
    else if (a.type == VALUE_LIST && b.type == VALUE_LIST && lists_match(a.as.list, b.as.list) &&
             a.as.list->kind <= LIST_TUPLE)
        result = list_compare(run, a.as.list, b.as.list);
    else
        run_fail(run, ERR_FORMAT, "%s and %s have no order", value_type_name(a),
                 value_type_name(b));
    run_leave(run);
    return result;
}

static bool is_hashable(struct value v)
{
    return v.type != VALUE_DICT && !value_is_list(v, LIST_LIST);
}

bool value_contains(struct run *run, struct value container, struct value item)
{
    if (container.type == VALUE_UNDEFINED)
        return false;
    if (container.type == VALUE_STR) {
        if (item.type != VALUE_STR) {
            run_fail(run, ERR_FORMAT, "'in' looks for a str in a str, not for a %s",
                     value_type_name(item));
            return false;
        }
        run_step(run, container.as.s->len / 32);
        return str_find(text_str(container.as.s), text_str(item.as.s), 0) != (size_t)-1;
    }
    if (container.type == VALUE_DICT) {
        if (!is_hashable(item))
            run_fail(run, ERR_FORMAT, "a %s cannot be a key", value_type_name(item));
        return dict_find(run, container.as.dict, item) != NULL;
    }
    struct list *list = value_items(run, container);
    for (size_t i = 0; i < list->count && !run->failed; i++)
        if (value_equal(run, list->items[i], item))
            return true;
    return false;
}

size_t value_length(struct run *run, struct value v)
{
    switch (v.type) {
    case VALUE_UNDEFINED: return 0;
    case VALUE_STR: run_step(run, v.as.s->len / 6); return utf8_count(text_str(v.as.s));
    case VALUE_DICT: return v.as.dict->count;
    case VALUE_LIST:
        if (v.as.list->kind != LIST_ITERATOR)
            return v.as.list->count;
        break;
    default: break;
    }
    run_fail(run, ERR_FORMAT, "a %s has no length", value_type_name(v));
    return 0;
}

static struct list *str_items(struct run *run, const struct text *text)
{
    struct list *list = list_new(run, LIST_LIST, 0);
    struct str s = text_str(text);
    for (size_t at = 0; at < s.len && !run->failed;) {
        size_t from = at;
        utf8_next(s, &at);
        list_add(run, list, value_of_text(run, text_sub(text, from, at - from)));
    }
    return list;
}

static struct list *iterator_rest(struct run *run, struct list *iterator)
{
    struct list *rest = list_new(run, LIST_LIST, iterator->count - iterator->taken);
    while (iterator->taken < iterator->count && !run->failed)
        list_add(run, rest, iterator->items[iterator->taken++]);
    return rest;
}

struct list *value_items(struct run *run, struct value v)
{
    switch (v.type) {
    case VALUE_UNDEFINED: return list_new(run, LIST_LIST, 0);
    case VALUE_STR: return str_items(run, v.as.s);
    case VALUE_LIST:
        if (v.as.list->kind == LIST_ITERATOR)
            return iterator_rest(run, v.as.list);
        return v.as.list;
    case VALUE_DICT: {
        struct list *keys = list_new(run, LIST_LIST, v.as.dict->count);
        for (size_t i = 0; i < v.as.dict->count; i++)
            list_add(run, keys, v.as.dict->keys[i]);
        return keys;
    }
    default: break;
    }
    run_fail(run, ERR_FORMAT, "a %s cannot be walked through", value_type_name(v));
    return list_new(run, LIST_LIST, 0);
}

struct list *list_new(struct run *run, enum list_kind kind, size_t room)
{
    struct list *list = run_alloc(run, 1, sizeof *list);
    list->kind = kind;
    if (room) {
        list->items = run_alloc(run, room, sizeof *list->items);
        list->cap = list->items ? room : 0;
    }
    return list;
}

void list_add(struct run *run, struct list *list, struct value v)
{
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        struct value *items = run_alloc(run, cap, sizeof *items);
        if (!items)
            return;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = v;
}

struct value list_pair(struct run *run, struct value a, struct value b)
{
    struct list *pair = list_new(run, LIST_TUPLE, 2);
    list_add(run, pair, a);
    list_add(run, pair, b);
    return value_of_list(pair);
}

struct dict *dict_new(struct run *run)
{
    return run_alloc(run, 1, sizeof(struct dict));
}

static void dict_grow(struct run *run, struct dict *dict)
{
    size_t cap = dict->cap ? dict->cap * 2 : 4;
    struct value *both = run_alloc(run, cap, 2 * sizeof *both);
    if (!both)
        return;
    if (dict->count) {
        memcpy(both, dict->keys, dict->count * sizeof *both);
        memcpy(both + cap, dict->values, dict->count * sizeof *both);
    }
    dict->keys = both;
    dict->values = both + cap;
    dict->cap = cap;
}

/* Dicts of templates and messages are small, so a lookup walks the keys; the steps it takes are
 * paid for. */
static size_t dict_index(struct run *run, const struct dict *dict, struct value key)
{
    size_t i = 0;
    for (; i < dict->count; i++) {
        struct value other = dict->keys[i];
        if (key.type == VALUE_STR && other.type == VALUE_STR) {
            if (str_eq(text_str(key.as.s), text_str(other.as.s)))
                break;
        } else if (value_equal(run, key, other)) {
            break;
        }
    }
    run_step(run, i / 4);
    return i;
}

void dict_set(struct run *run, struct dict *dict, struct value key, struct value v)
{
    if (!is_hashable(key)) {
        run_fail(run, ERR_FORMAT, "a %s cannot be a key", value_type_name(key));
        return;
    }
    size_t i = dict_index(run, dict, key);
    if (i == dict->count) {
        if (dict->count == dict->cap)
            dict_grow(run, dict);
        if (dict->count == dict->cap)
            return; /* no memory: the run has failed */
        dict->keys[dict->count++] = key;
    }
    dict->values[i] = v;
}

void dict_set_name(struct run *run, struct dict *dict, struct str key, struct value v)
{
    dict_set(run, dict, value_of_str(run, key, true), v);
}

const struct value *dict_find(struct run *run, const struct dict *dict, struct value key)
{
    size_t i = dict_index(run, dict, key);
    return i < dict->count ? &dict->values[i] : NULL;
}

const struct value *dict_find_name(struct run *run, const struct dict *dict, struct str key)
{
    struct text text = {.ptr = key.ptr, .len = key.len};
    return dict_find(run, dict, (struct value){.type = VALUE_STR, .as.s = &text});
}

struct list *dict_items(struct run *run, const struct dict *dict)
{
    struct list *items = list_new(run, LIST_ITEMS, dict->count);
    for (size_t i = 0; i < dict->count && !run->failed; i++)
        list_add(run, items, list_pair(run, dict->keys[i], dict->values[i]));
    return items;
}
