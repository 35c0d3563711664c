/* attend.h - attention of query rows over one page of 64 positions, with a running softmax.
 *
 * Scores and weighted values are matrix products over panels, as in matmul_float.h: keys lie as panels of
 * 16 positions, values as panels of 16 dimensions. */
#ifndef KERN_BODY_ATTEND_H
#define KERN_BODY_ATTEND_H

#include "kern/body/matmul_float.h"

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

/* The scores of a row become probabilities relative to its maximum; returns their sums by lanes. */
VEC_INLINE vf probabilities(float *score, float max)
{
    vf total = vf_zero();
#pragma GCC unroll 4
    for (int g = 0; g < 4; g++) {
        vf p = vf_exp(vf_add(vf_load(score + 16 * g), vf_set1(-max)));
        total = vf_add(total, p);
        vf_store(score + 16 * g, p);
    }
    return total;
}

/* Makes o (d), relative to an earlier maximum, relative to `max`; returns the factor. */
static float shrink(float *o, size_t d, float earlier, float max)
{
    float lanes[PANEL_LANES];
    vf factor = vf_exp(vf_set1(earlier - max));
    for (size_t i = 0; i < d; i += PANEL_LANES)
        vf_store(o + i, vf_mul(vf_load(o + i), factor));
    vf_store(lanes, factor);
    return lanes[0];
}

/* The softmax of rows from `first` on goes on with `count` rows of scores. A pass for each step: what
 * one row waits for, the next does meanwhile. */
static void soften(float (*score)[ATTEND_PAGE_TOK], const struct attend_rows *rows, size_t d,
                   size_t first, size_t count)
{
    float max[ATTEND_BLOCK_ROWS], total[ATTEND_BLOCK_ROWS][PANEL_LANES];
    for (size_t i = 0, r = first; i < count; i++, r++)
        max[i] = highest_score(score[i], rows->lo[r], rows->hi[r], rows->max[r]);
    for (size_t i = 0; i < count; i++)
        vf_store(total[i], probabilities(score[i], max[i]));
    for (size_t i = 0, r = first; i < count; i++, r++) {
        float factor = 1.0f;
        if (max[i] > rows->max[r])
            factor = shrink(rows->o + r * d, d, rows->max[r], max[i]);
        rows->max[r] = max[i];
        rows->sum[r] = __builtin_fmaf(rows->sum[r], factor, vf_sum(vf_load(total[i])));
    }
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
    size_t d = page->d, lanes = PANEL_LANES * (page->is_f16 ? 2 : 4);
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
    soften(score, rows, d, first, count);
    struct float_product sums = {
        .acc = rows->o + first * d,
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
