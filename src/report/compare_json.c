#include "report/compare_json.h"

#include <math.h>

json_t *number_to_json(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

json_t *interval_to_json(struct interval range)
{
    if (!isfinite(range.low) || !isfinite(range.high))
        return json_null();
    return json_pack("[f, f]", range.low, range.high);
}

static void put(json_t *object, const char *key, double x)
{
    json_object_set_new(object, key, number_to_json(x));
}

static void put_count(json_t *object, const char *key, size_t n)
{
    json_object_set_new(object, key, json_integer((json_int_t)n));
}

static void put_interval(json_t *object, const char *key, struct interval range)
{
    json_object_set_new(object, key, interval_to_json(range));
}

static void put_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

static void put_tests(json_t *o, const struct compare *r)
{
    put_count(o, "n", r->t.n);
    put(o, "mean_a", r->mean_a);
    put(o, "mean_b", r->mean_b);
    put(o, "mean_difference", r->t.mean);
    put(o, "sd", r->t.sd);
    put(o, "median_difference", r->median);
    put_interval(o, "t_ci95", r->t.interval);
    put(o, "t_p", r->t.p);
    put(o, "cohen_dz", r->dz);
    put(o, "hedges_g", r->hedges_g);
    put(o, "hodges_lehmann", r->hodges_lehmann);
    put(o, "wilcoxon_w_plus", r->wilcoxon.w_plus);
    put(o, "wilcoxon_w_minus", r->wilcoxon.w_minus);
    put_text(o, "wilcoxon_method", r->wilcoxon.exact ? "exact" : "normal");
    put(o, "wilcoxon_p", r->wilcoxon.p);
    put(o, "rank_biserial", r->wilcoxon.rank_biserial);
    put(o, "cliffs_delta", r->cliffs_delta);
    put(o, "vargha_delaney_a", r->vargha_delaney_a);
    put_count(o, "win", r->count.win);
    put_count(o, "tie", r->count.tie);
    put_count(o, "loss", r->count.loss);
    put(o, "trimmed_mean_20", r->trimmed_mean);
    put(o, "winsorised_mean_20", r->winsorised_mean);
    put_interval(o, "leave_one_out", r->leave_one_out);
    json_object_set_new(o, "rests_on_one", json_boolean(r->rests_on_one));
    put(o, "tost_p", r->tost_p);
    put(o, "sign_flip_p", r->sign_flip.p);
    put_text(o, "sign_flip_method", r->sign_flip.exact ? "exact" : "monte_carlo");
}

static void put_length(json_t *o, const struct compare *r)
{
    json_t *fit = json_object();
    put(fit, "intercept", r->ancova.intercept);
    put(fit, "slope", r->ancova.slope);
    put(fit, "intercept_se", r->ancova.intercept_se);
    put(fit, "slope_se", r->ancova.slope_se);
    put(fit, "intercept_p", r->ancova.intercept_p);
    json_object_set_new(o, "ancova", fit);
    put(o, "spearman_length_difference", r->length_spearman);
}

static void put_bootstrap(json_t *o, const char *key, const struct bootstrap *b)
{
    json_t *object = json_object();
    put(object, "estimate", b->estimate);
    put(object, "se", b->se);
    put_interval(object, "percentile_ci95", b->percentile);
    put_interval(object, "bca_ci95", b->bca);
    json_object_set_new(o, key, object);
}

void compare_to_json(json_t *object, const struct compare *result,
                     const struct compare_options *options)
{
    put_tests(object, result);
    if (result->has_length)
        put_length(object, result);
    put(object, "minimum_detectable_effect", result->minimum_detectable);
    if (result->pairs_needed)
        put_count(object, "pairs_needed", result->pairs_needed);
    put_bootstrap(object, "bootstrap", &result->bootstrap);
    if (!isnan(result->cluster_bootstrap.estimate)) {
        put_count(object, "items", result->items);
        put(object, "icc", result->icc);
        put_bootstrap(object, "cluster_bootstrap", &result->cluster_bootstrap);
    }
    put_count(object, "resamples", options->resample.resamples);
    put_count(object, "seed", options->resample.seed);
}

void binary_to_json(json_t *object, const struct pair_table *table)
{
    double n = (double)(table->both + table->only_a + table->only_b + table->neither);
    put_count(object, "n", (size_t)n);
    put_count(object, "both", table->both);
    put_count(object, "only_a", table->only_a);
    put_count(object, "only_b", table->only_b);
    put_count(object, "neither", table->neither);
    put(object, "difference", paired_difference(table));
    put(object, "mcnemar_exact_p", mcnemar_exact(table));
    put_interval(object, "wilson_a", wilson((double)(table->both + table->only_a), n, 0.95));
    put_interval(object, "wilson_b", wilson((double)(table->both + table->only_b), n, 0.95));
    put_interval(object, "newcombe_ci95", newcombe(table, 0.95));
}
