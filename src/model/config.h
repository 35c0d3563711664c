/* config.h - the numbers that shape a model, read from a GGUF file and checked.
 * Errors      ERR_FORMAT names the key that is missing or out of bounds; ERR_UNSUPPORTED what we do
 *             not do.
 * Limits      CONFIG_* : far above any model, low enough that products of them fit. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "file/gguf.h"

enum {
    CONFIG_LAYERS_MAX = 512,
    CONFIG_WIDTH_MAX = 1 << 17,
    CONFIG_HEADS_MAX = 1024,
    CONFIG_VOCAB_MAX = 1 << 22,
    CONFIG_CONTEXT_MAX = 1 << 24
};

struct rope_config {
    double base;
    double factor; /* positions are divided by this (linear scaling); 1: none */
};

struct config {
    size_t n_layers, n_embd, n_heads, n_kv_heads, head_dim, n_ff, n_vocab, context_max;
    float norm_eps;
    float embd_scale;                     /* embeddings are multiplied by this */
    float query_scale;                    /* queries are */
    size_t window;                        /* of sliding layers; 0: there are none */
    size_t window_period;                 /* every window_period-th layer sees everything */
    struct rope_config rope, rope_window; /* of full and of sliding layers */
    bool rope_pairs_adjacent; /* the file's q and k rows are ordered for rotation of neighbours */
};

/* The part all families share; `arch` is the key prefix. Scales and windows are left to the family.
 */
MUST_USE bool config_read(struct config *c, const struct gguf *gguf, struct str arch,
                          struct err *err);

static inline bool config_layer_slides(const struct config *c, size_t layer)
{
    return c->window && (layer + 1) % c->window_period != 0;
}

#endif
