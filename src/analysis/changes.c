/* changes.c - the probes that fell furthest, and those that rose. */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "base/mem.h"

struct ranked {
    double d; /* in the direction of better */
    size_t pair;
};

static int by_fall(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    return a->d != b->d ? (a->d > b->d) - (a->d < b->d) : (a->pair > b->pair) - (a->pair < b->pair);
}

/* The sample whose difference goes furthest that way. */
static size_t pick_sample(const struct analysis *an, const struct contrast *c, size_t pair,
                          int direction)
{
    size_t best = 0;
    double best_d = -HUGE_VAL;
    for (size_t k = 0; k < c->samples; k++) {
        size_t a = side_cell(an, c, false, pair, k), b = side_cell(an, c, true, pair, k);
        double d = side_scored(an, c, true)->values[b * an->n_metrics + an->primary] -
                   side_scored(an, c, false)->values[a * an->n_metrics + an->primary];
        if (direction * d > best_d) {
            best_d = direction * d;
            best = k;
        }
    }
    return best;
}

static struct change change_make(struct analysis *an, const struct contrast *c, size_t pair,
                                 int direction)
{
    const struct finding *primary = &c->findings[an->primary];
    const struct scored *scored_a = side_scored(an, c, false), *scored_b = side_scored(an, c, true);
    const struct run *run_a = an->runs[an->arms[c->a].run], *run_b = an->runs[an->arms[c->b].run];
    size_t k = pick_sample(an, c, pair, direction);
    size_t a = side_cell(an, c, false, pair, k), b = side_cell(an, c, true, pair, k);
    struct change change = {.pair = pair,
                            .sample = k,
                            .probe = &run_a->probes[c->pairs[pair].probe_a],
                            .a = &run_a->answers[a],
                            .b = &run_b->answers[b],
                            .score_a = scored_a->values[a * an->n_metrics + an->primary],
                            .score_b = scored_b->values[b * an->n_metrics + an->primary],
                            .mean_d = primary->b[pair] - primary->a[pair],
                            .signals_a = scored_a->signals + a * an->n_signals,
                            .signals_b = scored_b->signals + b * an->n_signals,
                            .rerun = provenance_rerun(an, c, pair)};
    for (size_t kind = 0; kind < FAILURE_KINDS; kind++) {
        change.failures_a[kind] = scored_a->failed[a * FAILURE_KINDS + kind];
        change.failures_b[kind] = scored_b->failed[b * FAILURE_KINDS + kind];
    }
    return change;
}

void changes_list(struct analysis *an, struct contrast *c)
{
    const struct finding *primary = &c->findings[an->primary];
    int better = an->metrics[an->primary].direction < 0 ? -1 : 1;
    struct ranked *ranked = mem_zalloc(c->n_pairs + 1, sizeof *ranked);
    size_t n = c->n_pairs;
    for (size_t i = 0; i < n; i++) {
        ranked[i] = (struct ranked){better * (primary->b[i] - primary->a[i]), i};
        c->regressions.total += ranked[i].d < 0;
        c->improvements.total += ranked[i].d > 0;
    }
    qsort(ranked, n, sizeof *ranked, by_fall);
    c->regressions.count = size_min(c->regressions.total, an->options.n_changes);
    c->improvements.count = size_min(c->improvements.total, an->options.n_changes);
    c->regressions.items = take(an, c->regressions.count, sizeof *c->regressions.items);
    c->improvements.items = take(an, c->improvements.count, sizeof *c->improvements.items);
    for (size_t i = 0; i < c->regressions.count; i++)
        c->regressions.items[i] = change_make(an, c, ranked[i].pair, -better);
    for (size_t i = 0; i < c->improvements.count; i++)
        c->improvements.items[i] = change_make(an, c, ranked[n - 1 - i].pair, better);
    free(ranked);
}
