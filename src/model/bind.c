/* bind.c - tensors of a GGUF file to the weights of a model: names, shapes, packing. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"
#include "model/model_int.h"
#include "os/memory.h"

enum {
    NAME_MAX_LEN = 64,
    PANELS_PER_ITEM = 16,
    CACHE_LINE = 64,
    PACK_BYTES = 32 << 20, /* of the file: packed together, then forgotten */
    FORGET_PARTS = 16
};

/* A matrix that waits to be packed. Rows of q and k may have to be put in another order: see
 * file_row. */
struct packing {
    struct panels *panels;
    const struct gguf_tensor *tensor;
    size_t row_bytes, scratch_bytes;
    size_t unrotate_head; /* head size, or 0 */
};

struct binder {
    struct model *model;
    const struct gguf *gguf;
    const struct model_options *options;
    size_t bytes_done, bytes_total;
    size_t weights_used;
    size_t bytes_by_type[64]; /* of matrices, by index in the dtype table */
    struct packing *waiting;
    size_t n_waiting, cap_waiting;
    size_t bytes_waiting; /* of the file */
    /* While they are packed: */
    unsigned char *scratch;
    size_t scratch_bytes; /* per thread */
    size_t turns;         /* items of each thread */
};

static const struct gguf_tensor *find_tensor(struct binder *b, const char *name, struct err *err)
{
    const struct gguf_tensor *t = gguf_tensor_find(b->gguf, str_of(name));
    if (!t)
        err_set(err, ERR_FORMAT, "tensor %s is missing", name);
    return t;
}

/* (n) floats into *out. */
static bool load_vector(struct binder *b, float **out, const char *name, size_t n, struct err *err)
{
    const struct gguf_tensor *t = find_tensor(b, name, err);
    if (!t)
        return false;
    if (t->n_dims != 1 || t->dim[0] != n)
        return err_set(err, ERR_FORMAT, "tensor %s has %llu numbers, expected %zu", name,
                       (unsigned long long)t->dim[0], n);
    *out = mem_alloc(n * sizeof **out);
    t->dtype->to_float(*out, t->data, n);
    return true;
}

/* Llama files store the rows of a head so that rotated pairs are neighbours (2 i, 2 i + 1); ours
 * are i, i + half. */
static const void *file_row(const void *arg, size_t r)
{
    const struct packing *p = arg;
    if (p->unrotate_head) {
        size_t head = p->unrotate_head, i = r % head, half = head / 2;
        r = r - i + (i < half ? 2 * i : 2 * (i - half) + 1);
    }
    return (const char *)p->tensor->data + r * p->row_bytes;
}

static size_t count_items(const struct packing *p)
{
    return (p->panels->count + PANELS_PER_ITEM - 1) / PANELS_PER_ITEM;
}

/* Items that are taken one after another are worked on at the same time, so they lie far apart: two
 * threads that are the first to touch a huge page would both clear one. */
static void pack_item(void *arg, size_t index, size_t thread)
{
    const struct binder *b = arg;
    const struct packing *p = b->waiting, *end = p + b->n_waiting;
    size_t threads = pool_threads(b->options->pool);
    size_t item = index % threads * b->turns + index / threads;
    for (; p < end && item >= count_items(p); p++)
        item -= count_items(p);
    if (p == end)
        return;
    size_t last = size_min((item + 1) * PANELS_PER_ITEM, p->panels->count);
    for (size_t i = item * PANELS_PER_ITEM; i < last; i++)
        panels_pack(p->panels, p->tensor->dtype, i, file_row, p,
                    b->scratch + thread * b->scratch_bytes);
}

/* What is packed need not stay in memory as pages of the file; the system takes its time to see to
 * that. */
static void forget_item(void *arg, size_t part, size_t thread)
{
    const struct binder *b = arg;
    (void)thread;
    gguf_forget_tensors(b->gguf, part, FORGET_PARTS);
}

/* Packs what waits, in one parallel loop: a layer's smaller matrices alone would leave threads
 * without an item. */
static void pack_waiting(struct binder *b)
{
    size_t items = 0, threads = pool_threads(b->options->pool);
    b->scratch_bytes = 0;
    for (size_t i = 0; i < b->n_waiting; i++) {
        items += count_items(&b->waiting[i]);
        b->scratch_bytes = size_max(b->scratch_bytes, b->waiting[i].scratch_bytes);
    }
    b->turns = (items + threads - 1) / threads;
    b->scratch = mem_alloc(b->scratch_bytes * threads);
    pool_run(b->options->pool, pack_item, b, b->turns * threads);
    free(b->scratch);
    b->bytes_done += b->bytes_waiting;
    b->n_waiting = b->bytes_waiting = 0;
    pool_run(b->options->pool, forget_item, b, FORGET_PARTS);
    if (b->options->progress)
        b->options->progress(b->options->progress_arg,
                             (double)b->bytes_done / (double)b->bytes_total);
}

static void let_wait(struct binder *b, struct panels *panels, const struct gguf_tensor *t,
                     size_t unrotate_head)
{
    struct packing p = {panels, t, dtype_bytes(t->dtype, panels->k),
                        size_round_up(panels_scratch_bytes(panels), CACHE_LINE), unrotate_head};
    VEC_PUSH(b->waiting, b->n_waiting, b->cap_waiting, p);
    b->bytes_waiting += t->bytes;
    for (size_t i = 0; i < dtype_count() && i < 64; i++)
        if (dtype_at(i) == t->dtype)
            b->bytes_by_type[i] += t->bytes;
    if (b->bytes_waiting >= PACK_BYTES)
        pack_waiting(b);
}

/* An (n, k) matrix into *out. */
static bool load_matrix(struct binder *b, struct panels *out, const char *name, size_t n, size_t k,
                        size_t unrotate_head, bool split, struct err *err)
{
    const struct gguf_tensor *t = find_tensor(b, name, err);
    if (!t)
        return false;
    if (t->n_dims != 2 || t->dim[0] != k || t->dim[1] != n)
        return err_set(err, ERR_FORMAT, "tensor %s has shape %llu x %llu, expected %zu x %zu", name,
                       (unsigned long long)t->dim[0], (unsigned long long)t->dim[1], k, n);
    if (k % t->dtype->block)
        return err_set(err, ERR_FORMAT, "tensor %s: rows of %zu are not whole blocks of %s", name,
                       k, t->dtype->name);
    if (!panels_init(out, t->dtype, n, k, err))
        return err_in(err, "tensor %s", name);
    if (split)
        panels_split(out);
    size_t bytes = size_round_up(panels_bytes(out), CACHE_LINE);
    if (bytes > b->model->weights_bytes - b->weights_used)
        BUG("no room set aside for tensor %s", name);
    out->data = b->model->weights + b->weights_used;
    b->weights_used += bytes;
    b->model->info.n_params += n * k;
    b->model->info.packed_bytes += panels_bytes(out);
    let_wait(b, out, t, unrotate_head);
    return true;
}

static bool load_layer(struct binder *b, size_t index, struct err *err)
{
    struct model *m = b->model;
    struct layer *l = &m->layers[index];
    const struct config *c = &m->config;
    size_t q = c->n_heads * c->head_dim, kv = c->n_kv_heads * c->head_dim;
    size_t turn = c->rope_pairs_adjacent ? c->head_dim : 0;
    char name[NAME_MAX_LEN];
#define NAMED(suffix) (snprintf(name, sizeof name, "blk.%zu." suffix ".weight", index), name)
    if (!load_vector(b, &l->attn_norm, NAMED("attn_norm"), c->n_embd, err) ||
        !load_vector(b, &l->ffn_norm, NAMED("ffn_norm"), c->n_embd, err) ||
        !load_matrix(b, &l->q, NAMED("attn_q"), q, c->n_embd, turn, false, err) ||
        !load_matrix(b, &l->k, NAMED("attn_k"), kv, c->n_embd, turn, false, err) ||
        !load_matrix(b, &l->v, NAMED("attn_v"), kv, c->n_embd, 0, false, err) ||
        !load_matrix(b, &l->o, NAMED("attn_output"), c->n_embd, q, 0, false, err) ||
        !load_matrix(b, &l->gate, NAMED("ffn_gate"), c->n_ff, c->n_embd, 0, false, err) ||
        !load_matrix(b, &l->up, NAMED("ffn_up"), c->n_ff, c->n_embd, 0, false, err) ||
        !load_matrix(b, &l->down, NAMED("ffn_down"), c->n_embd, c->n_ff, 0, false, err))
        return false;
    if (m->family->has_qk_norm &&
        (!load_vector(b, &l->q_norm, NAMED("attn_q_norm"), c->head_dim, err) ||
         !load_vector(b, &l->k_norm, NAMED("attn_k_norm"), c->head_dim, err)))
        return false;
    return !m->family->has_post_norms ||
           (load_vector(b, &l->attn_post_norm, NAMED("post_attention_norm"), c->n_embd, err) &&
            load_vector(b, &l->ffn_post_norm, NAMED("post_ffw_norm"), c->n_embd, err));
#undef NAMED
}

/* The vocabulary's size is the height of the embedding; everything after relies on it. */
static bool load_vocabulary(struct binder *b, struct err *err)
{
    struct model *m = b->model;
    const struct gguf_tensor *t = find_tensor(b, "token_embd.weight", err);
    if (!t)
        return false;
    if (t->dim[1] < 1 || t->dim[1] > CONFIG_VOCAB_MAX)
        return err_set(err, ERR_FORMAT, "token_embd.weight has %llu rows, expected 1 to %d",
                       (unsigned long long)t->dim[1], CONFIG_VOCAB_MAX);
    m->config.n_vocab = (size_t)t->dim[1];
    bool tied = !gguf_tensor_find(b->gguf, str_of("output.weight")), split = m->kern->coarse_pays;
    return load_matrix(b, &m->embedding, "token_embd.weight", m->config.n_vocab, m->config.n_embd,
                       0, tied && split, err) &&
           (tied || load_matrix(b, &m->head, "output.weight", m->config.n_vocab, m->config.n_embd,
                                0, split, err));
}

static const char *main_quantisation(const struct binder *b)
{
    size_t best = 0;
    for (size_t i = 1; i < dtype_count() && i < 64; i++)
        if (b->bytes_by_type[i] > b->bytes_by_type[best])
            best = i;
    return dtype_at(best)->name;
}

/* One piece of memory for every matrix of the file: huge pages hold small ones too, and the system
 * clears each page once. Pages that no matrix comes to use are never touched. */
static bool take_weights(struct binder *b, struct err *err)
{
    struct model *m = b->model;
    for (size_t i = 0; i < gguf_tensor_count(b->gguf); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(b->gguf, i);
        struct panels p;
        if (t->n_dims != 2 || t->dim[0] % t->dtype->block)
            continue;
        if (!panels_init(&p, t->dtype, t->dim[1], t->dim[0], err))
            return err_in(err, "tensor %.*s", STR_ARG(t->name));
        if (panels_bytes(&p) > SIZE_MAX / 2 - m->weights_bytes)
            return err_set(err, ERR_LIMIT, "no memory for the weights");
        m->weights_bytes += size_round_up(panels_bytes(&p), CACHE_LINE);
    }
    m->weights = memory_take(m->weights_bytes);
    return m->weights ||
           err_set(err, ERR_LIMIT, "no memory for %zu MiB of weights", m->weights_bytes >> 20);
}

static bool bind_all(struct binder *b, struct err *err)
{
    struct model *m = b->model;
    if (!take_weights(b, err) || !load_vocabulary(b, err) ||
        !load_vector(b, &m->final_norm, "output_norm.weight", m->config.n_embd, err))
        return false;
    for (size_t i = 0; i < m->config.n_layers; i++)
        if (!load_layer(b, i, err))
            return false;
    if (b->n_waiting)
        pack_waiting(b);
    m->info.quantisation = main_quantisation(b);
    return true;
}

bool bind_weights(struct model *m, const struct gguf *gguf, const struct model_options *options,
                  struct err *err)
{
    struct binder b = {.model = m, .gguf = gguf, .options = options, .bytes_total = 1};
    for (size_t i = 0; i < gguf_tensor_count(gguf); i++)
        b.bytes_total += gguf_tensor_at(gguf, i)->bytes;
    m->layers = mem_zalloc(m->config.n_layers, sizeof *m->layers);
    if (gguf_has(gguf, "rope_freqs.weight") || gguf_tensor_find(gguf, str_of("rope_freqs.weight")))
        return err_set(err, ERR_UNSUPPORTED,
                       "tensor rope_freqs.weight: scaled rotation is not supported");
    bool ok = bind_all(&b, err);
    free(b.waiting);
    return ok;
}
