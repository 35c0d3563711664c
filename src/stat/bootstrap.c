#include "stat/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stat/distribution.h"

/* BCa leaves out each unit in turn, or each of this many equal groups when there are more units:
 * the acceleration is the skewness of a mean, and that of group means has the same value. */
enum { JACKKNIFE_GROUPS = 1000 };

void clusters_init(struct clusters *out, const uint32_t *label, size_t units, size_t count)
{
    *out = (struct clusters){.count = count, .units = units};
    out->start = mem_zalloc(count + 2, sizeof *out->start);
    out->member = mem_zalloc(units + 1, sizeof *out->member);
    for (size_t i = 0; i < units; i++)
        out->start[label[i] + 2]++;
    for (size_t c = 0; c < count; c++) {
        out->largest = size_max(out->largest, out->start[c + 2]);
        out->start[c + 2] += out->start[c + 1];
    }
    for (size_t i = 0; i < units; i++) /* start[c + 1] walks from the cluster's begin to its end */
        out->member[out->start[label[i] + 1]++] = (uint32_t)i;
}

void clusters_release(struct clusters *clusters)
{
    free(clusters->start);
    free(clusters->member);
    *clusters = (struct clusters){0};
}

/* The random numbers of one draw, four to a block. */
struct draws {
    uint64_t key, resample, block;
    struct rng_block words;
    unsigned used;
};

static size_t draw_index(struct draws *draws, size_t n)
{
    if (draws->used == 4) {
        draws->words = rng_block(draws->key, draws->resample, draws->block++);
        draws->used = 0;
    }
    return (size_t)(((uint64_t)draws->words.word[draws->used++] * n) >> 32);
}

static size_t cluster_count(const struct bootstrap_source *source)
{
    return source->clusters ? source->clusters->count : source->units;
}

/* Appends the units of cluster c to index; returns how many. */
static size_t take_cluster(uint32_t *index, const struct bootstrap_source *source, size_t c,
                           struct draws *draws)
{
    if (!source->clusters) {
        index[0] = (uint32_t)c;
        return 1;
    }
    const uint32_t *member = source->clusters->member + source->clusters->start[c];
    size_t size = source->clusters->start[c + 1] - source->clusters->start[c];
    for (size_t i = 0; i < size; i++)
        index[i] = member[draws ? draw_index(draws, size) : i];
    return size;
}

struct job {
    const struct bootstrap_source *source;
    const struct resample_options *options;
    uint64_t key;
    size_t index_max; /* units a draw may hold */
    double *values;   /* (resamples) */
};

static void run_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    struct job *job = arg;
    const struct bootstrap_source *source = job->source;
    size_t clusters = cluster_count(source), resamples = job->options->resamples;
    uint32_t *index = mem_zalloc(job->index_max, sizeof *index);
    size_t end = resample_chunk(resamples, chunk + 1);
    for (size_t r = resample_chunk(resamples, chunk); r < end; r++) {
        struct draws draws = {.key = job->key, .resample = r, .used = 4};
        size_t taken = 0;
        for (size_t c = 0; c < clusters; c++)
            taken += take_cluster(index + taken, source, draw_index(&draws, clusters),
                                  source->two_level ? &draws : NULL);
        job->values[r] = source->statistic(source->data, index, taken);
    }
    free(index);
}

/* Every cluster but those from `skip` to `skip_end`. */
static double leave_out(uint32_t *index, const struct bootstrap_source *source, size_t skip,
                        size_t skip_end)
{
    size_t taken = 0;
    for (size_t c = 0; c < cluster_count(source); c++)
        if (c < skip || c >= skip_end)
            taken += take_cluster(index + taken, source, c, NULL);
    return source->statistic(source->data, index, taken);
}

/* Efron's acceleration: a sixth of the skewness of the jackknife values, turned about. */
static double acceleration(uint32_t *index, const struct bootstrap_source *source)
{
    double value[JACKKNIFE_GROUPS] = {0}, squares = 0, cubes = 0;
    size_t clusters = cluster_count(source), groups = size_min(clusters, JACKKNIFE_GROUPS);
    for (size_t g = 0; g < groups; g++)
        value[g] = leave_out(index, source, clusters * g / groups, clusters * (g + 1) / groups);
    double mean = values_mean(value, groups);
    for (size_t g = 0; g < groups; g++) {
        double gap = mean - value[g];
        squares += gap * gap;
        cubes += gap * gap * gap;
    }
    return squares > 0 ? cubes / (6 * squares * sqrt(squares)) : 0;
}

/* The share of draws below the estimate, draws equal to it counting half, as a normal quantile. */
static double bias(const double *sorted, size_t n, double estimate)
{
    double below = 0;
    for (size_t i = 0; i < n && sorted[i] <= estimate; i++)
        below += sorted[i] < estimate ? 1 : 0.5;
    return normal_quantile(below / (double)n);
}

static struct interval bca_interval(const double *sorted, size_t n, double z0, double a,
                                    double level)
{
    double z[2] = {normal_quantile(0.5 - level / 2), normal_quantile(0.5 + level / 2)}, bound[2];
    for (int side = 0; side < 2; side++) {
        double shifted = z0 + z[side];
        bound[side] = values_at(sorted, n, normal_cdf(z0 + shifted / (1 - a * shifted)));
    }
    return (struct interval){bound[0], bound[1]};
}

/* Moves draws that are numbers to the front, in order of size; returns how many. */
static size_t keep_defined(double *values, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[kept++] = values[i];
    values_sort(values, kept);
    return kept;
}

struct bootstrap bootstrap_run(const struct bootstrap_source *source, double level,
                               const struct resample_options *options)
{
    struct bootstrap out = {NAN, NAN, {NAN, NAN}, {NAN, NAN}, options->resamples, 0};
    size_t clusters = cluster_count(source);
    if (clusters == 0 || options->resamples == 0)
        return out;
    size_t largest = source->clusters ? source->clusters->largest : 1;
    struct job job = {source, options, rng_key("bootstrap", 9, options->seed), clusters * largest,
                      mem_zalloc(options->resamples, sizeof(double))};
    uint32_t *index = mem_zalloc(job.index_max, sizeof *index);
    out.estimate = leave_out(index, source, 0, 0);
    pool_run(options->pool, run_chunk, &job, RESAMPLE_CHUNKS);
    size_t n = keep_defined(job.values, options->resamples);
    out.undefined = options->resamples - n;
    if (n > 0 && !isnan(out.estimate)) {
        double low = 0.5 - level / 2, z0 = bias(job.values, n, out.estimate);
        out.se = values_sd(job.values, n);
        out.percentile.low = values_at(job.values, n, low);
        out.percentile.high = values_at(job.values, n, 1 - low);
        if (isfinite(z0))
            out.bca = bca_interval(job.values, n, z0, acceleration(index, source), level);
    }
    free(job.values);
    free(index);
    return out;
}

double bootstrap_mean(const void *data, const uint32_t *index, size_t count)
{
    const double *x = data;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[index[i]];
    return sum / (double)count;
}

double bootstrap_weighted_mean(const void *data, const uint32_t *index, size_t count)
{
    const struct weighted *x = data;
    double sum = 0, weight = 0;
    for (size_t i = 0; i < count; i++) {
        sum += x[index[i]].weight * x[index[i]].value;
        weight += x[index[i]].weight;
    }
    return weight > 0 ? sum / weight : (double)NAN;
}
