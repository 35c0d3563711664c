/* provenance.c - where the answers come from, flat, and in what two runs differ. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "text/json.h"
#include "text/utf8.h"

enum { NAME_MAX_BYTES = 256, VALUE_SHOWN = 24 };

struct fact_list {
    struct fact *items;
    size_t count, cap;
    struct arena *arena;
};

static void add_fact(struct fact_list *list, const char *name, struct str value)
{
    struct fact fact = {arena_str(list->arena, str_of(name)), arena_str(list->arena, value)};
    VEC_PUSH(list->items, list->count, list->cap, fact);
}

static void add_value(struct fact_list *list, const char *name, const json_t *value)
{
    struct buf text;
    if (json_is_string(value)) {
        add_fact(list, name, json_str(value));
        return;
    }
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, value, (struct json_style){0});
    add_fact(list, name, buf_str(&text));
    buf_release(&text);
}

static void flatten(struct fact_list *list, const char *prefix, json_t *value);

/* Members of a list go by their "name", or by their number. */
static void flatten_list(struct fact_list *list, const char *prefix, json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        char name[NAME_MAX_BYTES];
        json_t *member = json_array_get(value, i);
        struct str own = json_get_str(member, "name");
        if (own.ptr)
            snprintf(name, sizeof name, "%s.%.*s", prefix, STR_ARG(own));
        else
            snprintf(name, sizeof name, "%s.%zu", prefix, i);
        flatten(list, name, member);
    }
}

static void flatten(struct fact_list *list, const char *prefix, json_t *value)
{
    const char *key;
    json_t *member;
    if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
        flatten_list(list, prefix, value);
        return;
    }
    if (!json_is_object(value)) {
        add_value(list, prefix, value);
        return;
    }
    json_object_foreach(value, key, member)
    {
        char name[NAME_MAX_BYTES];
        snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "", key);
        if (strcmp(key, "name") != 0)
            flatten(list, name, member);
    }
}

/* Parameters of the run that its provenance states elsewhere too. */
static bool is_repeated(const struct fact_list *list, const struct fact *fact)
{
    struct str prefix = str_of("params.");
    for (size_t i = 0; i < list->count && str_starts(fact->name, prefix); i++)
        if (str_eq(list->items[i].name, str_from(fact->name, prefix.len)) &&
            str_eq(list->items[i].value, fact->value))
            return true;
    return false;
}

/* The summary's own members first, but for what is a result and not a fact of the run. */
static void flatten_run(struct fact_list *list, const struct run *run)
{
    static const char *const own[] = {
        "model", "total_probes", "failed_probes", "samples", "max_tokens", "duration", "ts", "run"};
    add_fact(list, "file", str_of(run->path));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const json_t *value = json_object_get(run->summary, own[i]);
        if (value)
            add_value(list, own[i], value);
    }
    json_t *provenance = json_object_get(run->summary, "provenance");
    const char *key;
    json_t *member;
    json_object_foreach(provenance, key, member)
    {
        if (strcmp(key, "model") != 0)
            flatten(list, key, member);
    }
}

void provenance_flatten(struct analysis *an)
{
    an->provenance = take(an, an->n_runs, sizeof *an->provenance);
    for (size_t r = 0; r < an->n_runs; r++) {
        struct fact_list list = {.arena = &an->memory->arena};
        flatten_run(&list, an->runs[r]);
        struct facts *out = &an->provenance[r];
        out->items = take(an, list.count, sizeof *list.items);
        for (size_t i = 0; i < list.count; i++)
            if (!is_repeated(&list, &list.items[i]))
                out->items[out->count++] = list.items[i];
        free(list.items);
    }
}

/* ---- differences ---- */

struct str fact_find(const struct facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->count; i++)
        if (str_is(facts->items[i].name, name))
            return facts->items[i].value;
    return str_n(NULL, 0);
}

/* Neither the machine nor the time nor which probes were asked changes an answer (N1 of
 * docs/numerics.md; probes are paired by their prompt), nor does the scorer that was at hand: all
 * answers are scored anew. */
static bool is_material(const struct facts *a, const struct facts *b, struct str name)
{
    static const char *const never[] = {
        "file",       "total_probes", "failed_probes", "samples",       "duration",
        "ts",         "run",          "lem",           "scorer",        "scorer_sha256",
        "isa",        "threads",      "slots",         "chunk",         "context",
        "kv_bytes",   "prefix_cache", "probes.file",   "probes.sha256", "probes.asked",
        "concurrency"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (str_is(name, never[i]))
            return false;
    if (str_is(name, "model")) /* a name; the bytes decide where they are known */
        return !fact_find(a, "model_sha256").ptr || !fact_find(b, "model_sha256").ptr;
    if (str_starts(name, str_of("kernels.")))
        return str_ends(name, str_of(".sha256")) && fact_find(a, name.ptr).ptr &&
               fact_find(b, name.ptr).ptr;
    return true;
}

static void add_difference(struct analysis *an, const struct facts *a, const struct facts *b,
                           struct str name, size_t *cap)
{
    struct str in_a = fact_find(a, name.ptr), in_b = fact_find(b, name.ptr);
    struct fact_difference difference = {name, in_a, in_b, is_material(a, b, name)};
    bool same = in_a.ptr && in_b.ptr && str_eq(in_a, in_b);
    for (size_t i = 0; !same && i < an->n_differences; i++)
        same = str_eq(an->differences[i].name, name);
    if (!same)
        VEC_PUSH(an->differences, an->n_differences, *cap, difference);
}

/* Of run 0 and every other. */
void provenance_compare(struct analysis *an)
{
    size_t cap = 0;
    for (size_t r = 1; r < an->n_runs; r++) {
        const struct facts *a = &an->provenance[0], *b = &an->provenance[r];
        for (size_t i = 0; i < a->count; i++)
            add_difference(an, a, b, a->items[i].name, &cap);
        for (size_t i = 0; i < b->count; i++)
            add_difference(an, a, b, b->items[i].name, &cap);
    }
}

static void add_side(struct buf *out, struct str value)
{
    if (value.ptr)
        buf_add_str(out, utf8_cut(value, VALUE_SHOWN));
    else
        buf_puts(out, "not recorded");
}

bool provenance_check(const struct analysis *an, struct err *err)
{
    struct buf list;
    size_t n = 0;
    buf_init(&list, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < an->n_differences; i++) {
        const struct fact_difference *d = &an->differences[i];
        if (!d->is_material)
            continue;
        buf_puts(&list, n++ ? "; " : "");
        buf_add_str(&list, d->name);
        buf_puts(&list, ": ");
        add_side(&list, d->a);
        buf_puts(&list, " and ");
        add_side(&list, d->b);
    }
    if (n && !an->options.force)
        err_set(err, ERR_USAGE,
                "the runs are unlike in more than what is compared; --force compares them all the "
                "same, if that is the question. %s",
                list.ptr);
    buf_release(&list);
    return n == 0 || an->options.force;
}

/* ---- the command that makes a pair of answers again ---- */

static void add_word(struct buf *out, const char *flag, struct str word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_-./=:,+@%";
    bool plain = word.len > 0;
    for (size_t i = 0; i < word.len; i++)
        plain = plain && word.ptr[i] && strchr(safe, word.ptr[i]);
    buf_printf(out, " %s ", flag);
    if (plain) {
        buf_add_str(out, word);
        return;
    }
    buf_putc(out, '\'');
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] == '\'')
            buf_puts(out, "'\\''");
        else
            buf_putc(out, word.ptr[i]);
    buf_putc(out, '\'');
}

static const struct run_arm *arm_of(const struct analysis *an, size_t arm)
{
    return &an->runs[an->arms[arm].run]->arms[an->arms[arm].condition];
}

/* The arm's kernel, of a placebo the one it was made of; NULL when no file of it is recorded. */
static const struct run_arm *kernel_of(const struct analysis *an, size_t arm)
{
    const struct run_arm *kernel = arm_of(an, arm);
    if (kernel->is_placebo && kernel->placebo_of.ptr) {
        size_t i = run_find_arm(an->runs[an->arms[arm].run], kernel->placebo_of);
        kernel = i == (size_t)-1 ? kernel : &an->runs[an->arms[arm].run]->arms[i];
    }
    return kernel->kernel_path.ptr ? kernel : NULL;
}

static void add_kernel(struct buf *out, const struct run_arm *kernel)
{
    struct buf spec;
    if (!kernel)
        return;
    buf_init(&spec, BUF_MAX_DEFAULT);
    buf_add_str(&spec, kernel->name);
    buf_putc(&spec, '=');
    buf_add_str(&spec, kernel->kernel_path);
    add_word(out, "-k", buf_str(&spec));
    buf_release(&spec);
}

/* What makes a placebo again. */
static void add_placebo(struct buf *out, const struct run_arm *arm)
{
    if (!arm->is_placebo)
        return;
    add_word(out, "--placebo", arm->placebo);
    if (arm->placebo_seed)
        buf_printf(out, " --placebo-seed %" JSON_INTEGER_FORMAT, arm->placebo_seed);
}

struct str provenance_rerun(struct analysis *an, const struct contrast *c, size_t pair)
{
    static const struct {
        const char *fact, *flag;
    } flags[] = {{"max_tokens", "--max-tokens"},
                 {"params.temperature", "--temperature"},
                 {"params.top_p", "--top-p"},
                 {"params.top_k", "--top-k"},
                 {"params.min_p", "--min-p"},
                 {"params.repetition_penalty", "--repetition-penalty"},
                 {"params.seed", "--seed"},
                 {"precision", "--precision"},
                 {"params.system_role", "--system-role"}};
    size_t r = an->arms[c->b].run;
    const struct facts *facts = &an->provenance[r];
    struct str prompts = fact_find(facts, "probes.file");
    if (!prompts.ptr || an->arms[c->a].run != r)
        return str_n(NULL, 0);
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    buf_puts(&out, "lem benchmark");
    add_word(&out, "-m", an->runs[r]->model);
    add_word(&out, "-p", prompts);
    add_kernel(&out, kernel_of(an, c->a));
    if (kernel_of(an, c->b) != kernel_of(an, c->a))
        add_kernel(&out, kernel_of(an, c->b));
    add_placebo(&out, arm_of(an, c->a));
    add_placebo(&out, arm_of(an, c->b));
    add_word(&out, "--ids", an->runs[r]->probes[c->pairs[pair].probe_b].id);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct str value = fact_find(facts, flags[i].fact);
        if (value.ptr)
            add_word(&out, flags[i].flag, value);
    }
    if (c->samples > 1)
        buf_printf(&out, " --samples %zu", c->samples);
    buf_puts(&out, " -o again.jsonl");
    struct str command = arena_str(&an->memory->arena, buf_str(&out));
    buf_release(&out);
    return command;
}
