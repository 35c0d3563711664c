/* model_int.h - what the files of the model room share: weights, families, and one forward pass
 * under way. */
#ifndef MODEL_MODEL_INT_H
#define MODEL_MODEL_INT_H

#include "kern/kern.h"
#include "model/config.h"
#include "model/model.h"
#include "model/profile.h"
#include "os/clock.h"

/* ---- weights (bind.c) ---- */

struct layer {
    float *attn_norm, *ffn_norm;           /* (n_embd) */
    float *attn_post_norm, *ffn_post_norm; /* (n_embd), NULL where the family has none */
    float *q_norm, *k_norm;                /* (head_dim), NULL where the family has none */
    struct panels q, k, v, o, gate, up, down;
    bool slides;               /* sees a window only */
    size_t kv_class, kv_index; /* where its keys and values lie in a page */
};

struct model {
    struct config config;
    const struct family *family;
    const struct kern *kern;
    struct model_info info;
    struct kv_layout kv;
    struct layer *layers;
    float *final_norm;
    unsigned char *weights; /* one piece: the panels of all matrices lie in it */
    size_t weights_bytes;
    struct panels embedding; /* (n_vocab, n_embd) */
    struct panels head;      /* empty when tied: the embedding is used */
    float *inv_freq[2];      /* (head_dim / 2) of full and of sliding layers */
    unsigned char quant_name[16];
};

/* Loads all tensors of the family's layout. On failure the caller closes the model. */
MUST_USE bool bind_weights(struct model *m, const struct gguf *gguf,
                           const struct model_options *options, struct err *err);

/* ---- families ---- */

struct family {
    const char *name; /* general.architecture */
    /* Completes what config_read left open. */
    bool (*configure)(struct config *c, const struct gguf *gguf, struct err *err);
    bool has_qk_norm, has_post_norms;
    /* One layer for all rows of the pass. */
    void (*layer)(struct model_run *run, const struct layer *layer);
};

extern const struct family family_gemma3, family_llama;

/* ---- a pass (parts.c, attention.c) ---- */

/* Rows of activations as the next product wants them: floats, int8, or both. */
struct input {
    float *f;       /* (rows, k) */
    struct qrows q; /* of the same */
};

struct row {
    struct kv_seq *kv;
    uint32_t token, position;
};

/* Spans in the order their rows take in the pass: those that share pages side by side. */
struct placed_span {
    const struct model_span *span;
    const void *first_page;
    size_t index;
};

/* The gate is computed in pieces of so many rows and panels; GATE_PANELS is even, as int8 comes in
 * blocks of 32. */
enum { GATE_ROWS = 64, GATE_PANELS = 4 };

/* Bounds on all logits of a row seen lately, in steps above a floor. See bounds.c. */
struct recalled {
    float *x;       /* (n_embd): its activations */
    uint8_t *steps; /* (panels of the head) */
    float floor, step;
    float length;   /* of x */
    uint32_t token; /* the row's */
    size_t number;  /* of the pass that used it last; 0: nothing is recalled */
};
enum { RECALLED_MIN = 1024 }; /* at least so many are kept, and twice the rows of a pass */

/* What finding the best ids of up to max_logits rows takes (head.c, bounds.c). */
struct best {
    uint32_t *id;     /* (max_logits): the result */
    float *value;     /* (max_logits): its logit */
    float *part;      /* (threads, max_logits, 16): products of one panel */
    float *top;       /* (threads, max_logits): of what the thread has seen */
    uint32_t *top_id; /* (threads, max_logits) */
    size_t *open_row; /* (max_logits): the rows computed in full */
    /* By bounds: */
    float (*slack)[PANEL_LANES]; /* (panels of the head) */
    float *reach, reach_most;    /* (panels); the highest of them */
    bool is_prepared;            /* slack and reach are there */
    float *x, *length;           /* (max_logits, n_embd) activations; (max_logits) their lengths */
    size_t *open;                /* (max_logits): panels whose bound is not below a known logit */
    struct recalled *recalled;   /* (n_recalled) */
    size_t n_recalled, pass;     /* passes so far */
    size_t best_of;              /* of what is recalled */
    struct recalled **source;    /* (max_logits): where bounds come from, or go if they are fresh */
    float *distance;             /* (max_logits): of x from the source's */
    size_t *fresh, n_fresh;      /* (max_logits): rows whose bounds are computed, */
    struct qrows fresh_q;        /* their activations, */
    float *fresh_length;         /* (max_logits): their lengths */
    float **upper;               /* (max_logits) of (panels): and their bounds */
    size_t doubt;        /* rows they left open lately, less those they did not; not below 0 */
    size_t rest;         /* passes to do without bounds before they are tried again */
    size_t singles;      /* passes of one row before bounds were prepared for */
    struct qrows single; /* (threads, QROWS_TILE rows): one row */
};

struct model_run {
    const struct model *model;
    struct pool *pool;
    size_t max_rows, max_logits, max_context;
    unsigned char *block; /* one allocation; everything below lies in it */

    struct row *row; /* (rows) */
    size_t n_rows;
    struct placed_span *placed;       /* (rows) */
    size_t *end_row;                  /* (rows): behind each span's last, in the caller's order */
    size_t *head_row;                 /* (max_logits): rows of the pass the head is computed for */
    float *x;                         /* (rows, n_embd): the residual stream */
    float *y;                         /* (rows, n_embd): what a projection adds to it */
    struct input in;                  /* (rows, n_embd): normed */
    float *q, *k, *v;                 /* (rows, heads * head_dim) */
    float *query;                     /* (kv_heads, rows, group, head_dim): rotated, scaled */
    float *attended;                  /* the same shape */
    float *softmax_max, *softmax_sum; /* (kv_heads, rows, group) */
    struct input att;                 /* (rows, n_heads * head_dim) */
    float *gate, *up;                 /* (threads, GATE_ROWS, GATE_PANELS, 16) */
    struct input act;                 /* (rows, n_ff) */
    size_t *block_row;                /* (rows + 1): where attention's blocks of rows begin */
    uint8_t *seen_lo, *seen_hi;       /* (threads, rows, group) */
    float *logits;                    /* (max_logits, n_vocab) */
    struct best best;                 /* head.c */
    float *rope[2]; /* of full and sliding layers (max_context, 2, head_dim / 2): cosines, sines */
    size_t rope_ready; /* positions that are filled in */
    struct model_profile profile;
};

/* The part that began at `start` has ended. */
static inline void part_ended(struct model_run *run, enum model_part part, double start,
                              double macs)
{
    run->profile.part[part].seconds += clock_seconds() - start;
    run->profile.part[part].macs += macs;
}

/* fn(arg, r, thread) for rows r = 0 .. rows - 1, in parallel by tiles of int8 rows, which share
 * cache lines. */
void run_rows(struct model_run *run, pool_fn fn, void *arg, size_t rows);

/* y = in w^T for several matrices of one input, in one parallel loop, counted as `part`. */
struct product {
    const struct panels *w;
    float *y;
    size_t y_stride;
};
void part_multiply(struct model_run *run, enum model_part part, const struct product *products,
                   size_t n, const struct input *in, size_t rows);

/* in = norm(x) * w, as floats, and as int8 where `quantised`. */
void part_norm(struct model_run *run, const float *w, bool quantised);
/* x += y, with norm(y) * post first where post is not NULL. */
void part_add(struct model_run *run, const float *post);
/* q, k, v of in; norms per head where the layer has them; rotation; keys and values to their pages.
 */
void part_qkv(struct model_run *run, const struct layer *layer);
/* What a layer leaves for later rows and nothing else: norm, keys and values to their pages. */
void part_keys(struct model_run *run, const struct layer *layer);
/* Attention of all rows; y = projection of what they saw. */
void part_attend(struct model_run *run, const struct layer *layer);
enum gate { GATE_GELU, GATE_SILU };
/* y = down(gate(in) * up(in)); run->act is what down is applied to, as floats or as int8. */
void part_mlp(struct model_run *run, const struct layer *layer, enum gate kind);

/* head.c: logits of rows run->head_row[0 .. count) into run->logits; or into run->best.id the
 * likeliest of ids below best_of. */
void head_logits(struct model_run *run, size_t count);
void head_best(struct model_run *run, size_t count, size_t best_of);

static inline const struct panels *model_head(const struct model *m)
{
    return m->head.data ? &m->head : &m->embedding;
}

/* attention.c: query (kv_heads, rows, group, head_dim) against the pages, into `attended`. */
void attention_run(struct model_run *run, const struct layer *layer);

/* Where layer keeps the keys (values) of kv head h in page bytes. */
struct attend_page attention_page(const struct model *m, const struct layer *layer,
                                  struct kv_page *page, size_t kv_head);

static inline bool model_wants_quant(const struct model *m, const struct panels *w)
{
    return m->info.precision == PRECISION_FAST && w->kind == PANEL_QUANT;
}

/* Whether a product of the layer's first (second) norm wants int8: a file may store each matrix of
 * a layer in another type. */
static inline bool layer_attn_quant(const struct model *m, const struct layer *l)
{
    return model_wants_quant(m, &l->q) || model_wants_quant(m, &l->k) ||
           model_wants_quant(m, &l->v);
}

static inline bool layer_ffn_quant(const struct model *m, const struct layer *l)
{
    return model_wants_quant(m, &l->gate) || model_wants_quant(m, &l->up);
}

#endif
