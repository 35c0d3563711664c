#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kern/detmath.h"
#include "model/model_int.h"
#include "os/memory.h"

enum { CACHE_LINE = 64, ROPE_GROW = 64 };

static const struct family *const FAMILIES[] = {&family_gemma3, &family_llama};

const char *precision_name(enum precision precision)
{
    return precision == PRECISION_FAST ? "fast" : "float";
}

/* ---- opening ---- */

static const struct family *find_family(struct str arch)
{
    for (size_t i = 0; i < sizeof FAMILIES / sizeof *FAMILIES; i++)
        if (str_is(arch, FAMILIES[i]->name))
            return FAMILIES[i];
    return NULL;
}

/* 1 / base^(2 i / d) and the angle it makes are rounded to float, as the models were trained and as
 * their reference implementations compute them; sine and cosine of that angle are then taken in
 * double. */
static float *make_frequencies(const struct rope_config *rope, size_t head_dim)
{
    float *inv = mem_alloc(head_dim / 2 * sizeof *inv);
    for (size_t i = 0; i < head_dim / 2; i++) {
        float exponent = (float)(2 * i) / (float)head_dim;
        inv[i] = 1.0f / (float)det_pow(rope->base, (double)exponent) / (float)rope->factor;
    }
    return inv;
}

/* Gives every layer its place in a page: class 0 sees everything, the last class is the window. */
static void lay_out_kv(struct model *m)
{
    const struct config *c = &m->config;
    size_t full = 0, sliding = 0;
    for (size_t i = 0; i < c->n_layers; i++)
        *(config_layer_slides(c, i) ? &sliding : &full) += 1;
    size_t element = m->info.precision == PRECISION_FAST ? sizeof(uint16_t) : sizeof(float);
    size_t layer_bytes = 2 * c->n_kv_heads * KV_PAGE_TOK * c->head_dim * element;
    size_t window_class = (size_t)(full > 0);
    m->kv.n_classes = (size_t)(full > 0) + (size_t)(sliding > 0);
    size_t used[KV_CLASSES_MAX] = {0};
    for (size_t i = 0; i < c->n_layers; i++) {
        struct layer *l = &m->layers[i];
        l->slides = config_layer_slides(c, i);
        l->kv_class = l->slides ? window_class : 0;
        l->kv_index = used[l->kv_class]++;
    }
    for (size_t k = 0; k < m->kv.n_classes; k++) {
        bool slides = sliding && k == window_class;
        m->kv.cls[k].n_layers = slides ? sliding : full;
        m->kv.cls[k].window = slides ? c->window : 0;
        m->kv.cls[k].layer_bytes = layer_bytes;
    }
}

static bool open_into(struct model *m, const struct gguf *gguf, const struct model_options *options,
                      struct err *err)
{
    struct str arch;
    if (!gguf_need_str(gguf, "general.architecture", &arch, err))
        return false;
    m->family = find_family(arch);
    if (!m->family)
        return err_set(err, ERR_UNSUPPORTED,
                       "general.architecture is \"%.*s\", expected gemma3 or llama", STR_ARG(arch));
    if (!kern_select(&m->kern, NULL, err) || !config_read(&m->config, gguf, arch, err) ||
        !m->family->configure(&m->config, gguf, err))
        return false;
    m->info.precision = options->precision;
    if (!bind_weights(m, gguf, options, err))
        return false;
    lay_out_kv(m);
    m->inv_freq[0] = make_frequencies(&m->config.rope, m->config.head_dim);
    m->inv_freq[1] = make_frequencies(&m->config.rope_window, m->config.head_dim);
    m->info.family = m->family->name;
    m->info.n_layers = m->config.n_layers;
    m->info.n_vocab = m->config.n_vocab;
    m->info.context_max = m->config.context_max;
    m->info.file_bytes = gguf_bytes(gguf).len;
    m->info.isa = m->kern->name;
    return true;
}

bool model_open(struct model **out, const struct gguf *gguf, const struct model_options *options,
                struct err *err)
{
    struct model *m = mem_zalloc(1, sizeof *m);
    if (!open_into(m, gguf, options, err)) {
        model_close(m);
        return false;
    }
    *out = m;
    return true;
}

static void layer_release(struct layer *l)
{
    float *vectors[] = {l->attn_norm,     l->ffn_norm, l->attn_post_norm,
                        l->ffn_post_norm, l->q_norm,   l->k_norm};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        free(vectors[i]);
}

void model_close(struct model *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->layers && i < m->config.n_layers; i++)
        layer_release(&m->layers[i]);
    memory_give(m->weights, m->weights_bytes);
    free(m->layers);
    free(m->final_norm);
    free(m->inv_freq[0]);
    free(m->inv_freq[1]);
    free(m);
}

const struct model_info *model_info(const struct model *m)
{
    return &m->info;
}

const struct kv_layout *model_kv_layout(const struct model *m)
{
    return &m->kv;
}

/* ---- working memory ---- */

/* Hands out 64-byte aligned pieces of one block; with base NULL only adds up. */
struct carver {
    unsigned char *base;
    size_t used;
};

static void *carve(struct carver *c, size_t count, size_t size)
{
    void *piece = c->base ? c->base + c->used : NULL;
    c->used += size_round_up(count * size, CACHE_LINE);
    return piece;
}

static float *carve_floats(struct carver *c, size_t rows, size_t width)
{
    return carve(c, rows * width, sizeof(float));
}

static struct input carve_input(struct carver *c, size_t rows, size_t k)
{
    struct input in = {.f = carve_floats(c, rows, k)};
    in.q = (struct qrows){carve(c, 1, qrows_bytes(rows, k)), k};
    return in;
}

/* What bounds take, of a split head. */
static void carve_bounds(struct best *b, struct carver *c, const struct panels *head,
                         size_t threads, size_t rows)
{
    b->slack = carve(c, head->count, sizeof *b->slack);
    b->reach = carve_floats(c, head->count, 1);
    b->x = carve_floats(c, rows, head->k);
    b->length = carve_floats(c, rows, 1);
    b->open = carve(c, rows, sizeof *b->open);
    b->source = carve(c, rows, sizeof *b->source);
    b->distance = carve_floats(c, rows, 1);
    b->fresh = carve(c, rows, sizeof *b->fresh);
    b->fresh_q = (struct qrows){carve(c, 1, qrows_bytes(rows, head->k)), head->k};
    b->fresh_length = carve_floats(c, rows, 1);
    b->single = (struct qrows){carve(c, threads, qrows_bytes(1, head->k)), head->k};
    b->upper = carve(c, rows, sizeof *b->upper);
    float *upper = carve_floats(c, rows, head->count);
    for (size_t i = 0; c->base && i < rows; i++)
        b->upper[i] = upper + i * head->count;
}

static void carve_recalled(struct best *b, struct carver *c, const struct panels *head, size_t rows)
{
    b->n_recalled = size_max(RECALLED_MIN, 2 * rows);
    b->recalled = carve(c, b->n_recalled, sizeof *b->recalled);
    float *x = carve_floats(c, b->n_recalled, head->k);
    uint8_t *steps = carve(c, b->n_recalled, head->count);
    for (size_t i = 0; c->base && i < b->n_recalled; i++)
        b->recalled[i] = (struct recalled){.x = x + i * head->k, .steps = steps + i * head->count};
}

static void carve_best(struct best *b, struct carver *c, const struct panels *head, size_t threads,
                       size_t rows)
{
    b->id = carve(c, rows, sizeof *b->id);
    b->value = carve_floats(c, rows, 1);
    b->part = carve_floats(c, threads * rows, PANEL_LANES);
    b->top = carve_floats(c, threads, rows);
    b->top_id = carve(c, threads * rows, sizeof *b->top_id);
    b->open_row = carve(c, rows, sizeof *b->open_row);
    if (!head->split)
        return;
    carve_bounds(b, c, head, threads, rows);
    carve_recalled(b, c, head, rows);
}

static void carve_run(struct model_run *run, struct carver *c, const struct model *m,
                      size_t threads)
{
    const struct config *f = &m->config;
    size_t rows = run->max_rows, q = f->n_heads * f->head_dim, kv = f->n_kv_heads * f->head_dim;
    run->row = carve(c, rows, sizeof *run->row);
    run->placed = carve(c, rows, sizeof *run->placed);
    run->end_row = carve(c, rows, sizeof *run->end_row);
    run->head_row = carve(c, run->max_logits, sizeof *run->head_row);
    run->x = carve_floats(c, rows, f->n_embd);
    run->y = carve_floats(c, rows, f->n_embd);
    run->in = carve_input(c, rows, f->n_embd);
    run->q = carve_floats(c, rows, q);
    run->k = carve_floats(c, rows, kv);
    run->v = carve_floats(c, rows, kv);
    run->query = carve_floats(c, rows, q);
    run->attended = carve_floats(c, rows, q);
    run->softmax_max = carve_floats(c, rows, f->n_heads);
    run->softmax_sum = carve_floats(c, rows, f->n_heads);
    run->att = carve_input(c, rows, q);
    run->gate = carve_floats(c, threads * GATE_ROWS, GATE_PANELS * PANEL_LANES);
    run->up = carve_floats(c, threads * GATE_ROWS, GATE_PANELS * PANEL_LANES);
    run->act = carve_input(c, rows, f->n_ff);
    run->block_row = carve(c, rows + 1, sizeof *run->block_row);
    run->seen_lo = carve(c, threads * rows, f->n_heads / f->n_kv_heads);
    run->seen_hi = carve(c, threads * rows, f->n_heads / f->n_kv_heads);
    run->logits = carve_floats(c, run->max_logits, f->n_vocab);
    carve_best(&run->best, c, model_head(m), threads, run->max_logits);
    run->rope[0] = carve_floats(c, run->max_context, f->head_dim);
    run->rope[1] = f->window ? carve_floats(c, run->max_context, f->head_dim) : run->rope[0];
}

size_t model_run_bytes(const struct model *m, size_t threads, size_t max_rows, size_t max_logits,
                       size_t max_context)
{
    struct model_run run = {
        .max_rows = max_rows, .max_logits = max_logits, .max_context = max_context};
    struct carver c = {0};
    carve_run(&run, &c, m, threads);
    return c.used;
}

struct model_run *model_run_create(const struct model *m, struct pool *pool, size_t max_rows,
                                   size_t max_logits, size_t max_context)
{
    size_t threads = pool_threads(pool);
    /* Not zeroed: pages are touched as rows and positions need them. */
    size_t bytes = model_run_bytes(m, threads, max_rows, max_logits, max_context);
    unsigned char *block = aligned_alloc(CACHE_LINE, bytes);
    if (!block)
        return NULL;
    struct model_run *run = mem_zalloc(1, sizeof *run);
    *run = (struct model_run){.model = m,
                              .pool = pool,
                              .max_rows = max_rows,
                              .max_logits = max_logits,
                              .max_context = max_context,
                              .block = block};
    carve_run(run, &(struct carver){block, 0}, m, threads);
    return run;
}

void model_run_free(struct model_run *run)
{
    if (!run)
        return;
    free(run->block);
    free(run);
}

/* ---- a pass ---- */

static void rope_row(void *arg, size_t index, size_t thread)
{
    struct model_run *run = arg;
    size_t position = run->rope_ready + index, half = run->model->config.head_dim / 2;
    (void)thread;
    for (size_t kind = 0; kind < 2; kind++) {
        if (kind && run->rope[1] == run->rope[0])
            return;
        float *row = run->rope[kind] + position * 2 * half;
        for (size_t i = 0; i < half; i++) {
            double sine, cosine;
            det_sincos((double)((float)position * run->model->inv_freq[kind][i]), &sine, &cosine);
            row[i] = (float)cosine;
            row[half + i] = (float)sine;
        }
    }
}

static void rope_reach(struct model_run *run, size_t positions)
{
    if (positions <= run->rope_ready)
        return;
    size_t to = size_min(size_round_up(positions, ROPE_GROW), run->max_context);
    pool_run(run->pool, rope_row, run, to - run->rope_ready);
    run->rope_ready = to;
}

static void embed_row(void *arg, size_t r, size_t thread)
{
    struct model_run *run = arg;
    const struct model *m = run->model;
    size_t n = m->config.n_embd;
    float *x = run->x + r * n;
    (void)thread;
    panels_row(&m->embedding, run->row[r].token, 0, n, x);
    if (m->config.embd_scale != 1.0f)
        m->kern->scale(x, x, m->config.embd_scale, n);
}

/* Spans that share their first page come together; equal ones keep the caller's order. */
static bool goes_before(const struct placed_span *a, const struct placed_span *b)
{
    if (a->first_page != b->first_page)
        return (uintptr_t)a->first_page < (uintptr_t)b->first_page;
    return a->index < b->index;
}

static void place_spans(struct model_run *run, const struct model_span *spans, size_t n)
{
    struct placed_span *placed = run->placed;
    for (size_t i = 0; i < n; i++) {
        struct placed_span one = {&spans[i], spans[i].kv->cls[0].page[0], i};
        size_t at = i;
        for (; at > 0 && goes_before(&one, &placed[at - 1]); at--)
            placed[at] = placed[at - 1];
        placed[at] = one;
    }
    run->n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        const struct model_span *s = placed[i].span;
        for (size_t t = 0; t < s->count; t++)
            run->row[run->n_rows++] = (struct row){s->kv, s->tokens[t], (uint32_t)(s->kv->len + t)};
        run->end_row[placed[i].index] = run->n_rows;
    }
}

/* How many of a span's last rows the head is computed for. */
static size_t head_count(const struct model_span *span)
{
    return span->n_logits + (span->best_of > 0 ? 1 + span->n_drafted : 0);
}

/* Of the rows of the pass only those of the head stay, in their order. */
static void keep_head_rows(struct model_run *run, size_t n_spans)
{
    size_t n = 0, width = run->model->config.n_embd;
    for (size_t i = 0; i < n_spans; i++) {
        size_t *end = &run->end_row[run->placed[i].index];
        for (size_t r = *end - head_count(run->placed[i].span); r < *end; r++, n++) {
            run->row[n] = run->row[r];
            memmove(run->x + n * width, run->x + r * width, width * sizeof *run->x);
        }
        *end = n;
    }
    run->n_rows = n;
}

/* After the last layer nobody asks for a row without logits: of it only the keys and values of that
 * layer are wanted, by the rows to come. Those of the head's rows are written twice, alike. */
static void last_layer(struct model_run *run, size_t n_spans, size_t n_head)
{
    const struct model *m = run->model;
    const struct layer *last = &m->layers[m->config.n_layers - 1];
    if (n_head < run->n_rows) {
        part_keys(run, last);
        keep_head_rows(run, n_spans);
    }
    if (n_head)
        m->family->layer(run, last);
}

/* Rows of the pass whose logits, or best ids, are wanted, in the caller's order. */
static size_t list_head_rows(struct model_run *run, const struct model_span *spans, size_t n_spans,
                             bool best)
{
    size_t n = 0;
    for (size_t i = 0; i < n_spans; i++) {
        size_t count = (spans[i].best_of > 0) == best ? head_count(&spans[i]) : 0;
        for (size_t r = run->end_row[i] - count; r < run->end_row[i]; r++)
            run->head_row[n++] = r;
    }
    return n;
}

/* Keys and values behind the last guess that stands stay where they are, to be overwritten. */
static void advance_timelines(const uint32_t *best, const struct model_span *spans, size_t n_spans)
{
    for (size_t i = 0; i < n_spans; i++) {
        size_t standing = model_drafts_standing(&spans[i], best);
        kv_seq_advance(spans[i].kv, spans[i].count - spans[i].n_drafted + standing);
        if (spans[i].best_of > 0)
            best += head_count(&spans[i]);
    }
}

const float *model_forward(struct model_run *run, const struct model_span *spans, size_t n_spans)
{
    const struct model *m = run->model;
    size_t n_head = 0, n_rows = 0, reach = 0, best_of = 0;
    for (size_t i = 0; i < n_spans; i++) {
        n_head += head_count(&spans[i]);
        n_rows += spans[i].count;
        reach = size_max(reach, spans[i].kv->len + spans[i].count);
        best_of = size_max(best_of, spans[i].best_of);
    }
    if (n_rows > run->max_rows || n_head > run->max_logits || reach > run->max_context)
        BUG("a pass of %zu rows, %zu logits, %zu positions exceeds %zu, %zu, %zu", n_rows, n_head,
            reach, run->max_rows, run->max_logits, run->max_context);
    place_spans(run, spans, n_spans);
    rope_reach(run, reach);
    run_rows(run, embed_row, run, run->n_rows);
    for (size_t i = 0; i + 1 < m->config.n_layers; i++)
        m->family->layer(run, &m->layers[i]);
    last_layer(run, n_spans, n_head);
    head_logits(run, list_head_rows(run, spans, n_spans, false));
    head_best(run, list_head_rows(run, spans, n_spans, true), best_of);
    advance_timelines(run->best.id, spans, n_spans);
    return run->logits;
}

const uint32_t *model_best(const struct model_run *run)
{
    return run->best.id;
}

const struct model_profile *model_profile(const struct model_run *run)
{
    return &run->profile;
}

const char *model_part_name(enum model_part part)
{
    static const char *const NAMES[MODEL_PARTS] = {
        "q, k, v", "attention", "attention out", "gate, up", "down", "norms, rotation", "head"};
    return NAMES[part];
}
