/* compare_table.c - lays a comparison out, one statement a row. */
#include "report/compare_table.h"

#include <math.h>
#include <stdio.h>

#include "report/table.h"

enum { CELL_MAX = 64 };

static void cell_number(struct table *table, double x)
{
    if (isfinite(x))
        table_cell(table, "%.4g", x);
    else
        table_cell(table, "-");
}

static void cell_interval(struct table *table, struct interval range)
{
    if (isfinite(range.low) && isfinite(range.high))
        table_cell(table, "%.4g .. %.4g", range.low, range.high);
    else
        table_cell(table, "-");
}

static void row(struct table *table, const char *name, double x, const struct interval *range,
                const double *p)
{
    table_cell(table, "%s", name);
    cell_number(table, x);
    if (range)
        cell_interval(table, *range);
    else
        table_cell(table, "%s", "");
    if (!p)
        table_cell(table, "%s", "");
    else
        cell_number(table, *p);
}

static void mean_row(struct table *table, const char *side, const char *name, double x)
{
    table_cell(table, "mean of %s (%s)", side, name);
    cell_number(table, x);
    table_cell(table, "%s", "");
    table_cell(table, "%s", "");
}

static void difference_rows(struct table *t, const struct compare *r, struct compare_names names)
{
    mean_row(t, "a", names.a, r->mean_a);
    mean_row(t, "b", names.b, r->mean_b);
    row(t, "difference b - a, Student's t", r->t.mean, &r->t.interval, &r->t.p);
    row(t, "  bootstrap, percentile", r->bootstrap.estimate, &r->bootstrap.percentile, NULL);
    row(t, "  bootstrap, BCa", r->bootstrap.estimate, &r->bootstrap.bca, NULL);
    if (!isnan(r->cluster_bootstrap.estimate))
        row(t, "  bootstrap of clusters and rows", r->cluster_bootstrap.estimate,
            &r->cluster_bootstrap.percentile, NULL);
    row(t, r->sign_flip.exact ? "  sign flips, all" : "  sign flips, drawn", r->t.mean, NULL,
        &r->sign_flip.p);
    row(t, r->wilcoxon.exact ? "Hodges-Lehmann, Wilcoxon exact" : "Hodges-Lehmann, Wilcoxon normal",
        r->hodges_lehmann, NULL, &r->wilcoxon.p);
    if (r->has_length)
        row(t, "difference at equal length", r->ancova.intercept, NULL, &r->ancova.intercept_p);
}

static void robust_rows(struct table *t, const struct compare *r)
{
    row(t, "median difference", r->median, NULL, NULL);
    row(t, "20 % trimmed mean", r->trimmed_mean, NULL, NULL);
    row(t, "20 % winsorised mean", r->winsorised_mean, NULL, NULL);
    table_cell(t, "leaving one out");
    table_cell(t, "%s", "");
    cell_interval(t, r->leave_one_out);
    table_cell(t, "%s", "");
}

static void effect_rows(struct table *t, const struct compare *r)
{
    row(t, "Cohen's d_z", r->dz, NULL, NULL);
    row(t, "Hedges' g", r->hedges_g, NULL, NULL);
    row(t, "rank-biserial correlation", r->wilcoxon.rank_biserial, NULL, NULL);
    row(t, "Cliff's delta", r->cliffs_delta, NULL, NULL);
    row(t, "Vargha-Delaney A", r->vargha_delaney_a, NULL, NULL);
    if (!isnan(r->icc))
        row(t, "intraclass correlation", r->icc, NULL, NULL);
    if (r->has_length)
        row(t, "Spearman, length and score", r->length_spearman, NULL, NULL);
}

static void binary_rows(struct table *t, const struct pair_table *binary)
{
    double n = (double)(binary->both + binary->only_a + binary->only_b + binary->neither);
    double yes_a = (double)(binary->both + binary->only_a);
    double yes_b = (double)(binary->both + binary->only_b);
    double p = mcnemar_exact(binary);
    struct interval range = wilson(yes_a, n, 0.95);
    row(t, "share of a, Wilson", yes_a / n, &range, NULL);
    range = wilson(yes_b, n, 0.95);
    row(t, "share of b, Wilson", yes_b / n, &range, NULL);
    range = newcombe(binary, 0.95);
    row(t, "difference, Newcombe, McNemar exact", paired_difference(binary), &range, &p);
}

void compare_table(struct buf *out, const struct compare *result,
                   const struct compare_options *options, const struct pair_table *binary,
                   struct compare_names names)
{
    struct table table = {0};
    char heading[CELL_MAX];
    snprintf(heading, sizeof heading, "%g %% interval", 100 * (1 - options->alpha));
    table_column(&table, "measure", TEXT_LEFT);
    table_column(&table, "value", TEXT_RIGHT);
    table_column(&table, heading, TEXT_RIGHT);
    table_column(&table, "p", TEXT_RIGHT);
    difference_rows(&table, result, names);
    if (binary)
        binary_rows(&table, binary);
    effect_rows(&table, result);
    robust_rows(&table, result);
    if (options->margin > 0)
        row(&table, "equivalence within the margin, TOST", options->margin, NULL, &result->tost_p);
    row(&table, "minimum detectable effect", result->minimum_detectable, NULL, NULL);
    table_format(out, &table);
    buf_printf(out, "%zu pairs: b higher in %zu, equal in %zu, lower in %zu\n", result->t.n,
               result->count.win, result->count.tie, result->count.loss);
    table_release(&table);
}

void compare_verdict(struct buf *out, const struct compare *result,
                     const struct compare_options *options, double p, const char *adjusted)
{
    enum verdict verdict = verdict_of(result->t.mean, p, result->tost_p, options->alpha);
    buf_printf(out, "Verdict: %s (sign flips, %s%sp = %.3g)", verdict_name(verdict),
               adjusted ? adjusted : "", adjusted ? " " : "", p);
    if (verdict == VERDICT_INCONCLUSIVE && isfinite(result->minimum_detectable))
        buf_printf(out, "; a difference of %.3g would have been found %g times in 10",
                   result->minimum_detectable, 10 * options->power);
    if (result->t.n < 6 && result->t.n > 0)
        buf_printf(out, "; %zu pairs cannot give a p below %g", result->t.n,
                   2.0 / (double)(1 << result->t.n));
    if (result->rests_on_one)
        buf_puts(out, "; leaving one pair out turns the sign");
    buf_puts(out, ".\n");
}
