/* head.c - from the residual stream to logits, or to the likeliest id alone.
 *
 * The head is most of a small model's work, and a greedy answer wants one id of a row, not its
 * n_vocab logits. That id is found without storing them:
 *
 *   in full    each panel's product is compared with the best so far while it is in cache;
 *
 *   by bounds  where a level multiplies 8-bit codes at half the speed of smaller ones
 *              (kern.coarse_pays) the head is stored split, and bounds on all logits show which few
 *              are to be computed at all (bounds.c). Rows of which they leave too much open are
 *              done in full; where these are most, as for text that is no text, all rows of the
 *              next passes are.
 *
 * Both give the id of the highest logit, the lowest among equals; only the time differs. */
#include "model/head.h"

#include <math.h>

enum {
    ITEMS_PER_THREAD = 32,
    DOUBT_MAX = 32,   /* when bounds have left so many rows open, more than they have not, */
    REST_PASSES = 32, /* so many passes do without */
    SINGLES_FIRST = 4 /* ids of one answer, until preparing for bounds is worth it */
};

static struct head head_of(struct model_run *run, size_t rows, size_t best_of)
{
    const struct model *m = run->model;
    struct head h = {
        .run = run, .w = model_head(m), .in = run->in, .rows = rows, .best_of = best_of};
    h.quantised = model_wants_quant(m, h.w);
    h.n_panels = (best_of + PANEL_LANES - 1) / PANEL_LANES;
    h.panels_per_item = size_max(1, h.n_panels / (pool_threads(run->pool) * ITEMS_PER_THREAD));
    return h;
}

static void norm_row(void *arg, size_t i, size_t thread)
{
    const struct head *h = arg;
    struct model_run *run = h->run;
    const struct model *m = run->model;
    size_t n = m->config.n_embd;
    (void)thread;
    m->kern->rms_norm(run->in.f + i * n, run->x + run->head_row[i] * n, m->final_norm, n,
                      m->config.norm_eps);
    if (h->quantised)
        m->kern->quantise(run->in.q, i, 0, run->in.f + i * n, n);
}

void head_logits(struct model_run *run, size_t count)
{
    struct head h = head_of(run, count, run->model->config.n_vocab);
    if (count == 0)
        return;
    run_rows(run, norm_row, &h, count);
    const struct product product = {h.w, run->logits, run->model->config.n_vocab};
    part_multiply(run, PART_HEAD, &product, 1, &run->in, count);
}

/* ---- in full ---- */

static void full_item(void *arg, size_t item, size_t thread)
{
    const struct head *h = arg;
    const struct kern *kern = h->run->model->kern;
    struct best *b = &h->run->best;
    float *part = b->part + thread * h->run->max_logits * PANEL_LANES;
    float *top = b->top + thread * h->run->max_logits;
    uint32_t *top_id = b->top_id + thread * h->run->max_logits;
    for (size_t p = item * h->panels_per_item; p < item_end(h, item); p++) {
        if (h->quantised)
            kern->matmul_quant(part, PANEL_LANES, h->w, p, p + 1, p + 1, h->in.q, h->rows);
        else
            kern->matmul_float(part, PANEL_LANES, h->w, p, p + 1, h->in.f, h->w->k, h->rows);
        for (size_t r = 0; r < h->rows; r++)
            kern->best(&top[r], &top_id[r], part + r * PANEL_LANES, choices_of(h, p),
                       (uint32_t)(p * PANEL_LANES));
    }
}

/* Items go to threads in no order, so equal logits are told apart by id here. */
static uint32_t best_of_threads(const struct head *h, size_t r)
{
    const struct best *b = &h->run->best;
    size_t best = r;
    for (size_t t = 1; t < pool_threads(h->run->pool); t++) {
        size_t i = t * h->run->max_logits + r;
        if (b->top[i] > b->top[best] ||
            (!(b->top[i] < b->top[best]) && b->top_id[i] < b->top_id[best]))
            best = i;
    }
    return b->top_id[best];
}

/* The ids of best.open_row[0], [1], ...: the rows of h, in that order. */
static void best_in_full(const struct head *h)
{
    struct best *b = &h->run->best;
    for (size_t t = 0; t < pool_threads(h->run->pool); t++)
        for (size_t r = 0; r < h->rows; r++) {
            b->top[t * h->run->max_logits + r] = -INFINITY;
            b->top_id[t * h->run->max_logits + r] = 0;
        }
    run_items(h, full_item);
    for (size_t r = 0; r < h->rows; r++)
        b->id[b->open_row[r]] = best_of_threads(h, r);
}

static bool tries_bounds(const struct head *h)
{
    struct best *b = &h->run->best;
    if (!h->quantised || !h->w->split)
        return false;
    if (h->rows == 1 && !b->is_prepared && b->singles++ < SINGLES_FIRST)
        return false;
    if (b->rest > 0) {
        b->rest--;
        return false;
    }
    return true;
}

/* Bounds have left some rows of a pass open and some not. */
static void weigh_bounds(struct best *b, size_t open, size_t closed)
{
    b->doubt = size_min(size_max(b->doubt + open, closed) - closed, DOUBT_MAX);
    if (b->doubt == DOUBT_MAX)
        b->rest = REST_PASSES;
}

void head_best(struct model_run *run, size_t count, size_t best_of)
{
    struct head h = head_of(run, count, best_of);
    if (count == 0)
        return;
    run_rows(run, norm_row, &h, count);
    double start = clock_seconds();
    struct head open = h; /* the rows to do in full */
    if (tries_bounds(&h)) {
        open.rows = best_by_bounds(&h);
        open.in.q = run->best.fresh_q;
        weigh_bounds(&run->best, open.rows, count - open.rows);
    } else {
        for (size_t r = 0; r < count; r++)
            run->best.open_row[r] = r;
    }
    if (open.rows > 0)
        best_in_full(&open);
    part_ended(run, PART_HEAD, start, (double)count * (double)h.w->k * (double)best_of);
}
