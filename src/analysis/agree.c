/* agree.c - do the metrics tell the same story, and do the runs? */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "base/buf.h"
#include "base/mem.h"

/* The answers of every run in one column a metric. */
static double *gather(const struct analysis *an, size_t *n)
{
    size_t most = 0;
    for (size_t r = 0; r < an->n_runs; r++)
        most += run_cells(an->runs[r]);
    double *columns = mem_zalloc(most * an->n_metrics + 1, sizeof *columns);
    *n = 0;
    for (size_t r = 0; r < an->n_runs; r++)
        for (size_t i = 0; i < run_cells(an->runs[r]); i++) {
            if (an->runs[r]->answers[i].state != RUN_ANSWERED)
                continue;
            for (size_t m = 0; m < an->n_metrics; m++)
                columns[m * most + *n] = metric_value(an, r, i, m);
            ++*n;
        }
    for (size_t m = 1; m < an->n_metrics; m++)
        memmove(columns + m * *n, columns + m * most, *n * sizeof *columns);
    return columns;
}

/* Answers to one probe are not news of other probes: the intervals are as wide as that many probes
 * make them. */
static size_t count_probes(const struct analysis *an)
{
    size_t n = 0;
    for (size_t r = 0; r < an->n_runs; r++)
        n = size_max(n, an->runs[r]->n_probes);
    return n;
}

void agreement_measure(struct analysis *an)
{
    size_t m = an->n_metrics, n, probes = count_probes(an);
    double *columns = gather(an, &n);
    struct scorer_agreement *out = &an->agreement;
    out->answers = n;
    out->rho = take(an, m * m, sizeof *out->rho);
    out->interval = take(an, m * m, sizeof *out->interval);
    for (size_t i = 0; i < m; i++)
        for (size_t j = i; j < m; j++) {
            double rho = i == j ? 1 : spearman(columns + i * n, columns + j * n, n);
            struct interval range = spearman_interval(rho, probes, 1 - an->options.compare.alpha);
            out->rho[i * m + j] = out->rho[j * m + i] = rho;
            out->interval[i * m + j] = out->interval[j * m + i] = range;
        }
    free(columns);
}

/* Differences of every pair of every run under one kernel, labelled by run and category. */
struct heap {
    double *d;
    uint32_t *label;
    size_t n, n_cells;
};

static void heap_add(struct heap *heap, const struct analysis *an, const struct contrast *c)
{
    const struct finding *primary = &c->findings[an->primary];
    for (size_t i = 0; i < c->n_pairs; i++) {
        struct str category = contrast_category(an, c, i);
        size_t k = 0;
        while (!str_eq(c->categories.cells[k].name, category))
            k++;
        heap->d[heap->n] = primary->b[i] - primary->a[i];
        heap->label[heap->n++] = (uint32_t)(heap->n_cells + k);
    }
    heap->n_cells += c->categories.n_cells;
}

static bool is_of(const struct analysis *an, const struct contrast *c, struct str kernel)
{
    return c->kind == CONTRAST_KERNEL && str_eq(contrast_kernel(an, c), kernel);
}

static struct interaction test_kernel(const struct analysis *an, struct str kernel)
{
    struct interaction out = {.kernel = kernel};
    size_t n = 0, m = 0;
    for (size_t i = 0; i < an->n_contrasts; i++)
        n += an->contrasts[i].n_pairs;
    struct heap heap = {.d = mem_zalloc(n + 1, sizeof *heap.d),
                        .label = mem_zalloc(n + 1, sizeof *heap.label)};
    double *mean = mem_zalloc(3 * an->n_contrasts, sizeof *mean), *se = mean + an->n_contrasts,
           *shrunk = se + an->n_contrasts;
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast *c = &an->contrasts[i];
        if (!is_of(an, c, kernel))
            continue;
        const struct t_test *t = &c->findings[an->primary].numbers.t;
        out.runs++;
        heap_add(&heap, an, c);
        mean[m] = t->mean;
        se[m] = t->se;
        m += t->se > 0;
    }
    out.between_runs = group_shrink(shrunk, mean, se, m);
    out.cells_differ_p = group_permutation_p(heap.d, heap.label, heap.n, heap.n_cells,
                                             &an->options.compare.resample);
    free(mean);
    free(heap.d);
    free(heap.label);
    return out;
}

struct str contrast_kernel(const struct analysis *an, const struct contrast *contrast)
{
    const struct arm *b = &an->arms[contrast->b];
    return an->runs[b->run]->arms[b->condition].name;
}

void interactions_test(struct analysis *an)
{
    an->interactions = take(an, an->n_contrasts, sizeof *an->interactions);
    for (size_t i = 0; i < an->n_contrasts; i++) {
        struct str kernel = contrast_kernel(an, &an->contrasts[i]);
        size_t k = 0;
        while (k < an->n_interactions && !str_eq(an->interactions[k].kernel, kernel))
            k++;
        if (an->contrasts[i].kind == CONTRAST_KERNEL && k == an->n_interactions)
            an->interactions[an->n_interactions++] = test_kernel(an, kernel);
    }
}
