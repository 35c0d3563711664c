/* sample.c - one token id from one row of logits.
 *
 * The chain is: repetition penalty, temperature, top-k, top-p, min-p, draw. Ids are ordered by
 * (logit descending, id ascending), which is total, so no step depends on how a selection is
 * carried out. Weights are exp((logit - best) / temperature) in double; sums run in id order when
 * nothing was selected and in sorted order otherwise. Only the front part that top-k or top-p keeps
 * is ever sorted. */
#include "infer/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "kern/detmath.h"

enum { LANES = 16, BLOCK = 64 * LANES };

#define TEMPERATURE_MAX 100.0
#define PENALTY_MAX     100.0

/* 2^(j / EXP_STEPS), so that e^x takes a short polynomial: a quarter of a million of them a row. */
enum { EXP_STEPS = 256 };
#define EXP_STEP (0x1.62e42fefa39efp-1 / EXP_STEPS) /* ln 2 / EXP_STEPS */

/* Ids less likely than the best by more than a factor e^30 are never drawn: all 2^18 of them
 * together would weigh less than 3e-8, and leaving them out spares most of the exponentials. */
#define NEGLIGIBLE 30.0

struct candidate {
    double weight;
    float logit;
    uint32_t id;
};

struct sample_scratch {
    struct candidate *candidates; /* n_vocab */
    float *logits;                /* n_vocab: a penalised copy */
    double power[EXP_STEPS];
    uint32_t *seen; /* n_vocab: the pass in which an id was last penalised */
    uint32_t pass;
};

/* NaN fails every one of these comparisons as written. */
bool sample_params_check(const struct sample_params *p, struct err *err)
{
    if (!(p->temperature >= 0 && p->temperature <= TEMPERATURE_MAX))
        return err_set(err, ERR_USAGE, "temperature must be from 0 to %g", TEMPERATURE_MAX);
    if (!(p->top_p > 0 && p->top_p <= 1))
        return err_set(err, ERR_USAGE, "top-p must be above 0 and at most 1");
    if (!(p->min_p >= 0 && p->min_p <= 1))
        return err_set(err, ERR_USAGE, "min-p must be from 0 to 1");
    if (!(p->repetition_penalty > 0 && p->repetition_penalty <= PENALTY_MAX))
        return err_set(err, ERR_USAGE, "repetition penalty must be above 0 and at most %g",
                       PENALTY_MAX);
    if (p->max_tokens == 0)
        return err_set(err, ERR_USAGE, "max tokens must be at least 1");
    if (p->n_stops > STOPS_MAX)
        return err_set(err, ERR_USAGE, "%zu stop strings, at most %d are possible", p->n_stops,
                       STOPS_MAX);
    for (size_t i = 0; i < p->n_stops; i++)
        if (p->stop[i].len == 0)
            return err_set(err, ERR_USAGE, "a stop string is empty");
    return true;
}

struct sample_scratch *sample_scratch_create(size_t n_vocab)
{
    struct sample_scratch *scratch = mem_zalloc(1, sizeof *scratch);
    scratch->candidates = mem_zalloc(n_vocab, sizeof *scratch->candidates);
    scratch->logits = mem_zalloc(n_vocab, sizeof *scratch->logits);
    scratch->seen = mem_zalloc(n_vocab, sizeof *scratch->seen);
    for (size_t j = 0; j < EXP_STEPS; j++)
        scratch->power[j] = det_exp((double)j * EXP_STEP);
    return scratch;
}

void sample_scratch_free(struct sample_scratch *scratch)
{
    if (!scratch)
        return;
    free(scratch->candidates);
    free(scratch->logits);
    free(scratch->seen);
    free(scratch);
}

static float block_max(const float *x)
{
    float lane[LANES];
    memcpy(lane, x, sizeof lane);
    for (size_t i = LANES; i < BLOCK; i += LANES)
        for (size_t j = 0; j < LANES; j++)
            lane[j] = x[i + j] > lane[j] ? x[i + j] : lane[j];
    float best = lane[0];
    for (size_t j = 1; j < LANES; j++)
        best = lane[j] > best ? lane[j] : best;
    return best;
}

/* Whole blocks are skipped unless they hold something strictly better, so the lowest id wins. */
static uint32_t best_id(const float *logits, size_t n)
{
    size_t best = 0;
    for (size_t start = 0; start < n; start += BLOCK) {
        size_t end = size_min(start + BLOCK, n);
        if (end - start == BLOCK && !(block_max(logits + start) > logits[best]))
            continue;
        for (size_t i = start; i < end; i++)
            if (logits[i] > logits[best])
                best = i;
    }
    return (uint32_t)best;
}

/* A copy of logits with every id of the history made less likely, once however often it occurs. */
static const float *penalise(struct sample_scratch *scratch, const float *logits, size_t n,
                             double penalty, const uint32_t *history, size_t n_history)
{
    memcpy(scratch->logits, logits, n * sizeof *logits);
    if (++scratch->pass == 0) { /* the counter went round: old marks could look new */
        memset(scratch->seen, 0, n * sizeof *scratch->seen);
        scratch->pass = 1;
    }
    for (size_t i = 0; i < n_history; i++) {
        uint32_t id = history[i];
        if (id >= n || scratch->seen[id] == scratch->pass)
            continue;
        scratch->seen[id] = scratch->pass;
        double logit = (double)logits[id];
        scratch->logits[id] = (float)(logit > 0 ? logit / penalty : logit * penalty);
    }
    return scratch->logits;
}

static bool comes_before(struct candidate a, struct candidate b)
{
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

/* Restores the heap whose root is the candidate that comes last. */
static void sift_down(struct candidate *heap, size_t root, size_t n)
{
    struct candidate moved = heap[root];
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && comes_before(heap[child], heap[child + 1]))
            child++;
        if (!comes_before(moved, heap[child]))
            break;
        heap[root] = heap[child];
    }
    heap[root] = moved;
}

static void heap_build(struct candidate *heap, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(heap, i, n);
}

/* Turns a heap into a list, best first. */
static void heap_sort(struct candidate *heap, size_t n)
{
    for (size_t i = n; i-- > 1;) {
        struct candidate last = heap[0];
        heap[0] = heap[i];
        heap[i] = last;
        sift_down(heap, 0, i);
    }
}

static size_t take_top_k(struct candidate *out, const float *logits, size_t n, size_t k)
{
    for (size_t i = 0; i < k; i++)
        out[i] = (struct candidate){.logit = logits[i], .id = (uint32_t)i};
    heap_build(out, k);
    for (size_t i = k; i < n; i++) {
        if (!(logits[i] > out[0].logit))
            continue;
        out[0] = (struct candidate){.logit = logits[i], .id = (uint32_t)i};
        sift_down(out, 0, k);
    }
    heap_sort(out, k);
    return k;
}

static size_t take_likely(struct candidate *out, const float *logits, size_t n, double least)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if ((double)logits[i] >= least)
            out[count++] = (struct candidate){.logit = logits[i], .id = (uint32_t)i};
    return count;
}

/* e^x for x from -NEGLIGIBLE to 0, to a relative 1e-12; 1 for 0. Additions and multiplications
 * only, each rounded once, so every machine gets the same bits. */
static double exp_quick(const double *power, double x)
{
    double steps = x * (1 / EXP_STEP);
    int64_t whole = (int64_t)(steps - 0.5);
    double r = (steps - (double)whole) * EXP_STEP;
    uint64_t exponent = (uint64_t)(1023 + (whole >> 8)) << 52;
    double scale;
    memcpy(&scale, &exponent, sizeof scale);
    return scale * power[whole & (EXP_STEPS - 1)] * (1 + r * (1 + r * (0.5 + r * (1.0 / 6))));
}

static double weigh(const struct sample_scratch *scratch, size_t n, float best, double temperature)
{
    struct candidate *c = scratch->candidates;
    double total = 0, scale = 1 / temperature;
    for (size_t i = 0; i < n; i++) {
        double x = ((double)c[i].logit - (double)best) * scale;
        c[i].weight = x > -NEGLIGIBLE ? exp_quick(scratch->power, x) : 0;
        total += c[i].weight;
    }
    return total;
}

/* Moves the candidates with logit >= bound to the front; returns how many. */
static size_t partition(struct candidate *c, size_t n, double bound)
{
    size_t front = 0;
    for (size_t i = 0; i < n; i++) {
        if ((double)c[i].logit >= bound) {
            struct candidate moved = c[i];
            c[i] = c[front];
            c[front++] = moved;
        }
    }
    return front;
}

/* The shortest best-first list whose weights reach `goal`; sorts in layers from the best downwards,
 * so the long tail stays unsorted. */
static size_t take_nucleus(struct candidate *c, size_t n, double goal, float best,
                           double temperature)
{
    enum { LAYERS_MAX = 64 };
    const double layer = 4 * temperature;
    double sum = 0;
    size_t done = 0;
    for (size_t depth = 1; done < n; depth++) {
        double bound =
            depth < LAYERS_MAX ? (double)best - layer * (double)depth : -(double)INFINITY;
        size_t end = done + partition(c + done, n - done, bound);
        heap_build(c + done, end - done);
        heap_sort(c + done, end - done);
        for (; done < end; done++)
            if ((sum += c[done].weight) >= goal)
                return done + 1;
    }
    return n;
}

static size_t drop_unlikely(struct candidate *c, size_t n, double min_weight)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (c[i].weight >= min_weight)
            c[kept++] = c[i];
    return kept;
}

static uint32_t draw(const struct candidate *c, size_t n, double uniform, uint32_t otherwise)
{
    double total = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        total += c[i].weight;
    for (size_t i = 0; i < n; i++)
        if ((sum += c[i].weight) > uniform * total)
            return c[i].id;
    return otherwise;
}

uint32_t sample_pick(struct sample_scratch *scratch, const float *logits, size_t n_vocab,
                     size_t n_allowed, const struct sample_params *params, const uint32_t *history,
                     size_t n_history, uint64_t key)
{
    size_t n = size_min(n_allowed, n_vocab);
    if (params->repetition_penalty < 1 || params->repetition_penalty > 1)
        logits = penalise(scratch, logits, n, params->repetition_penalty, history, n_history);
    uint32_t best = best_id(logits, n);
    if (params->temperature <= 0)
        return best;

    struct candidate *c = scratch->candidates;
    bool top_k = params->top_k > 0 && params->top_k < n;
    double least = (double)logits[best] - NEGLIGIBLE * params->temperature;
    size_t count =
        top_k ? take_top_k(c, logits, n, params->top_k) : take_likely(c, logits, n, least);
    double total = weigh(scratch, count, logits[best], params->temperature);
    if (params->top_p < 1)
        count = take_nucleus(c, count, params->top_p * total, logits[best], params->temperature);
    if (params->min_p > 0) /* the best weighs 1 */
        count = drop_unlikely(c, count, params->min_p);
    return draw(c, count, rng_uniform(params->seed, key, n_history), best);
}
