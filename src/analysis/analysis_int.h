/* analysis_int.h - what the files of this room share while an analysis is made. */
#ifndef ANALYSIS_ANALYSIS_INT_H
#define ANALYSIS_ANALYSIS_INT_H

#include "analysis/analysis.h"
#include "base/arena.h"

/* Versions of the answers that are scored besides themselves, in the primary metric alone. */
enum {
    VARIANT_CUT,
    VARIANT_LAYOUT = VARIANT_CUT + ANALYSIS_CUTS - 1,
    N_VARIANTS = VARIANT_LAYOUT + LAYOUT_KINDS
};

/* The scores of one run's answers. Rows are in the order of run->answers; NaN where there is no
 * answer. */
struct scored {
    double *values;              /* (cells, n_metrics) */
    double *signals;             /* (cells, n_signals) */
    double *variant[N_VARIANTS]; /* (cells) */
    bool *changed[LAYOUT_KINDS]; /* (cells) the text is another one by it */
    bool *failed;                /* (cells, FAILURE_KINDS) */
};

struct analysis_memory {
    struct arena arena;
    struct scored *scored; /* (n_runs) */
    size_t cap_notes;
};

static inline size_t run_cells(const struct run *run)
{
    return run->n_probes * run->n_arms * run->samples;
}

static inline size_t run_cell(const struct run *run, size_t probe, size_t arm, size_t sample)
{
    return (probe * run->n_arms + arm) * run->samples + sample;
}

static inline void *take(struct analysis *an, size_t count, size_t size)
{
    return arena_alloc(&an->memory->arena, count, size);
}

/* metrics.c: chooses the metrics, then scores every answer under each. */
MUST_USE bool metrics_choose(struct analysis *an, struct err *err);
MUST_USE bool metrics_score(struct analysis *an, struct err *err);
/* The value of one answer under a metric. */
static inline double metric_value(const struct analysis *an, size_t run, size_t cell, size_t metric)
{
    return an->memory->scored[run].values[cell * an->n_metrics + metric];
}

/* arms.c */
void length_unit_choose(struct analysis *an);
double answer_length(const struct analysis *an, const struct run_answer *answer);
void arms_describe(struct analysis *an);
/* analysis.c: the arm of that run and condition, or n_arms. */
size_t arms_find(const struct analysis *an, size_t run, struct str condition);
/* The arm all others of the run are held against: the baseline, or the first. */
size_t arms_reference(const struct analysis *an, size_t run);

/* contrast.c: fills all of it but the verdicts, which wait for all contrasts. */
void contrast_make(struct analysis *an, struct contrast *contrast);
void contrasts_judge(struct analysis *an);
/* Where the answer of one side of a pair stands in its run, and that run's scores. */
size_t side_cell(const struct analysis *an, const struct contrast *contrast, bool is_b, size_t pair,
                 size_t sample);
const struct scored *side_scored(const struct analysis *an, const struct contrast *contrast,
                                 bool is_b);
struct str contrast_category(const struct analysis *an, const struct contrast *contrast,
                             size_t pair);
/* Mean over the samples of one side of a pair, of a column with so many columns beside it. */
double side_mean(const struct analysis *an, const struct contrast *contrast, bool is_b, size_t pair,
                 const double *column, size_t stride);

/* changes.c */
void changes_list(struct analysis *an, struct contrast *contrast);

/* length.c */
void length_compare(struct analysis *an, struct contrast *contrast);
void layouts_compare(struct analysis *an, struct contrast *contrast);
MUST_USE bool salad_toss(struct analysis *an, struct err *err);

/* leak.c */
MUST_USE bool leaks_find(struct analysis *an, struct err *err);

/* agree.c */
void agreement_measure(struct analysis *an);
void interactions_test(struct analysis *an);
struct str contrast_kernel(const struct analysis *an, const struct contrast *contrast);

/* published.c */
void published_compare(struct analysis *an);

/* provenance.c */
void provenance_flatten(struct analysis *an);
void provenance_compare(struct analysis *an);
MUST_USE bool provenance_check(const struct analysis *an, struct err *err);
/* The shell command that makes both answers of a pair again; ptr NULL: not known. */
struct str provenance_rerun(struct analysis *an, const struct contrast *contrast, size_t pair);
struct str fact_find(const struct facts *facts, const char *name); /* ptr NULL: absent */

/* notes.c */
void notes_write(struct analysis *an);

#endif
