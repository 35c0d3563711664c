#include "stat/max_t.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

enum { EXACT_PAIRS_MAX = 24 };

struct job {
    const double *d; /* (m, n) */
    size_t m, n;
    const double *squares; /* (m) sum of squares, which no sign flip changes */
    const double *seen;    /* (m) |t| of the data, with slack for ties */
    const size_t *order;   /* (m) metrics by falling |t| */
    bool exact;
    uint64_t key;
    size_t resamples;
    size_t *extreme; /* (RESAMPLE_CHUNKS, m) draws whose maximum reaches the metric's */
};

/* |t| grows with the sum alone. */
static double t_of(double sum, double squares, size_t n)
{
    double left = squares - sum * sum / (double)n;
    if (sum == 0)
        return 0;
    return left > squares * 1e-15 ? fabs(sum) / sqrt(left) : (double)INFINITY;
}

/* sign (n): +1 or -1 of each pair in pattern r. */
static void draw_signs(double *sign, const struct job *job, size_t r)
{
    struct rng_block bits = {{(uint32_t)r, 0, 0, 0}};
    for (size_t i = 0; i < job->n; i++) {
        if (!job->exact && i % 128 == 0)
            bits = rng_block(job->key, r, i / 128);
        sign[i] = bits.word[i / 32 % 4] >> i % 32 & 1 ? -1 : 1;
    }
}

/* From the least to the greatest |t| of the data: the maximum over all metrics so far. */
static void count_pattern(size_t *extreme, const struct job *job, const double *sign)
{
    double greatest = 0;
    for (size_t place = job->m; place-- > 0;) {
        size_t j = job->order[place];
        double sum = 0;
        for (size_t i = 0; i < job->n; i++)
            sum += sign[i] * job->d[j * job->n + i];
        greatest = fmax(greatest, t_of(sum, job->squares[j], job->n));
        extreme[j] += greatest >= job->seen[j];
    }
}

static void run_chunk(void *arg, size_t chunk, size_t thread)
{
    (void)thread;
    struct job *job = arg;
    double *sign = mem_zalloc(job->n, sizeof *sign);
    size_t end = resample_chunk(job->resamples, chunk + 1);
    for (size_t r = resample_chunk(job->resamples, chunk); r < end; r++) {
        draw_signs(sign, job, r);
        count_pattern(job->extreme + chunk * job->m, job, sign);
    }
    free(sign);
}

static void order_by(size_t *order, const double *seen, size_t m)
{
    for (size_t j = 0; j < m; j++) {
        size_t place = j;
        for (; place > 0 && seen[order[place - 1]] < seen[j]; place--)
            order[place] = order[place - 1];
        order[place] = j;
    }
}

static void sum_up(double *adjusted, const struct job *job)
{
    double greatest = 0;
    for (size_t place = 0; place < job->m; place++) {
        size_t j = job->order[place], count = 0;
        for (size_t chunk = 0; chunk < RESAMPLE_CHUNKS; chunk++)
            count += job->extreme[chunk * job->m + j];
        double p = job->exact ? (double)count / (double)job->resamples
                              : (double)(count + 1) / (double)(job->resamples + 1);
        greatest = fmax(greatest, p);
        adjusted[j] = greatest;
    }
}

void max_t_adjust(double *adjusted, const double *d, size_t m, size_t n,
                  const struct resample_options *options)
{
    double *squares = mem_zalloc(2 * m + 1, sizeof *squares), *seen = squares + m;
    size_t *order = mem_zalloc(m + 1, sizeof *order);
    struct job job = {.d = d, .m = m, .n = n, .squares = squares, .seen = seen, .order = order};
    for (size_t j = 0; j < m; j++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += d[j * n + i];
            squares[j] += d[j * n + i] * d[j * n + i];
        }
        seen[j] = t_of(sum, squares[j], n) * (1 - 1e-9);
    }
    order_by(order, seen, m);
    job.exact = n <= EXACT_PAIRS_MAX && (size_t)1 << n <= options->resamples;
    job.resamples = job.exact ? (size_t)1 << n : options->resamples;
    job.key = rng_key("max t", 5, options->seed);
    job.extreme = mem_zalloc(RESAMPLE_CHUNKS * m + 1, sizeof *job.extreme);
    pool_run(options->pool, run_chunk, &job, RESAMPLE_CHUNKS);
    sum_up(adjusted, &job);
    free(job.extreme);
    free(order);
    free(squares);
}
