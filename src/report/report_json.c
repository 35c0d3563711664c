/* report_json.c - one function for each struct of analysis.h; contrasts are in contrast_json.c. */
#include "report/report_json.h"

#include <math.h>

#include "report/contrast_json.h"
#include "report/report_json_int.h"

/* ---- arms ---- */

static json_t *score_to_report(const struct arm_score *score)
{
    json_t *out = json_object();
    put(out, "mean", score->mean);
    put_interval(out, "interval", score->interval);
    put(out, "best_of_samples", score->best);
    put(out, "icc", score->icc);
    put(out, "length_spearman", score->length_spearman);
    put(out, "per_100_length", score->per_100);
    return out;
}

static json_t *failures_to_json(const struct failure_count *failures)
{
    json_t *out = json_object();
    for (size_t k = 0; k < FAILURE_KINDS; k++) {
        json_t *kind = json_object();
        put_count(kind, "count", failures[k].count);
        put_count(kind, "of", failures[k].of);
        put_interval(kind, "share_interval", failures[k].share);
        json_object_set_new(out, failure_name((enum failure_kind)k), kind);
    }
    return out;
}

static json_t *cost_to_json(const struct arm_cost *cost)
{
    json_t *out = json_object();
    put(out, "prompt_tokens", cost->prompt_tokens);
    put(out, "completion_tokens", cost->completion_tokens);
    put(out, "prompt_tokens_mean", cost->prompt_mean);
    put(out, "completion_tokens_mean", cost->completion_mean);
    put(out, "time_s", cost->time_s);
    put(out, "ttft_p50_ms", cost->ttft_p50_ms);
    put(out, "ttft_p95_ms", cost->ttft_p95_ms);
    put(out, "tokens_per_s", cost->tokens_per_s);
    return out;
}

static json_t *numbers_to_json(const double *x, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, number_to_json(x[i]));
    return list;
}

static json_t *leak_to_json(const struct arm_leak *leak)
{
    json_t *out = json_object();
    if (!leak->is_known)
        return json_decref(out), json_null();
    put_count(out, "hits", leak->hits);
    put_count(out, "kernel_hits", leak->kernel_hits);
    put(out, "hit_share", leak->hit_share);
    put(out, "hit_share_without_kernel", leak->reference_share);
    put_count(out, "answers", leak->answers);
    put_count(out, "answers_with_13_words_of_the_kernel", leak->copying);
    put_count(out, "probes", leak->probes);
    put_count(out, "probes_with_13_words_of_the_kernel", leak->overlapping);
    return out;
}

static json_t *arm_to_json(const struct analysis *an, const struct arm *arm)
{
    const struct run *run = an->runs[arm->run];
    json_t *out = json_object(), *scores = json_object(), *length = json_object();
    put_str(out, "name", arm->name);
    put_count(out, "run", arm->run);
    put_str(out, "condition", run->arms[arm->condition].name);
    put_bool(out, "is_baseline", arm->is_baseline);
    put_bool(out, "is_placebo", arm->is_placebo);
    put_count(out, "probes", arm->n_probes);
    for (size_t m = 0; m < an->n_metrics; m++)
        json_object_set_new(scores, an->metrics[m].name.ptr, score_to_report(&arm->scores[m]));
    json_object_set_new(out, "scores", scores);
    put(length, "mean", arm->length.mean);
    put_interval(length, "interval", arm->length.interval);
    json_object_set_new(length, "score_when_cut_to_25_50_75_100_percent",
                        numbers_to_json(arm->length.cut_score, ANALYSIS_CUTS));
    json_object_set_new(out, "length", length);
    json_object_set_new(out, "failures", failures_to_json(arm->failures));
    json_object_set_new(out, "cost", cost_to_json(&arm->cost));
    json_object_set_new(out, "leak", leak_to_json(&arm->leak));
    return out;
}

/* ---- the whole ---- */

static json_t *method_to_json(const struct analysis *an)
{
    const struct compare_options *o = &an->options.compare;
    json_t *out = json_object();
    put_str(out, "primary", an->metrics[an->primary].name);
    put(out, "alpha", o->alpha);
    put(out, "power", o->power);
    put(out, "margin", o->margin > 0 ? o->margin : (double)NAN);
    put_count(out, "resamples", o->resample.resamples);
    put_count(out, "seed", o->resample.seed);
    put_text(out, "adjust", adjust_name(an->options.adjust));
    put_count(out, "declared_hypotheses", an->n_declared);
    put_count(out, "exploratory_hypotheses", an->n_exploratory);
    put_text(out, "length_unit", length_unit_name(an->length_unit));
    put_count(out, "stored_scores", an->stored_total);
    put_count(out, "stored_scores_equal_to_v2_ab", an->stored_equal);
    return out;
}

static json_t *runs_to_json(const struct analysis *an)
{
    json_t *list = json_array();
    for (size_t r = 0; r < an->n_runs; r++) {
        const struct run *run = an->runs[r];
        json_t *out = json_object(), *facts = json_object();
        put_text(out, "file", run->path);
        put_str(out, "model", run->model);
        put_count(out, "probes", run->n_probes);
        put_count(out, "samples", run->samples);
        put_bool(out, "is_finished", run->summary != NULL);
        put_bool(out, "has_provenance", run->provenance != NULL);
        put_count(out, "foreign_lines", run->n_foreign);
        for (size_t i = 0; i < an->provenance[r].count; i++)
            put_str(facts, an->provenance[r].items[i].name.ptr, an->provenance[r].items[i].value);
        json_object_set_new(out, "facts", facts);
        json_array_append_new(list, out);
    }
    return list;
}

static json_t *differences_to_json(const struct analysis *an)
{
    json_t *list = json_array();
    for (size_t i = 0; i < an->n_differences; i++) {
        json_t *out = json_object();
        put_str(out, "name", an->differences[i].name);
        put_str(out, "a", an->differences[i].a);
        put_str(out, "b", an->differences[i].b);
        put_bool(out, "is_material", an->differences[i].is_material);
        json_array_append_new(list, out);
    }
    return list;
}

static json_t *metrics_to_json(const struct analysis *an)
{
    json_t *list = json_array();
    for (size_t m = 0; m < an->n_metrics; m++) {
        const struct metric *metric = &an->metrics[m];
        char hex[SHA256_HEX_LEN + 1];
        json_t *out = json_object();
        put_str(out, "name", metric->name);
        put_bool(out, "is_primary", m == an->primary);
        put_bool(out, "less_is_better", metric->direction < 0);
        if (metric->scorer)
            scorer_hash(hex, metric->scorer);
        put_str(out, "rules_sha256", metric->scorer ? str_of(hex) : str_n(NULL, 0));
        json_array_append_new(list, out);
    }
    return list;
}

static json_t *agreement_to_json(const struct analysis *an)
{
    size_t m = an->n_metrics;
    json_t *out = json_object(), *list = json_array();
    put_count(out, "answers", an->agreement.answers);
    for (size_t i = 0; i < m; i++)
        for (size_t j = i + 1; j < m; j++) {
            json_t *pair = json_object();
            put_str(pair, "a", an->metrics[i].name);
            put_str(pair, "b", an->metrics[j].name);
            put(pair, "spearman", an->agreement.rho[i * m + j]);
            put_interval(pair, "interval", an->agreement.interval[i * m + j]);
            json_array_append_new(list, pair);
        }
    json_object_set_new(out, "pairs", list);
    return out;
}

static json_t *interactions_to_json(const struct analysis *an)
{
    json_t *list = json_array();
    for (size_t i = 0; i < an->n_interactions; i++) {
        json_t *out = json_object();
        put_str(out, "kernel", an->interactions[i].kernel);
        put_count(out, "runs", an->interactions[i].runs);
        json_object_set_new(out, "between_runs", pool_to_json(&an->interactions[i].between_runs));
        put(out, "cells_differ_p", an->interactions[i].cells_differ_p);
        json_array_append_new(list, out);
    }
    return list;
}

static json_t *published_to_json(const struct analysis *an)
{
    json_t *list = json_array();
    for (size_t i = 0; i < an->n_published; i++) {
        const struct published_row *row = &an->published[i];
        json_t *out = json_object();
        put_str(out, "arm", an->arms[row->arm].name);
        put_str(out, "model", row->model);
        put_str(out, "set", row->set);
        put_str(out, "condition", row->condition);
        put(out, "published", row->published);
        put(out, "ours", row->ours);
        put(out, "difference", row->difference);
        put_interval(out, "interval", row->interval);
        put(out, "tolerance", row->tolerance);
        put_text(out, "verdict", published_verdict_name(row->verdict));
        put_str(out, "why", row->why);
        json_array_append_new(list, out);
    }
    return list;
}

static json_t *salad_to_json(const struct salad *salad)
{
    json_t *out = json_object();
    put_str(out, "text", salad->text);
    put(out, "score", salad->score);
    put(out, "best_arm_mean", salad->best_mean);
    put_bool(out, "wins", salad->wins);
    return out;
}

json_t *report_to_json(const struct analysis *an, const char *program)
{
    json_t *out = json_object(), *arms = json_array(), *contrasts = json_array(),
           *notes = json_array();
    put_text(out, "schema", REPORT_SCHEMA);
    put_text(out, "lem", program);
    put_text(out, "kind", an->is_pair ? "compare" : "report");
    json_object_set_new(out, "method", method_to_json(an));
    json_object_set_new(out, "runs", runs_to_json(an));
    json_object_set_new(out, "differences", differences_to_json(an));
    json_object_set_new(out, "metrics", metrics_to_json(an));
    for (size_t i = 0; i < an->n_arms; i++)
        json_array_append_new(arms, arm_to_json(an, &an->arms[i]));
    json_object_set_new(out, "arms", arms);
    for (size_t i = 0; i < an->n_contrasts; i++)
        json_array_append_new(contrasts, contrast_to_json(an, &an->contrasts[i]));
    json_object_set_new(out, "contrasts", contrasts);
    json_object_set_new(out, "agreement", agreement_to_json(an));
    json_object_set_new(out, "salad", salad_to_json(&an->salad));
    json_object_set_new(out, "interactions", interactions_to_json(an));
    json_object_set_new(out, "published", published_to_json(an));
    for (size_t i = 0; i < an->n_notes; i++)
        json_array_append_new(notes, json_from_str(an->notes[i]));
    json_object_set_new(out, "notes", notes);
    return out;
}
