/* model.h - weights and token ids to logits.
 * Does        opens a model file of a known family (gemma.c, llama.c; one file each), packs its
 *             weights for the kernels, and computes logits for any mix of timelines at once. Knows
 *             nothing of text or sampling.
 * Lifetime    model_open / model_close. A model_run is the working memory of one caller, sized
 *             before it starts.
 * Threads     a model is immutable after open: share it. A model_run belongs to one caller at a
 *             time and uses its pool.
 * Errors      ERR_UNSUPPORTED (family, tensor type, rope type: named), ERR_FORMAT (a tensor that is
 *             missing or has the wrong shape: named), ERR_LIMIT, ERR_IO.
 * See         docs/numerics.md for the contract: logits of a position depend on the model bytes,
 *             the precision and the ids before it, and on nothing else, to the bit. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "file/gguf.h"
#include "model/kv_cache.h"
#include "os/threads.h"

enum precision {
    PRECISION_FAST,  /* int8 activations against quantised weights */
    PRECISION_FLOAT, /* weights turned to floats, float activations: the reference */
};
const char *precision_name(enum precision precision); /* "fast", "float" */

struct model_options {
    enum precision precision;
    struct pool *pool; /* used while loading; borrowed during model_open only */
    void (*progress)(void *arg, double fraction); /* may be NULL */
    void *progress_arg;
};

struct model_info {
    const char *family;       /* "gemma3", "llama" */
    const char *quantisation; /* most of the weight bytes are of this storage format: "Q4_K" */
    size_t n_layers, n_vocab; /* n_vocab: width of the logits, may exceed the tokenizer's size */
    size_t context_max;       /* positions the model was made for */
    size_t n_params, file_bytes, packed_bytes;
    enum precision precision;
    const char *isa; /* kernels in use */
};

struct model;

/* `gguf` is borrowed only during the call: everything needed is packed. */
MUST_USE bool model_open(struct model **out, const struct gguf *gguf,
                         const struct model_options *options, struct err *err);
void model_close(struct model *model);
const struct model_info *model_info(const struct model *model);
const struct kv_layout *model_kv_layout(const struct model *model);

/* A stretch of new tokens of one timeline. Positions continue at kv->len. */
struct model_span {
    struct kv_seq *kv;
    const uint32_t *tokens; /* each below n_vocab */
    size_t count;           /* >= 1 */
    size_t n_logits;        /* logits are wanted for the last n_logits of them (0 .. count) */
    /* > 0: of the last token only the id with the highest logit is wanted, among ids below this
     * (at most n_vocab, the same for all spans of a call); the lowest of equals. n_logits is 0. */
    size_t best_of;
    /* With best_of, the last n_drafted tokens (fewer than count) are guesses at what the best ids will
     * be, and the best ids after each of them and after the token before them are wanted. A guess
     * stands if it is the best id after what comes before it and all guesses before it stand. */
    size_t n_drafted;
};

struct model_run;

/* Working memory for up to max_rows tokens (summed over spans) and max_logits rows of logits or best
 * ids per call, and for positions below max_context. NULL when there is no memory for it. */
struct model_run *model_run_create(const struct model *model, struct pool *pool, size_t max_rows,
                                   size_t max_logits, size_t max_context);
void model_run_free(struct model_run *run);
size_t model_run_bytes(const struct model *model, size_t threads, size_t max_rows,
                       size_t max_logits, size_t max_context);

/* Computes the spans together and advances their timelines, but not over guesses that do not stand
 * (kv_seq_reserve must have succeeded for all tokens; a timeline stands in one span only). Returns
 * logits (sum of n_logits, n_vocab) row-major in span order, valid until the next call on `run`. */
const float *model_forward(struct model_run *run, const struct model_span *spans, size_t n_spans);
/* The best ids that the last call was asked for, in span order, 1 + n_drafted of a span: each is what
 * follows one of its last tokens. Found without storing logits. */
const uint32_t *model_best(const struct model_run *run);

/* How many guesses of a span stand, given its best ids: the first of these that many, and the one
 * after them, go on from its timeline. */
static inline size_t model_drafts_standing(const struct model_span *span, const uint32_t *best)
{
    const uint32_t *draft = span->tokens + span->count - span->n_drafted;
    size_t n = 0;
    while (n < span->n_drafted && draft[n] == best[n])
        n++;
    return n;
}

#endif
