/* coarse.h - what finds the highest of many logits without computing them all: bounds from the high
 * bits of split codes, and the best of 16. See model/bounds.c. */
#ifndef KERN_BODY_COARSE_H
#define KERN_BODY_COARSE_H

#include "kern/body/matmul_quant.h"

/* Adds the squares of a quad's codes, a byte each, less `middle`; exact. */
VEC_INLINE vf square_codes(vf sum, vi codes, int middle)
{
    const vi byte = vi_set1(0xff);
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        vf off = vf_from_vi(vi_sub(vi_and(vi_shr(codes, 8 * j), byte), vi_set1(middle)));
        sum = vf_fma(off, off, sum);
    }
    return sum;
}

static float coarse_slack(float slack[PANEL_LANES], const struct panels *w, size_t panel)
{
    const uint8_t *high = panel_at(w, panel), *rest = panel_rest_at(w, panel);
    size_t steps = w->k / PANEL_STEP;
    vf rest_squares = vf_zero(), scale_squares = vf_zero(), code_squares = vf_zero();
    for (size_t s = 0; s < steps;
         s++, high += SPLIT_HIGH * PANEL_VECTOR, rest += SPLIT_REST * PANEL_VECTOR) {
        float room[PANEL_LANES];
        vf scale = vf_load(
            load_numbers(room, panel_at(w, panel) + w->scale_at, w->quant.scale_is_f16, s, 1));
        vf square = vf_mul(scale, scale), rests = vf_zero(), whole = vf_zero();
#pragma GCC unroll 8
        for (size_t v = 0; v < QUADS; v++) {
            vi low = quad_codes(rest, SPLIT_REST, v);
            rests = square_codes(rests, vi_add(low, low), 7);
            whole = square_codes(whole, split_codes(high, rest, v), 128);
        }
        rests = vf_fma(rests, vf_set1(0.25f), vf_set1(1.0f)); /* exact */
        rest_squares = vf_fma(rests, square, rest_squares);
        scale_squares = vf_add(scale_squares, square);
        code_squares = vf_fma(whole, square, code_squares);
    }
    float of_rest[PANEL_LANES], of_scale[PANEL_LANES], of_code[PANEL_LANES], reach = 0.0f;
    vf_store(of_rest, rest_squares);
    vf_store(of_scale, scale_squares);
    vf_store(of_code, code_squares);
    for (size_t i = 0; i < PANEL_LANES; i++) {
        slack[i] = coarse_slack_of(of_rest[i], of_scale[i], steps);
        reach = fmaxf(reach, coarse_reach_of(of_code[i], of_scale[i], steps));
    }
    return reach;
}

static void coarse_bounds(float *const *upper, const struct panels *w, size_t first, size_t last,
                          const float (*slack)[PANEL_LANES], struct qrows x, const float *length,
                          size_t rows)
{
    struct acc acc;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) {
        size_t block = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        for (size_t p = first; p < last; p++) {
            panel_multiply(&acc, w, p, p + 1, x, r, block, true);
            for (size_t i = 0; i < block; i++) {
                vf most = vf_mul(vf_load(slack[p]), vf_set1(length[r + i]));
                most = vf_fma(vf_load(acc.row[i]), vf_set1(COARSE_UNIT), most);
                upper[r + i][p] = vf_highest(most);
            }
        }
    }
}

static void best(float *value, uint32_t *id, const float *y, size_t n, uint32_t first)
{
    if (n == PANEL_LANES && !(vf_highest(vf_load(y)) > *value))
        return;
    for (size_t i = 0; i < n; i++)
        if (y[i] > *value) {
            *value = y[i];
            *id = first + (uint32_t)i;
        }
}

#endif
