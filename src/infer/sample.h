/* sample.h - logits to one token id.
 *
 * Does        greedy by default (the lowest id among equals); else repetition penalty, temperature,
 *             top-k, top-p, min-p in that order, and one draw from a counter-based generator keyed
 *             by (seed, key, position): an answer does not depend on what else runs.
 *
 * Threads     no state; a scratch belongs to one thread at a time. */
#ifndef INFER_SAMPLE_H
#define INFER_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { STOPS_MAX = 16 };

struct sample_params {
    double temperature;        /* 0: greedy */
    double top_p;              /* 1: off */
    double min_p;              /* 0: off */
    double repetition_penalty; /* 1: off; over prompt and answer */
    uint32_t top_k;            /* 0: off */
    uint64_t seed;
    size_t max_tokens;
    bool ignore_eos;
    struct str stop[STOPS_MAX]; /* borrowed; the answer ends before the first that appears */
    size_t n_stops;
};

#define SAMPLE_PARAMS_DEFAULT \
    ((struct sample_params){.top_p = 1, .repetition_penalty = 1, .max_tokens = 1024})

MUST_USE bool sample_params_check(const struct sample_params *params,
                                  struct err *err); /* ERR_USAGE, ranges */

/* Working memory for rows of n_vocab logits. */
struct sample_scratch;
struct sample_scratch *sample_scratch_create(size_t n_vocab);
void sample_scratch_free(struct sample_scratch *scratch);

/* logits (n_vocab), not changed; only ids below n_allowed (>= 1) may be chosen. history: the ids so
 * far, prompt and answer; its length is the position, which numbers the draw in the stream that
 * `key` names. */
uint32_t sample_pick(struct sample_scratch *scratch, const float *logits, size_t n_vocab,
                     size_t n_allowed, const struct sample_params *params, const uint32_t *history,
                     size_t n_history, uint64_t key);

#endif
