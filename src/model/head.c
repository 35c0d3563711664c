/* head.c - from the residual stream to logits, or to the likeliest id alone.
 *
 * The head is most of a small model's work, and a greedy answer wants one id of a row, not its
 * n_vocab logits. That id is found without storing them:
 *
 *   in full    each panel's product is compared with the best so far while it is in cache;
 *
 *   by bounds  where a level multiplies 8-bit codes at half the speed of smaller ones
 *              (kern.coarse_pays) the head is stored split: a code is 8 h + rest, and less 128 it is
 *              8 (h - 15.5625) and rest - 3.5. So
 *                  logit = 8 coarse + sum over groups of scale d ((rest - 3.5) . q)
 *              and the last sum is at most slack times length, the length of the scaled rests of
 *              the output times that of the scaled q of the row (Cauchy-Schwarz). coarse, for
 *              which 5 bits of a weight are read and not 8, is computed for all panels, and from
 *              it the highest logit each can hold. The panel that promises most is then computed
 *              exactly, and every other whose bound is not below the best logit known: for a row
 *              of Gemma 3 270M a dozen of 16,384.
 *
 *              Where bounds leave too much open, as for text that is no text, the pass is done
 *              in full, and so are the next ones.
 *
 * Both give the id of the highest logit, the lowest among equals; only the time differs. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "model/model_int.h"

enum {
    ITEMS_PER_THREAD = 8,
    OPEN_SHARE_MAX = 8, /* with more of all panels open, 1 / 8, bounds cost more than they save */
    REST_PASSES = 32,   /* so often they are not tried after that */
    SINGLES_FIRST = 4   /* ids of one answer, until the slack of all panels is worth computing */
};

struct head {
    struct model_run *run;
    const struct panels *w;
    bool quantised;
    size_t rows, best_of, n_panels, panels_per_item;
};

static struct head head_of(struct model_run *run, size_t rows, size_t best_of)
{
    const struct model *m = run->model;
    struct head h = {.run = run, .w = model_head(m), .rows = rows, .best_of = best_of};
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

/* Ids of panel p that may be chosen: as many, from p * PANEL_LANES on. */
static size_t choices_of(const struct head *h, size_t p)
{
    return size_min(PANEL_LANES, h->best_of - p * PANEL_LANES);
}

static size_t item_end(const struct head *h, size_t item)
{
    return size_min((item + 1) * h->panels_per_item, h->n_panels);
}

static void run_items(const struct head *h, pool_fn fn)
{
    pool_run(h->run->pool, fn, (void *)(uintptr_t)h,
             (h->n_panels + h->panels_per_item - 1) / h->panels_per_item);
}

/* ---- in full ---- */

static void full_item(void *arg, size_t item, size_t thread)
{
    const struct head *h = arg;
    const struct kern *kern = h->run->model->kern;
    const struct input *in = &h->run->in;
    struct best *b = &h->run->best;
    float *part = b->part + thread * h->run->max_logits * PANEL_LANES;
    float *top = b->top + thread * h->run->max_logits;
    uint32_t *top_id = b->top_id + thread * h->run->max_logits;
    for (size_t p = item * h->panels_per_item; p < item_end(h, item); p++) {
        if (h->quantised)
            kern->matmul_quant(part, PANEL_LANES, h->w, p, p + 1, in->q, h->rows);
        else
            kern->matmul_float(part, PANEL_LANES, h->w, p, p + 1, in->f, h->w->k, h->rows);
        for (size_t r = 0; r < h->rows; r++)
            kern->best(&top[r], &top_id[r], part + r * PANEL_LANES, choices_of(h, p),
                       (uint32_t)(p * PANEL_LANES));
    }
}

/* Items go to threads in no order, so equal logits are told apart by id here. */
static void join_threads(const struct head *h)
{
    struct best *b = &h->run->best;
    for (size_t r = 0; r < h->rows; r++) {
        size_t best = r;
        for (size_t t = 1; t < pool_threads(h->run->pool); t++) {
            size_t i = t * h->run->max_logits + r;
            if (b->top[i] > b->top[best] ||
                (!(b->top[i] < b->top[best]) && b->top_id[i] < b->top_id[best]))
                best = i;
        }
        b->id[r] = b->top_id[best];
    }
}

static void best_in_full(const struct head *h)
{
    struct best *b = &h->run->best;
    for (size_t t = 0; t < pool_threads(h->run->pool); t++)
        for (size_t r = 0; r < h->rows; r++) {
            b->top[t * h->run->max_logits + r] = -INFINITY;
            b->top_id[t * h->run->max_logits + r] = 0;
        }
    run_items(h, full_item);
    join_threads(h);
}

/* ---- by bounds ---- */

static void slack_item(void *arg, size_t p, size_t thread)
{
    const struct head *h = arg;
    (void)thread;
    h->run->model->kern->coarse_slack(h->run->best.slack[p], h->w, p);
}

static void bound_item(void *arg, size_t item, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    (void)thread;
    h->run->model->kern->coarse_bounds(b->upper, h->w->count, h->w, item * h->panels_per_item,
                                       item_end(h, item), (const float(*)[PANEL_LANES])b->slack,
                                       h->run->in.q, b->length, h->rows);
}

/* One row, as int8 in a block of its own. */
static struct qrows single_row(const struct head *h, size_t r, size_t thread)
{
    struct qrows row = h->run->best.single;
    row.block += thread * (qrows_bytes(1, row.k) / sizeof *row.block);
    h->run->model->kern->quantise(row, 0, 0, h->run->in.f + r * row.k, row.k);
    return row;
}

static void exact_panel(const struct head *h, struct qrows row, size_t p, float *value,
                        uint32_t *id)
{
    const struct kern *kern = h->run->model->kern;
    float part[PANEL_LANES];
    kern->matmul_quant(part, PANEL_LANES, h->w, p, p + 1, row, 1);
    kern->best(value, id, part, choices_of(h, p), (uint32_t)(p * PANEL_LANES));
}

/* The best logit of the panel that promises most, and how many panels may hold as much. */
static void promise_row(void *arg, size_t r, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    const float *upper = b->upper + r * h->w->count;
    size_t first = 0, open = 0;
    for (size_t p = 1; p < h->n_panels; p++)
        if (upper[p] > upper[first])
            first = p;
    b->value[r] = -INFINITY;
    exact_panel(h, single_row(h, r, thread), first, &b->value[r], &b->id[r]);
    for (size_t p = 0; p < h->n_panels; p++)
        open += !(upper[p] < b->value[r]); /* NaN counts */
    b->open[r] = open;
}

/* From the lowest id on, so that the first of equal logits stays; the panel of promise_row once
 * more, in its turn. */
static void exact_row(void *arg, size_t r, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    const float *upper = b->upper + r * h->w->count;
    struct qrows row = single_row(h, r, thread);
    float bar = b->value[r], value = -INFINITY;
    b->id[r] = 0;
    for (size_t p = 0; p < h->n_panels; p++) {
        if (upper[p] < bar)
            continue;
        exact_panel(h, row, p, &value, &b->id[r]);
        bar = value > bar ? value : bar;
    }
}

/* false when the bounds leave so much open that computing all is faster. */
static bool best_by_bounds(const struct head *h)
{
    struct best *b = &h->run->best;
    struct pool *pool = h->run->pool;
    void *arg = (void *)(uintptr_t)h;
    size_t open = 0;
    if (!b->has_slack)
        pool_run(pool, slack_item, arg, h->w->count);
    b->has_slack = true;
    for (size_t r = 0; r < h->rows; r++)
        b->length[r] = coarse_length(h->run->in.q, r);
    run_items(h, bound_item);
    pool_run(pool, promise_row, arg, h->rows);
    for (size_t r = 0; r < h->rows; r++)
        open += b->open[r];
    if (open > h->rows * h->n_panels / OPEN_SHARE_MAX)
        return false;
    pool_run(pool, exact_row, arg, h->rows);
    return true;
}

void head_best(struct model_run *run, size_t count, size_t best_of)
{
    struct head h = head_of(run, count, best_of);
    if (count == 0)
        return;
    run_rows(run, norm_row, &h, count);
    double start = clock_seconds();
    bool by_bounds = h.quantised && h.w->split;
    if (by_bounds && count == 1 && !run->best.has_slack)
        by_bounds = run->best.singles++ >= SINGLES_FIRST;
    bool found = false;
    if (by_bounds && run->best.rest > 0)
        run->best.rest--;
    else if (by_bounds && !(found = best_by_bounds(&h)))
        run->best.rest = REST_PASSES;
    if (!found)
        best_in_full(&h);
    part_ended(run, PART_HEAD, start, (double)count * (double)h.w->k * (double)best_of);
}
