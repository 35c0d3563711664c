/* matmul.h - matrix products over packed panels: rows of activations times 16 outputs at a time.
 *
 * A panel is worked off in chunks of inputs. A chunk of a quantised panel is unpacked once to plain
 * 8-bit codes (or to floats) in first-level cache and then serves all rows, so one inner product
 * serves every format; for one row alone it is unpacked in registers. Accumulators of up to
 * BLOCK_ROWS rows wait in `acc` between chunks; each is one chain of fma in input order (N2), so a
 * row's result does not depend on which rows are computed with it. */
#ifndef KERN_BODY_MATMUL_H
#define KERN_BODY_MATMUL_H

#include <string.h>

#include "kern/body/math.h"
#include "kern/kern.h"
#include "tensor/half.h"

enum {
    BLOCK_ROWS = 64,
    CHUNK_STEPS = 24, /* of 32 inputs: 12 KiB of codes */
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
    const uint8_t *code; /* of each input a byte, 64 bytes a quad; or as in the panel */
    size_t steps;
    bool packed; /* as in the panel */
    _Alignas(64) uint8_t codes[CHUNK_STEPS * QUADS * 64];
    const float *scale, *min; /* (groups, 16) */
    _Alignas(64) float scales[CHUNK_GROUPS * PANEL_LANES];
    _Alignas(64) float mins[CHUNK_GROUPS * PANEL_LANES];
};

/* Codes of quad v of a step packed with so many bits. */
VEC_INLINE vi quad_codes(const uint8_t *step, const unsigned bits, const size_t v)
{
    vi code = vi_set1(0);
#pragma GCC unroll 3
    for (size_t i = 0; i < CODE_PIECES_MAX; i++) {
        struct code_piece piece = CODE_PIECES[bits][v][i];
        vi bytes = vi_load(step + 64 * piece.vector);
        if (piece.mask == 0)
            break;
        if (piece.up > 0)
            bytes = vi_shr(bytes, piece.up);
        bytes = vi_and(bytes, vi_set1(0x01010101 * piece.mask));
        code = i == 0 ? bytes : vi_or(code, bytes);
    }
    return code;
}

VEC_INLINE void unpack_codes(struct chunk *c, const uint8_t *from, const unsigned bits)
{
    for (size_t s = 0; s < c->steps; s++, from += bits * 64)
#pragma GCC unroll 8
        for (size_t v = 0; v < QUADS; v++)
            vi_store(c->codes + (s * QUADS + v) * 64, quad_codes(from, bits, v));
}

/* 5 high bits and 3 low ones of every code. */
VEC_INLINE void unpack_split(struct chunk *c, const uint8_t *high, const uint8_t *low)
{
    for (size_t s = 0; s < c->steps; s++, high += 5 * 64, low += 3 * 64)
#pragma GCC unroll 8
        for (size_t v = 0; v < QUADS; v++)
            vi_store(c->codes + (s * QUADS + v) * 64,
                     vi_or(vi_shl(quad_codes(high, 5, v), 3), quad_codes(low, 3, v)));
}

/* Numbers of groups [first, first + count) of a run, widened into `room` if they are float16. */
VEC_INLINE const float *load_numbers(float *room, const unsigned char *run, bool is_f16,
                                     size_t first, size_t count)
{
    const void *at = run + first * PANEL_LANES * (is_f16 ? 2 : 4);
    if (!is_f16)
        return at;
    for (size_t i = 0; i < count * PANEL_LANES; i += PANEL_LANES)
        vf_store(room + i, vf_load_f16((const uint16_t *)at + i));
    return room;
}

/* Steps [first, first + steps) of quantised panel p; `coarse`: of split codes, the high bits only;
 * `packed`: leave them packed, if they are in one piece. */
static void chunk_load(struct chunk *c, const struct panels *w, size_t p, size_t first,
                       size_t steps, bool coarse, bool packed)
{
    const unsigned char *panel = panel_at(w, p);
    bool split = w->split && !coarse;
    unsigned bits = w->split ? 5 : w->quant.bits;
    const uint8_t *code = panel + first * bits * 64;
    c->steps = steps;
    c->packed = packed && !split;
    c->code = c->packed || bits == 8 ? code : c->codes;
    if (split)
        unpack_split(c, code, panel_rest_at(w, p) + first * 3 * 64);
    else if (!c->packed && bits == 4)
        unpack_codes(c, code, 4);
    else if (!c->packed && bits == 5)
        unpack_codes(c, code, 5);
    else if (!c->packed && bits == 6)
        unpack_codes(c, code, 6);
    size_t per_step = PANEL_STEP / w->quant.group;
    c->scale = load_numbers(c->scales, panel + w->scale_at, w->quant.scale_is_f16, first * per_step,
                            steps * per_step);
    if (w->quant.has_min)
        c->min = load_numbers(c->mins, panel + w->min_at, w->quant.scale_is_f16, first * per_step,
                              steps * per_step);
}

/* What a quantised tile is specialised by. */
struct quant_mode {
    unsigned packed; /* bits of a packed code, or 0 */
    size_t group;
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

VEC_INLINE vf dot_end(struct quant_mode m, vi dot, const int16_t pair[2])
{
    if (!m.eight_bits)
        dot = vi_dots_end(dot);
    if (m.centred)
        dot = vi_add(dot, vi_set1(DOTS_CENTRE * (pair[0] + pair[1])));
    return vf_from_vi(dot);
}

/* A panel that will be wanted soon is asked for piece by piece. Between two panels so much time
 * passes that the processor's own prefetching forgets the stream. */
struct ahead {
    const unsigned char *at, *end;
    size_t piece; /* bytes */
};

VEC_INLINE void look_ahead(struct ahead *a)
{
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
        const uint8_t *step = c->code + s * 64 * (m.packed ? m.packed : QUADS);
        look_ahead(ahead);
#pragma GCC unroll 2
        for (size_t part = 0; part < parts; part++) {
            const int16_t(*pair)[2] = b->pair[parts == 1 ? QPAIR_ALL : part] + row;
            vi dot[QROWS_TILE];
#pragma GCC unroll 8
            for (size_t r = 0; r < R; r++)
                dot[r] = dot_begin(m, pair[r], bias);
#pragma GCC unroll 8
            for (size_t v = part * quads; v < (part + 1) * quads; v++) {
                vi code = m.packed ? quad_codes(step, m.packed, v) : vi_load(step + v * 64);
                const int8_t(*four)[4] = b->q[v] + row;
#pragma GCC unroll 8
                for (size_t r = 0; r < R; r++)
                    dot[r] = m.eight_bits ? vi_dot8(dot[r], code, four[r])
                                          : vi_dots_add(dot[r], code, four[r]);
            }
            vf scale = vf_load(c->scale + (s * parts + part) * PANEL_LANES);
#pragma GCC unroll 8
            for (size_t r = 0; r < R; r++) {
                float row_scale = b->scale[row + r];
                vf factor = vf_mul(scale, vf_set1(row_scale));
                sum[r] = vf_fma(dot_end(m, dot[r], pair[r]), factor, sum[r]);
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
    bool packed = c->chunk->packed, centred = q.bits == 5 && q.offset == 0;
    int bias = centred ? DOTS_CENTRE : (int)q.offset;
#define MULTIPLY(...) tiles_quant((struct quant_mode){__VA_ARGS__}, c, bias)
#define MULTIPLY_PACKED(bits, ...)                 \
    do {                                           \
        if (packed)                                \
            MULTIPLY(.packed = bits, __VA_ARGS__); \
        else                                       \
            MULTIPLY(__VA_ARGS__);                 \
    } while (0)
    if (coarse)
        MULTIPLY_PACKED(5, .group = 32, .coarse = true);
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

/* Panel p times `rows` rows, at most BLOCK_ROWS, from first_row on. */
static void panel_multiply(struct acc *acc, const struct panels *w, size_t p, struct qrows x,
                           size_t first_row, size_t rows, bool coarse)
{
    struct chunk chunk;
    size_t steps = w->k / PANEL_STEP, chunks = (steps + CHUNK_STEPS - 1) / CHUNK_STEPS;
    size_t tiles = (rows + QUANT_ROWS - 1) / QUANT_ROWS, each = (steps + chunks - 1) / chunks;
    const unsigned char *next = panel_at(w, p + 1 < w->count ? p + 1 : p);
    struct ahead ahead = {next, next + w->panel_bytes, w->panel_bytes / (steps * tiles) + 1};
    for (size_t s = 0; s < steps; s += each) {
        size_t n = steps - s < each ? steps - s : each;
        struct chunk_rows c = {acc, &chunk, x, first_row, rows, s, &ahead};
        chunk_load(&chunk, w, p, s, n, coarse, rows == 1);
        chunk_multiply(&c, w->quant, coarse);
    }
}

static void matmul_quant(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, struct qrows x, size_t rows)
{
    struct acc acc;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) { /* a block stays in second-level cache */
        size_t block = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        for (size_t p = first; p < last; p++) {
            panel_multiply(&acc, w, p, x, r, block, false);
            acc_store(y + r * y_stride + (p - first) * PANEL_LANES, y_stride, &acc, block,
                      lanes_of(w, p));
        }
    }
}

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
    for (size_t quad = 0; quad < c->steps * 8; quad++) {
        vi codes = vi_load(c->code + quad * 64);
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
