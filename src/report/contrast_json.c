/* contrast_json.c - see contrast_json.h. */
#include "report/contrast_json.h"

#include "report/report_json_int.h"
#include "text/diff.h"

static json_t *t_to_json(const struct t_test *t)
{
    json_t *out = json_object();
    put(out, "mean", t->mean);
    put(out, "sd", t->sd);
    put_interval(out, "interval", t->interval);
    put(out, "p", t->p);
    return out;
}

static json_t *counts_to_json(const struct win_tie_loss *count)
{
    return json_pack("{s:I, s:I, s:I}", "win", (json_int_t)count->win, "tie",
                     (json_int_t)count->tie, "loss", (json_int_t)count->loss);
}

json_t *pool_to_json(const struct group_pool *pool)
{
    json_t *out = json_object();
    put(out, "mean", pool->mean);
    put(out, "between_variance", pool->between_var);
    put(out, "q", pool->q);
    put(out, "q_p", pool->q_p);
    return out;
}

/* ---- findings ---- */

static void put_tests(json_t *out, const struct finding *finding)
{
    const struct compare *r = &finding->numbers;
    json_t *bootstrap = json_object();
    put(bootstrap, "se", r->bootstrap.se);
    put_interval(bootstrap, "percentile", r->bootstrap.percentile);
    put_interval(bootstrap, "bca", r->bootstrap.bca);
    json_object_set_new(out, "bootstrap", bootstrap);
    json_object_set_new(out, "student", t_to_json(&r->t));
    if (r->cluster_bootstrap.resamples) {
        json_t *clusters = json_object();
        put_interval(clusters, "percentile", r->cluster_bootstrap.percentile);
        put(clusters, "icc", r->icc);
        json_object_set_new(out, "two_level_bootstrap", clusters);
    }
    put(out, "sign_flip_p", r->sign_flip.p);
    put_text(out, "sign_flip_method", r->sign_flip.exact ? "exact" : "monte_carlo");
    put(out, "p_adjusted", finding->p_adjusted);
    put(out, "p_max_t", finding->p_max_t);
    put(out, "wilcoxon_p", r->wilcoxon.p);
    put_text(out, "wilcoxon_method", r->wilcoxon.exact ? "exact" : "normal");
    put(out, "hodges_lehmann", r->hodges_lehmann);
}

static void put_sizes(json_t *out, const struct finding *finding)
{
    const struct compare *r = &finding->numbers;
    put(out, "cohen_dz", r->dz);
    put(out, "hedges_g", r->hedges_g);
    put(out, "rank_biserial", r->wilcoxon.rank_biserial);
    put(out, "cliffs_delta", r->cliffs_delta);
    put(out, "vargha_delaney_a", r->vargha_delaney_a);
    json_object_set_new(out, "counts", counts_to_json(&r->count));
    json_object_set_new(out, "counts_beyond_half_a_point", counts_to_json(&finding->banded));
    put(out, "tost_p", r->tost_p);
    put(out, "minimum_detectable_effect", r->minimum_detectable);
    json_object_set_new(out, "probes_needed",
                        r->pairs_needed ? json_integer((json_int_t)r->pairs_needed) : json_null());
}

static json_t *robustness_to_json(const struct finding *finding)
{
    const struct compare *r = &finding->numbers;
    json_t *out = json_object();
    put(out, "median", r->median);
    put(out, "trimmed_mean_20", r->trimmed_mean);
    put(out, "winsorised_mean_20", r->winsorised_mean);
    put_interval(out, "leave_one_out", r->leave_one_out);
    put_bool(out, "rests_on_one", r->rests_on_one);
    put(out, "capped_mean", finding->capped_mean);
    put_interval(out, "capped_interval", finding->capped_interval);
    put_interval(out, "imputed", finding->imputed);
    put_text(out, "imputed_verdict", verdict_name(finding->imputed_verdict));
    return out;
}

static json_t *finding_to_json(const struct analysis *an, const struct finding *finding)
{
    json_t *out = json_object();
    put_str(out, "metric", an->metrics[finding->metric].name);
    put_bool(out, "is_primary", finding->is_primary);
    put_text(out, "verdict", verdict_name(finding->verdict));
    put_count(out, "n", finding->numbers.t.n);
    put(out, "mean_a", finding->numbers.mean_a);
    put(out, "mean_b", finding->numbers.mean_b);
    put(out, "difference", finding->numbers.t.mean);
    put_tests(out, finding);
    put_sizes(out, finding);
    json_object_set_new(out, "robustness", robustness_to_json(finding));
    return out;
}

static json_t *forest_to_json(const struct forest *forest)
{
    json_t *out = json_object(), *cells = json_array();
    for (size_t i = 0; i < forest->n_cells; i++) {
        const struct cell *cell = &forest->cells[i];
        json_t *row = json_object();
        put_str(row, "name", cell->name);
        json_object_set_new(row, "direction", json_integer(cell->direction));
        put_count(row, "n", cell->n);
        put(row, "mean_a", cell->mean_a);
        put(row, "mean_b", cell->mean_b);
        put(row, "difference", cell->mean);
        put(row, "sd", cell->sd);
        put_interval(row, "interval", cell->interval);
        put(row, "sign_flip_p", cell->p);
        put(row, "q_bh", cell->q);
        put(row, "shrunk", cell->shrunk);
        put_bool(row, "is_small", cell->is_small);
        json_array_append_new(cells, row);
    }
    json_object_set_new(out, "cells", cells);
    json_object_set_new(out, "pool", pool_to_json(&forest->pool));
    put(out, "cells_differ_p", forest->differ_p);
    return out;
}

/* ---- changes ---- */

static json_t *side_to_json(const struct analysis *an, const struct run_answer *answer,
                            double score, const double *signals, const bool *failures)
{
    json_t *out = json_object(), *values = json_object(), *kinds = json_array();
    put(out, "score", score);
    put_str(out, "response", answer->text);
    put(out, "tokens", answer->tokens);
    put_str(out, "finish_reason", answer->finish);
    for (size_t s = 0; s < an->n_signals; s++)
        put(values, an->signals[s].ptr, signals[s]);
    json_object_set_new(out, "signals", values);
    for (size_t k = 0; k < FAILURE_KINDS; k++)
        if (failures[k])
            json_array_append_new(kinds, json_string(failure_name((enum failure_kind)k)));
    json_object_set_new(out, "failures", kinds);
    return out;
}

/* Pieces in reading order: {"op": "same" | "delete" | "insert", "text"}. */
static json_t *diff_to_json(struct str a, struct str b)
{
    static const char *const ops[] = {
        [DIFF_SAME] = "same", [DIFF_DELETE] = "delete", [DIFF_INSERT] = "insert"};
    struct diff diff;
    json_t *list = json_array();
    diff_readable(&diff, a, b);
    for (size_t i = 0; i < diff.n_runs; i++) {
        json_t *piece = json_object();
        put_text(piece, "op", ops[diff.runs[i].op]);
        put_str(piece, "text", diff_run_text(&diff.runs[i]));
        json_array_append_new(list, piece);
    }
    diff_release(&diff);
    return list;
}

static json_t *changes_to_json(const struct analysis *an, const struct change_list *list)
{
    json_t *out = json_object(), *items = json_array();
    put_count(out, "total", list->total);
    for (size_t i = 0; i < list->count; i++) {
        const struct change *change = &list->items[i];
        json_t *item = json_object();
        put_str(item, "probe", change->probe->id);
        put_str(item, "category", change->probe->category);
        put_str(item, "prompt", change->probe->prompt);
        put(item, "difference", change->mean_d);
        put_count(item, "sample", change->sample);
        put_str(item, "seed", change->b->seed);
        json_object_set_new(
            item, "a",
            side_to_json(an, change->a, change->score_a, change->signals_a, change->failures_a));
        json_object_set_new(
            item, "b",
            side_to_json(an, change->b, change->score_b, change->signals_b, change->failures_b));
        json_object_set_new(item, "diff", diff_to_json(change->a->text, change->b->text));
        put_str(item, "rerun", change->rerun);
        json_array_append_new(items, item);
    }
    json_object_set_new(out, "items", items);
    return out;
}

/* ---- contrasts ---- */

static json_t *length_to_json(const struct contrast_length *length)
{
    json_t *out = json_object(), *fit = json_object(), *cuts = json_array();
    json_object_set_new(out, "difference", t_to_json(&length->t));
    put(fit, "difference_at_equal_length", length->ancova.intercept);
    put(fit, "se", length->ancova.intercept_se);
    put(fit, "p", length->ancova.intercept_p);
    put(fit, "slope", length->ancova.slope);
    json_object_set_new(out, "ancova", fit);
    put(out, "spearman", length->spearman);
    for (size_t k = 0; k < ANALYSIS_CUTS; k++)
        json_array_append_new(cuts, t_to_json(&length->cut[k]));
    json_object_set_new(out, "difference_when_cut_to_25_50_75_100_percent", cuts);
    return out;
}

static json_t *layouts_to_json(const struct layout *layouts)
{
    json_t *out = json_object();
    for (size_t k = 0; k < LAYOUT_KINDS; k++) {
        const struct layout *layout = &layouts[k];
        json_t *kind = json_object();
        put_count(kind, "changed_a", layout->changed_a);
        put_count(kind, "changed_b", layout->changed_b);
        put(kind, "mean_a", layout->mean_a);
        put(kind, "mean_b", layout->mean_b);
        json_object_set_new(kind, "difference", t_to_json(&layout->t));
        json_object_set_new(kind, "shift", t_to_json(&layout->shift));
        json_object_set_new(kind, "b_changed_minus_a", t_to_json(&layout->against_plain));
        put_bool(kind, "flips", layout->flips);
        put_bool(kind, "wins", layout->wins);
        json_object_set_new(out, layout_name((enum layout_kind)k), kind);
    }
    return out;
}

static json_t *failure_pairs_to_json(const struct failure_pair *failures)
{
    json_t *out = json_object();
    for (size_t k = 0; k < FAILURE_KINDS; k++) {
        const struct failure_pair *pair = &failures[k];
        json_t *kind = pair->is_known ? json_object() : json_null();
        if (pair->is_known) {
            put_count(kind, "both", pair->table.both);
            put_count(kind, "only_a", pair->table.only_a);
            put_count(kind, "only_b", pair->table.only_b);
            put_count(kind, "neither", pair->table.neither);
            put(kind, "mcnemar_p", pair->p);
            put_interval(kind, "newcombe", pair->difference);
        }
        json_object_set_new(out, failure_name((enum failure_kind)k), kind);
    }
    return out;
}

static json_t *pairs_to_json(const struct analysis *an, const struct contrast *c)
{
    const struct finding *primary = &c->findings[an->primary];
    const struct run *run = an->runs[an->arms[c->a].run];
    json_t *list = json_array();
    for (size_t i = 0; i < c->n_pairs; i++) {
        const struct run_probe *probe = &run->probes[c->pairs[i].probe_a];
        json_t *pair = json_object();
        put_str(pair, "probe", probe->id);
        put_str(pair, "category", probe->category);
        put(pair, "a", primary->a[i]);
        put(pair, "b", primary->b[i]);
        put(pair, "length_a", c->length.a[i]);
        put(pair, "length_b", c->length.b[i]);
        json_array_append_new(list, pair);
    }
    return list;
}

static const char *contrast_kind_name(enum contrast_kind kind)
{
    static const char *const names[] = {[CONTRAST_KERNEL] = "kernel",
                                        [CONTRAST_PLACEBO] = "placebo",
                                        [CONTRAST_OVER_PLACEBO] = "over_placebo",
                                        [CONTRAST_RUNS] = "runs"};
    return names[kind];
}

json_t *contrast_to_json(const struct analysis *an, const struct contrast *c)
{
    json_t *out = json_object(), *findings = json_array();
    put_str(out, "name", c->name);
    put_text(out, "kind", contrast_kind_name(c->kind));
    put_str(out, "a", an->arms[c->a].name);
    put_str(out, "b", an->arms[c->b].name);
    put_count(out, "pairs", c->n_pairs);
    put_count(out, "samples", c->samples);
    put_count(out, "incomplete", c->n_incomplete);
    put_count(out, "alone", c->n_alone);
    for (size_t m = 0; m < an->n_metrics; m++)
        json_array_append_new(findings, finding_to_json(an, &c->findings[m]));
    json_object_set_new(out, "findings", findings);
    json_t *sound = t_to_json(&c->sound);
    put_count(sound, "n", c->sound.n);
    json_object_set_new(out, "sound_pairs", sound);
    put_bool(out, "signs_disagree", c->signs_disagree);
    json_object_set_new(out, "categories", forest_to_json(&c->categories));
    json_object_set_new(out, "signals", forest_to_json(&c->signals));
    json_object_set_new(out, "length", length_to_json(&c->length));
    json_object_set_new(out, "layouts", layouts_to_json(c->layouts));
    json_object_set_new(out, "failures", failure_pairs_to_json(c->failures));
    json_object_set_new(out, "scores", pairs_to_json(an, c));
    json_object_set_new(out, "regressions", changes_to_json(an, &c->regressions));
    json_object_set_new(out, "improvements", changes_to_json(an, &c->improvements));
    return out;
}
