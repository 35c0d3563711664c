#include <stdio.h>
#include <time.h>

#include "os/clock.h"
#include "template/jinja_eval.h"

/* The functions a template may call by name, and the methods of what is no str. */

const struct builtin *jinja_table_find(const struct builtin *table, struct str name)
{
    for (; table->name; table++)
        if (str_is(name, table->name))
            return table;
    return NULL;
}

struct value jinja_func(struct run *run, const struct builtin *builtin, struct value self)
{
    struct func *func = run_alloc(run, 1, sizeof *func);
    func->builtin = builtin;
    func->self = self;
    return value_of_func(func);
}

static struct value g_raise_exception(struct run *run, struct value self, const struct args *args)
{
    struct value message = value_to_str(run, args->v[0]);
    if (run->failed)
        return self;
    run->failed = true;
    err_set(run->err, ERR_USAGE, "%.*s", STR_ARG(text_str(message.as.s)));
    return self;
}

static int64_t range_count(int64_t start, int64_t stop, int64_t step)
{
    double span = ((double)stop - (double)start) / (double)step;
    if (!(span > 0))
        return 0;
    return span > RUN_RANGE_MAX + 1.0 ? RUN_RANGE_MAX + 1
                                      : (stop - start + step - (step > 0 ? 1 : -1)) / step;
}

static struct value g_range(struct run *run, struct value self, const struct args *args)
{
    int64_t start = arg_int(run, args, 0, 0), stop = arg_int(run, args, 1, 0);
    int64_t step = arg_int(run, args, 2, 1);
    if (!arg_given(args, 1)) {
        stop = start;
        start = 0;
    }
    if (step == 0)
        run_fail(run, ERR_FORMAT, "range cannot step by 0");
    if (run->failed)
        return self;
    int64_t count = range_count(start, stop, step);
    if (count > RUN_RANGE_MAX) {
        run_fail(run, ERR_LIMIT, "range of more than %d numbers", RUN_RANGE_MAX);
        return self;
    }
    struct list *list = list_new(run, LIST_RANGE, (size_t)count);
    list->start = start;
    list->stop = stop;
    list->step = step;
    for (int64_t i = 0; i < count && run_step(run, 1); i++)
        list_add(run, list, value_int(start + i * step));
    return value_of_list(list);
}

static struct value g_dict(struct run *run, struct value self, const struct args *args)
{
    struct dict *dict = dict_new(run);
    (void)self;
    for (size_t i = 0; i < args->call->n_pos && i < 1; i++) {
        struct value from = args->call->pos[i];
        struct list *pairs =
            from.type == VALUE_DICT ? dict_items(run, from.as.dict) : value_items(run, from);
        for (size_t j = 0; j < pairs->count && !run->failed; j++) {
            struct list *pair = value_items(run, pairs->items[j]);
            if (pair->count == 2)
                dict_set(run, dict, pair->items[0], pair->items[1]);
            else
                run_fail(run, ERR_FORMAT, "dict takes pairs, item %zu has %zu parts", j,
                         pair->count);
        }
    }
    for (size_t i = 0; i < args->call->n_kw; i++)
        dict_set_name(run, dict, args->call->kw[i].name, args->call->kw[i].value);
    return value_of_dict(dict);
}

static struct value g_namespace(struct run *run, struct value self, const struct args *args)
{
    struct value v = g_dict(run, self, args);
    v.type = VALUE_NAMESPACE;
    return v;
}

/* A cycler keeps its items in a list, and its place in the list's `taken`. */
static struct value cycler_called(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    run_fail(run, ERR_FORMAT, "a cycler is asked for its next()");
    return self;
}

static struct value cycler_current(const struct list *list)
{
    return list->items[list->taken % list->count];
}

static struct value cycler_next(struct run *run, struct value self, const struct args *args)
{
    struct value v = cycler_current(self.as.list);
    (void)run;
    (void)args;
    self.as.list->taken++;
    return v;
}

static struct value cycler_reset(struct run *run, struct value self, const struct args *args)
{
    (void)run;
    (void)args;
    self.as.list->taken = 0;
    return value_none();
}

static const struct builtin cycler_kind = {"cycler", cycler_called, NULL, 0};

struct value jinja_func_attr(struct run *run, const struct func *func, struct str name)
{
    static const struct builtin of_cycler[] = {
        {"next", cycler_next, "", 0}, {"reset", cycler_reset, "", 0}, {0}};
    if (func->macro && str_is(name, "name"))
        return value_of_str(run, func->macro->name, true);
    if (func->builtin == &cycler_kind && str_is(name, "current"))
        return cycler_current(func->self.as.list);
    const struct builtin *method =
        func->builtin == &cycler_kind ? jinja_table_find(of_cycler, name) : NULL;
    if (!method && !str_starts(name, (struct str)STR("__")))
        run_fail(run, ERR_UNSUPPORTED, "a function has no '%.*s'", STR_ARG(name));
    return method ? jinja_func(run, method, func->self) : value_undefined(run, name);
}

static struct value g_cycler(struct run *run, struct value self, const struct args *args)
{
    struct list *list = list_new(run, LIST_TUPLE, args->call->n_pos);
    for (size_t i = 0; i < args->call->n_pos; i++)
        list_add(run, list, args->call->pos[i]);
    if (list->count == 0) {
        run_fail(run, ERR_FORMAT, "cycler needs something to cycle through");
        return self;
    }
    return jinja_func(run, &cycler_kind, value_of_list(list));
}

/* A joiner is silent the first time it is called. */
static struct value joiner_called(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return self.as.list->taken++ ? self.as.list->items[0] : value_of_cstr(run, "");
}

static struct value g_joiner(struct run *run, struct value self, const struct args *args)
{
    static const struct builtin kind = {"joiner", joiner_called, "", 0};
    struct list *list = list_new(run, LIST_TUPLE, 1);
    (void)self;
    list_add(run, list, arg_given(args, 0) ? args->v[0] : value_of_cstr(run, ", "));
    return jinja_func(run, &kind, value_of_list(list));
}

static struct value g_strftime_now(struct run *run, struct value self, const struct args *args)
{
    char format[256], out[1024];
    struct tm tm;
    const struct text *text = arg_text(run, args, 0);
    size_t n = 0;
    if (run->failed)
        return self;
    for (size_t i = 0; i < text->len && n + 8 < sizeof format; i++) {
        bool micro = text->ptr[i] == '%' && i + 1 < text->len && text->ptr[i + 1] == 'f';
        bool percent = text->ptr[i] == '%' && i + 1 < text->len;
        if (micro)
            n += (size_t)snprintf(format + n, sizeof format - n, "%06d",
                                  (int)(run->now_unix_us % 1000000));
        else
            format[n++] = text->ptr[i];
        if (percent && !micro)
            format[n++] = text->ptr[i + 1];
        i += percent;
    }
    format[n] = '\0';
    if (n == 0)
        return value_of_cstr(run, "");
    clock_utc(&tm, run->now_unix_us);
    if (n + 8 >= sizeof format || strlen(format) < n) {
        run_fail(run, ERR_UNSUPPORTED, "strftime_now: a form that is not supported");
        return self;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    /* The form is the template's to choose; strftime writes within its bounds whatever it says. */
    size_t len = strftime(out, sizeof out, format, &tm);
#pragma GCC diagnostic pop
    struct builder b = {0};
    builder_add(run, &b, str_n(out, len), text_all_trusted(text));
    return builder_value(run, &b);
}

const struct builtin *jinja_global_find(struct str name)
{
    static const struct builtin globals[] = {
        {"raise_exception", g_raise_exception, "message ", 1},
        {"strftime_now", g_strftime_now, "format ", 1},
        {"namespace", g_namespace, NULL, 0},
        {"range", g_range, "start stop step ", 1},
        {"dict", g_dict, NULL, 0},
        {"cycler", g_cycler, NULL, 0},
        {"joiner", g_joiner, "sep ", 0},
        {0},
    };
    return jinja_table_find(globals, name);
}

static struct value m_get(struct run *run, struct value self, const struct args *args)
{
    const struct value *found = dict_find(run, self.as.dict, args->v[0]);
    if (found)
        return *found;
    return arg_given(args, 1) ? args->v[1] : value_none();
}

static struct value m_items(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return (struct value){
        .type = VALUE_LIST, .tainted = self.tainted, .as.list = dict_items(run, self.as.dict)};
}

static struct value column(struct run *run, struct value self, enum list_kind kind)
{
    const struct dict *dict = self.as.dict;
    struct list *list = list_new(run, kind, dict->count);
    for (size_t i = 0; i < dict->count && run_step(run, 1); i++)
        list_add(run, list, kind == LIST_KEYS ? dict->keys[i] : dict->values[i]);
    return (struct value){.type = VALUE_LIST, .tainted = self.tainted, .as.list = list};
}

static struct value m_keys(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return column(run, self, LIST_KEYS);
}

static struct value m_values(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return column(run, self, LIST_VALUES);
}

/* Nothing changes a value once made, so a copy may be the same one. */
static struct value m_copy(struct run *run, struct value self, const struct args *args)
{
    (void)run;
    (void)args;
    return self;
}

static struct value m_list_count(struct run *run, struct value self, const struct args *args)
{
    int64_t n = 0;
    for (size_t i = 0; i < self.as.list->count && run_step(run, 1); i++)
        n += value_equal(run, self.as.list->items[i], args->v[0]);
    return value_int(n);
}

static struct value m_list_index(struct run *run, struct value self, const struct args *args)
{
    for (size_t i = 0; i < self.as.list->count && run_step(run, 1); i++)
        if (value_equal(run, self.as.list->items[i], args->v[0]))
            return value_int((int64_t)i);
    run_fail(run, ERR_FORMAT, "index: the item is not in the list");
    return value_none();
}

const struct builtin *jinja_method_find(struct value of, struct str name)
{
    static const struct builtin of_dict[] = {
        {"get", m_get, "/key default ", 1}, {"items", m_items, "", 0}, {"keys", m_keys, "", 0},
        {"values", m_values, "", 0},        {"copy", m_copy, "", 0},   {0}};
    static const struct builtin of_list[] = {{"count", m_list_count, "/value ", 1},
                                             {"index", m_list_index, "/value ", 1},
                                             {"copy", m_copy, "", 0},
                                             {0}};
    if (of.type == VALUE_STR)
        return jinja_table_find(jinja_str_methods, name);
    if (of.type == VALUE_DICT)
        return jinja_table_find(of_dict, name);
    if (of.type == VALUE_LIST && of.as.list->kind <= LIST_RANGE)
        return jinja_table_find(of_list, name);
    return NULL;
}
