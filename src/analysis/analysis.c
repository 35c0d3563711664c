#include "analysis/analysis.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "base/buf.h"
#include "base/mem.h"
#include "eval/kernel.h"

/* ---- names ---- */

/* "results/gemma.jsonl": "gemma" */
static struct str file_stem(const char *path)
{
    struct str name = str_of(path);
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/') {
            name = str_from(name, i);
            break;
        }
    struct str ending = str_of(".jsonl");
    return str_ends(name, ending) && name.len > ending.len ? str_n(name.ptr, name.len - ending.len)
                                                           : name;
}

static struct str run_label(const struct analysis *an, size_t r)
{
    struct str stem = file_stem(an->runs[r]->path);
    for (size_t i = 0; i < an->n_runs; i++)
        if (i != r && str_eq(stem, file_stem(an->runs[i]->path)))
            return str_of(an->runs[r]->path);
    return stem;
}

static struct str join(struct analysis *an, struct str a, const char *between, struct str b)
{
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    buf_add_str(&text, a);
    buf_puts(&text, between);
    buf_add_str(&text, b);
    struct str joined = arena_str(&an->memory->arena, buf_str(&text));
    buf_release(&text);
    return joined;
}

/* ---- arms and contrasts ---- */

static void make_arms(struct analysis *an)
{
    size_t n = 0;
    for (size_t r = 0; r < an->n_runs; r++)
        n += an->runs[r]->n_arms;
    an->arms = take(an, n, sizeof *an->arms);
    for (size_t r = 0; r < an->n_runs; r++)
        for (size_t c = 0; c < an->runs[r]->n_arms; c++) {
            const struct run_arm *from = &an->runs[r]->arms[c];
            struct arm *arm = &an->arms[an->n_arms++];
            arm->run = r;
            arm->condition = c;
            arm->is_baseline = str_is(from->name, KERNEL_BASELINE);
            arm->is_placebo = from->is_placebo;
            arm->name = an->n_runs == 1 ? from->name : join(an, run_label(an, r), ": ", from->name);
        }
}

size_t arms_find(const struct analysis *an, size_t run, struct str name)
{
    size_t i = 0;
    while (i < an->n_arms && (an->arms[i].run != run ||
                              !str_eq(an->runs[run]->arms[an->arms[i].condition].name, name)))
        i++;
    return i;
}

static void add_contrast(struct analysis *an, enum contrast_kind kind, size_t a, size_t b)
{
    struct contrast *out = &an->contrasts[an->n_contrasts++];
    const struct arm *arm_a = &an->arms[a], *arm_b = &an->arms[b];
    out->kind = kind;
    out->a = a;
    out->b = b;
    out->name = arm_b->name;
    if (kind == CONTRAST_OVER_PLACEBO)
        out->name =
            join(an, arm_b->name, " over ", an->runs[arm_a->run]->arms[arm_a->condition].name);
    if (kind == CONTRAST_RUNS)
        out->name = an->runs[arm_b->run]->arms[arm_b->condition].name;
}

size_t arms_reference(const struct analysis *an, size_t run)
{
    size_t i = arms_find(an, run, str_of(KERNEL_BASELINE));
    return i < an->n_arms ? i : arms_find(an, run, an->runs[run]->arms[0].name);
}

/* A placebo that does not say whose it is stands for every kernel of its run. */
static bool is_placebo_of(const struct analysis *an, size_t placebo, size_t kernel)
{
    const struct arm *p = &an->arms[placebo], *k = &an->arms[kernel];
    const struct run *run = an->runs[p->run];
    struct str of = run->arms[p->condition].placebo_of;
    return p->is_placebo && !k->is_placebo && p->run == k->run &&
           kernel != arms_reference(an, k->run) &&
           (!of.ptr || str_eq(of, run->arms[k->condition].name));
}

static void contrasts_within(struct analysis *an)
{
    an->contrasts = take(an, an->n_arms * an->n_arms, sizeof *an->contrasts);
    for (size_t i = 0; i < an->n_arms; i++) {
        size_t reference = arms_reference(an, an->arms[i].run);
        if (i != reference)
            add_contrast(an, an->arms[i].is_placebo ? CONTRAST_PLACEBO : CONTRAST_KERNEL, reference,
                         i);
    }
    for (size_t i = 0; i < an->n_arms; i++)
        for (size_t k = 0; k < an->n_arms; k++)
            if (is_placebo_of(an, k, i))
                add_contrast(an, CONTRAST_OVER_PLACEBO, k, i);
}

static bool contrasts_between(struct analysis *an, struct err *err)
{
    an->contrasts = take(an, an->n_arms, sizeof *an->contrasts);
    for (size_t i = 0; i < an->n_arms; i++) {
        size_t b = arms_find(an, 1, an->runs[an->arms[i].run]->arms[an->arms[i].condition].name);
        if (an->arms[i].run == 0 && b < an->n_arms)
            add_contrast(an, CONTRAST_RUNS, i, b);
    }
    return an->n_contrasts > 0 || err_set(err, ERR_USAGE, "%s and %s have no condition in common",
                                          an->runs[0]->path, an->runs[1]->path);
}

static bool check_pairs(const struct analysis *an, struct err *err)
{
    for (size_t i = 0; i < an->n_contrasts; i++)
        if (an->contrasts[i].n_pairs > 0)
            return true;
    return an->n_contrasts == 0 ||
           err_set(err, ERR_USAGE,
                   "no probe was answered on both sides of any comparison; probes are paired by "
                   "id and prompt");
}

/* ---- the whole ---- */

static struct analysis *begin(struct run *const *runs, size_t n_runs,
                              const struct analysis_options *options)
{
    struct analysis *an = mem_zalloc(1, sizeof *an);
    an->memory = mem_zalloc(1, sizeof *an->memory);
    struct run **copy = take(an, n_runs, sizeof *copy);
    memcpy(copy, runs, n_runs * sizeof *copy);
    an->runs = copy;
    an->n_runs = n_runs;
    an->options = *options;
    an->options.n_changes = size_min(options->n_changes, ANALYSIS_CHANGES_MAX);
    length_unit_choose(an);
    make_arms(an);
    provenance_flatten(an);
    provenance_compare(an);
    return an;
}

static bool finish(struct analysis *an, struct err *err)
{
    if (!metrics_choose(an, err) || !metrics_score(an, err))
        return false;
    arms_describe(an);
    for (size_t i = 0; i < an->n_contrasts; i++)
        contrast_make(an, &an->contrasts[i]);
    if (!check_pairs(an, err) || !leaks_find(an, err) || !salad_toss(an, err))
        return false;
    contrasts_judge(an);
    agreement_measure(an);
    interactions_test(an);
    published_compare(an);
    notes_write(an);
    return true;
}

bool analysis_of_runs(struct analysis **out, struct run *const *runs, size_t n_runs,
                      const struct analysis_options *options, struct err *err)
{
    struct analysis *an = begin(runs, n_runs, options);
    contrasts_within(an);
    if (!finish(an, err)) {
        analysis_free(an);
        return false;
    }
    *out = an;
    return true;
}

bool analysis_of_pair(struct analysis **out, struct run *const runs[2],
                      const struct analysis_options *options, struct err *err)
{
    struct analysis *an = begin(runs, 2, options);
    an->is_pair = true;
    if (!contrasts_between(an, err) || !provenance_check(an, err) || !finish(an, err)) {
        analysis_free(an);
        return false;
    }
    *out = an;
    return true;
}

void analysis_free(struct analysis *an)
{
    if (!an)
        return;
    arena_release(&an->memory->arena);
    free(an->differences);
    free(an->published);
    free(an->notes);
    free(an->memory);
    free(an);
}

const char *adjust_name(enum adjust adjust)
{
    static const char *const names[] = {
        [ADJUST_HOLM] = "holm", [ADJUST_BH] = "bh", [ADJUST_NONE] = "none"};
    return names[adjust];
}

/* A placebo that does nothing, or harm, is not what --fail-on asks about. */
static bool is_asked(const struct contrast *c)
{
    return c->kind == CONTRAST_KERNEL || c->kind == CONTRAST_RUNS;
}

static bool has_verdict(const struct analysis *an, enum verdict verdict)
{
    for (size_t i = 0; i < an->n_contrasts; i++)
        if (is_asked(&an->contrasts[i]) &&
            an->contrasts[i].findings[an->primary].verdict == verdict)
            return true;
    return false;
}

bool analysis_has_regression(const struct analysis *an)
{
    return has_verdict(an, VERDICT_WORSE);
}

bool analysis_is_inconclusive(const struct analysis *an)
{
    return has_verdict(an, VERDICT_INCONCLUSIVE);
}
