/* coarse.h - what finds the highest of many logits without computing them all: products with
 * coarse codes, bounds on what that leaves out, and the best of 16. See model/head.c. */
#ifndef KERN_BODY_COARSE_H
#define KERN_BODY_COARSE_H

#include "kern/body/matmul_quant.h"

/* Sum of (rest - 3.5)^2 over 32 inputs of 16 outputs, exact. */
VEC_INLINE vf rest_squares_of(const uint8_t *step)
{
    const vi byte = vi_set1(0xff), middle = vi_set1(7);
    vf sum = vf_zero();
#pragma GCC unroll 8
    for (size_t v = 0; v < QUADS; v++) {
        vi rest = quad_codes(step, 3, v), twice = vi_add(rest, rest); /* a byte each */
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            vf off = vf_from_vi(vi_sub(vi_and(vi_shr(twice, 8 * j), byte), middle));
            sum = vf_fma(off, off, sum);
        }
    }
    return vf_mul(sum, vf_set1(0.25f));
}

static void coarse_slack(float slack[PANEL_LANES], const struct panels *w, size_t panel)
{
    const uint8_t *rest = panel_rest_at(w, panel);
    const unsigned char *scale = panel_at(w, panel) + w->scale_at;
    size_t steps = w->k / PANEL_STEP;
    vf rests = vf_zero(), scales = vf_zero();
    for (size_t s = 0; s < steps; s++) {
        float room[PANEL_LANES];
        vf number = vf_load(load_numbers(room, scale, w->quant.scale_is_f16, s, 1));
        vf squares = vf_add(rest_squares_of(rest + s * 3 * 64), vf_set1(1.0f));
        vf square = vf_mul(number, number);
        rests = vf_fma(squares, square, rests);
        scales = vf_add(scales, square);
    }
    float length[PANEL_LANES], squares[PANEL_LANES];
    vf_store(length, rests);
    vf_store(squares, scales);
    for (size_t i = 0; i < PANEL_LANES; i++)
        slack[i] = coarse_slack_of(length[i], squares[i], steps);
}

static void coarse_bounds(float *upper, size_t stride, const struct panels *w, size_t first,
                          size_t last, const float (*slack)[PANEL_LANES], struct qrows x,
                          const float *length, size_t rows)
{
    struct acc acc;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) {
        size_t block = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        for (size_t p = first; p < last; p++) {
            panel_multiply(&acc, w, p, x, r, block, true);
            for (size_t i = 0; i < block; i++) {
                vf most = vf_mul(vf_load(slack[p]), vf_set1(length[r + i]));
                most = vf_fma(vf_load(acc.row[i]), vf_set1(COARSE_UNIT), most);
                upper[(r + i) * stride + p] = vf_highest(most);
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
