/* open_model.h - a model opened from a file with a cache and one timeline, for tests that feed it
 * tokens.
 * Lifetime    opened_init, then opened_release. */
#ifndef TESTS_OPEN_MODEL_H
#define TESTS_OPEN_MODEL_H

#include "model/model.h"

enum { OPENED_CHUNK = 64, OPENED_BUDGET = 512 << 20 };

struct opened {
    struct gguf *gguf;
    struct pool *pool;
    struct model *model;
    struct kv_cache *cache;
    struct kv_seq seq;
    struct model_run *run;
    size_t vocab;
};

/* Up to OPENED_CHUNK rows, each with logits, in one pass; positions below `context`. */
MUST_USE static inline bool opened_init(struct opened *o, const char *path,
                                        enum precision precision, size_t context, struct err *err)
{
    *o = (struct opened){0};
    if (!gguf_open(&o->gguf, path, err))
        return false;
    o->pool = pool_create(0);
    struct model_options options = {.precision = precision, .pool = o->pool};
    if (!model_open(&o->model, o->gguf, &options, err))
        return false;
    o->vocab = model_info(o->model)->n_vocab;
    o->cache = kv_create(model_kv_layout(o->model), OPENED_BUDGET);
    o->run = model_run_create(o->model, o->pool, OPENED_CHUNK, OPENED_CHUNK, context);
    kv_seq_init(&o->seq, o->cache);
    return o->run || err_set(err, ERR_LIMIT, "no memory for a pass");
}

/* Starts the timeline anew. */
static inline void opened_rewind(struct opened *o)
{
    kv_seq_release(&o->seq);
    kv_seq_init(&o->seq, o->cache);
}

/* The next `count` (up to OPENED_CHUNK) tokens; their logits, row by row, until the next call. NULL
 * when there is no memory for their pages. */
static inline const float *opened_feed(struct opened *o, const uint32_t *tokens, size_t count)
{
    struct model_span span = {
        .kv = &o->seq, .tokens = tokens, .count = count, .n_logits = count};
    return kv_seq_reserve(&o->seq, o->seq.len + count) ? model_forward(o->run, &span, 1) : NULL;
}

static inline void opened_release(struct opened *o)
{
    if (o->cache)
        kv_seq_release(&o->seq);
    model_run_free(o->run);
    kv_free(o->cache);
    model_close(o->model);
    pool_free(o->pool);
    gguf_close(o->gguf);
    *o = (struct opened){0};
}

#endif
