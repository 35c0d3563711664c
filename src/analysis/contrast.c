/* contrast.c - one arm against another: the findings, and the rows of its forest plots. */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "analysis/pairs.h"
#include "base/map.h"
#include "base/mem.h"
#include "stat/max_t.h"
#include "stat/multiple.h"


/* A penalty is capped at this many hits: 20 points in v2-ab, as much as its other two can take. */
#define CAPPED_HITS 4.0

/* Penalties without a bound, of which one answer can hold dozens. */
static const struct {
    const char *scorer, *signal;
    double points;
} UNBOUNDED[] = {{"v2-ab", "compliance_markers", 5},
                 {"v2-distill", "compliance_markers", 4},
                 {"lek-py", "compliance_markers", 5},
                 {"lek-go", "compliance_markers", 5}};

size_t side_cell(const struct analysis *an, const struct contrast *contrast, bool is_b, size_t pair,
                 size_t sample)
{
    const struct arm *arm = &an->arms[is_b ? contrast->b : contrast->a];
    const struct pair *probes = &contrast->pairs[pair];
    return run_cell(an->runs[arm->run], is_b ? probes->probe_b : probes->probe_a, arm->condition,
                    sample);
}

const struct scored *side_scored(const struct analysis *an, const struct contrast *contrast,
                                 bool is_b)
{
    return &an->memory->scored[an->arms[is_b ? contrast->b : contrast->a].run];
}

double side_mean(const struct analysis *an, const struct contrast *contrast, bool is_b, size_t pair,
                 const double *column, size_t stride)
{
    double sum = 0;
    for (size_t k = 0; k < contrast->samples; k++)
        sum += column[side_cell(an, contrast, is_b, pair, k) * stride];
    return sum / (double)contrast->samples;
}

/* ---- one finding ---- */

/* Scores of all pairs and samples, pair by pair. */
struct items {
    double *a, *b, *length;
    uint32_t *cluster;
    size_t n;
};

static struct items items_make(struct analysis *an, const struct contrast *c)
{
    struct items items = {.n = c->n_pairs * c->samples};
    items.a = take(an, items.n, sizeof *items.a);
    items.b = take(an, items.n, sizeof *items.b);
    items.length = take(an, items.n, sizeof *items.length);
    items.cluster = take(an, items.n, sizeof *items.cluster);
    for (size_t i = 0; i < items.n; i++) {
        size_t pair = i / c->samples, k = i % c->samples;
        const struct run *run_a = an->runs[an->arms[c->a].run],
                         *run_b = an->runs[an->arms[c->b].run];
        items.cluster[i] = (uint32_t)pair;
        items.length[i] = answer_length(an, &run_b->answers[side_cell(an, c, true, pair, k)]) -
                          answer_length(an, &run_a->answers[side_cell(an, c, false, pair, k)]);
    }
    return items;
}

static void items_fill(struct items *items, const struct analysis *an, const struct contrast *c,
                       size_t metric)
{
    for (size_t i = 0; i < items->n; i++) {
        size_t pair = i / c->samples, k = i % c->samples;
        const double *a = side_scored(an, c, false)->values, *b = side_scored(an, c, true)->values;
        items->a[i] = a[side_cell(an, c, false, pair, k) * an->n_metrics + metric];
        items->b[i] = b[side_cell(an, c, true, pair, k) * an->n_metrics + metric];
    }
}

static void keep_means(struct analysis *an, struct finding *finding, const struct contrast *c)
{
    double *a = take(an, c->n_pairs, sizeof *a), *b = take(an, c->n_pairs, sizeof *b);
    for (size_t i = 0; i < c->n_pairs; i++) {
        a[i] = side_mean(an, c, false, i, side_scored(an, c, false)->values + finding->metric,
                         an->n_metrics);
        b[i] = side_mean(an, c, true, i, side_scored(an, c, true)->values + finding->metric,
                         an->n_metrics);
    }
    finding->a = a;
    finding->b = b;
}

static double *finding_differences(struct analysis *an, const struct finding *finding, size_t n)
{
    double *d = take(an, n, sizeof *d);
    for (size_t i = 0; i < n; i++)
        d[i] = finding->b[i] - finding->a[i];
    return d;
}

/* The signal of the primary scorer that has no bound, or n_signals. */
static size_t find_unbounded(const struct analysis *an, double *points)
{
    const struct metric *primary = &an->metrics[an->primary];
    if (!primary->scorer || primary->field != primary->scorer->overall)
        return an->n_signals;
    for (size_t u = 0; u < sizeof UNBOUNDED / sizeof *UNBOUNDED; u++)
        for (size_t s = 0; s < an->n_signals; s++)
            if (str_is(an->signals[s], UNBOUNDED[u].signal) &&
                str_is(str_of(primary->scorer->name), UNBOUNDED[u].scorer)) {
                *points = UNBOUNDED[u].points;
                return s;
            }
    return an->n_signals;
}

/* What the cap gives back to a probe's mean on one side. */
static double given_back(const struct analysis *an, const struct contrast *c, bool is_b,
                         size_t pair, size_t signal)
{
    double sum = 0;
    for (size_t k = 0; k < c->samples; k++) {
        size_t cell = side_cell(an, c, is_b, pair, k);
        double hits = side_scored(an, c, is_b)->signals[cell * an->n_signals + signal];
        sum += fmax(0, hits - CAPPED_HITS);
    }
    return sum / (double)c->samples;
}

static void cap_penalties(struct analysis *an, struct finding *finding, const struct contrast *c)
{
    double points = 0;
    size_t signal = find_unbounded(an, &points);
    finding->capped_mean = NAN;
    finding->capped_interval = (struct interval){NAN, NAN};
    if (!finding->is_primary || signal == an->n_signals || c->n_pairs == 0)
        return;
    double *d = finding_differences(an, finding, c->n_pairs);
    for (size_t i = 0; i < c->n_pairs; i++)
        d[i] += points * (given_back(an, c, true, i, signal) - given_back(an, c, false, i, signal));
    struct bootstrap_source source = {.statistic = bootstrap_mean, .data = d, .units = c->n_pairs};
    struct bootstrap boot =
        bootstrap_run(&source, 1 - an->options.compare.alpha, &an->options.compare.resample);
    finding->capped_mean = boot.estimate;
    finding->capped_interval = boot.percentile;
}

/* ---- missing answers ---- */

/* A probe's mean on one side, `missing` standing for the answers that are not there. */
static double filled_mean(const struct analysis *an, const struct contrast *c, bool is_b,
                          size_t pair, size_t metric, double missing)
{
    double sum = 0;
    for (size_t k = 0; k < c->samples; k++) {
        size_t cell = side_cell(an, c, is_b, pair, k);
        double x = side_scored(an, c, is_b)->values[cell * an->n_metrics + metric];
        sum += isnan(x) ? missing : x;
    }
    return sum / (double)c->samples;
}

static enum verdict judge(const struct analysis *an, const double *d, size_t n, int direction,
                          double *mean)
{
    const struct compare_options *o = &an->options.compare;
    struct t_test t = t_test(d, n, 1 - o->alpha);
    double tost = o->margin > 0 ? tost_p(&t, o->margin) : (double)NAN;
    *mean = t.mean;
    return verdict_of(direction * t.mean, sign_flip(d, n, &o->resample).p, tost, o->alpha);
}

/* The mean and the verdict if all that is missing had gone against b, and if it had gone for it. */
static void impute(struct analysis *an, struct finding *finding, const struct contrast *c)
{
    size_t n = c->n_pairs + c->n_incomplete;
    int direction = an->metrics[finding->metric].direction < 0 ? -1 : 1;
    struct interval seen = {HUGE_VAL, -HUGE_VAL};
    finding->imputed = (struct interval){finding->numbers.t.mean, finding->numbers.t.mean};
    finding->imputed_verdict = finding->verdict;
    if (c->n_incomplete == 0 || c->n_pairs == 0)
        return;
    for (size_t i = 0; i < c->n_pairs; i++) {
        seen.low = fmin(seen.low, fmin(finding->a[i], finding->b[i]));
        seen.high = fmax(seen.high, fmax(finding->a[i], finding->b[i]));
    }
    double *low = take(an, n, sizeof *low), *high = take(an, n, sizeof *high);
    for (size_t i = 0; i < n; i++) {
        low[i] = filled_mean(an, c, true, i, finding->metric, seen.low) -
                 filled_mean(an, c, false, i, finding->metric, seen.high);
        high[i] = filled_mean(an, c, true, i, finding->metric, seen.high) -
                  filled_mean(an, c, false, i, finding->metric, seen.low);
    }
    enum verdict at_low = judge(an, low, n, direction, &finding->imputed.low);
    enum verdict at_high = judge(an, high, n, direction, &finding->imputed.high);
    finding->imputed_verdict = at_low == at_high ? at_low : VERDICT_INCONCLUSIVE;
}

/* ---- forests ---- */

static struct cell cell_make(const struct analysis *an, struct str name, int direction,
                             const double *a, const double *b, size_t n)
{
    double *d = mem_zalloc(n + 1, sizeof *d);
    for (size_t i = 0; i < n; i++)
        d[i] = b[i] - a[i];
    struct t_test t = t_test(d, n, 1 - an->options.compare.alpha);
    struct cell cell = {.name = name,
                        .direction = direction,
                        .n = n,
                        .mean_a = values_mean(a, n),
                        .mean_b = values_mean(b, n),
                        .mean = t.mean,
                        .sd = t.sd,
                        .se = t.se,
                        .interval = t.interval,
                        .p = sign_flip(d, n, &an->options.compare.resample).p,
                        .q = NAN,
                        .shrunk = NAN,
                        .is_small = n < ANALYSIS_SMALL_CELL};
    free(d);
    return cell;
}

static void adjust_cells(struct forest *forest)
{
    double *p = mem_zalloc(2 * forest->n_cells + 1, sizeof *p), *q = p + forest->n_cells;
    for (size_t i = 0; i < forest->n_cells; i++)
        p[i] = isnan(forest->cells[i].p) ? 1 : forest->cells[i].p;
    bh_adjust(q, p, forest->n_cells);
    for (size_t i = 0; i < forest->n_cells; i++)
        forest->cells[i].q = q[i];
    free(p);
}

/* The spread within cells, from all of them together; 0 when no cell has two probes. */
static double common_sd(const struct forest *forest)
{
    double squares = 0, df = 0;
    for (size_t i = 0; i < forest->n_cells; i++)
        if (forest->cells[i].n > 1) {
            double own = (double)forest->cells[i].n - 1;
            squares += own * forest->cells[i].sd * forest->cells[i].sd;
            df += own;
        }
    return df > 0 ? sqrt(squares / df) : 0;
}

static void shrink_cells(struct forest *forest)
{
    size_t n = forest->n_cells;
    double sd = common_sd(forest);
    double *mean = mem_zalloc(3 * n + 1, sizeof *mean), *se = mean + n, *shrunk = se + n;
    forest->pool = (struct group_pool){NAN, NAN, NAN, NAN};
    for (size_t i = 0; i < n; i++) {
        mean[i] = shrunk[i] = forest->cells[i].mean;
        se[i] = sd / sqrt((double)forest->cells[i].n);
    }
    if (sd > 0)
        forest->pool = group_shrink(shrunk, mean, se, n);
    for (size_t i = 0; i < n; i++)
        forest->cells[i].shrunk = shrunk[i];
    free(mean);
}

struct str contrast_category(const struct analysis *an, const struct contrast *c, size_t pair)
{
    return an->runs[an->arms[c->a].run]->probes[c->pairs[pair].probe_a].category;
}

static void make_categories(struct analysis *an, struct contrast *c)
{
    const struct finding *primary = &c->findings[an->primary];
    struct forest *forest = &c->categories;
    struct map index = {0};
    uint32_t *group = mem_zalloc(c->n_pairs + 1, sizeof *group);
    struct str *names = take(an, c->n_pairs, sizeof *names);
    for (size_t i = 0; i < c->n_pairs; i++) {
        struct str name = contrast_category(an, c, i);
        if (map_add(&index, name, (uint32_t)forest->n_cells))
            names[forest->n_cells++] = name;
        group[i] = map_get(&index, name);
    }
    forest->cells = take(an, forest->n_cells, sizeof *forest->cells);
    double *a = mem_zalloc(2 * c->n_pairs + 1, sizeof *a), *b = a + c->n_pairs;
    for (size_t g = 0; g < forest->n_cells; g++) {
        size_t n = 0;
        for (size_t i = 0; i < c->n_pairs; i++)
            if (group[i] == g) {
                a[n] = primary->a[i];
                b[n++] = primary->b[i];
            }
        forest->cells[g] = cell_make(an, names[g], an->metrics[an->primary].direction, a, b, n);
    }
    adjust_cells(forest);
    shrink_cells(forest);
    for (size_t i = 0; i < c->n_pairs; i++)
        a[i] = primary->b[i] - primary->a[i];
    forest->differ_p =
        group_permutation_p(a, group, c->n_pairs, forest->n_cells, &an->options.compare.resample);
    free(a);
    free(group);
    map_release(&index);
}

static void make_signals(struct analysis *an, struct contrast *c)
{
    struct forest *forest = &c->signals;
    double *a = mem_zalloc(2 * c->n_pairs + 1, sizeof *a), *b = a + c->n_pairs;
    forest->pool = (struct group_pool){NAN, NAN, NAN, NAN};
    forest->differ_p = NAN;
    forest->n_cells = an->n_signals;
    forest->cells = take(an, forest->n_cells, sizeof *forest->cells);
    for (size_t s = 0; s < an->n_signals; s++) {
        for (size_t i = 0; i < c->n_pairs; i++) {
            a[i] =
                side_mean(an, c, false, i, side_scored(an, c, false)->signals + s, an->n_signals);
            b[i] = side_mean(an, c, true, i, side_scored(an, c, true)->signals + s, an->n_signals);
        }
        forest->cells[s] =
            cell_make(an, an->signals[s], an->signal_directions[s], a, b, c->n_pairs);
    }
    adjust_cells(forest);
    free(a);
}

/* ---- the whole ---- */

static void pair_failures(struct analysis *an, struct contrast *c)
{
    for (size_t kind = 0; kind < FAILURE_KINDS; kind++) {
        struct failure_pair *out = &c->failures[kind];
        const struct arm *arm_a = &an->arms[c->a], *arm_b = &an->arms[c->b];
        out->is_known = arm_a->failures[kind].of > 0 && arm_b->failures[kind].of > 0;
        for (size_t i = 0; out->is_known && i < c->n_pairs + c->n_incomplete; i++) {
            bool in_a = false, in_b = false;
            for (size_t k = 0; k < c->samples; k++) {
                in_a |= side_scored(an, c, false)
                            ->failed[side_cell(an, c, false, i, k) * FAILURE_KINDS + kind];
                in_b |= side_scored(an, c, true)
                            ->failed[side_cell(an, c, true, i, k) * FAILURE_KINDS + kind];
            }
            out->table.both += in_a && in_b;
            out->table.only_a += in_a && !in_b;
            out->table.only_b += !in_a && in_b;
            out->table.neither += !in_a && !in_b;
        }
        out->p = mcnemar_exact(&out->table);
        out->difference = newcombe(&out->table, 1 - an->options.compare.alpha);
    }
}

static bool is_sound(const struct analysis *an, const struct contrast *c, bool is_b, size_t pair)
{
    static const enum failure_kind unsound[] = {FAILURE_EMPTY, FAILURE_DEGENERATE, FAILURE_REFUSAL};
    const bool *failed = side_scored(an, c, is_b)->failed;
    for (size_t k = 0; k < c->samples; k++)
        for (size_t u = 0; u < sizeof unsound / sizeof *unsound; u++)
            if (failed[side_cell(an, c, is_b, pair, k) * FAILURE_KINDS + unsound[u]])
                return false;
    return true;
}

static void test_sound(struct analysis *an, struct contrast *c)
{
    const struct finding *primary = &c->findings[an->primary];
    double *d = mem_zalloc(c->n_pairs + 1, sizeof *d);
    size_t n = 0;
    for (size_t i = 0; i < c->n_pairs; i++)
        if (is_sound(an, c, false, i) && is_sound(an, c, true, i))
            d[n++] = primary->b[i] - primary->a[i];
    c->sound = t_test(d, n, 1 - an->options.compare.alpha);
    free(d);
}

static void adjust_jointly(struct analysis *an, struct contrast *c)
{
    size_t n = c->n_pairs, m = an->n_metrics;
    double adjusted[ANALYSIS_METRICS_MAX];
    double *d = mem_zalloc(m * n + 1, sizeof *d);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < n; i++)
            d[j * n + i] = c->findings[j].b[i] - c->findings[j].a[i];
    if (n >= 2)
        max_t_adjust(adjusted, d, m, n, &an->options.compare.resample);
    for (size_t j = 0; j < m; j++)
        c->findings[j].p_max_t = n >= 2 ? adjusted[j] : (double)NAN;
    free(d);
}

void contrast_make(struct analysis *an, struct contrast *c)
{
    pairs_make(an, c);
    struct items items = items_make(an, c);
    c->findings = take(an, an->n_metrics, sizeof *c->findings);
    for (size_t m = 0; m < an->n_metrics; m++) {
        struct finding *finding = &c->findings[m];
        finding->metric = m;
        finding->is_primary = m == an->primary;
        keep_means(an, finding, c);
        items_fill(&items, an, c, m);
        struct compare_input input = {.a = items.a,
                                      .b = items.b,
                                      .n = items.n,
                                      .length_difference = items.length,
                                      .cluster = c->samples > 1 ? items.cluster : NULL,
                                      .n_clusters = c->n_pairs};
        compare_run(&finding->numbers, &input, &an->options.compare);
        double *d = finding_differences(an, finding, c->n_pairs);
        finding->banded = win_tie_loss(d, c->n_pairs, ANALYSIS_BAND);
        cap_penalties(an, finding, c);
    }
    adjust_jointly(an, c);
    make_categories(an, c);
    make_signals(an, c);
    pair_failures(an, c);
    test_sound(an, c);
    length_compare(an, c);
    layouts_compare(an, c);
    changes_list(an, c);
}

static void adjust_family(double *adjusted, const double *p, size_t m, enum adjust how)
{
    if (how == ADJUST_HOLM)
        holm_adjust(adjusted, p, m);
    else if (how == ADJUST_BH)
        bh_adjust(adjusted, p, m);
    else
        memcpy(adjusted, p, m * sizeof *p);
}

/* One family: the primary metric of every contrast, or all others of every contrast. */
static size_t adjust_some(struct analysis *an, bool primary)
{
    size_t m = 0, most = an->n_contrasts * an->n_metrics;
    struct finding **list = mem_zalloc(most + 1, sizeof *list);
    double *p = mem_zalloc(2 * most + 1, sizeof *p), *adjusted = p + most;
    for (size_t c = 0; c < an->n_contrasts; c++)
        for (size_t j = 0; j < an->n_metrics; j++) {
            struct finding *finding = &an->contrasts[c].findings[j];
            if (finding->is_primary != primary)
                continue;
            finding->p_adjusted = NAN;
            if (isnan(finding->numbers.sign_flip.p))
                continue;
            p[m] = finding->numbers.sign_flip.p;
            list[m++] = finding;
        }
    adjust_family(adjusted, p, m, an->options.adjust);
    for (size_t i = 0; i < m; i++)
        list[i]->p_adjusted = adjusted[i];
    free(list);
    free(p);
    return m;
}

/* Metrics that were decided one way and the other. */
static bool signs_disagree(const struct contrast *c, size_t n_metrics)
{
    bool up = false, down = false;
    for (size_t j = 0; j < n_metrics; j++) {
        up |= c->findings[j].verdict == VERDICT_BETTER;
        down |= c->findings[j].verdict == VERDICT_WORSE;
    }
    return up && down;
}

void contrasts_judge(struct analysis *an)
{
    an->n_declared = adjust_some(an, true);
    an->n_exploratory = adjust_some(an, false);
    for (size_t i = 0; i < an->n_contrasts; i++) {
        struct contrast *c = &an->contrasts[i];
        for (size_t j = 0; j < an->n_metrics; j++) {
            struct finding *f = &c->findings[j];
            int direction = an->metrics[j].direction < 0 ? -1 : 1;
            f->verdict = verdict_of(direction * f->numbers.t.mean, f->p_adjusted, f->numbers.tost_p,
                                    an->options.compare.alpha);
            impute(an, f, c);
        }
        c->signs_disagree = signs_disagree(c, an->n_metrics);
    }
}
