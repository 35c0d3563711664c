#include "stat/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The units that are compared: the items, or the means of clusters. */
struct units {
    double *a, *b, *d, *length; /* one block, of which `a` is the begin; length NULL: not known */
    size_t n;
};

static double mean_of(const double *x, const struct clusters *clusters, size_t c)
{
    size_t size = clusters->start[c + 1] - clusters->start[c];
    return bootstrap_mean(x, clusters->member + clusters->start[c], size);
}

static void fill(double *out, const double *x, size_t n, const struct clusters *clusters)
{
    for (size_t i = 0; i < n; i++)
        out[i] = clusters->count ? mean_of(x, clusters, i) : x[i];
}

static void units_init(struct units *units, const struct compare_input *input,
                       const struct clusters *clusters)
{
    units->n = clusters->count ? clusters->count : input->n;
    units->a = mem_zalloc(4 * units->n + 1, sizeof *units->a);
    units->b = units->a + units->n;
    units->d = units->b + units->n;
    fill(units->a, input->a, units->n, clusters);
    fill(units->b, input->b, units->n, clusters);
    for (size_t i = 0; i < units->n; i++)
        units->d[i] = units->b[i] - units->a[i];
    units->length = NULL;
    if (!input->length_difference)
        return;
    units->length = units->d + units->n;
    fill(units->length, input->length_difference, units->n, clusters);
}

/* Clusters, then items within each, drawn; an item weighs as much as its cluster has of them less,
 * so the estimate is the mean of cluster means. */
static struct bootstrap run_clusters(const struct compare_input *input,
                                     const struct clusters *clusters,
                                     const struct compare_options *options)
{
    struct weighted *data = mem_zalloc(input->n + 1, sizeof *data);
    struct bootstrap_source source = {.statistic = bootstrap_weighted_mean,
                                      .data = data,
                                      .units = input->n,
                                      .clusters = clusters,
                                      .two_level = true};
    for (size_t i = 0; i < input->n; i++) {
        uint32_t c = input->cluster[i];
        double size = clusters->start[c + 1] - clusters->start[c];
        data[i] = (struct weighted){input->b[i] - input->a[i], 1 / size};
    }
    struct bootstrap out = bootstrap_run(&source, 1 - options->alpha, &options->resample);
    free(data);
    return out;
}

static double cluster_icc(const struct compare_input *input, const struct clusters *clusters)
{
    double *d = mem_zalloc(input->n + 1, sizeof *d);
    for (size_t i = 0; i < input->n; i++)
        d[i] = input->b[i] - input->a[i];
    double icc = intraclass_correlation(d, clusters);
    free(d);
    return icc;
}

static void run_tests(struct compare *out, const struct units *units,
                      const struct compare_options *options)
{
    const double *d = units->d;
    size_t n = units->n;
    struct bootstrap_source source = {.statistic = bootstrap_mean, .data = d, .units = n};
    out->t = t_test(d, n, 1 - options->alpha);
    out->tost_p = options->margin > 0 ? tost_p(&out->t, options->margin) : (double)NAN;
    out->wilcoxon = wilcoxon(d, n);
    out->hodges_lehmann = hodges_lehmann(d, n);
    out->sign_flip = sign_flip(d, n, &options->resample);
    out->bootstrap = bootstrap_run(&source, 1 - options->alpha, &options->resample);
    out->minimum_detectable =
        minimum_detectable_effect(n, options->alpha, options->power) * out->t.sd;
}

static void run_sizes(struct compare *out, const struct units *units,
                      const struct compare_options *options)
{
    const double *d = units->d;
    size_t n = units->n;
    out->mean_a = values_mean(units->a, n);
    out->mean_b = values_mean(units->b, n);
    out->median = values_median(d, n);
    out->dz = cohen_dz(out->t.mean, out->t.sd);
    out->hedges_g = hedges_g(out->dz, n);
    out->cliffs_delta = cliffs_delta(units->a, n, units->b, n);
    out->vargha_delaney_a = vargha_delaney_a(out->cliffs_delta);
    out->count = win_tie_loss(d, n, options->band);
    out->trimmed_mean = trimmed_mean(d, n, COMPARE_TRIM);
    out->winsorised_mean = winsorised_mean(d, n, COMPARE_TRIM);
    out->leave_one_out = leave_one_out(d, n);
    out->rests_on_one = rests_on_one(d, n);
    if (n >= 2 && out->dz != 0 && !isnan(out->dz))
        out->pairs_needed = pairs_needed(out->dz, options->alpha, options->power);
}

size_t compare_differences(double *d, const struct compare_input *input)
{
    struct clusters clusters = {0};
    struct units units;
    if (input->cluster)
        clusters_init(&clusters, input->cluster, input->n, input->n_clusters);
    units_init(&units, input, &clusters);
    memcpy(d, units.d, units.n * sizeof *d);
    free(units.a);
    clusters_release(&clusters);
    return units.n;
}

void compare_run(struct compare *out, const struct compare_input *input,
                 const struct compare_options *options)
{
    struct clusters clusters = {0};
    struct units units;
    struct interval none = {NAN, NAN};
    *out = (struct compare){.items = input->n, .has_length = input->length_difference != NULL};
    if (input->cluster)
        clusters_init(&clusters, input->cluster, input->n, input->n_clusters);
    units_init(&units, input, &clusters);
    run_tests(out, &units, options);
    run_sizes(out, &units, options);
    out->ancova = (struct ancova){NAN, NAN, NAN, NAN, NAN};
    out->length_spearman = NAN;
    if (units.length) {
        out->ancova = ancova(units.d, units.length, units.n);
        out->length_spearman = spearman(units.length, units.d, units.n);
    }
    out->cluster_bootstrap = (struct bootstrap){NAN, NAN, none, none, 0, 0};
    out->icc = NAN;
    if (input->cluster) {
        out->cluster_bootstrap = run_clusters(input, &clusters, options);
        out->icc = cluster_icc(input, &clusters);
    }
    free(units.a);
    clusters_release(&clusters);
}

enum verdict verdict_of(double mean, double p, double tost_p, double alpha)
{
    if (p <= alpha && mean != 0)
        return mean > 0 ? VERDICT_BETTER : VERDICT_WORSE;
    return tost_p <= alpha ? VERDICT_EQUIVALENT : VERDICT_INCONCLUSIVE;
}

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_BETTER: return "better";
    case VERDICT_WORSE: return "worse";
    case VERDICT_EQUIVALENT: return "equivalent";
    case VERDICT_INCONCLUSIVE: break;
    }
    return "inconclusive";
}
