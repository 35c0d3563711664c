/* matmul_quant.h - products of int8 rows with quantised panels (N5), 16 outputs at a time: tiles of
 * some rows, whose dot products of a group are whole numbers and then one fma. */
#ifndef KERN_BODY_MATMUL_QUANT_H
#define KERN_BODY_MATMUL_QUANT_H

#include "kern/body/chunk.h"

enum { DOTS_CENTRE = 16 /* see struct quant_mode */ };

/* What a quantised tile is specialised by. */
struct quant_mode {
    unsigned packed; /* bits of a packed code, or 0 */
    size_t group;
    bool split; /* packed codes are split: the high bits there, the others in chunk.rest */
    bool has_min, eight_bits;
    bool centred; /* 5-bit codes whose offset is 0: dot products subtract 16, which is put back */
    bool coarse;
};

/* The sum that dot products of a row begin with. */
VEC_INLINE vi dot_begin(struct quant_mode m, const int16_t pair[2], int bias)
{
    if (m.coarse)
        return vi_dots_coarse(pair);
    if (m.eight_bits && VI_DOT8_SUBTRACTS)
        return vi_set1(0);
    return vi_dots_begin(pair, bias);
}

/* A split code less 128 is 8 (high - 16) + rest. */
VEC_INLINE vf dot_end(struct quant_mode m, vi dot, vi low, const int16_t pair[2])
{
    if (!m.eight_bits)
        dot = vi_dots_end(dot);
    if (m.split)
        dot = vi_add(vi_shl(dot, SPLIT_REST), vi_dots_end(low));
    if (m.centred)
        dot = vi_add(dot, vi_set1(DOTS_CENTRE * (pair[0] + pair[1])));
    return vf_from_vi(dot);
}

/* A panel that will be wanted soon is asked for piece by piece. Between two panels so much time
 * passes that the processor's own prefetching forgets the stream. */
struct ahead {
    const unsigned char *at, *end;
    const unsigned char *rest, *rest_end; /* what follows, of split codes */
    size_t piece;                         /* bytes */
};

/* Panel `next`, in `pieces`; nothing if there is none. */
static struct ahead ahead_of(const struct panels *w, size_t next, bool with_rest, size_t pieces)
{
    struct ahead a = {0};
    if (next >= w->count)
        return a;
    a.at = panel_at(w, next);
    a.end = a.at + w->panel_bytes;
    a.rest = panel_rest_at(w, next);
    a.rest_end = a.rest + (with_rest ? w->rest_bytes : 0);
    a.piece = (w->panel_bytes + (with_rest ? w->rest_bytes : 0)) / pieces + 1;
    return a;
}

VEC_INLINE void look_ahead(struct ahead *a)
{
    if (a->at >= a->end) {
        a->at = a->rest;
        a->end = a->rest_end;
        a->rest = a->rest_end;
    }
    for (size_t i = 0; i < a->piece && a->at < a->end; i += 64, a->at += 64)
        __builtin_prefetch(a->at, 0, 2);
}

/* acc[r] += chunk x rows, for R rows of the tile from `row` on; x: the tile's blocks. acc begins
 * with zero in the `first` chunk. */
VEC_INLINE void tile_quant(const size_t R, const struct quant_mode m, float (*acc)[PANEL_LANES],
                           const struct chunk *c, const struct qblock *x, size_t row, int bias,
                           bool first, struct ahead *ahead)
{
    const size_t parts = PANEL_STEP / m.group, quads = m.group / 4;
    vf sum[QROWS_TILE];
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        sum[r] = first ? vf_zero() : vf_load(acc[r]);
    for (size_t s = 0; s < c->steps; s++) {
        const struct qblock *b = &x[s];
        const uint8_t *step = c->code + s * PANEL_VECTOR * (m.packed ? m.packed : QUADS);
        const uint8_t *rest = m.split ? c->rest + s * PANEL_VECTOR * SPLIT_REST : NULL;
        look_ahead(ahead);
#pragma GCC unroll 2
        for (size_t part = 0; part < parts; part++) {
            const int16_t(*pair)[2] = b->pair[parts == 1 ? QPAIR_ALL : part] + row;
            vi dot[QROWS_TILE], low = vi_set1(0); /* split codes come with one row only */
#pragma GCC unroll 8
            for (size_t r = 0; r < R; r++)
                dot[r] = dot_begin(m, pair[r], bias);
#pragma GCC unroll 8
            for (size_t v = part * quads; v < (part + 1) * quads; v++) {
                vi code =
                    m.packed ? quad_codes(step, m.packed, v) : vi_load(step + v * PANEL_VECTOR);
                const int8_t(*four)[4] = b->q[v] + row;
#pragma GCC unroll 8
                for (size_t r = 0; r < R; r++)
                    dot[r] = m.eight_bits ? vi_dot8(dot[r], code, four[r])
                                          : vi_dots_add(dot[r], code, four[r]);
                if (m.split)
                    low = vi_dots_add(low, quad_codes(rest, SPLIT_REST, v), four[0]);
            }
            vf scale = vf_load(c->scale + (s * parts + part) * PANEL_LANES);
#pragma GCC unroll 8
            for (size_t r = 0; r < R; r++) {
                float row_scale = b->scale[row + r];
                vf factor = vf_mul(scale, vf_set1(row_scale));
                sum[r] = vf_fma(dot_end(m, dot[r], low, pair[r]), factor, sum[r]);
                if (m.has_min)
                    sum[r] =
                        vf_fma(vf_load(c->min + (s * parts + part) * PANEL_LANES),
                               vf_set1(parts == 1 ? b->scaled_sum[row + r]
                                                  : row_scale * (float)(pair[r][0] + pair[r][1])),
                               sum[r]);
            }
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < R; r++)
        vf_store(acc[r], sum[r]);
}

/* A chunk times rows of activations. */
struct chunk_rows {
    struct acc *acc;
    const struct chunk *chunk;
    struct qrows x;
    size_t first_row, rows, first_step;
    struct ahead *ahead;
};

VEC_INLINE void tiles_quant(const struct quant_mode m, const struct chunk_rows *c, int bias)
{
    for (size_t base = 0; base < c->rows; base += QROWS_TILE) {
        size_t r = 0, count = c->rows - base < QROWS_TILE ? c->rows - base : QROWS_TILE;
        const struct qblock *blocks =
            qrows_at(c->x, c->first_row + base, c->first_step * QROWS_STEP);
#define TILES(R)                                                                                  \
    for (; r + (R) <= count; r += (R))                                                            \
        tile_quant((R), m, &c->acc->row[base + r], c->chunk, blocks, r, bias, c->first_step == 0, \
                   c->ahead);
        if (!m.packed) {
            TILES(QUANT_ROWS)
            if (QUANT_ROWS > 4)
                TILES(4)
            if (QUANT_ROWS > 2)
                TILES(2)
        }
        TILES(1)
#undef TILES
    }
}

/* One place where the run-time shape of a format becomes compile-time constants. */
static void chunk_multiply(const struct chunk_rows *c, struct quant_shape q, bool coarse)
{
    bool packed = c->chunk->packed, split = packed && c->chunk->rest;
    bool centred = q.bits == 5 && q.offset == 0;
    int bias = centred || split ? DOTS_CENTRE : (int)q.offset;
#define MULTIPLY(...) tiles_quant((struct quant_mode){__VA_ARGS__}, c, bias)
#define MULTIPLY_PACKED(bits, ...)                 \
    do {                                           \
        if (packed)                                \
            MULTIPLY(.packed = bits, __VA_ARGS__); \
        else                                       \
            MULTIPLY(__VA_ARGS__);                 \
    } while (0)
    if (coarse)
        MULTIPLY_PACKED(SPLIT_HIGH, .group = 32, .coarse = true);
    else if (split)
        MULTIPLY(.packed = SPLIT_HIGH, .group = 32, .split = true);
    else if (q.bits == 8)
        MULTIPLY(.group = 32, .eight_bits = true);
    else if (q.bits == 6)
        MULTIPLY_PACKED(6, .group = 16);
    else if (q.bits == 5 && !q.has_min)
        MULTIPLY_PACKED(5, .group = 32);
    else if (q.bits == 5)
        MULTIPLY_PACKED(5, .group = 32, .has_min = true, .centred = true);
    else if (q.group == 32 && !q.has_min)
        MULTIPLY_PACKED(4, .group = 32);
    else if (q.group == 32)
        MULTIPLY_PACKED(4, .group = 32, .has_min = true);
    else if (!q.has_min)
        MULTIPLY_PACKED(4, .group = 16);
    else
        MULTIPLY_PACKED(4, .group = 16, .has_min = true);
#undef MULTIPLY
#undef MULTIPLY_PACKED
}

/* Panel p times `rows` rows, at most BLOCK_ROWS, from first_row on; panel `next` comes after it. */
static void panel_multiply(struct acc *acc, const struct panels *w, size_t p, size_t next,
                           struct qrows x, size_t first_row, size_t rows, bool coarse)
{
    struct chunk chunk;
    size_t steps = w->k / PANEL_STEP, chunks = (steps + CHUNK_STEPS - 1) / CHUNK_STEPS;
    size_t tiles = (rows + QUANT_ROWS - 1) / QUANT_ROWS, each = (steps + chunks - 1) / chunks;
    struct ahead ahead = ahead_of(w, next, w->split && !coarse, steps * tiles);
    for (size_t s = 0; s < steps; s += each) {
        size_t n = steps - s < each ? steps - s : each;
        struct chunk_rows c = {acc, &chunk, x, first_row, rows, s, &ahead};
        chunk_load(&chunk, w, p, s, n, coarse, rows == 1);
        chunk_multiply(&c, w->quant, coarse);
    }
}

static void matmul_quant(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, size_t next, struct qrows x, size_t rows)
{
    struct acc acc;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) { /* a block stays in second-level cache */
        size_t block = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        for (size_t p = first; p < last; p++) {
            panel_multiply(&acc, w, p, p + 1 < last ? p + 1 : next, x, r, block, false);
            acc_store(y + r * y_stride + (p - first) * PANEL_LANES, y_stride, &acc, block,
                      lanes_of(w, p));
        }
    }
}

#endif
