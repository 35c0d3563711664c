/* attend.h - attention of query rows over one page of 64 positions, with a running softmax.
 *
 * Scores and weighted values are matrix products over panels, as in matmul.h: keys lie as panels of
 * 16 positions, values as panels of 16 dimensions. */
#ifndef KERN_BODY_ATTEND_H
#define KERN_BODY_ATTEND_H

#include "kern/body/matmul.h"

enum { ATTEND_BLOCK_ROWS = 96 }; /* rows whose scores are kept at a time */

/* The highest of `highest` and those of a row's 64 scores that it sees, lo <= i < hi; the others
 * become the lowest there is. */
VEC_INLINE float highest_score(float *score, int lo, int hi, float highest)
{
    vf max = vf_set1(highest);
    bool whole = lo == 0 && hi == ATTEND_PAGE_TOK;
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        vf s = vf_load(score + 16 * g);
        if (!whole) {
            s = vf_where_lane(lo - 16 * g, hi - 16 * g, s, vf_set1(-__builtin_inff()));
            vf_store(score + 16 * g, s);
        }
        max = vf_max(max, s);
    }
    return vf_highest(max);
}

/* Scores of one row become probabilities relative to its new maximum; returns the factor for what
 * was before. */
VEC_INLINE float soften(float *score, float max, float *row_max, float *row_sum)
{
    vf total = vf_zero();
    float shrink = 1.0f;
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        vf p = vf_exp(vf_add(vf_load(score + 16 * g), vf_set1(-max)));
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

/* m, which is of one panel, for `panels` of them, w_stride bytes apart. */
static void multiply_panels(struct float_product m, bool is_f16, size_t panels, size_t w_stride)
{
    for (size_t p = 0; p < panels; p++) {
        multiply_floats(is_f16 ? PANEL_F16 : PANEL_F32, &m);
        m.acc += PANEL_LANES;
        m.w = (const unsigned char *)m.w + w_stride;
        if (m.ahead)
            m.ahead = (const unsigned char *)m.ahead + w_stride;
    }
}

static void attend_block(const struct attend_rows *rows, const struct attend_page *page,
                         size_t first, size_t count)
{
    _Alignas(64) float score[ATTEND_BLOCK_ROWS][ATTEND_PAGE_TOK];
    float max[ATTEND_BLOCK_ROWS];
    size_t d = page->d, lanes = PANEL_LANES * (page->is_f16 ? 2 : 4);
    float *o = rows->o + first * d;
    struct float_product scores = {
        .acc = score[0],
        .x = rows->q + first * d,
        .w = page->keys,
        .ahead = page->next_keys,
        .acc_stride = ATTEND_PAGE_TOK,
        .x_stride = d,
        .rows = count,
        .count = d,
    };
    multiply_panels(scores, page->is_f16, (page->used + PANEL_LANES - 1) / PANEL_LANES, d * lanes);
    for (size_t i = 0; i < count; i++) {
        size_t r = first + i;
        max[i] = highest_score(score[i], rows->lo[r], rows->hi[r], rows->max[r]);
    }
    for (size_t i = 0; i < count; i++) {
        float shrink = soften(score[i], max[i], &rows->max[first + i], &rows->sum[first + i]);
        for (size_t c = 0; c < d && shrink != 1.0f; c += PANEL_LANES)
            vf_store(o + i * d + c, vf_mul(vf_load(o + i * d + c), vf_set1(shrink)));
    }
    struct float_product sums = {
        .acc = o,
        .x = score[0],
        .w = page->values,
        .ahead = page->next_values,
        .acc_stride = d,
        .x_stride = ATTEND_PAGE_TOK,
        .rows = count,
        .count = page->used,
        .adds = true,
    };
    multiply_panels(sums, page->is_f16, d / PANEL_LANES, ATTEND_PAGE_TOK * lanes);
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
