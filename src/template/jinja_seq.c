#include "template/jinja_eval.h"

/* Filters of sequences: select, map, sort and their kin. */

static struct value iterator_of(struct list *list)
{
    list->kind = LIST_ITERATOR;
    return value_of_list(list);
}

/* A list of our own to build on: never the operand's. */
static struct list *copy_items(struct run *run, struct value v)
{
    struct list *items = value_items(run, v), *copy = list_new(run, LIST_LIST, items->count);
    for (size_t i = 0; i < items->count && run_step(run, 1); i++)
        list_add(run, copy, items->items[i]);
    return copy;
}

static struct value f_list(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return (struct value){
        .type = VALUE_LIST, .tainted = self.tainted, .as.list = copy_items(run, self)};
}

static struct value f_first(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    if (value_is_list(self, LIST_ITERATOR) && self.as.list->taken < self.as.list->count)
        return self.as.list->items[self.as.list->taken++];
    struct list *items = value_items(run, self);
    return items->count ? items->items[0] : value_undefined(run, (struct str)STR("first item"));
}

static struct value f_last(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    if (value_is_list(self, LIST_ITERATOR))
        run_fail(run, ERR_FORMAT, "an iterator has no last item; a list made of it does");
    struct list *items = value_items(run, self);
    return items->count ? items->items[items->count - 1]
                        : value_undefined(run, (struct str)STR("last item"));
}

static struct value f_items(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    if (self.type == VALUE_UNDEFINED)
        return iterator_of(list_new(run, LIST_LIST, 0));
    if (self.type != VALUE_DICT) {
        run_fail(run, ERR_FORMAT, "items takes a dict, not a %s", value_type_name(self));
        return self;
    }
    return iterator_of(dict_items(run, self.as.dict));
}

static struct value f_reverse(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    struct value bounds[3] = {value_none(), value_none(), value_int(-1)};
    if (self.type == VALUE_STR)
        return jinja_slice(run, self, bounds);
    struct list *items = copy_items(run, self), *back = list_new(run, LIST_LIST, items->count);
    for (size_t i = items->count; i > 0 && !run->failed; i--)
        list_add(run, back, items->items[i - 1]);
    return iterator_of(back);
}

/* What an item is judged by: its attribute, or itself. */
static struct value key_of(struct run *run, struct value item, struct value attribute)
{
    bool whole = attribute.type == VALUE_ABSENT || attribute.type == VALUE_NONE;
    return whole ? item : jinja_path(run, item, attribute);
}

static struct value f_join(struct run *run, struct value self, const struct args *args)
{
    struct builder b = {0};
    struct value sep = arg_given(args, 0) ? value_to_str(run, args->v[0]) : value_of_cstr(run, "");
    struct list *items = value_items(run, self);
    for (size_t i = 0; i < items->count && run_step(run, 1); i++) {
        if (i)
            builder_add_text(run, &b, sep.as.s);
        print_str(run, &b, key_of(run, items->items[i], args->v[1]));
    }
    return builder_value(run, &b);
}

/* Lower-cased unless case counts, as sort, unique, min and max compare. */
static struct value folded(struct run *run, struct value key, bool case_sensitive)
{
    if (key.type != VALUE_STR || case_sensitive)
        return key;
    return jinja_case(run, key.as.s, CASE_LOWER);
}

static struct list *keys_of(struct run *run, const struct list *items, struct value attribute,
                            bool case_sensitive)
{
    struct list *keys = list_new(run, LIST_LIST, items->count);
    if (attribute.type == VALUE_STR && memchr(attribute.as.s->ptr, ',', attribute.as.s->len))
        run_fail(run, ERR_UNSUPPORTED, "sorting by several attributes");
    for (size_t i = 0; i < items->count && run_step(run, 1); i++)
        list_add(run, keys, folded(run, key_of(run, items->items[i], attribute), case_sensitive));
    return keys;
}

/* Merge sort of the places [from, to): stable, and it ends whatever the comparison says. */
static void sort_places(struct run *run, size_t *places, size_t *spare, size_t from, size_t to,
                        const struct list *keys, bool reverse)
{
    if (to - from < 2 || run->failed)
        return;
    size_t mid = from + (to - from) / 2, a = from, b = mid;
    sort_places(run, places, spare, from, mid, keys, reverse);
    sort_places(run, places, spare, mid, to, keys, reverse);
    for (size_t i = from; i < to; i++) {
        bool right = a == mid;
        if (!right && b < to) {
            int order = value_compare(run, keys->items[places[b]], keys->items[places[a]]);
            right = reverse ? order > 0 : order < 0;
        }
        spare[i] = right ? places[b++] : places[a++];
    }
    memcpy(places + from, spare + from, (to - from) * sizeof *places);
}

struct list *jinja_sort(struct run *run, const struct list *items, const struct list *keys,
                        bool reverse)
{
    struct list *sorted = list_new(run, LIST_LIST, items->count);
    size_t *places = run_alloc(run, items->count + 1, 2 * sizeof *places);
    if (!places || run->failed)
        return sorted;
    for (size_t i = 0; i < items->count; i++)
        places[i] = i;
    sort_places(run, places, places + items->count, 0, items->count, keys, reverse);
    for (size_t i = 0; i < items->count && !run->failed; i++)
        list_add(run, sorted, items->items[places[i]]);
    return sorted;
}

struct list *jinja_sort_items(struct run *run, const struct list *items)
{
    return jinja_sort(run, items, keys_of(run, items, value_int(0), true), false);
}

static struct value f_sort(struct run *run, struct value self, const struct args *args)
{
    struct list *items = copy_items(run, self);
    struct list *keys = keys_of(run, items, args->v[2], arg_bool(args, 1, false));
    return value_of_list(jinja_sort(run, items, keys, arg_bool(args, 0, false)));
}

static struct value f_dictsort(struct run *run, struct value self, const struct args *args)
{
    struct str by = arg_given(args, 1) ? text_str(arg_text(run, args, 1)) : (struct str)STR("key");
    if (self.type != VALUE_DICT || (!str_is(by, "key") && !str_is(by, "value"))) {
        run_fail(run, ERR_FORMAT, "dictsort takes a dict, and sorts by key or value");
        return self;
    }
    struct list *items = dict_items(run, self.as.dict);
    struct list *keys =
        keys_of(run, items, value_int(str_is(by, "value")), arg_bool(args, 0, false));
    return value_of_list(jinja_sort(run, items, keys, arg_bool(args, 2, false)));
}

static struct value f_unique(struct run *run, struct value self, const struct args *args)
{
    struct list *items = copy_items(run, self), *out = list_new(run, LIST_LIST, 0);
    struct list *keys = keys_of(run, items, args->v[1], arg_bool(args, 0, false));
    struct dict *seen = dict_new(run);
    for (size_t i = 0; i < keys->count && !run->failed; i++) {
        if (dict_find(run, seen, keys->items[i]))
            continue;
        dict_set(run, seen, keys->items[i], value_none());
        list_add(run, out, items->items[i]);
    }
    return iterator_of(out);
}

static struct value extreme(struct run *run, struct value self, const struct args *args, int sign)
{
    struct list *items = copy_items(run, self);
    struct list *keys = keys_of(run, items, args->v[1], arg_bool(args, 0, false));
    size_t best = 0;
    if (items->count == 0)
        return value_undefined(run, (struct str)STR("an item of an empty sequence"));
    for (size_t i = 1; i < keys->count && !run->failed; i++)
        if (value_compare(run, keys->items[i], keys->items[best]) * sign > 0)
            best = i;
    return run->failed ? self : items->items[best];
}

static struct value f_max(struct run *run, struct value self, const struct args *args)
{
    return extreme(run, self, args, 1);
}

static struct value f_min(struct run *run, struct value self, const struct args *args)
{
    return extreme(run, self, args, -1);
}

static struct value f_sum(struct run *run, struct value self, const struct args *args)
{
    struct value total = arg_given(args, 1) ? args->v[1] : value_int(0);
    struct list *items = value_items(run, self);
    for (size_t i = 0; i < items->count && run_step(run, 1); i++)
        total = jinja_math(run, OP_ADD, total, key_of(run, items->items[i], args->v[0]));
    return total;
}

/* What is left of a call once `n` arguments by position are taken. */
static struct call call_rest(const struct call *call, size_t n)
{
    return (struct call){call->n_pos > n ? call->pos + n : NULL,
                         call->n_pos > n ? call->n_pos - n : 0, call->kw, call->n_kw};
}

static const struct value *kwarg_find(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->n_kw; i++)
        if (str_is(call->kw[i].name, name))
            return &call->kw[i].value;
    return NULL;
}

static struct value map_attribute(struct run *run, struct list *items, struct value attribute,
                                  const struct value *fallback)
{
    struct list *out = list_new(run, LIST_LIST, items->count);
    for (size_t i = 0; i < items->count && run_step(run, 1); i++) {
        struct value v = jinja_path(run, items->items[i], attribute);
        list_add(run, out, v.type == VALUE_UNDEFINED && fallback ? *fallback : v);
    }
    return iterator_of(out);
}

static struct value f_map(struct run *run, struct value self, const struct args *args)
{
    const struct call *call = args->call;
    const struct value *attribute = kwarg_find(call, "attribute");
    if (!value_truth(self))
        return iterator_of(list_new(run, LIST_LIST, 0));
    struct list *items = value_items(run, self), *out = list_new(run, LIST_LIST, items->count);
    if (attribute && call->n_pos == 0)
        return map_attribute(run, items, *attribute, kwarg_find(call, "default"));
    if (call->n_pos == 0 || call->pos[0].type != VALUE_STR) {
        run_fail(run, ERR_FORMAT, "map needs the name of a filter");
        return self;
    }
    const struct builtin *filter = jinja_filter_find(text_str(call->pos[0].as.s));
    struct call rest = call_rest(call, 1);
    if (!filter)
        run_fail(run, ERR_UNSUPPORTED, "there is no filter named '%.*s'",
                 STR_ARG(text_str(call->pos[0].as.s)));
    for (size_t i = 0; filter && i < items->count && run_step(run, 1); i++)
        list_add(run, out, jinja_call_builtin(run, filter, items->items[i], &rest));
    return iterator_of(out);
}

/* select, reject and their attr forms: the items whose test comes out as `wanted`. */
static struct value pick(struct run *run, struct value self, const struct call *call, bool by_attr,
                         bool wanted)
{
    size_t lead = by_attr;
    struct list *out = list_new(run, LIST_LIST, 0), *items;
    const struct builtin *test = NULL;
    if (!value_truth(self))
        return iterator_of(out);
    if (by_attr && call->n_pos == 0) {
        run_fail(run, ERR_FORMAT, "selectattr and rejectattr need an attribute");
        return self;
    }
    if (call->n_pos > lead) {
        struct value name = value_to_str(run, call->pos[lead]);
        test = jinja_test_find(text_str(name.as.s));
        if (!test)
            run_fail(run, ERR_UNSUPPORTED, "there is no test named '%.*s'",
                     STR_ARG(text_str(name.as.s)));
    }
    struct call rest = call_rest(call, lead + 1);
    items = run->failed ? out : value_items(run, self);
    for (size_t i = 0; i < items->count && run_step(run, 1); i++) {
        struct value v = by_attr ? jinja_path(run, items->items[i], call->pos[0]) : items->items[i];
        bool yes = value_truth(test ? jinja_call_builtin(run, test, v, &rest) : v);
        if (yes == wanted)
            list_add(run, out, items->items[i]);
    }
    return iterator_of(out);
}

static struct value f_select(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args->call, false, true);
}

static struct value f_reject(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args->call, false, false);
}

static struct value f_selectattr(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args->call, true, true);
}

static struct value f_rejectattr(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args->call, true, false);
}

static struct value f_batch(struct run *run, struct value self, const struct args *args)
{
    struct list *items = copy_items(run, self), *out = list_new(run, LIST_LIST, 0), *row = NULL;
    int64_t width = arg_int(run, args, 0, 1);
    if (width < 1)
        run_fail(run, ERR_FORMAT, "batch needs a width of at least 1");
    for (size_t i = 0; i < items->count && run_step(run, 1); i++) {
        if (!row || row->count == (size_t)width) {
            row = list_new(run, LIST_LIST, 0);
            list_add(run, out, value_of_list(row));
        }
        list_add(run, row, items->items[i]);
    }
    bool fills = arg_given(args, 1) && args->v[1].type != VALUE_NONE;
    while (row && fills && row->count < (size_t)width && run_step(run, 1))
        list_add(run, row, args->v[1]);
    return iterator_of(out);
}

const struct builtin *jinja_seq_filter_find(struct str name)
{
    static const struct builtin filters[] = {
        {"list", f_list, "", 0},
        {"first", f_first, "", 0},
        {"last", f_last, "", 0},
        {"items", f_items, "", 0},
        {"reverse", f_reverse, "", 0},
        {"join", f_join, "d attribute ", 0},
        {"sort", f_sort, "reverse case_sensitive attribute ", 0},
        {"dictsort", f_dictsort, "case_sensitive by reverse ", 0},
        {"unique", f_unique, "case_sensitive attribute ", 0},
        {"max", f_max, "case_sensitive attribute ", 0},
        {"min", f_min, "case_sensitive attribute ", 0},
        {"sum", f_sum, "attribute start ", 0},
        {"map", f_map, NULL, 0},
        {"select", f_select, NULL, 0},
        {"reject", f_reject, NULL, 0},
        {"selectattr", f_selectattr, NULL, 0},
        {"rejectattr", f_rejectattr, NULL, 0},
        {"batch", f_batch, "linecount fill_with ", 1},
        {0},
    };
    return jinja_table_find(filters, name);
}
