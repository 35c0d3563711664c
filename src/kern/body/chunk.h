/* chunk.h - what matrix products over packed panels share: a panel is worked off in chunks of inputs,
 * and the sums of up to BLOCK_ROWS rows wait in `acc` between chunks. Each is one chain of fma in
 * input order (N2), so a row's result does not depend on which rows are computed with it.
 *
 * A chunk of a quantised panel is unpacked once to plain 8-bit codes in first-level cache and then
 * serves all rows, so one inner product serves every format. */
#ifndef KERN_BODY_CHUNK_H
#define KERN_BODY_CHUNK_H

#include "kern/body/math.h"
#include "kern/kern.h"

enum {
    BLOCK_ROWS = 64,
    CHUNK_STEPS = 24, /* of 32 inputs: 12 KiB of codes */
    CHUNK_GROUPS = CHUNK_STEPS * 2
};

struct acc {
    _Alignas(64) float row[BLOCK_ROWS][PANEL_LANES];
};

/* A chunk of one panel, ready for the tiles. */
struct chunk {
    const uint8_t *code; /* of each input a byte, 64 bytes a quad; or as in the panel */
    const uint8_t *rest; /* of whole split codes, as in the panel; else NULL */
    size_t steps;
    bool packed; /* as in the panel */
    _Alignas(64) uint8_t codes[CHUNK_STEPS * QUADS * PANEL_VECTOR];
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
        vi bytes = vi_load(step + PANEL_VECTOR * piece.vector);
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
    for (size_t s = 0; s < c->steps; s++, from += bits * PANEL_VECTOR)
#pragma GCC unroll 8
        for (size_t v = 0; v < QUADS; v++)
            vi_store(c->codes + (s * QUADS + v) * PANEL_VECTOR, quad_codes(from, bits, v));
}

/* Whole codes of quad v of a split step. */
VEC_INLINE vi split_codes(const uint8_t *high, const uint8_t *rest, const size_t v)
{
    return vi_or(vi_shl(quad_codes(high, SPLIT_HIGH, v), SPLIT_REST),
                 quad_codes(rest, SPLIT_REST, v));
}

VEC_INLINE void unpack_split(struct chunk *c, const uint8_t *high, const uint8_t *rest)
{
    for (size_t s = 0; s < c->steps;
         s++, high += SPLIT_HIGH * PANEL_VECTOR, rest += SPLIT_REST * PANEL_VECTOR)
#pragma GCC unroll 8
        for (size_t v = 0; v < QUADS; v++)
            vi_store(c->codes + (s * QUADS + v) * PANEL_VECTOR, split_codes(high, rest, v));
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
 * `packed`: leave them packed. */
static void chunk_load(struct chunk *c, const struct panels *w, size_t p, size_t first,
                       size_t steps, bool coarse, bool packed)
{
    const unsigned char *panel = panel_at(w, p);
    bool split = w->split && !coarse;
    unsigned bits = w->split ? SPLIT_HIGH : w->quant.bits;
    const uint8_t *code = panel + first * bits * PANEL_VECTOR;
    c->steps = steps;
    c->packed = packed;
    c->code = c->packed || bits == 8 ? code : c->codes;
    c->rest = split ? panel_rest_at(w, p) + first * SPLIT_REST * PANEL_VECTOR : NULL;
    if (!c->packed && split)
        unpack_split(c, code, c->rest);
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

#endif
