#include "stat/permutation.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stat/values.h"

/* The size that counts as "as far from zero": relative slack for ties, and what n roundings may
 * leave of a sum that is zero. */
static double threshold(const double *d, size_t n)
{
    double sum = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        sum += d[i];
        size += fabs(d[i]);
    }
    return fabs(sum) * (1 - 1e-9) - size * 1e-13;
}

/* All 2^n signed sums, ascending. */
static double *signed_sums(const double *d, size_t n)
{
    double *sums = mem_zalloc((size_t)1 << n, sizeof *sums);
    for (size_t i = 0; i < n; i++)
        for (size_t j = (size_t)1 << i; j-- > 0;) {
            double before = sums[j];
            sums[j] = before - d[i];
            sums[j + ((size_t)1 << i)] = before + d[i];
        }
    values_sort(sums, (size_t)1 << n);
    return sums;
}

/* Pairs whose sum is at least t: for growing x the first y that reaches it falls. */
static double count_pairs(const double *x, size_t n_x, const double *y, size_t n_y, double t)
{
    double count = 0;
    size_t first = n_y;
    for (size_t i = 0; i < n_x; i++) {
        while (first > 0 && x[i] + y[first - 1] >= t)
            first--;
        count += (double)(n_y - first);
    }
    return count;
}

static double exact_p(const double *d, size_t n)
{
    double t = threshold(d, n);
    if (t <= 0)
        return 1;
    size_t half = n / 2;
    double *x = signed_sums(d, half), *y = signed_sums(d + half, n - half);
    double upper = count_pairs(x, (size_t)1 << half, y, (size_t)1 << (n - half), t);
    free(x);
    free(y);
    return 2 * upper / (double)((uint64_t)1 << n); /* the lower tail is its mirror image */
}

struct job {
    const double *d;
    size_t n;
    double threshold;
    uint64_t key;
    const struct resample_options *options;
    size_t extreme[RESAMPLE_CHUNKS];
};

static double draw_sum(const struct job *job, size_t resample)
{
    struct rng_block bits = {{0}};
    double sum = 0;
    for (size_t i = 0; i < job->n; i++) {
        if (i % 128 == 0)
            bits = rng_block(job->key, resample, i / 128);
        bool minus = bits.word[i / 32 % 4] >> i % 32 & 1;
        sum += minus ? -job->d[i] : job->d[i];
    }
    return sum;
}

static void run_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    struct job *job = arg;
    size_t end = resample_chunk(job->options->resamples, chunk + 1), extreme = 0;
    for (size_t r = resample_chunk(job->options->resamples, chunk); r < end; r++)
        extreme += fabs(draw_sum(job, r)) >= job->threshold;
    job->extreme[chunk] = extreme;
}

static double drawn_p(const double *d, size_t n, const struct resample_options *options)
{
    struct job job = {.d = d, .n = n, .threshold = threshold(d, n), .options = options};
    size_t extreme = 0;
    job.key = rng_key("sign flip", 9, options->seed);
    pool_run(options->pool, run_chunk, &job, RESAMPLE_CHUNKS);
    for (size_t chunk = 0; chunk < RESAMPLE_CHUNKS; chunk++)
        extreme += job.extreme[chunk];
    return (double)(extreme + 1) / (double)(options->resamples + 1);
}

struct sign_flip sign_flip(const double *d, size_t n, const struct resample_options *options)
{
    if (n == 0)
        return (struct sign_flip){NAN, true};
    double *moving = mem_zalloc(n, sizeof *moving);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (d[i] != 0) /* a zero has no sign to flip */
            moving[kept++] = d[i];
    bool exact = kept <= SIGN_FLIP_EXACT_MAX;
    double p = exact ? exact_p(moving, kept) : drawn_p(moving, kept, options);
    free(moving);
    return (struct sign_flip){p, exact};
}
