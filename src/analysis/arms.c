/* arms.c - each condition by itself: level, length, cost, failures. */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "base/mem.h"

const char *length_unit_name(enum length_unit unit)
{
    return unit == LENGTH_TOKENS ? "tokens" : "words";
}

double answer_length(const struct analysis *an, const struct run_answer *answer)
{
    return an->length_unit == LENGTH_TOKENS ? answer->tokens : (double)answer->words;
}

/* Tokens where every answer of every run tells them, otherwise words. */
void length_unit_choose(struct analysis *an)
{
    an->length_unit = LENGTH_TOKENS;
    for (size_t r = 0; r < an->n_runs; r++)
        for (size_t i = 0; i < run_cells(an->runs[r]); i++)
            if (an->runs[r]->answers[i].state == RUN_ANSWERED &&
                isnan(an->runs[r]->answers[i].tokens))
                an->length_unit = LENGTH_WORDS;
}

/* The probes that this arm answered in every sample, and their cells one after the other. */
struct column {
    size_t *first; /* cell of sample 0 */
    size_t n;
};

static struct column column_make(struct analysis *an, const struct arm *arm)
{
    const struct run *run = an->runs[arm->run];
    struct column column = {.first = take(an, run->n_probes, sizeof *column.first)};
    for (size_t p = 0; p < run->n_probes; p++) {
        size_t k = 0;
        while (k < run->samples && run_answer(run, p, arm->condition, k)->state == RUN_ANSWERED)
            k++;
        if (k == run->samples)
            column.first[column.n++] = run_cell(run, p, arm->condition, 0);
    }
    return column;
}

static struct interval mean_interval(const struct analysis *an, const double *x, size_t n)
{
    struct bootstrap_source source = {.statistic = bootstrap_mean, .data = x, .units = n};
    return bootstrap_run(&source, 1 - an->options.compare.alpha, &an->options.compare.resample)
        .percentile;
}

/* Mean over samples, by probe. */
static void probe_means(double *out, const struct column *column, size_t samples, const double *x,
                        size_t stride)
{
    for (size_t i = 0; i < column->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < samples; k++)
            sum += x[(column->first[i] + k) * stride];
        out[i] = sum / (double)samples;
    }
}

static double mean_of_best(const struct column *column, size_t samples, const double *x,
                           size_t stride, int direction)
{
    double sum = 0;
    for (size_t i = 0; i < column->n; i++) {
        double best = x[column->first[i] * stride];
        for (size_t k = 1; k < samples; k++) {
            double next = x[(column->first[i] + k) * stride];
            best = direction < 0 ? fmin(best, next) : fmax(best, next);
        }
        sum += best;
    }
    return column->n ? sum / (double)column->n : (double)NAN;
}

static double icc_of(const struct column *column, size_t samples, const double *x, size_t stride)
{
    size_t n = column->n * samples;
    if (samples < 2 || column->n < 2)
        return NAN;
    double *values = mem_zalloc(n, sizeof *values);
    uint32_t *label = mem_zalloc(n, sizeof *label);
    struct clusters clusters;
    for (size_t i = 0; i < n; i++) {
        label[i] = (uint32_t)(i / samples);
        values[i] = x[(column->first[i / samples] + i % samples) * stride];
    }
    clusters_init(&clusters, label, n, column->n);
    double icc = intraclass_correlation(values, &clusters);
    clusters_release(&clusters);
    free(label);
    free(values);
    return icc;
}

static void describe_scores(struct analysis *an, struct arm *arm, const struct column *column,
                            const double *length)
{
    const struct scored *scored = &an->memory->scored[arm->run];
    size_t samples = an->runs[arm->run]->samples;
    double *means = mem_zalloc(column->n + 1, sizeof *means);
    double mean_length = values_mean(length, column->n);
    arm->scores = take(an, an->n_metrics, sizeof *arm->scores);
    for (size_t m = 0; m < an->n_metrics; m++) {
        const double *x = scored->values + m;
        struct arm_score *out = &arm->scores[m];
        probe_means(means, column, samples, x, an->n_metrics);
        out->mean = values_mean(means, column->n);
        out->interval = mean_interval(an, means, column->n);
        out->best = mean_of_best(column, samples, x, an->n_metrics, an->metrics[m].direction);
        out->icc = icc_of(column, samples, x, an->n_metrics);
        out->length_spearman = spearman(length, means, column->n);
        out->per_100 = mean_length > 0 ? 100 * out->mean / mean_length : (double)NAN;
    }
    free(means);
}

static void describe_length(struct analysis *an, struct arm *arm, const struct column *column,
                            const double *length)
{
    const struct scored *scored = &an->memory->scored[arm->run];
    size_t samples = an->runs[arm->run]->samples;
    double *means = mem_zalloc(column->n + 1, sizeof *means);
    arm->length.mean = values_mean(length, column->n);
    arm->length.interval = mean_interval(an, length, column->n);
    for (size_t k = 0; k + 1 < ANALYSIS_CUTS; k++) {
        probe_means(means, column, samples, scored->variant[VARIANT_CUT + k], 1);
        arm->length.cut_score[k] = values_mean(means, column->n);
    }
    arm->length.cut_score[ANALYSIS_CUTS - 1] = arm->scores[an->primary].mean;
    free(means);
}

/* Whether this kind of failure can be seen in the arm's records at all. */
static bool is_recorded(const struct run_answer *answer, enum failure_kind kind)
{
    if (kind == FAILURE_ERROR)
        return true;
    return answer->state == RUN_ANSWERED && (kind != FAILURE_TRUNCATED || answer->finish.ptr);
}

static void count_failures(struct analysis *an, struct arm *arm)
{
    const struct run *run = an->runs[arm->run];
    const bool *failed = an->memory->scored[arm->run].failed;
    for (size_t kind = 0; kind < FAILURE_KINDS; kind++) {
        struct failure_count *out = &arm->failures[kind];
        for (size_t i = 0; i < run->n_probes * run->samples; i++) {
            size_t cell = run_cell(run, i / run->samples, arm->condition, i % run->samples);
            out->of += is_recorded(&run->answers[cell], (enum failure_kind)kind);
            out->count += failed[cell * FAILURE_KINDS + kind];
        }
        out->share = wilson((double)out->count, (double)out->of, 1 - an->options.compare.alpha);
    }
}

static void sum_cost(struct analysis *an, struct arm *arm)
{
    const struct run *run = an->runs[arm->run];
    struct arm_cost cost = {0};
    size_t n = 0, n_first = 0;
    double *first_ms = mem_zalloc(run->n_probes * run->samples + 1, sizeof *first_ms);
    for (size_t i = 0; i < run->n_probes * run->samples; i++) {
        const struct run_answer *answer =
            run_answer(run, i / run->samples, arm->condition, i % run->samples);
        if (answer->state != RUN_ANSWERED)
            continue;
        n++;
        cost.prompt_tokens += answer->prompt_tokens;
        cost.completion_tokens += answer->tokens;
        cost.time_s += answer->time_ms / 1000;
        if (!isnan(answer->ttft_ms))
            first_ms[n_first++] = answer->ttft_ms;
    }
    values_sort(first_ms, n_first);
    cost.prompt_mean = cost.prompt_tokens / (double)n;
    cost.completion_mean = cost.completion_tokens / (double)n;
    cost.ttft_p50_ms = n_first ? values_at(first_ms, n_first, 0.5) : (double)NAN;
    cost.ttft_p95_ms = n_first ? values_at(first_ms, n_first, 0.95) : (double)NAN;
    cost.tokens_per_s = cost.time_s > 0 ? cost.completion_tokens / cost.time_s : (double)NAN;
    arm->cost = cost;
    free(first_ms);
}

void arms_describe(struct analysis *an)
{
    for (size_t i = 0; i < an->n_arms; i++) {
        struct arm *arm = &an->arms[i];
        const struct run *run = an->runs[arm->run];
        struct column column = column_make(an, arm);
        double *length = take(an, column.n, sizeof *length);
        for (size_t p = 0; p < column.n; p++) {
            for (size_t k = 0; k < run->samples; k++)
                length[p] += answer_length(an, &run->answers[column.first[p] + k]);
            length[p] /= (double)run->samples;
        }
        arm->n_probes = column.n;
        describe_scores(an, arm, &column, length);
        describe_length(an, arm, &column, length);
        count_failures(an, arm);
        sum_cost(an, arm);
    }
}
