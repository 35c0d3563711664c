/* attend.h - attention of query rows over one page of 64 positions, with a running softmax.
 *
 * Scores and weighted values are matrix products over panels, as in matmul.h: keys lie as panels of
 * 16 positions, values as panels of 16 dimensions. */
#ifndef KERN_BODY_ATTEND_H
#define KERN_BODY_ATTEND_H

#include "kern/body/matmul.h"

enum {
    ATTEND_BLOCK_ROWS = 96, /* rows whose scores are kept at a time */
    ATTEND_WIDEN_ROWS = 12, /* from so many rows on, float16 is turned to floats once for all */
    ATTEND_WIDEN_MAX = 256  /* head size up to which there is room for that */
};

/* A panel of `count` inputs as floats: itself, or widened into `room`. */
VEC_INLINE const float *panel_widen(float *room, const uint16_t *panel, size_t count)
{
    for (size_t i = 0; i < count; i++)
        vf_store(room + i * PANEL_LANES, vf_load_f16(panel + i * PANEL_LANES));
    return room;
}

/* Products of query rows, or of their probabilities, with the panels of one page. */
struct attend_product {
    float *acc; /* (rows, acc_stride) += x (rows, x_stride) times a panel */
    const float *x;
    size_t acc_stride, x_stride, rows;
    size_t count; /* inputs of a panel */
    bool is_f16;
};

/* `ahead`: a panel that is wanted soon; NULL when there is none. It is asked for piece by piece
 * between tiles. */
static void multiply_panel(const struct attend_product *m, size_t column,
                           const unsigned char *panel, const unsigned char *ahead)
{
    _Alignas(64) float room[ATTEND_WIDEN_MAX * PANEL_LANES];
    size_t bytes = m->count * PANEL_LANES * (m->is_f16 ? 2 : 4), tile = 2 * FLOAT_ROWS;
    size_t tiles = (m->rows + tile - 1) / tile;
    enum panel_kind kind = m->is_f16 ? PANEL_F16 : PANEL_F32;
    const void *w = panel;
    if (m->is_f16 && m->rows >= ATTEND_WIDEN_ROWS && m->count <= ATTEND_WIDEN_MAX) {
        w = panel_widen(room, (const uint16_t *)(const void *)panel, m->count);
        kind = PANEL_F32;
    }
    for (size_t r = 0; r < m->rows; r += tile) {
        if (ahead)
            look_ahead(&ahead, bytes / tiles);
        multiply_floats(kind, m->acc + r * m->acc_stride + column, m->acc_stride,
                        m->x + r * m->x_stride, m->x_stride, w, m->count,
                        m->rows - r < tile ? m->rows - r : tile);
    }
}

/* Scores (64) of one row become probabilities relative to its new maximum; returns the factor for
 * what was before. */
static float soften(float *score, float *row_max, float *row_sum, int lo, int hi)
{
    const vf lowest = vf_set1(-__builtin_inff());
    vf s[4], highest = vf_set1(*row_max), total = vf_zero();
    bool whole = lo == 0 && hi == ATTEND_PAGE_TOK;
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        s[g] = vf_load(score + 16 * g);
        if (!whole)
            s[g] = vf_where_lane(lo - 16 * g, hi - 16 * g, s[g], lowest);
        highest = vf_max(highest, s[g]);
    }
    float max = vf_highest(highest), shrink = 1.0f;
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        vf p = vf_exp(vf_add(s[g], vf_set1(-max)));
        total = vf_add(total, p);
        vf_store(score + 16 * g, p);
    }
    if (max > *row_max) { /* else exp(0) */
        float shrink_lanes[PANEL_LANES];
        vf_store(shrink_lanes, vf_exp(vf_set1(*row_max - max)));
        shrink = shrink_lanes[0];
    }
    *row_max = max;
    *row_sum = __builtin_fmaf(*row_sum, shrink, vf_sum(total));
    return shrink;
}

static void attend_block(const struct attend_rows *rows, const struct attend_page *page,
                         size_t first, size_t count)
{
    _Alignas(64) float score[ATTEND_BLOCK_ROWS][ATTEND_PAGE_TOK];
    size_t d = page->d, element = page->is_f16 ? 2 : 4, panel = d * PANEL_LANES * element;
    const unsigned char *keys = page->keys, *values = page->values;
    const unsigned char *next_keys = page->next_keys, *next_values = page->next_values;
    float *o = rows->o + first * d;
    memset(score, 0, count * sizeof score[0]);
    struct attend_product scores = {
        score[0], rows->q + first * d, ATTEND_PAGE_TOK, d, count, d, page->is_f16};
    for (size_t g = 0; g * PANEL_LANES < page->used; g++)
        multiply_panel(&scores, g * PANEL_LANES, keys + g * panel,
                       next_keys ? next_keys + g * panel : NULL);
    for (size_t i = 0; i < count; i++) {
        size_t r = first + i;
        float shrink =
            soften(score[i], &rows->max[r], &rows->sum[r], rows->lo[r], rows->hi[r]);
        for (size_t c = 0; c < d && shrink != 1.0f; c += PANEL_LANES)
            vf_store(o + i * d + c, vf_mul(vf_load(o + i * d + c), vf_set1(shrink)));
    }
    struct attend_product sums = {o, score[0], d, ATTEND_PAGE_TOK, count, page->used, page->is_f16};
    for (size_t c = 0; c < d; c += PANEL_LANES) {
        size_t at = c * ATTEND_PAGE_TOK * element;
        multiply_panel(&sums, c, values + at, next_values ? next_values + at : NULL);
    }
}

static void attend(const struct attend_rows *rows, const struct attend_page *page)
{
    for (size_t r = 0; r < rows->count; r += ATTEND_BLOCK_ROWS)
        attend_block(rows, page, r,
                     rows->count - r < ATTEND_BLOCK_ROWS ? rows->count - r : ATTEND_BLOCK_ROWS);
}

static void attend_end(float *o, float sum, size_t d)
{
    vf inverse = vf_set1(1.0f / sum);
    for (size_t i = 0; i < d; i += PANEL_LANES)
        vf_store(o + i, vf_mul(vf_load(o + i), inverse));
}

/* Stores 16 numbers at p as float16 (saturating) or float. */
VEC_INLINE void put_lanes(void *p, bool is_f16, vf x)
{
    if (is_f16)
        vf_store_f16(p, vf_max(vf_min(x, vf_set1(HALF_MAX)), vf_set1(-HALF_MAX)));
    else
        vf_store(p, x);
}

static void page_put(void *keys, void *values, bool is_f16, size_t d, size_t position,
                     const float *k, const float *v)
{
    size_t element = is_f16 ? 2 : 4;
    unsigned char *key = (unsigned char *)keys +
                         position / PANEL_LANES * d * PANEL_LANES * element +
                         position % PANEL_LANES * element;
    for (size_t i = 0; i < d; i += PANEL_LANES) {
        unsigned char lane[PANEL_LANES * sizeof(float)];
        put_lanes(lane, is_f16, vf_load(k + i));
        for (size_t j = 0; j < PANEL_LANES; j++)
            memcpy(key + (i + j) * PANEL_LANES * element, lane + j * element, element);
        put_lanes((unsigned char *)values +
                      (i * ATTEND_PAGE_TOK + position * PANEL_LANES) * element,
                  is_f16, vf_load(v + i));
    }
}

#endif
