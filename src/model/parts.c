/* parts.c - the pieces families are put together from: norm, products, rotation, gate. Each is one
 * parallel loop over rows or panels; an output element belongs to one item, so the split never
 * shows in the result. */
#include <string.h>

#include "base/mem.h"
#include "model/model_int.h"

enum { ITEMS_PER_THREAD = 32 };

/* ---- products ---- */

/* Rows [row, row + rows) of `in` times panels [first, last) of w; row is a multiple of 8. */
static void multiply_panels(const struct model_run *run, float *y, size_t y_stride,
                            const struct panels *w, size_t first, size_t last,
                            const struct input *in, size_t row, size_t rows)
{
    const struct kern *kern = run->model->kern;
    if (model_wants_quant(run->model, w))
        kern->matmul_quant(y, y_stride, w, first, last, last, qrows_from(in->q, row), rows);
    else
        kern->matmul_float(y, y_stride, w, first, last, in->f + row * w->k, w->k, rows);
}

struct multiply {
    struct model_run *run;
    const struct product *products;
    const struct input *in;
    size_t n, rows, panels_per_item;
};

static void multiply_item(void *arg, size_t index, size_t thread)
{
    const struct multiply *m = arg;
    (void)thread;
    for (size_t i = 0; i < m->n; i++) {
        const struct product *p = &m->products[i];
        size_t items = (p->w->count + m->panels_per_item - 1) / m->panels_per_item;
        if (index >= items) {
            index -= items;
            continue;
        }
        size_t first = index * m->panels_per_item;
        size_t last = size_min(first + m->panels_per_item, p->w->count);
        multiply_panels(m->run, p->y + first * PANEL_LANES, p->y_stride, p->w, first, last, m->in,
                        0, m->rows);
        return;
    }
}

void part_multiply(struct model_run *run, enum model_part part, const struct product *products,
                   size_t n, const struct input *in, size_t rows)
{
    struct multiply m = {run, products, in, n, rows, 1};
    size_t panels = 0, items = 0, weights = 0;
    double start = clock_seconds();
    for (size_t i = 0; i < n; i++) {
        panels += products[i].w->count;
        weights += products[i].w->n * products[i].w->k;
    }
    m.panels_per_item = size_max(1, panels / (pool_threads(run->pool) * ITEMS_PER_THREAD));
    for (size_t i = 0; i < n; i++)
        items += (products[i].w->count + m.panels_per_item - 1) / m.panels_per_item;
    pool_run(run->pool, multiply_item, &m, items);
    part_ended(run, part, start, (double)weights * (double)rows);
}

/* Row r of `in` (k floats already in in->f) is rounded to int8 if a product of it wants that. */
static void input_ready(const struct model_run *run, struct input *in, size_t r, size_t k,
                        bool quantised)
{
    if (quantised)
        run->model->kern->quantise(in->q, r, 0, in->f + r * k, k);
}

/* ---- rows ---- */

struct row_loop {
    pool_fn fn;
    void *arg;
    size_t rows;
};

static void tile_of_rows(void *arg, size_t index, size_t thread)
{
    const struct row_loop *loop = arg;
    size_t end = size_min((index + 1) * QROWS_TILE, loop->rows);
    for (size_t r = index * QROWS_TILE; r < end; r++)
        loop->fn(loop->arg, r, thread);
}

void run_rows(struct model_run *run, pool_fn fn, void *arg, size_t rows)
{
    struct row_loop loop = {fn, arg, rows};
    double start = clock_seconds();
    pool_run(run->pool, tile_of_rows, &loop, (rows + QROWS_TILE - 1) / QROWS_TILE);
    part_ended(run, PART_ROWS, start, 0);
}

/* Arguments of the loops over rows; each uses what it needs. */
struct row_work {
    struct model_run *run;
    const struct layer *layer;
    const float *w;
    bool quantised; /* of the result, int8 is wanted too */
};

static void norm_row(void *arg, size_t r, size_t thread)
{
    const struct row_work *a = arg;
    struct model_run *run = a->run;
    const struct config *c = &run->model->config;
    (void)thread;
    run->model->kern->rms_norm(run->in.f + r * c->n_embd, run->x + r * c->n_embd, a->w, c->n_embd,
                               c->norm_eps);
    input_ready(run, &run->in, r, c->n_embd, a->quantised);
}

void part_norm(struct model_run *run, const float *w, bool quantised)
{
    struct row_work a = {.run = run, .w = w, .quantised = quantised};
    run_rows(run, norm_row, &a, run->n_rows);
}

static void add_row(void *arg, size_t r, size_t thread)
{
    const struct row_work *a = arg;
    struct model_run *run = a->run;
    const struct config *c = &run->model->config;
    const struct kern *kern = run->model->kern;
    float *y = run->y + r * c->n_embd;
    (void)thread;
    if (a->w)
        kern->rms_norm(y, y, a->w, c->n_embd, c->norm_eps);
    kern->add(run->x + r * c->n_embd, y, c->n_embd);
}

void part_add(struct model_run *run, const float *post)
{
    struct row_work a = {.run = run, .w = post};
    run_rows(run, add_row, &a, run->n_rows);
}

/* Norms, rotates and scales one head of one row. */
static void turn_head(const struct model_run *run, float *x, const float *norm, const float *angles,
                      float scale)
{
    const struct config *c = &run->model->config;
    const struct kern *kern = run->model->kern;
    size_t d = c->head_dim;
    if (norm)
        kern->rms_norm(x, x, norm, d, c->norm_eps);
    kern->rope(x, angles, angles + d / 2, d / 2);
    if (scale != 1.0f)
        kern->scale(x, x, scale, d);
}

static const float *angles_of(const struct row_work *a, size_t r)
{
    const struct model_run *run = a->run;
    return run->rope[a->layer->slides] + run->row[r].position * run->model->config.head_dim;
}

static void place_keys(void *arg, size_t r, size_t thread)
{
    const struct row_work *a = arg;
    struct model_run *run = a->run;
    const struct model *m = run->model;
    const struct row *row = &run->row[r];
    size_t d = m->config.head_dim, heads = m->config.n_kv_heads;
    struct kv_page *page = row->kv->cls[a->layer->kv_class].page[row->position / KV_PAGE_TOK];
    (void)thread;
    for (size_t h = 0; h < heads; h++) {
        float *k = run->k + (r * heads + h) * d, *v = run->v + (r * heads + h) * d;
        turn_head(run, k, a->layer->k_norm, angles_of(a, r), 1.0f);
        struct attend_page at = attention_page(m, a->layer, page, h);
        m->kern->page_put(at.keys, at.values, at.is_f16, d, row->position % KV_PAGE_TOK, k, v);
    }
}

static void place_row(void *arg, size_t r, size_t thread)
{
    const struct row_work *a = arg;
    struct model_run *run = a->run;
    const struct config *c = &run->model->config;
    size_t d = c->head_dim, group = c->n_heads / c->n_kv_heads;
    place_keys(arg, r, thread);
    for (size_t h = 0; h < c->n_heads; h++) {
        float *q = run->query + ((h / group * run->n_rows + r) * group + h % group) * d;
        memcpy(q, run->q + (r * c->n_heads + h) * d, d * sizeof *q);
        turn_head(run, q, a->layer->q_norm, angles_of(a, r), c->query_scale);
    }
}

void part_qkv(struct model_run *run, const struct layer *layer)
{
    const struct product products[] = {
        {&layer->q, run->q, layer->q.n},
        {&layer->k, run->k, layer->k.n},
        {&layer->v, run->v, layer->v.n},
    };
    part_multiply(run, PART_QKV, products, 3, &run->in, run->n_rows);
    struct row_work a = {.run = run, .layer = layer};
    run_rows(run, place_row, &a, run->n_rows);
}

void part_keys(struct model_run *run, const struct layer *layer)
{
    const struct product products[] = {
        {&layer->k, run->k, layer->k.n},
        {&layer->v, run->v, layer->v.n},
    };
    part_norm(run, layer->attn_norm, layer_attn_quant(run->model, layer));
    part_multiply(run, PART_QKV, products, 2, &run->in, run->n_rows);
    struct row_work a = {.run = run, .layer = layer};
    run_rows(run, place_keys, &a, run->n_rows);
}

/* (kv_heads, rows, group, d) back to (rows, heads, d), ready for the output projection. */
static void gather_row(void *arg, size_t r, size_t thread)
{
    const struct row_work *a = arg;
    struct model_run *run = a->run;
    const struct config *c = &run->model->config;
    size_t width = c->n_heads / c->n_kv_heads * c->head_dim;
    (void)thread;
    for (size_t h = 0; h < c->n_kv_heads; h++)
        memcpy(run->att.f + (r * c->n_kv_heads + h) * width,
               run->attended + (h * run->n_rows + r) * width, width * sizeof(float));
    input_ready(run, &run->att, r, c->n_heads * c->head_dim, a->quantised);
}

void part_attend(struct model_run *run, const struct layer *layer)
{
    attention_run(run, layer);
    struct row_work a = {.run = run, .quantised = model_wants_quant(run->model, &layer->o)};
    run_rows(run, gather_row, &a, run->n_rows);
    const struct product product = {&layer->o, run->y, layer->o.n};
    part_multiply(run, PART_OUT, &product, 1, &run->att, run->n_rows);
}

/* ---- gates ---- */

struct gate_work {
    struct model_run *run;
    const struct layer *layer;
    enum gate kind;
    bool quantised; /* of the result, int8 is wanted */
    size_t panels_per_item;
};

/* act = gate(x) * up(x) of panels [first, last), at most GATE_PANELS, and at most GATE_ROWS rows. */
static void gate_part(const struct gate_work *a, size_t first, size_t last, size_t row, size_t rows,
                      size_t thread)
{
    struct model_run *run = a->run;
    const struct kern *kern = run->model->kern;
    size_t n = run->model->config.n_ff, from = first * PANEL_LANES;
    size_t count = size_min(last * PANEL_LANES, n) - from, stride = GATE_PANELS * PANEL_LANES;
    float *gate = run->gate + thread * GATE_ROWS * stride,
          *up = run->up + thread * GATE_ROWS * stride;
    multiply_panels(run, gate, stride, &a->layer->gate, first, last, &run->in, row, rows);
    multiply_panels(run, up, stride, &a->layer->up, first, last, &run->in, row, rows);
    for (size_t r = 0; r < rows; r++) {
        float *x = gate + r * stride;
        float *y = a->quantised ? x : run->act.f + (row + r) * n + from;
        (a->kind == GATE_GELU ? kern->gelu_mul : kern->silu_mul)(y, x, up + r * stride, count);
        if (a->quantised)
            kern->quantise(run->act.q, row + r, from, x, count);
    }
}

/* A stretch of columns of the gate and of what it opens, for all rows. Neither is ever written out
 * whole: a piece of both fits in second-level cache and leaves it as int8. */
static void gate_item(void *arg, size_t index, size_t thread)
{
    const struct gate_work *a = arg;
    size_t first = index * a->panels_per_item, n = a->run->n_rows;
    size_t last = size_min(first + a->panels_per_item, a->layer->gate.count);
    for (size_t r = 0; r < n; r += GATE_ROWS)
        for (size_t p = first; p < last; p += GATE_PANELS)
            gate_part(a, p, size_min(p + GATE_PANELS, last), r, size_min(n - r, GATE_ROWS), thread);
}

void part_mlp(struct model_run *run, const struct layer *layer, enum gate kind)
{
    struct gate_work a = {run, layer, kind, model_wants_quant(run->model, &layer->down), 0};
    size_t panels = layer->gate.count, weights = 2 * layer->gate.n * layer->gate.k;
    double start = clock_seconds();
    a.panels_per_item = size_round_up(
        size_max(1, panels / (pool_threads(run->pool) * ITEMS_PER_THREAD)), GATE_PANELS);
    pool_run(run->pool, gate_item, &a, (panels + a.panels_per_item - 1) / a.panels_per_item);
    part_ended(run, PART_GATE_UP, start, (double)weights * (double)run->n_rows);
    const struct product narrow = {&layer->down, run->y, layer->down.n};
    part_multiply(run, PART_DOWN, &narrow, 1, &run->act, run->n_rows);
}
