/* matmul_float.h - products of float rows with panels of any kind, 16 outputs at a time, one chain of
 * fma along the inputs. Quantised panels become floats chunk by chunk. */
#ifndef KERN_BODY_MATMUL_FLOAT_H
#define KERN_BODY_MATMUL_FLOAT_H

#include "kern/body/chunk.h"

enum {
    FLOAT_CHUNK_STEPS = 4, /* 8 KiB of floats */
    TILE_MAX = 8           /* rows of floats in one tile */
};

VEC_INLINE vf load_element(enum panel_kind kind, const void *w, size_t i)
{
    if (kind == PANEL_F32)
        return vf_load((const float *)w + i * PANEL_LANES);
    const uint16_t *h = (const uint16_t *)w + i * PANEL_LANES;
    return kind == PANEL_F16 ? vf_load_f16(h) : vf_load_bf16(h);
}

/* acc (rows, acc_stride) becomes x (rows, x_stride) times the first `count` inputs of a panel, or,
 * where it `adds`, grows by that. */
struct float_product {
    float *acc;
    const float *x;
    const void *w, *ahead; /* ahead: a panel like w that is wanted soon, or NULL */
    size_t acc_stride, x_stride, rows, count;
    bool adds;
};

/* R rows from `row` on. Who looks ahead asks for one input of what is ahead as it reads one of w: a
 * steady trickle, which memory can follow and multiplying does not wait for. */
VEC_INLINE void tile_float(const size_t R, const enum panel_kind kind, const bool looks_ahead,
                           const struct float_product *m, size_t row)
{
    const size_t bytes = PANEL_LANES * (kind == PANEL_F32 ? 4 : 2), x_stride = m->x_stride;
    const unsigned char *ahead = m->ahead;
    const float *x = m->x + row * x_stride;
    float *acc = m->acc + row * m->acc_stride;
    vf sum[TILE_MAX];
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        sum[r] = m->adds ? vf_load(acc + r * m->acc_stride) : vf_zero();
#pragma GCC unroll 2
    for (size_t i = 0; i < m->count; i++) {
        if (looks_ahead)
            __builtin_prefetch(ahead + i * bytes, 0, 2);
        vf weight = load_element(kind, m->w, i);
#pragma GCC unroll 8
        for (size_t r = 0; r < R; r++)
            sum[r] = vf_fma(vf_set1(x[r * x_stride + i]), weight, sum[r]);
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        vf_store(acc + r * m->acc_stride, sum[r]);
}

VEC_INLINE void tiles_float(const enum panel_kind kind, const struct float_product *m)
{
    size_t row = 0;
#define TILES(R)                                  \
    for (; row + (R) <= m->rows; row += (R)) {    \
        if (row == 0 && m->ahead)                 \
            tile_float((R), kind, true, m, row);  \
        else                                      \
            tile_float((R), kind, false, m, row); \
    }
    TILES(FLOAT_ROWS)
    if (FLOAT_ROWS > 4)
        TILES(4)
    if (FLOAT_ROWS > 3)
        TILES(3)
    if (FLOAT_ROWS > 2)
        TILES(2)
    TILES(1)
#undef TILES
}

static void multiply_floats(enum panel_kind kind, const struct float_product *m)
{
    if (kind == PANEL_F32)
        tiles_float(PANEL_F32, m);
    else if (kind == PANEL_F16)
        tiles_float(PANEL_F16, m);
    else
        tiles_float(PANEL_BF16, m);
}

/* Floats of a chunk of codes: (4 * 8 * steps, 16). */
static void chunk_to_floats(float *to, const struct panels *w, const struct chunk *c)
{
    size_t group = w->quant.group;
    const vi byte = vi_set1(0xff), offset = vi_set1((int32_t)w->quant.offset);
    for (size_t quad = 0; quad < c->steps * QUADS; quad++) {
        vi codes = vi_load(c->code + quad * PANEL_VECTOR);
        vf scale = vf_load(c->scale + quad * 4 / group * PANEL_LANES);
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            vf q = vf_from_vi(vi_sub(vi_and(vi_shr(codes, 8 * j), byte), offset));
            vf weight = w->quant.has_min
                            ? vf_fma(scale, q, vf_load(c->min + quad * 4 / group * PANEL_LANES))
                            : vf_mul(scale, q);
            vf_store(to + (quad * 4 + (size_t)j) * PANEL_LANES, weight);
        }
    }
}

static void panel_quant_float(struct acc *acc, const struct panels *w, size_t p, const float *x,
                              size_t x_stride, size_t rows)
{
    _Alignas(64) float weights[FLOAT_CHUNK_STEPS * PANEL_STEP * PANEL_LANES];
    struct chunk chunk;
    size_t steps = w->k / PANEL_STEP;
    for (size_t s = 0; s < steps; s += FLOAT_CHUNK_STEPS) {
        size_t n = steps - s < FLOAT_CHUNK_STEPS ? steps - s : FLOAT_CHUNK_STEPS;
        chunk_load(&chunk, w, p, s, n, false, false);
        chunk_to_floats(weights, w, &chunk);
        struct float_product m = {
            .acc = acc->row[0],
            .x = x + s * PANEL_STEP,
            .w = weights,
            .acc_stride = PANEL_LANES,
            .x_stride = x_stride,
            .rows = rows,
            .count = n * PANEL_STEP,
            .adds = s > 0,
        };
        multiply_floats(PANEL_F32, &m);
    }
}

static void matmul_float(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, const float *x, size_t x_stride, size_t rows)
{
    struct acc acc;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) {
        size_t block = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        struct float_product m = {
            .acc = acc.row[0],
            .x = x + r * x_stride,
            .acc_stride = PANEL_LANES,
            .x_stride = x_stride,
            .rows = block,
            .count = w->k,
        };
        for (size_t p = first; p < last; p++) {
            m.w = panel_at(w, p);
            if (w->kind == PANEL_QUANT)
                panel_quant_float(&acc, w, p, m.x, x_stride, block);
            else
                multiply_floats(w->kind, &m);
            acc_store(y + r * y_stride + (p - first) * PANEL_LANES, y_stride, &acc, block,
                      lanes_of(w, p));
        }
    }
}

#endif
