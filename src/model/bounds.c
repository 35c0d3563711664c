/* bounds.c - the likeliest ids by bounds on all logits, most of which are then never computed.
 *
 *   fresh      A code of the split head is 8 h + rest, and less 128 it is 8 (h - 15.5625) and
 *              rest - 3.5. So
 *                  logit = 8 coarse + sum over groups of scale d ((rest - 3.5) . q)
 *              and the last sum is at most slack times length, the length of the scaled rests of
 *              the output times that of the scaled q of the row (Cauchy-Schwarz). coarse, for which
 *              5 bits of a weight are read and not 8, is computed for all panels, and from it the
 *              highest logit each can hold.
 *
 *   recalled   For other activations x' a logit differs by w . (x' - x), at most reach times the
 *              distance of the two. So the bounds of activations near by, of another row or an
 *              earlier pass, serve as well, if a little higher, and nothing is multiplied at all.
 *              Answers that repeat themselves, as small models' do, come back to where they were.
 *              Only rows after the same token are looked at: others are hardly ever near.
 *
 *   exact      The panel that promises most is computed exactly, and every other whose bound is not
 *              below the best logit known: with fresh bounds, for a row of Gemma 3 270M a dozen of
 *              16,384. */
#include <math.h>
#include <string.h>

#include "model/head.h"

enum {
    OPEN_SHARE_MAX = 8,     /* with more of all panels open, 1 / 8, a row is left open */
    RECALL_SHARE_MAX = 16,  /* with more, recalled bounds cost more than fresh ones */
    STEPS = 253,            /* above its floor a recalled bound is counted in so many steps, */
    STEPS_OF_LENGTH = 1024, /* so many of which are the highest logit the row could have at all */
};

static void prepare_item(void *arg, size_t p, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    (void)thread;
    b->reach[p] = h->run->model->kern->coarse_slack(b->slack[p], h->w, p);
}

static void prepare(const struct head *h)
{
    struct best *b = &h->run->best;
    pool_run(h->run->pool, prepare_item, (void *)(uintptr_t)h, h->w->count);
    for (size_t p = 0; p < h->w->count; p++)
        b->reach_most = fmaxf(b->reach_most, b->reach[p]);
    b->is_prepared = true;
}

/* ---- one row ---- */

/* Where the bounds of a row are: computed for it (upper), or recalled. */
struct row_bounds {
    const float *upper;
    const struct recalled *from;
    float distance;
};

static inline float bound_of(const struct best *b, const struct row_bounds *row, size_t p)
{
    const struct recalled *from = row->from;
    if (row->upper)
        return row->upper[p];
    return from->floor + from->step * (float)from->steps[p] + row->distance * b->reach[p];
}

/* One row, as int8 in a block of its own. */
static struct qrows single_row(const struct head *h, size_t r, size_t thread)
{
    struct qrows row = h->run->best.single;
    row.block += thread * (qrows_bytes(1, row.k) / sizeof *row.block);
    h->run->model->kern->quantise(row, 0, 0, h->in.f + r * row.k, row.k);
    return row;
}

/* Panel `next` comes after p. */
static void exact_panel(const struct head *h, struct qrows row, size_t p, size_t next, float *value,
                        uint32_t *id)
{
    const struct kern *kern = h->run->model->kern;
    float part[PANEL_LANES];
    kern->matmul_quant(part, PANEL_LANES, h->w, p, p + 1, next, row, 1);
    kern->best(value, id, part, choices_of(h, p), (uint32_t)(p * PANEL_LANES));
}

/* The best logit of the panel that promises most, and how many panels may hold as much; returns the
 * bound of that one. */
static float promise_row(const struct head *h, size_t r, struct row_bounds row, size_t thread)
{
    struct best *b = &h->run->best;
    size_t first = 0, open = 0;
    float most = bound_of(b, &row, 0);
    for (size_t p = 1; p < h->n_panels; p++) {
        float bound = bound_of(b, &row, p);
        if (bound > most) {
            most = bound;
            first = p;
        }
    }
    b->value[r] = -INFINITY;
    exact_panel(h, single_row(h, r, thread), first, h->w->count, &b->value[r], &b->id[r]);
    for (size_t p = 0; p < h->n_panels; p++)
        open += !(bound_of(b, &row, p) < b->value[r]); /* NaN counts */
    b->open[r] = open;
    return most;
}

/* The first panel from p on that may hold a logit of `bar`; n_panels if there is none. */
static size_t next_open(const struct head *h, const struct row_bounds *row, float bar, size_t p)
{
    while (p < h->n_panels && bound_of(&h->run->best, row, p) < bar)
        p++;
    return p;
}

static bool is_too_open(const struct head *h, size_t r)
{
    return h->run->best.open[r] > h->n_panels / OPEN_SHARE_MAX;
}

/* From the lowest id on, so that the first of equal logits stays; the panel of promise_row once
 * more, in its turn. */
static void exact_row(void *arg, size_t r, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    struct row_bounds bounds = {NULL, b->source[r], b->distance[r]};
    if (is_too_open(h, r))
        return;
    struct qrows row = single_row(h, r, thread);
    float bar = b->value[r], value = -INFINITY;
    for (size_t i = 0; i < b->n_fresh; i++)
        if (b->fresh[i] == r)
            bounds.upper = b->upper[i];
    b->id[r] = 0;
    for (size_t p = next_open(h, &bounds, bar, 0); p < h->n_panels;) {
        size_t next = next_open(h, &bounds, bar, p + 1);
        exact_panel(h, row, p, next, &value, &b->id[r]);
        bar = value > bar ? value : bar;
        p = next_open(h, &bounds, bar, next);
    }
}

/* ---- recalled bounds ---- */

static uint32_t token_of(const struct head *h, size_t r)
{
    return h->run->row[h->run->head_row[r]].token;
}

/* Looks for bounds of activations near those of row r; source[r] stays NULL if there are none that
 * leave little open. */
static void recall_row(void *arg, size_t r, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    size_t k = h->w->k;
    float *x = b->x + r * k, squares = INFINITY;
    struct recalled *nearest = NULL;
    qrow_floats(x, h->in.q, r);
    b->length[r] = coarse_length(h->in.q, r);
    b->source[r] = NULL;
    for (size_t i = 0; i < b->n_recalled; i++) {
        if (b->recalled[i].number == 0 || b->recalled[i].token != token_of(h, r))
            continue;
        float s = h->run->model->kern->distance(x, b->recalled[i].x, k);
        if (s < squares) {
            squares = s;
            nearest = &b->recalled[i];
        }
    }
    if (!nearest)
        return;
    /* The last term covers the rounding of activations and bounds. */
    b->distance[r] =
        sqrtf(squares) * (1.0f + 0x1p-12f) + 0x1p-20f * (b->length[r] + nearest->length);
    promise_row(h, r, (struct row_bounds){NULL, nearest, b->distance[r]}, thread);
    if (b->open[r] <= size_max(1, h->n_panels / RECALL_SHARE_MAX))
        b->source[r] = nearest;
}

/* Where the bounds of one more row may be written: what was used least lately, and so not in this
 * pass. */
static struct recalled *forget_one(struct best *b)
{
    struct recalled *oldest = &b->recalled[0];
    for (size_t i = 1; i < b->n_recalled; i++)
        if (b->recalled[i].number < oldest->number)
            oldest = &b->recalled[i];
    return oldest;
}

/* Fresh bounds, `most` the highest of them, to be recalled. The floor is an eighth of a step higher
 * than what is counted from, for rounding. */
static void remember(const struct head *h, struct recalled *to, const float *upper, float most)
{
    struct best *b = &h->run->best;
    to->step = b->reach_most * to->length / STEPS_OF_LENGTH;
    float from = most - to->step * STEPS, inverse = to->step > 0 ? 1.0f / to->step : 0.0f;
    to->floor = from + to->step / 8;
    for (size_t p = 0; p < h->n_panels; p++) {
        float steps = (upper[p] - from) * inverse; /* NaN counts as most */
        to->steps[p] = (uint8_t)(1.0f + (steps < STEPS ? fmaxf(steps, 0.0f) : STEPS));
    }
}

static void recall_rows(const struct head *h)
{
    struct best *b = &h->run->best;
    for (size_t i = 0; b->best_of != h->best_of && i < b->n_recalled; i++)
        b->recalled[i].number = 0;
    b->best_of = h->best_of;
    b->pass++;
    pool_run(h->run->pool, recall_row, (void *)(uintptr_t)h, h->rows);
    for (size_t r = 0; r < h->rows; r++)
        if (b->source[r])
            b->source[r]->number = b->pass;
}

/* ---- fresh bounds ---- */

static void fresh_item(void *arg, size_t item, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    (void)thread;
    h->run->model->kern->coarse_bounds(b->upper, h->w, item * h->panels_per_item, item_end(h, item),
                                       (const float(*)[PANEL_LANES])b->slack, b->fresh_q,
                                       b->fresh_length, b->n_fresh);
}

static void promise_fresh(void *arg, size_t i, size_t thread)
{
    const struct head *h = arg;
    struct best *b = &h->run->best;
    size_t r = b->fresh[i];
    float most = promise_row(h, r, (struct row_bounds){.upper = b->upper[i]}, thread);
    remember(h, b->source[r], b->upper[i], most);
}

/* The bounds of row r are to be computed, and recalled from then on. */
static void add_fresh(const struct head *h, size_t r)
{
    struct best *b = &h->run->best;
    size_t i = b->n_fresh++, k = h->w->k;
    struct recalled *to = forget_one(b);
    to->number = b->pass;
    to->token = token_of(h, r);
    to->length = b->length[r];
    memcpy(to->x, b->x + r * k, k * sizeof *to->x);
    h->run->model->kern->quantise(b->fresh_q, i, 0, h->in.f + r * k, k);
    b->source[r] = to;
    b->fresh[i] = r;
    b->fresh_length[i] = b->length[r];
}

/* Lists the rows left open; their activations take the place of those with fresh bounds. */
static size_t leave_open(const struct head *h)
{
    struct best *b = &h->run->best;
    size_t n = 0, k = h->w->k;
    for (size_t r = 0; r < h->rows; r++)
        if (is_too_open(h, r)) {
            h->run->model->kern->quantise(b->fresh_q, n, 0, h->in.f + r * k, k);
            b->open_row[n++] = r;
        }
    return n;
}

size_t best_by_bounds(const struct head *h)
{
    struct best *b = &h->run->best;
    struct pool *pool = h->run->pool;
    void *arg = (void *)(uintptr_t)h;
    if (!b->is_prepared)
        prepare(h);
    recall_rows(h);
    b->n_fresh = 0;
    for (size_t r = 0; r < h->rows; r++)
        if (!b->source[r])
            add_fresh(h, r);
    if (b->n_fresh > 0) {
        run_items(h, fresh_item);
        pool_run(pool, promise_fresh, arg, b->n_fresh);
    }
    pool_run(pool, exact_row, arg, h->rows);
    return leave_open(h);
}
