/* matmul.h - matrix products over packed panels: rows of activations times 16 outputs at a time.
 *
 * A panel is worked off in chunks of inputs. A chunk of a quantised panel is unpacked once to plain
 * 8-bit codes (or to floats) in first-level cache and then serves all rows, so one inner product
 * serves every format. Accumulators of up to BLOCK_ROWS rows wait in `acc` between chunks; each is
 * one chain of fma in input order (N2), so a row's result does not depend on which rows are
 * computed with it. */
#ifndef KERN_BODY_MATMUL_H
#define KERN_BODY_MATMUL_H

#include <string.h>

#include "kern/body/math.h"
#include "kern/kern.h"
#include "tensor/half.h"

enum {
    BLOCK_ROWS = 64,
    CHUNK_STEPS = 16, /* of 32 inputs: 8 KiB of codes */
    CHUNK_GROUPS = CHUNK_STEPS * 2,
    FLOAT_CHUNK_STEPS = 4, /* 8 KiB of floats */
    TILE_MAX = 8,          /* rows of floats in one tile */
    DOTS_CENTRE = 16       /* see struct quant_mode */
};

struct acc {
    _Alignas(64) float row[BLOCK_ROWS][PANEL_LANES];
};

/* A chunk of one panel, ready for the tiles. */
struct chunk {
    const uint8_t *code; /* 64 bytes a quad of inputs */
    size_t steps;
    _Alignas(64) uint8_t codes[CHUNK_STEPS * 8 * 64];
    _Alignas(64) float scale[CHUNK_GROUPS][PANEL_LANES];
    _Alignas(64) float min[CHUNK_GROUPS][PANEL_LANES];
};

VEC_INLINE void unpack_step(uint8_t *to, const uint8_t *low, const uint8_t *high, unsigned bits)
{
    const vi nibble = vi_set1(0x0f0f0f0f);
#pragma GCC unroll 8
    for (int v = 0; v < 8; v++) {
        vi packed = vi_load(low + v % 4 * 64);
        vi code = vi_and(v < 4 ? packed : vi_shr(packed, 4), nibble);
        if (bits == 5) { /* bit v of each byte becomes bit 4 */
            vi plane = vi_load(high);
            plane = v < 4 ? vi_shl(plane, 4 - v) : vi_shr(plane, v - 4);
            code = vi_or(code, vi_and(plane, vi_set1(0x10101010)));
        }
        if (bits == 6) { /* bits 2 f, 2 f + 1 become bits 4, 5 */
            vi plane = vi_load(high + v / 4 * 64);
            int f = v % 4;
            plane = f < 2 ? vi_shl(plane, 4 - 2 * f) : vi_shr(plane, 2 * f - 4);
            code = vi_or(code, vi_and(plane, vi_set1(0x30303030)));
        }
        vi_store(to + 64 * v, code);
    }
}

VEC_INLINE void unpack_steps(struct chunk *c, const uint8_t *low, const uint8_t *high,
                             unsigned bits)
{
    for (size_t s = 0; s < c->steps; s++)
        unpack_step(c->codes + s * 512, low + s * 256, high + s * (bits == 5 ? 64 : 128), bits);
}

/* Codes of 5 bits, in place, and three more become codes of 8. */
VEC_INLINE void unpack_rest(struct chunk *c, const uint8_t *rest)
{
    for (size_t s = 0; s < c->steps; s++, rest += 192) {
        vi one = vi_load(rest + 128);
#pragma GCC unroll 8
        for (int v = 0; v < 8; v++) {
            uint8_t *code = c->codes + s * 512 + 64 * v;
            vi two = vi_and(vi_shr(vi_load(rest + v / 4 * 64), v % 4 * 2), vi_set1(0x03030303));
            vi bit = vi_and(v < 2 ? vi_shl(one, 2 - v) : vi_shr(one, v - 2), vi_set1(0x04040404));
            vi_store(code, vi_or(vi_shl(vi_load(code), 3), vi_or(two, bit)));
        }
    }
}

VEC_INLINE void unpack_numbers(float (*to)[PANEL_LANES], const unsigned char *run, bool is_f16,
                               size_t first, size_t count)
{
    if (is_f16)
        for (size_t g = 0; g < count; g++)
            vf_store(to[g], vf_load_f16((const uint16_t *)(const void *)run + (first + g) * 16));
    else
        memcpy(to, run + first * 64, count * 64);
}

/* Steps [first, first + steps) of quantised panel p; `coarse`: of split codes, the high bits only. */
static void chunk_load(struct chunk *c, const struct panels *w, size_t p, size_t first,
                       size_t steps, bool coarse)
{
    const unsigned char *panel = panel_at(w, p);
    const uint8_t *low = panel + first * 256, *high = panel + w->high_at;
    c->steps = steps;
    c->code = c->codes;
    if (w->quant.bits == 4)
        unpack_steps(c, low, NULL, 4);
    else if (w->quant.bits == 5 || w->split)
        unpack_steps(c, low, high + first * 64, 5);
    else if (w->quant.bits == 6)
        unpack_steps(c, low, high + first * 128, 6);
    else
        c->code = panel + first * 512;
    if (w->split && !coarse)
        unpack_rest(c, panel_rest_at(w, p) + first * 192);
    size_t per_step = PANEL_STEP / w->quant.group;
    unpack_numbers(c->scale, panel + w->scale_at, w->quant.scale_is_f16, first * per_step,
                   steps * per_step);
    if (w->quant.has_min)
        unpack_numbers(c->min, panel + w->min_at, w->quant.scale_is_f16, first * per_step,
                       steps * per_step);
}

/* What a quantised tile is specialised by. */
struct quant_mode {
    size_t group;
    bool has_min, eight_bits;
    bool centred; /* 5-bit codes whose offset is 0: dot products subtract 16, which is put back */
    bool coarse;
};

/* The sum that dot products of a row begin with, and 32 inputs of a row times 16 outputs. */
VEC_INLINE vi dot_begin(struct quant_mode m, const int16_t pair[2], int bias)
{
    if (m.eight_bits && VI_DOT8_SUBTRACTS)
        return vi_set1(0);
    return vi_dots_begin(pair, bias);
}

VEC_INLINE vf dot_end(struct quant_mode m, vi dot, const int16_t pair[2])
{
    if (!m.eight_bits)
        dot = vi_dots_end(dot);
    if (m.centred)
        dot = vi_add(dot, vi_set1(DOTS_CENTRE * (pair[0] + pair[1])));
    if (m.coarse) /* COARSE_STEP is 2^4 */
        dot = vi_add(vi_shl(dot, 4), vi_set1(COARSE_MIDDLE * (pair[0] + pair[1])));
    return vf_from_vi(dot);
}

/* acc[r] += chunk x rows, for R rows of the tile from `row` on; x: the tile's blocks. */
VEC_INLINE void tile_quant(const size_t R, const struct quant_mode m, float (*acc)[PANEL_LANES],
                           const struct chunk *c, const struct qblock *x, size_t row, int bias)
{
    const size_t parts = PANEL_STEP / m.group, quads = m.group / 4;
    vf sum[QROWS_TILE];
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        sum[r] = vf_load(acc[r]);
    for (size_t g = 0; g < c->steps * parts; g++) {
        const struct qblock *b = &x[g / parts];
        const int16_t(*pair)[2] = b->pair[parts == 1 ? QPAIR_ALL : g % parts] + row;
        vi dot[QROWS_TILE];
#pragma GCC unroll 8
        for (size_t r = 0; r < R; r++)
            dot[r] = dot_begin(m, pair[r], bias);
#pragma GCC unroll 8
        for (size_t v = 0; v < quads; v++) {
            vi code = vi_load(c->code + (g * quads + v) * 64);
            const int8_t(*four)[4] = b->q[g % parts * quads + v] + row;
#pragma GCC unroll 8
            for (size_t r = 0; r < R; r++)
                dot[r] = m.eight_bits ? vi_dot8(dot[r], code, four[r])
                                      : vi_dots_add(dot[r], code, four[r]);
        }
        vf scale = vf_load(c->scale[g]);
#pragma GCC unroll 8
        for (size_t r = 0; r < R; r++) {
            float row_scale = b->scale[row + r];
            vf factor = vf_mul(scale, vf_set1(row_scale));
            sum[r] = vf_fma(dot_end(m, dot[r], pair[r]), factor, sum[r]);
            if (m.has_min)
                sum[r] = vf_fma(vf_load(c->min[g]),
                                vf_set1(parts == 1 ? b->scaled_sum[row + r]
                                                   : row_scale * (float)(pair[r][0] + pair[r][1])),
                                sum[r]);
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        vf_store(acc[r], sum[r]);
}

/* Asks for the next `bytes` of a panel that will be wanted soon. Between two panels so much time
 * passes that the processor's own prefetching forgets the stream. */
VEC_INLINE void look_ahead(const unsigned char **at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 64)
        __builtin_prefetch(*at + i, 0, 2);
    *at += bytes;
}

VEC_INLINE void tiles_quant(const struct quant_mode m, struct acc *acc, const struct chunk *c,
                            struct qrows x, size_t first_row, size_t rows, size_t first_step,
                            int bias, const unsigned char **ahead, size_t ahead_step)
{
    for (size_t base = 0; base < rows; base += QROWS_TILE) {
        look_ahead(ahead, ahead_step);
        size_t r = 0, count = rows - base < QROWS_TILE ? rows - base : QROWS_TILE;
        const struct qblock *blocks = qrows_at(x, first_row + base, first_step * QROWS_STEP);
#define TILES(R)                       \
    for (; r + (R) <= count; r += (R)) \
        tile_quant((R), m, &acc->row[base + r], c, blocks, r, bias);
        TILES(QUANT_ROWS)
        if (QUANT_ROWS > 4)
            TILES(4)
        if (QUANT_ROWS > 2)
            TILES(2)
        TILES(1)
#undef TILES
    }
}

/* One place where the run-time shape of a format becomes compile-time constants. */
static void chunk_multiply(struct acc *acc, const struct panels *w, const struct chunk *c,
                           struct qrows x, size_t first_row, size_t rows, size_t first_step,
                           bool coarse, const unsigned char **ahead, size_t ahead_step)
{
    struct quant_shape q = w->quant;
    bool centred = q.bits == 5 && q.offset == 0;
    int bias = centred || coarse ? DOTS_CENTRE : (int)q.offset;
#define MULTIPLY(...)                                                                           \
    tiles_quant((struct quant_mode){__VA_ARGS__}, acc, c, x, first_row, rows, first_step, bias, \
                ahead, ahead_step)
    if (coarse)
        MULTIPLY(32, false, false, false, true);
    else if (q.bits == 8)
        MULTIPLY(32, false, true, false, false);
    else if (q.group == 32 && !q.has_min)
        MULTIPLY(32, false, false, false, false);
    else if (q.group == 32 && !centred)
        MULTIPLY(32, true, false, false, false);
    else if (q.group == 32)
        MULTIPLY(32, true, false, true, false);
    else if (!q.has_min)
        MULTIPLY(16, false, false, false, false);
    else
        MULTIPLY(16, true, false, false, false);
#undef MULTIPLY
}

/* Outputs of panel p that there are. */
VEC_INLINE size_t lanes_of(const struct panels *w, size_t p)
{
    return w->n - p * PANEL_LANES < PANEL_LANES ? w->n - p * PANEL_LANES : PANEL_LANES;
}

static void acc_store(float *y, size_t y_stride, const struct acc *acc, size_t rows, size_t lanes)
{
    for (size_t r = 0; r < rows; r++)
        vf_store_part(y + r * y_stride, vf_load(acc->row[r]), lanes);
}

static void multiply_codes(float *y, size_t y_stride, const struct panels *w, size_t first,
                           size_t last, struct qrows x, size_t rows, bool coarse)
{
    struct chunk chunk;
    struct acc acc;
    size_t steps = w->k / PANEL_STEP, chunks = (steps + CHUNK_STEPS - 1) / CHUNK_STEPS;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) { /* a block stays in second-level cache */
        size_t block = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        size_t ahead_step = w->panel_bytes / (chunks * ((block + QROWS_TILE - 1) / QROWS_TILE));
        for (size_t p = first; p < last; p++) {
            const unsigned char *ahead = panel_at(w, p + 1 < w->count ? p + 1 : p);
            memset(acc.row, 0, block * sizeof acc.row[0]);
            for (size_t s = 0; s < steps; s += CHUNK_STEPS) {
                size_t n = steps - s < CHUNK_STEPS ? steps - s : CHUNK_STEPS;
                chunk_load(&chunk, w, p, s, n, coarse);
                chunk_multiply(&acc, w, &chunk, x, r, block, s, coarse, &ahead, ahead_step);
            }
            acc_store(y + r * y_stride + (p - first) * PANEL_LANES, y_stride, &acc, block,
                      lanes_of(w, p));
        }
    }
}

static void matmul_quant(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, struct qrows x, size_t rows)
{
    multiply_codes(y, y_stride, w, first, last, x, rows, false);
}

VEC_INLINE vf load_element(enum panel_kind kind, const void *w, size_t i)
{
    if (kind == PANEL_F32)
        return vf_load((const float *)w + i * PANEL_LANES);
    const uint16_t *h = (const uint16_t *)w + i * PANEL_LANES;
    return kind == PANEL_F16 ? vf_load_f16(h) : vf_load_bf16(h);
}

/* acc (R rows, acc_stride) += x (R rows, x_stride) times `count` inputs of 16 outputs at w. */
VEC_INLINE void tile_float(const size_t R, const enum panel_kind kind, float *acc,
                           size_t acc_stride, const float *x, size_t x_stride, const void *w,
                           size_t count)
{
    vf sum[TILE_MAX];
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        sum[r] = vf_load(acc + r * acc_stride);
    for (size_t i = 0; i < count; i++) {
        vf weight = load_element(kind, w, i);
#pragma GCC unroll 8
        for (size_t r = 0; r < R; r++)
            sum[r] = vf_fma(vf_set1(x[r * x_stride + i]), weight, sum[r]);
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        vf_store(acc + r * acc_stride, sum[r]);
}

VEC_INLINE void tiles_float(const enum panel_kind kind, float *acc, size_t acc_stride,
                            const float *x, size_t x_stride, const void *w, size_t count,
                            size_t rows)
{
    size_t r = 0;
#define TILES(R)                                                                               \
    for (; r + (R) <= rows; r += (R))                                                          \
        tile_float((R), kind, acc + r * acc_stride, acc_stride, x + r * x_stride, x_stride, w, \
                   count);
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

static void multiply_floats(enum panel_kind kind, float *acc, size_t acc_stride, const float *x,
                            size_t x_stride, const void *w, size_t count, size_t rows)
{
    if (kind == PANEL_F32)
        tiles_float(PANEL_F32, acc, acc_stride, x, x_stride, w, count, rows);
    else if (kind == PANEL_F16)
        tiles_float(PANEL_F16, acc, acc_stride, x, x_stride, w, count, rows);
    else
        tiles_float(PANEL_BF16, acc, acc_stride, x, x_stride, w, count, rows);
}

/* Floats of a chunk of codes: (4 * 8 * steps, 16). */
static void chunk_to_floats(float *to, const struct panels *w, const struct chunk *c)
{
    size_t group = w->quant.group;
    const vi byte = vi_set1(0xff), offset = vi_set1((int32_t)w->quant.offset);
    for (size_t quad = 0; quad < c->steps * 8; quad++) {
        vi codes = vi_load(c->code + quad * 64);
        vf scale = vf_load(c->scale[quad * 4 / group]);
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            vf q = vf_from_vi(vi_sub(vi_and(vi_shr(codes, 8 * j), byte), offset));
            vf weight = w->quant.has_min ? vf_fma(scale, q, vf_load(c->min[quad * 4 / group]))
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
        chunk_load(&chunk, w, p, s, n, false);
        chunk_to_floats(weights, w, &chunk);
        multiply_floats(PANEL_F32, acc->row[0], PANEL_LANES, x + s * PANEL_STEP, x_stride, weights,
                        n * PANEL_STEP, rows);
    }
}

static void matmul_float(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, const float *x, size_t x_stride, size_t rows)
{
    struct acc acc;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) {
        size_t block = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        for (size_t p = first; p < last; p++) {
            memset(acc.row, 0, block * sizeof acc.row[0]);
            if (w->kind == PANEL_QUANT)
                panel_quant_float(&acc, w, p, x + r * x_stride, x_stride, block);
            else
                multiply_floats(w->kind, acc.row[0], PANEL_LANES, x + r * x_stride, x_stride,
                                panel_at(w, p), w->k, block);
            acc_store(y + r * y_stride + (p - first) * PANEL_LANES, y_stride, &acc, block,
                      lanes_of(w, p));
        }
    }
}

#endif
