/* head.h - what head.c and bounds.c share: the head's work for the rows of a pass. */
#ifndef MODEL_HEAD_H
#define MODEL_HEAD_H

#include "base/mem.h"
#include "model/model_int.h"

struct head {
    struct model_run *run;
    const struct panels *w;
    struct input in; /* of the rows */
    bool quantised;
    size_t rows, best_of, n_panels, panels_per_item;
};

/* Ids of panel p that may be chosen: as many, from p * PANEL_LANES on. */
static inline size_t choices_of(const struct head *h, size_t p)
{
    return size_min(PANEL_LANES, h->best_of - p * PANEL_LANES);
}

static inline size_t item_end(const struct head *h, size_t item)
{
    return size_min((item + 1) * h->panels_per_item, h->n_panels);
}

/* fn(h, item, thread) for all items of panels. */
static inline void run_items(const struct head *h, pool_fn fn)
{
    pool_run(h->run->pool, fn, (void *)(uintptr_t)h,
             (h->n_panels + h->panels_per_item - 1) / h->panels_per_item);
}

/* bounds.c: the likeliest ids, by bounds, of a split head. Of some rows these leave so much open that
 * computing all is faster: returns how many; which stands in best.open_row, their int8 activations,
 * in that order, in best.fresh_q. */
size_t best_by_bounds(const struct head *h);

#endif
