/* attention.c - attention of all rows of a pass over their pages.
 *
 * Rows of the pass are sorted so that timelines which share pages lie side by side (model_forward).
 * An item is one key and value head and a block of rows; it walks the pages in order, and at each
 * page takes every run of neighbouring rows that look at the same physical page as one matrix
 * product. A kernel shared by all probes is thus read once per block, not once per timeline. A row
 * meets its pages in ascending order, the same 64 positions at a time, whoever else is in the block
 * (N6). */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "model/model_int.h"

enum { BLOCK_ROWS_MAX = 32, BLOCKS_PER_THREAD = 4 };

struct attend_page attention_page(const struct model *m, const struct layer *layer,
                                  struct kv_page *page, size_t kv_head)
{
    const struct config *c = &m->config;
    bool is_f16 = m->info.precision == PRECISION_FAST;
    size_t run = KV_PAGE_TOK * c->head_dim * (is_f16 ? 2 : 4);
    unsigned char *keys = page->bytes + layer->kv_index * m->kv.cls[layer->kv_class].layer_bytes;
    return (struct attend_page){
        .keys = keys + kv_head * run,
        .values = keys + (c->n_kv_heads + kv_head) * run,
        .is_f16 = is_f16,
        .d = c->head_dim,
    };
}

struct attention {
    struct model_run *run;
    const struct layer *layer;
    size_t group, blocks; /* block b is rows [run->block_row[b], run->block_row[b + 1]) */
    size_t window; /* 0: everything */
};

/* Positions of page `p` that row sees: lo <= i < hi; none when lo >= hi. */
static void row_sees(const struct attention *a, const struct row *row, size_t p, size_t *lo,
                     size_t *hi)
{
    size_t start = p * KV_PAGE_TOK, end = row->position + 1;
    size_t first = a->window && end > a->window ? end - a->window : 0;
    *lo = first > start ? size_min(first - start, KV_PAGE_TOK) : 0;
    *hi = end > start ? size_min(end - start, KV_PAGE_TOK) : 0;
}

static struct kv_page *page_of(const struct attention *a, size_t r, size_t p)
{
    const struct kv_seq *kv = a->run->row[r].kv;
    return kv->cls[a->layer->kv_class].page[p];
}

/* A block's rows and the pages they see. */
struct block {
    size_t head, first, last; /* rows first .. last - 1 of one key and value head */
    size_t pages;             /* the highest page seen is below this */
};

/* Rows [first, last) look at the same physical page, page p of their tables. */
struct look {
    size_t p, first, last;
};

/* The first look from row `row` of page p on, in the order of pages; false when there is none. */
static bool find_look(const struct attention *a, const struct block *b, size_t p, size_t row,
                      struct look *look)
{
    size_t lo, hi;
    for (; p < b->pages; p++, row = b->first)
        for (; row < b->last; row++) {
            row_sees(a, &a->run->row[row], p, &lo, &hi);
            if (lo >= hi)
                continue;
            const struct kv_page *page = page_of(a, row, p);
            size_t end = row + 1;
            for (; end < b->last; end++) {
                row_sees(a, &a->run->row[end], p, &lo, &hi);
                if (lo >= hi || page_of(a, end, p) != page)
                    break;
            }
            *look = (struct look){p, row, end};
            return true;
        }
    return false;
}

static struct attend_page page_at(const struct attention *a, const struct block *b,
                                  const struct look *look)
{
    return attention_page(a->run->model, a->layer, page_of(a, look->first, look->p), b->head);
}

/* `next` (or NULL) is the look that comes after this one. */
static void attend_look(const struct attention *a, const struct block *b, const struct look *look,
                        const struct look *next, size_t thread)
{
    struct model_run *run = a->run;
    size_t d = run->model->config.head_dim;
    size_t at = (b->head * run->n_rows + look->first) * a->group;
    uint8_t *lo = run->seen_lo + thread * run->max_rows * a->group;
    uint8_t *hi = run->seen_hi + thread * run->max_rows * a->group;
    struct attend_page page = page_at(a, b, look);
    for (size_t r = look->first; r < look->last; r++) {
        size_t from, to;
        row_sees(a, &run->row[r], look->p, &from, &to);
        memset(lo + (r - look->first) * a->group, (int)from, a->group);
        memset(hi + (r - look->first) * a->group, (int)to, a->group);
        page.used = size_max(page.used, to);
    }
    if (next) {
        struct attend_page ahead = page_at(a, b, next);
        page.next_keys = ahead.keys;
        page.next_values = ahead.values;
    }
    struct attend_rows rows = {run->query + at * d,
                               run->attended + at * d,
                               run->softmax_max + at,
                               run->softmax_sum + at,
                               lo,
                               hi,
                               (look->last - look->first) * a->group};
    run->model->kern->attend(&rows, &page);
}

static void attend_block(void *arg, size_t index, size_t thread)
{
    const struct attention *a = arg;
    struct model_run *run = a->run;
    const size_t *edge = &run->block_row[index % a->blocks];
    struct block b = {index / a->blocks, edge[0], edge[1], 0};
    size_t d = run->model->config.head_dim;
    size_t at = (b.head * run->n_rows + b.first) * a->group, count = (b.last - b.first) * a->group;
    size_t start = SIZE_MAX;
    for (size_t r = b.first; r < b.last; r++) {
        size_t end = run->row[r].position + 1;
        size_t seen = a->window && end > a->window ? end - a->window : 0;
        b.pages = size_max(b.pages, (end + KV_PAGE_TOK - 1) / KV_PAGE_TOK);
        start = size_min(start, seen / KV_PAGE_TOK);
    }
    memset(run->attended + at * d, 0, count * d * sizeof(float));
    memset(run->softmax_sum + at, 0, count * sizeof(float));
    for (size_t i = 0; i < count; i++)
        run->softmax_max[at + i] = -INFINITY;
    struct look look, next = {0};
    for (bool more = find_look(a, &b, start, b.first, &look); more; look = next) {
        more = find_look(a, &b, look.p, look.last, &next);
        attend_look(a, &b, &look, more ? &next : NULL, thread);
    }
    for (size_t i = 0; i < count; i++)
        run->model->kern->attend_end(run->attended + (at + i) * d, run->softmax_sum[at + i], d);
}

static const void *first_page(const struct model_run *run, size_t r)
{
    return run->row[r].kv->cls[0].page[0];
}

/* Divides the rows into blocks of at most `most`; rows that share pages begin a block, so that
 * blocks do not cut across two groups of them. Returns how many. */
static size_t divide_rows(struct model_run *run, size_t most)
{
    size_t blocks = 0, n = run->n_rows;
    for (size_t r = 0; r < n; r++) {
        bool full = r == 0 || r - run->block_row[blocks - 1] == most;
        bool group_begins = r > 0 && r + 1 < n && first_page(run, r) != first_page(run, r - 1) &&
                            first_page(run, r) == first_page(run, r + 1);
        if (full || group_begins)
            run->block_row[blocks++] = r;
    }
    run->block_row[blocks] = n;
    return blocks;
}

/* Multiply-adds of one layer: every row with what it sees, keys and values. */
static double attention_macs(const struct attention *a)
{
    const struct config *c = &a->run->model->config;
    double seen = 0;
    for (size_t r = 0; r < a->run->n_rows; r++) {
        size_t end = a->run->row[r].position + 1;
        seen += (double)(a->window ? size_min(end, a->window) : end);
    }
    return 2 * seen * (double)(c->n_heads * c->head_dim);
}

void attention_run(struct model_run *run, const struct layer *layer)
{
    double start = clock_seconds();
    const struct config *c = &run->model->config;
    struct attention a = {run, layer, c->n_heads / c->n_kv_heads, 0,
                          layer->slides ? c->window : 0};
    size_t wanted = pool_threads(run->pool) * BLOCKS_PER_THREAD;
    size_t most = (run->n_rows * c->n_kv_heads + wanted - 1) / wanted;
    a.blocks = divide_rows(run, size_min(size_max(most, 1), BLOCK_ROWS_MAX));
    pool_run(run->pool, attend_block, &a, a.blocks * c->n_kv_heads);
    part_ended(run, PART_ATTENTION, start, attention_macs(&a));
}
