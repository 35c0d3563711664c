/* coarse.h - what finds the highest of many logits without computing them all: products with
 * coarse codes, bounds on what that leaves out, and the best of 16. See model/head.c. */
#ifndef KERN_BODY_COARSE_H
#define KERN_BODY_COARSE_H

#include "kern/body/matmul.h"

static void matmul_coarse(float *y, size_t y_stride, const struct panels *w, size_t first,
                          size_t last, struct qrows x, size_t rows)
{
    multiply_codes(y, y_stride, w, first, last, x, rows, true);
}

/* Sum of (rest - 3.5)^2 over 32 inputs of 16 outputs; exact. */
VEC_INLINE vf rest_squares_of(const uint8_t *code)
{
    const vi low = vi_set1(7), middle = vi_set1(COARSE_MIDDLE);
    vf sum = vf_zero();
    for (int quad = 0; quad < 8; quad++) {
        vi codes = vi_load(code + quad * 64);
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            vi rest = vi_and(vi_shr(codes, 8 * j), low);
            vf twice = vf_from_vi(vi_sub(vi_add(rest, rest), middle));
            sum = vf_fma(twice, twice, sum);
        }
    }
    return vf_mul(sum, vf_set1(0.25f));
}

static void coarse_slack(float slack[PANEL_LANES], const struct panels *w, size_t panel)
{
    struct chunk chunk;
    size_t steps = w->k / PANEL_STEP;
    vf rests = vf_zero(), scales = vf_zero();
    for (size_t s = 0; s < steps; s += CHUNK_STEPS) {
        size_t n = steps - s < CHUNK_STEPS ? steps - s : CHUNK_STEPS;
        chunk_load(&chunk, w, panel, s, n, false);
        for (size_t g = 0; g < n; g++) {
            vf scale = vf_load(chunk.scale[g]);
            rests = vf_fma(rest_squares_of(chunk.code + g * 512), vf_mul(scale, scale), rests);
            scales = vf_fma(scale, scale, scales);
        }
    }
    float rest[PANEL_LANES], squares[PANEL_LANES];
    vf_store(rest, rests);
    vf_store(squares, scales);
    for (size_t i = 0; i < PANEL_LANES; i++)
        slack[i] = coarse_slack_of(rest[i], squares[i], steps);
}

static float coarse_upper(const float y[PANEL_LANES], const float slack[PANEL_LANES], float length)
{
    return vf_highest(vf_fma(vf_load(slack), vf_set1(length), vf_mul(vf_load(y), vf_set1(0.5f))));
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
