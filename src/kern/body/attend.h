/* attend.h - attention of query rows over one page of 64 positions, with a running softmax.
 *
 * Scores and weighted values are matrix products over panels, as in matmul.h: keys lie as panels of
 * 16 positions, values as panels of 16 dimensions. */
#ifndef KERN_BODY_ATTEND_H
#define KERN_BODY_ATTEND_H

#include "kern/body/matmul.h"

enum { ATTEND_BLOCK_ROWS = 8 };

/* Scores (64) of one row become probabilities relative to its new maximum; returns the factor for
 * what was before. */
static float soften(float *score, float *row_max, float *row_sum, int lo, int hi)
{
    const vf lowest = vf_set1(-__builtin_inff());
    vf s[4], highest = vf_set1(*row_max), total = vf_zero();
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        s[g] = vf_where_lane(lo - 16 * g, hi - 16 * g, vf_load(score + 16 * g), lowest);
        highest = vf_max(highest, s[g]);
    }
    float max = vf_highest(highest);
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        vf p = vf_exp(vf_add(s[g], vf_set1(-max)));
        total = vf_add(total, p);
        vf_store(score + 16 * g, p);
    }
    float shrink_lanes[PANEL_LANES];
    vf_store(shrink_lanes, vf_exp(vf_set1(*row_max - max)));
    *row_max = max;
    *row_sum = __builtin_fmaf(*row_sum, shrink_lanes[0], vf_sum(total));
    return shrink_lanes[0];
}

static void attend(const struct attend_rows *rows, const struct attend_page *page)
{
    enum panel_kind kind = page->is_f16 ? PANEL_F16 : PANEL_F32;
    size_t d = page->d, element = page->is_f16 ? 2 : 4;
    for (size_t r = 0; r < rows->count; r += ATTEND_BLOCK_ROWS) {
        size_t block = rows->count - r < ATTEND_BLOCK_ROWS ? rows->count - r : ATTEND_BLOCK_ROWS;
        _Alignas(64) float score[ATTEND_BLOCK_ROWS][ATTEND_PAGE_TOK] = {{0}};
        float *o = rows->o + r * d;
        for (size_t g = 0; g * PANEL_LANES < page->used; g++)
            multiply_floats(kind, &score[0][g * PANEL_LANES], ATTEND_PAGE_TOK, rows->q + r * d, d,
                            (const unsigned char *)page->keys + g * d * PANEL_LANES * element, d,
                            block);
        for (size_t i = 0; i < block; i++) {
            vf shrink = vf_set1(soften(score[i], &rows->max[r + i], &rows->sum[r + i],
                                       rows->lo[r + i], rows->hi[r + i]));
            for (size_t c = 0; c < d; c += PANEL_LANES)
                vf_store(o + i * d + c, vf_mul(vf_load(o + i * d + c), shrink));
        }
        for (size_t c = 0; c < d; c += PANEL_LANES)
            multiply_floats(kind, o + c, d, score[0], ATTEND_PAGE_TOK,
                            (const unsigned char *)page->values + c * ATTEND_PAGE_TOK * element,
                            page->used, block);
    }
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
