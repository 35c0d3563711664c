/* rows.h - work on one row of activations: norms, gates, rotation, rounding to int8. */
#ifndef KERN_BODY_ROWS_H
#define KERN_BODY_ROWS_H

#include <math.h>

#include "kern/body/math.h"
#include "kern/kern.h"

static void quantise(struct qrows out, size_t row, size_t from, const float *x, size_t n)
{
    size_t lane = row % QROWS_TILE;
    for (size_t i = 0; i < n; i += QROWS_STEP) {
        struct qblock *block = qrows_at(out, row, from + i);
        vf a = vf_load(x + i), b = vf_load(x + i + 16);
        float highest = vf_highest(vf_max(vf_abs(a), vf_abs(b)));
        bool zero = highest < QUANT_TINY;
        vf inverse = vf_set1(zero ? 0.0f : 127.0f / highest);
        vi qa = vi_from_vf(vf_mul(a, inverse)), qb = vi_from_vf(vf_mul(b, inverse));
        int8_t q[QROWS_STEP];
        int16_t pair[3][2];
        vi_store_i8(q, qa);
        vi_store_i8(q + 16, qb);
        for (size_t v = 0; v < QROWS_STEP / 4; v++)
            memcpy(block->q[v][lane], q + 4 * v, 4);
        vi_sum_pairs(pair, qa, qb);
        for (size_t part = 0; part < 3; part++)
            memcpy(block->pair[part][lane], pair[part], sizeof pair[part]);
        block->scale[lane] = zero ? 0.0f : highest / 127.0f;
        block->scaled_sum[lane] =
            block->scale[lane] * (float)(pair[QPAIR_ALL][0] + pair[QPAIR_ALL][1]);
    }
}

static void rms_norm(float *y, const float *x, const float *w, size_t n, float eps)
{
    vf squares = vf_zero();
    for (size_t i = 0; i < n; i += 16) {
        vf a = vf_load_part(x + i, n - i);
        squares = vf_fma(a, a, squares);
    }
    float mean = vf_sum(squares) / (float)n;
    vf inverse = vf_set1(1.0f / sqrtf(mean + eps));
    for (size_t i = 0; i < n; i += 16) {
        vf a = vf_mul(vf_load_part(x + i, n - i), inverse);
        vf_store_part(y + i, vf_mul(a, vf_load_part(w + i, n - i)), n - i);
    }
}

static float distance(const float *x, const float *y, size_t n)
{
    vf squares = vf_zero();
    for (size_t i = 0; i < n; i += 16) {
        vf d = vf_fms(vf_load_part(x + i, n - i), vf_set1(1.0f), vf_load_part(y + i, n - i));
        squares = vf_fma(d, d, squares);
    }
    return vf_sum(squares);
}

static void add(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 16)
        vf_store_part(y + i, vf_add(vf_load_part(y + i, n - i), vf_load_part(x + i, n - i)), n - i);
}

static void scale(float *y, const float *x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i += 16)
        vf_store_part(y + i, vf_mul(vf_load_part(x + i, n - i), vf_set1(factor)), n - i);
}

static void gelu_mul(float *y, const float *gate, const float *up, size_t n)
{
    const vf one = vf_set1(1.0f);
    for (size_t i = 0; i < n; i += 16) {
        vf x = vf_load_part(gate + i, n - i);
        vf cubic = vf_fma(vf_mul(x, x), vf_set1(GELU_CUBIC), one);
        vf minus_2u = vf_mul(vf_mul(x, cubic), vf_set1(-GELU_2_ROOT));
        vf g = vf_div(x, vf_add(one, vf_exp(minus_2u)));
        vf_store_part(y + i, vf_mul(g, vf_load_part(up + i, n - i)), n - i);
    }
}

static void silu_mul(float *y, const float *gate, const float *up, size_t n)
{
    const vf one = vf_set1(1.0f);
    for (size_t i = 0; i < n; i += 16) {
        vf x = vf_load_part(gate + i, n - i);
        vf g = vf_div(x, vf_add(one, vf_exp(vf_mul(x, vf_set1(-1.0f)))));
        vf_store_part(y + i, vf_mul(g, vf_load_part(up + i, n - i)), n - i);
    }
}

static void rope(float *x, const float *cosine, const float *sine, size_t half)
{
    for (size_t i = 0; i < half; i += 16) {
        size_t n = half - i;
        vf a = vf_load_part(x + i, n), b = vf_load_part(x + half + i, n);
        vf c = vf_load_part(cosine + i, n), s = vf_load_part(sine + i, n);
        vf_store_part(x + i, vf_fms(a, c, vf_mul(b, s)), n);
        vf_store_part(x + half + i, vf_fma(b, c, vf_mul(a, s)), n);
    }
}

#endif
