/* metrics.c - which numbers are compared, and what they are for every answer. */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "analysis/changed_text.h"
#include "analysis/failure.h"
#include "base/mem.h"
#include "text/utf8.h"

/* Measured in every report; twins of these (Go for Python, full for bare) would only be asked the
 * same question again. */
static const char *const STANDARD[] = {"v2-ab",    "v2-distill", "lek-py",
                                       "tier1-py", "grammar",    "delta"};
enum { N_STANDARD = sizeof STANDARD / sizeof *STANDARD };

#define STORED       "stored"
#define NEEDS_PROMPT "delta"
#define SAME_SCORE   0.005 /* stored scores are rounded to two decimals */

/* ---- choosing ---- */

static int signal_direction(const struct scorer *scorer, size_t field)
{
    static const char *const less[] = {
        "compliance_markers", "formulaic_preamble", "degeneration", "empty_broken", "echo",
        "echo_raw",           "sycophantic"};
    const char *name = scorer->fields[field].name;
    for (size_t i = 0; i < sizeof less / sizeof *less; i++)
        if (str_is(str_of(name), less[i]))
            return -1;
    bool counted = str_starts(str_of(scorer->name), str_of("v2")) ||
                   str_starts(str_of(scorer->name), str_of("lek"));
    return field == scorer->overall || counted;
}

static void add_metric(struct analysis *an, struct str name, const struct scorer *scorer,
                       size_t field)
{
    an->metrics[an->n_metrics++] =
        (struct metric){arena_str(&an->memory->arena, name), scorer, field,
                        scorer ? signal_direction(scorer, field) : 1};
}

static size_t find_metric(const struct analysis *an, struct str name)
{
    size_t i = 0;
    while (i < an->n_metrics && !str_eq(an->metrics[i].name, name))
        i++;
    return i;
}

/* How far the scores that the files hold are those of v2-ab. */
static bool compare_stored(struct analysis *an, struct err *err)
{
    struct score *score = score_create(scorer_find(str_of("v2-ab")));
    bool ok = true;
    for (size_t r = 0; ok && r < an->n_runs; r++)
        for (size_t i = 0; ok && i < run_cells(an->runs[r]); i++) {
            const struct run_answer *answer = &an->runs[r]->answers[i];
            double values[SCORE_VALUES_MAX];
            if (isnan(answer->stored))
                continue;
            ok = score_run(score, values, answer->text, str_n(NULL, 0), err);
            an->stored_total++;
            an->stored_equal += ok && fabs(values[scorer_find(str_of("v2-ab"))->overall] -
                                           answer->stored) < SAME_SCORE;
        }
    score_free(score);
    return ok;
}

static size_t count_answered(const struct analysis *an)
{
    size_t n = 0;
    for (size_t r = 0; r < an->n_runs; r++)
        for (size_t i = 0; i < run_cells(an->runs[r]); i++)
            n += an->runs[r]->answers[i].state == RUN_ANSWERED;
    return n;
}

static bool has_prompts(const struct analysis *an)
{
    for (size_t r = 0; r < an->n_runs; r++)
        for (size_t p = 0; p < an->runs[r]->n_probes; p++)
            if (an->runs[r]->probes[p].prompt.len == 0)
                return false;
    return true;
}

static bool fail_unknown(const struct analysis *an, const char *name, struct err *err)
{
    struct buf names;
    buf_init(&names, ERR_MSG_MAX);
    for (size_t i = 0; i < an->n_metrics; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", an->metrics[i].name.ptr);
    err_set(err, ERR_USAGE,
            "there is no metric \"%s\"; there are: %s, other scorers, and SCORER.FIELD", name,
            names.ptr);
    buf_release(&names);
    return false;
}

/* "SCORER" or "SCORER.FIELD" that is not among the metrics yet. */
static bool add_primary(struct analysis *an, const char *spec, struct err *err)
{
    struct str name = str_of(spec);
    size_t dot = str_find(name, str_of("."), 0), field = 0;
    const struct scorer *scorer = scorer_find(str_n(name.ptr, size_min(dot, name.len)));
    if (!scorer)
        return fail_unknown(an, spec, err);
    field = scorer->overall;
    if (dot != (size_t)-1)
        for (field = 0; field < scorer->n_fields; field++)
            if (str_is(str_from(name, dot + 1), scorer->fields[field].name))
                break;
    if (field == scorer->n_fields || scorer->fields[field].kind == SCORE_TEXT || scorer->is_apart)
        return fail_unknown(an, spec, err);
    an->primary = an->n_metrics;
    if (field == scorer->overall)
        an->primary = find_metric(an, str_of(scorer->name));
    if (an->primary == an->n_metrics)
        add_metric(an, field == scorer->overall ? str_of(scorer->name) : name, scorer, field);
    return true;
}

static void name_signals(struct analysis *an)
{
    const struct metric *primary = &an->metrics[an->primary];
    if (!primary->scorer)
        return;
    an->signals = take(an, primary->scorer->n_fields, sizeof *an->signals);
    an->signal_directions = take(an, primary->scorer->n_fields, sizeof *an->signal_directions);
    for (size_t f = 0; f < primary->scorer->n_fields; f++) {
        if (f == primary->scorer->overall || primary->scorer->fields[f].kind == SCORE_TEXT)
            continue;
        an->signals[an->n_signals] = str_of(primary->scorer->fields[f].name);
        an->signal_directions[an->n_signals++] = signal_direction(primary->scorer, f);
    }
}

bool metrics_choose(struct analysis *an, struct err *err)
{
    const char *primary = an->options.primary;
    for (size_t i = 0; i < N_STANDARD; i++) {
        const struct scorer *scorer = scorer_find(str_of(STANDARD[i]));
        if (has_prompts(an) || !str_is(str_of(scorer->name), NEEDS_PROMPT))
            add_metric(an, str_of(scorer->name), scorer, scorer->overall);
    }
    if (!compare_stored(an, err))
        return false;
    if (an->stored_equal < an->stored_total && an->stored_total == count_answered(an))
        add_metric(an, str_of(STORED), NULL, 0);
    an->primary = primary ? find_metric(an, str_of(primary)) : 0;
    if (an->primary == an->n_metrics && !add_primary(an, primary, err))
        return false;
    name_signals(an);
    return true;
}

/* ---- scoring ---- */

/* One thread's tools. */
struct bench {
    struct score *scores[ANALYSIS_METRICS_MAX]; /* NULL for stored */
    struct buf text;
    struct err err; /* of the first cell it could not score */
    size_t bad;
};

struct job {
    struct analysis *an;
    struct scored *scored;
    const struct run *run;
    struct bench *benches; /* one a thread */
};

static bool score_one(double *values, struct bench *bench, size_t metric, struct str text,
                      struct str prompt, struct err *err)
{
    struct score_result result;
    struct score_item item = {.text = text, .prompt = prompt};
    if (!score_item(bench->scores[metric], &result, &item, err))
        return false;
    for (size_t i = 0; i < SCORE_VALUES_MAX; i++)
        values[i] = result.is_scored ? result.values[i] : (double)NAN;
    return true;
}

static void keep_signals(const struct job *job, size_t cell, const double *values)
{
    const struct scorer *scorer = job->an->metrics[job->an->primary].scorer;
    double *out = job->scored->signals + cell * job->an->n_signals;
    for (size_t f = 0; f < scorer->n_fields; f++)
        if (f != scorer->overall && scorer->fields[f].kind != SCORE_TEXT)
            *out++ = values[f];
}

static bool score_metrics(const struct job *job, struct bench *bench, size_t cell,
                          struct str prompt, struct err *err)
{
    const struct analysis *an = job->an;
    const struct run_answer *answer = &job->run->answers[cell];
    double *out = job->scored->values + cell * an->n_metrics;
    for (size_t m = 0; m < an->n_metrics; m++) {
        double values[SCORE_VALUES_MAX];
        out[m] = answer->stored;
        if (!an->metrics[m].scorer)
            continue;
        if (!score_one(values, bench, m, answer->text, prompt, err))
            return false;
        out[m] = values[an->metrics[m].field];
        if (m == an->primary)
            keep_signals(job, cell, values);
    }
    return true;
}

static bool score_text(double *out, const struct job *job, struct bench *bench, struct str text,
                       struct str prompt, struct err *err)
{
    const struct analysis *an = job->an;
    double values[SCORE_VALUES_MAX];
    if (!an->metrics[an->primary].scorer)
        return true;
    if (!score_one(values, bench, an->primary, text, prompt, err))
        return false;
    *out = values[an->metrics[an->primary].field];
    return true;
}

static bool score_variants(const struct job *job, struct bench *bench, size_t cell,
                           struct str prompt, struct err *err)
{
    const struct run_answer *answer = &job->run->answers[cell];
    bool ok = true;
    for (size_t k = 0; ok && k + 1 < ANALYSIS_CUTS; k++) {
        size_t chars = answer->chars * (k + 1) / ANALYSIS_CUTS;
        ok = score_text(&job->scored->variant[VARIANT_CUT + k][cell], job, bench,
                        utf8_cut(answer->text, chars), prompt, err);
    }
    for (size_t k = 0; ok && k < LAYOUT_KINDS; k++) {
        buf_reset(&bench->text);
        changed_text(&bench->text, answer->text, (enum layout_kind)k,
                     job->an->options.compare.resample.seed);
        job->scored->changed[k][cell] = !str_eq(buf_str(&bench->text), answer->text);
        ok = score_text(&job->scored->variant[VARIANT_LAYOUT + k][cell], job, bench,
                        buf_str(&bench->text), prompt, err);
    }
    return ok;
}

static void score_cell(void *arg, size_t cell, size_t thread)
{
    struct job *job = arg;
    const struct run_answer *answer = &job->run->answers[cell];
    struct str prompt = job->run->probes[cell / job->run->n_arms / job->run->samples].prompt;
    bool *failed = job->scored->failed + cell * FAILURE_KINDS;
    failure_find(failed, answer);
    struct bench *bench = &job->benches[thread];
    struct err err = {0};
    if (answer->state != RUN_ANSWERED)
        return;
    if (score_metrics(job, bench, cell, prompt, &err) &&
        score_variants(job, bench, cell, prompt, &err))
        return;
    if (bench->err.code == ERR_NONE || cell < bench->bad) {
        bench->err = err;
        bench->bad = cell;
    }
}

/* The failure that the first cell in file order met, whichever thread met it. */
static bool check_failures(const struct job *job, size_t threads, struct err *err)
{
    const struct bench *first = NULL;
    for (size_t t = 0; t < threads; t++) {
        const struct bench *bench = &job->benches[t];
        if (bench->err.code != ERR_NONE && (!first || bench->bad < first->bad))
            first = bench;
    }
    if (!first)
        return true;
    *err = first->err;
    size_t probe = first->bad / job->run->n_arms / job->run->samples;
    return err_in(err, "%s: probe %.*s", job->run->path, STR_ARG(job->run->probes[probe].id));
}

static double *take_nans(struct analysis *an, size_t n)
{
    double *x = take(an, n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = NAN;
    return x;
}

static void score_run_of(struct job *job)
{
    struct analysis *an = job->an;
    size_t cells = run_cells(job->run);
    struct scored *out = job->scored;
    out->values = take_nans(an, cells * an->n_metrics);
    out->signals = take_nans(an, cells * an->n_signals);
    for (size_t v = 0; v < N_VARIANTS; v++)
        out->variant[v] = take_nans(an, cells);
    for (size_t k = 0; k < LAYOUT_KINDS; k++)
        out->changed[k] = take(an, cells, sizeof *out->changed[k]);
    out->failed = take(an, cells * FAILURE_KINDS, sizeof *out->failed);
    pool_run(an->options.compare.resample.pool, score_cell, job, cells);
}

/* A scorer that wants what these files do not hold (the right answer) gives nothing. */
static bool check_values(const struct analysis *an, struct err *err)
{
    for (size_t r = 0; r < an->n_runs; r++)
        for (size_t i = 0; i < run_cells(an->runs[r]) * an->n_metrics; i++)
            if (an->runs[r]->answers[i / an->n_metrics].state == RUN_ANSWERED &&
                !isfinite(an->memory->scored[r].values[i]))
                return err_set(err, ERR_USAGE, "%s: %s cannot score these answers",
                               an->runs[r]->path, an->metrics[i % an->n_metrics].name.ptr);
    return true;
}

bool metrics_score(struct analysis *an, struct err *err)
{
    size_t threads = pool_threads(an->options.compare.resample.pool);
    struct job job = {.an = an, .benches = mem_zalloc(threads, sizeof *job.benches)};
    for (size_t t = 0; t < threads; t++) {
        buf_init(&job.benches[t].text, BUF_MAX_DEFAULT);
        for (size_t m = 0; m < an->n_metrics; m++)
            if (an->metrics[m].scorer)
                job.benches[t].scores[m] = score_create(an->metrics[m].scorer);
    }
    bool ok = true;
    an->memory->scored = take(an, an->n_runs, sizeof *an->memory->scored);
    for (size_t r = 0; ok && r < an->n_runs; r++) {
        job.run = an->runs[r];
        job.scored = &an->memory->scored[r];
        score_run_of(&job);
        ok = check_failures(&job, threads, err);
    }
    for (size_t t = 0; t < threads; t++) {
        for (size_t m = 0; m < an->n_metrics; m++)
            score_free(job.benches[t].scores[m]);
        buf_release(&job.benches[t].text);
    }
    free(job.benches);
    return ok && check_values(an, err);
}
