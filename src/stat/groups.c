#include "stat/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stat/distribution.h"

static double cluster_mean(const double *x, const struct clusters *clusters, size_t c)
{
    size_t size = clusters->start[c + 1] - clusters->start[c];
    return bootstrap_mean(x, clusters->member + clusters->start[c], size);
}

double intraclass_correlation(const double *x, const struct clusters *clusters)
{
    double units = (double)clusters->units, count = (double)clusters->count;
    double grand = values_mean(x, clusters->units), between = 0, within = 0, squares = 0;
    for (size_t c = 0; c < clusters->count; c++) {
        double mean = cluster_mean(x, clusters, c);
        double size = clusters->start[c + 1] - clusters->start[c];
        between += size * (mean - grand) * (mean - grand);
        squares += size * size;
        for (uint32_t i = clusters->start[c]; i < clusters->start[c + 1]; i++) {
            double gap = x[clusters->member[i]] - mean;
            within += gap * gap;
        }
    }
    if (clusters->count < 2 || clusters->units == clusters->count)
        return NAN;
    double typical = (units - squares / units) / (count - 1); /* cluster size, were all equal */
    double ms_between = between / (count - 1), ms_within = within / (units - count);
    double spread = ms_between + (typical - 1) * ms_within;
    return spread > 0 ? (ms_between - ms_within) / spread : (double)NAN;
}

/* Mean of the groups weighed by 1 / (se^2 + between). */
static double weighed_mean(const double *mean, const double *se, size_t m, double between)
{
    double sum = 0, total = 0;
    for (size_t i = 0; i < m; i++) {
        double weight = 1 / (se[i] * se[i] + between);
        sum += weight * mean[i];
        total += weight;
    }
    return sum / total;
}

struct group_pool group_shrink(double *shrunk, const double *mean, const double *se, size_t m)
{
    struct group_pool pool = {NAN, NAN, 0, NAN};
    double weight_sum = 0, weight_squares = 0, centre = weighed_mean(mean, se, m, 0);
    for (size_t i = 0; i < m; i++) {
        double weight = 1 / (se[i] * se[i]);
        pool.q += weight * (mean[i] - centre) * (mean[i] - centre);
        weight_sum += weight;
        weight_squares += weight * weight;
    }
    if (m == 0)
        return pool;
    double df = (double)m - 1, scale = weight_sum - weight_squares / weight_sum;
    pool.between_var = df > 0 ? fmax(0, (pool.q - df) / scale) : 0;
    pool.q_p = df > 0 ? gamma_upper(df / 2, pool.q / 2) : (double)NAN;
    pool.mean = weighed_mean(mean, se, m, pool.between_var);
    for (size_t i = 0; i < m; i++) {
        double own = pool.between_var / (pool.between_var + se[i] * se[i]);
        shrunk[i] = pool.mean + own * (mean[i] - pool.mean);
    }
    return pool;
}

struct permutation {
    const double *x;
    const uint32_t *label;
    size_t n, groups;
    double threshold;
    uint64_t key;
    const struct resample_options *options;
    size_t extreme[RESAMPLE_CHUNKS];
};

/* Sum over groups of total^2 / size: grows with the spread of the means, all else being fixed. */
static double spread_of(const struct permutation *job, const double *x, double *totals,
                        size_t *sizes)
{
    double spread = 0;
    for (size_t g = 0; g < job->groups; g++)
        totals[g] = 0;
    memset(sizes, 0, job->groups * sizeof *sizes);
    for (size_t i = 0; i < job->n; i++) {
        totals[job->label[i]] += x[i];
        sizes[job->label[i]]++;
    }
    for (size_t g = 0; g < job->groups; g++)
        spread += totals[g] * totals[g] / (double)sizes[g];
    return spread;
}

static void shuffle(double *x, size_t n, uint64_t key, uint64_t stream)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)(rng_uniform(key, stream, i) * (double)i);
        double last = x[i - 1];
        x[i - 1] = x[k];
        x[k] = last;
    }
}

static void permute_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    struct permutation *job = arg;
    size_t end = resample_chunk(job->options->resamples, chunk + 1), extreme = 0;
    double *x = mem_zalloc(job->n + job->groups, sizeof *x), *totals = x + job->n;
    size_t *sizes = mem_zalloc(job->groups, sizeof *sizes);
    for (size_t r = resample_chunk(job->options->resamples, chunk); r < end; r++) {
        memcpy(x, job->x, job->n * sizeof *x);
        shuffle(x, job->n, job->key, r);
        extreme += spread_of(job, x, totals, sizes) >= job->threshold;
    }
    job->extreme[chunk] = extreme;
    free(sizes);
    free(x);
}

double group_permutation_p(const double *x, const uint32_t *label, size_t n, size_t groups,
                           const struct resample_options *options)
{
    struct permutation job = {.label = label, .n = n, .groups = groups, .options = options};
    size_t extreme = 0;
    if (groups < 2)
        return NAN;
    double *centred = mem_zalloc(n + groups, sizeof *centred), mean = values_mean(x, n);
    size_t *sizes = mem_zalloc(groups, sizeof *sizes);
    for (size_t i = 0; i < n; i++)
        centred[i] = x[i] - mean;
    job.x = centred;
    job.key = rng_key("group labels", 12, options->seed);
    /* Equal but for rounding is equal. */
    job.threshold = spread_of(&job, centred, centred + n, sizes) * (1 - 1e-9);
    pool_run(options->pool, permute_chunk, &job, RESAMPLE_CHUNKS);
    for (size_t chunk = 0; chunk < RESAMPLE_CHUNKS; chunk++)
        extreme += job.extreme[chunk];
    free(sizes);
    free(centred);
    return (double)(extreme + 1) / (double)(options->resamples + 1);
}
