/* length.c - is it length, or layout? */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "analysis/changed_text.h"
#include "base/mem.h"

static double mean_length(const struct analysis *an, const struct contrast *c, bool is_b,
                          size_t pair)
{
    const struct run *run = an->runs[an->arms[is_b ? c->b : c->a].run];
    double sum = 0;
    for (size_t k = 0; k < c->samples; k++)
        sum += answer_length(an, &run->answers[side_cell(an, c, is_b, pair, k)]);
    return sum / (double)c->samples;
}

static struct t_test test(const struct analysis *an, const double *d, size_t n)
{
    return t_test(d, n, 1 - an->options.compare.alpha);
}

/* Differences of the primary metric when each side's answers are taken from `of_a` and `of_b`. */
static void differences(double *d, const struct analysis *an, const struct contrast *c,
                        const double *of_a, size_t stride_a, const double *of_b, size_t stride_b)
{
    for (size_t i = 0; i < c->n_pairs; i++)
        d[i] =
            side_mean(an, c, true, i, of_b, stride_b) - side_mean(an, c, false, i, of_a, stride_a);
}

void length_compare(struct analysis *an, struct contrast *c)
{
    size_t n = c->n_pairs;
    const struct compare *numbers = &c->findings[an->primary].numbers;
    double *a = take(an, n, sizeof *a), *b = take(an, n, sizeof *b);
    double *d = mem_zalloc(n + 1, sizeof *d);
    for (size_t i = 0; i < n; i++) {
        a[i] = mean_length(an, c, false, i);
        b[i] = mean_length(an, c, true, i);
        d[i] = b[i] - a[i];
    }
    c->length = (struct contrast_length){.a = a,
                                         .b = b,
                                         .t = test(an, d, n),
                                         .ancova = numbers->ancova,
                                         .spearman = numbers->length_spearman};
    for (size_t k = 0; k + 1 < ANALYSIS_CUTS; k++) {
        differences(d, an, c, side_scored(an, c, false)->variant[VARIANT_CUT + k], 1,
                    side_scored(an, c, true)->variant[VARIANT_CUT + k], 1);
        c->length.cut[k] = test(an, d, n);
    }
    c->length.cut[ANALYSIS_CUTS - 1] = numbers->t;
    free(d);
}

static size_t count_changed(const struct analysis *an, const struct contrast *c, bool is_b,
                            size_t kind)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_pairs; i++)
        for (size_t k = 0; k < c->samples; k++)
            n += side_scored(an, c, is_b)->changed[kind][side_cell(an, c, is_b, i, k)];
    return n;
}

static void compare_layout(struct analysis *an, struct contrast *c, size_t kind)
{
    const struct finding *primary = &c->findings[an->primary];
    const double *of_a = side_scored(an, c, false)->variant[VARIANT_LAYOUT + kind];
    const double *of_b = side_scored(an, c, true)->variant[VARIANT_LAYOUT + kind];
    const double *plain_a = side_scored(an, c, false)->values + an->primary;
    struct layout *out = &c->layouts[kind];
    size_t n = c->n_pairs;
    double *d = mem_zalloc(2 * n + 1, sizeof *d), *shift = d + n;
    out->changed_a = count_changed(an, c, false, kind);
    out->changed_b = count_changed(an, c, true, kind);
    differences(d, an, c, of_a, 1, of_b, 1);
    for (size_t i = 0; i < n; i++) {
        out->mean_a += side_mean(an, c, false, i, of_a, 1) / (double)n;
        out->mean_b += side_mean(an, c, true, i, of_b, 1) / (double)n;
        shift[i] = d[i] - (primary->b[i] - primary->a[i]);
    }
    out->t = test(an, d, n);
    out->shift = test(an, shift, n);
    out->flips = out->t.mean * primary->numbers.t.mean < 0;
    differences(d, an, c, plain_a, an->n_metrics, of_b, 1);
    out->against_plain = test(an, d, n);
    out->wins = an->metrics[an->primary].direction * out->against_plain.mean > 0 &&
                out->against_plain.p <= an->options.compare.alpha;
    free(d);
}

void layouts_compare(struct analysis *an, struct contrast *c)
{
    for (size_t kind = 0; kind < LAYOUT_KINDS; kind++)
        compare_layout(an, c, kind);
}

bool salad_toss(struct analysis *an, struct err *err)
{
    const struct metric *primary = &an->metrics[an->primary];
    struct salad *salad = &an->salad;
    struct score_result result;
    struct score_item item = {.text = salad_text(), .prompt = str_of("")};
    *salad = (struct salad){.text = item.text, .score = NAN, .best_mean = NAN};
    for (size_t i = 0; i < an->n_arms; i++) {
        double mean = an->arms[i].scores[an->primary].mean;
        if (isnan(salad->best_mean) || primary->direction * (mean - salad->best_mean) > 0)
            salad->best_mean = mean;
    }
    if (!primary->scorer)
        return true;
    struct score *score = score_create(primary->scorer);
    bool ok = score_item(score, &result, &item, err);
    if (ok && result.is_scored)
        salad->score = result.values[primary->field];
    salad->wins = primary->direction * (salad->score - salad->best_mean) > 0;
    score_free(score);
    return ok;
}
