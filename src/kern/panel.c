#include "kern/panel.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "tensor/half.h"

enum { CACHE_LINE = 64 };

static size_t element_bytes(enum panel_kind kind)
{
    return kind == PANEL_F32 ? 4 : 2;
}

static enum panel_kind kind_of(const struct dtype *dtype)
{
    if (dtype->is_quantised)
        return PANEL_QUANT;
    if (dtype->block_bytes == 4)
        return PANEL_F32;
    return str_is(str_of(dtype->name), "F16") ? PANEL_F16 : PANEL_BF16;
}

static size_t step_bytes(unsigned bits)
{
    return bits * PANEL_VECTOR;
}

/* Bits of a code in the panel itself. */
static unsigned bits_in_panel(const struct panels *p)
{
    return p->split ? SPLIT_HIGH : p->quant.bits;
}

static size_t number_bytes(const struct panels *p)
{
    return p->quant.scale_is_f16 ? sizeof(uint16_t) : sizeof(float);
}

static void lay_out(struct panels *p)
{
    if (p->kind != PANEL_QUANT) {
        p->panel_bytes = size_round_up(p->k * PANEL_LANES * element_bytes(p->kind), CACHE_LINE);
        return;
    }
    size_t steps = p->k / PANEL_STEP, groups = p->k / p->quant.group;
    p->scale_at = steps * step_bytes(bits_in_panel(p));
    p->rest_bytes = p->split ? steps * step_bytes(SPLIT_REST) : 0;
    size_t run = size_round_up(groups * PANEL_LANES * number_bytes(p), CACHE_LINE);
    p->min_at = p->scale_at + run;
    p->panel_bytes = p->min_at + (p->quant.has_min ? run : 0);
}

bool panels_init(struct panels *p, const struct dtype *dtype, size_t n, size_t k, struct err *err)
{
    *p = (struct panels){.n = n, .k = k, .kind = kind_of(dtype), .quant = dtype->quant};
    p->count = n / PANEL_LANES + (n % PANEL_LANES != 0);
    size_t bytes;
    if (k > SIZE_MAX / 1024)
        return err_set(err, ERR_LIMIT, "a row of %zu weights is too long", k);
    lay_out(p);
    return size_mul(&bytes, p->count, p->panel_bytes) ||
           err_set(err, ERR_LIMIT, "no memory for %zu x %zu weights", n, k);
}

size_t panels_bytes(const struct panels *p)
{
    return p->count * (p->panel_bytes + p->rest_bytes);
}

void panels_split(struct panels *p)
{
    if (p->kind != PANEL_QUANT || p->quant.bits != 8 || p->quant.group != 32 || p->quant.has_min)
        return;
    p->split = true;
    lay_out(p);
}

size_t panels_scratch_bytes(const struct panels *p)
{
    if (p->kind != PANEL_QUANT)
        return 0;
    return PANEL_LANES * (p->k + 2 * (p->k / p->quant.group) * number_bytes(p));
}

static void pack_floats(struct panels *p, unsigned char *panel, size_t lane, const void *row)
{
    if (p->kind == PANEL_F32) {
        for (size_t i = 0; i < p->k; i++)
            memcpy(panel + (i * PANEL_LANES + lane) * 4, (const char *)row + 4 * i, 4);
        return;
    }
    for (size_t i = 0; i < p->k; i++)
        memcpy(panel + (i * PANEL_LANES + lane) * 2, (const char *)row + 2 * i, 2);
}

/* Numbers of so many bytes, (16, groups), to (groups, 16). */
static inline void turn_numbers(unsigned char *run, const unsigned char *numbers, size_t groups,
                                size_t bytes)
{
    for (size_t g = 0; g < groups; g++)
        for (size_t lane = 0; lane < PANEL_LANES; lane++)
            memcpy(run + (g * PANEL_LANES + lane) * bytes, numbers + (lane * groups + g) * bytes,
                   bytes);
}

/* To a run of scales or mins. */
static void pack_numbers(const struct panels *p, unsigned char *run, const unsigned char *numbers)
{
    size_t groups = p->k / p->quant.group;
    if (p->quant.scale_is_f16)
        turn_numbers(run, numbers, groups, sizeof(uint16_t));
    else
        turn_numbers(run, numbers, groups, sizeof(float));
}

static float get_number(const unsigned char *run, size_t index, bool as_f16)
{
    if (as_f16)
        return half_to_float(half_load(run + 2 * index));
    float f;
    memcpy(&f, run + 4 * index, 4);
    return f;
}

/* Four outputs x 4 inputs, a byte each: a quarter of a vector of a step. */
typedef uint32_t quarter __attribute__((vector_size(16)));

enum { QUARTER_LANES = 4 };

/* 32 codes of each of four outputs, k apart, by quads: 4 x 4 words change places. */
static inline void gather_quarter(quarter quad[QUADS], const uint8_t *codes, size_t k)
{
    for (size_t v = 0; v < QUADS; v += 4) {
        quarter row[QUARTER_LANES];
        for (size_t lane = 0; lane < QUARTER_LANES; lane++)
            memcpy(&row[lane], codes + lane * k + 4 * v, sizeof row[lane]);
        quarter low_a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
        quarter low_b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
        quarter high_a = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
        quarter high_b = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
        quad[v] = __builtin_shufflevector(low_a, low_b, 0, 1, 4, 5);
        quad[v + 1] = __builtin_shufflevector(low_a, low_b, 2, 3, 6, 7);
        quad[v + 2] = __builtin_shufflevector(high_a, high_b, 0, 1, 4, 5);
        quad[v + 3] = __builtin_shufflevector(high_a, high_b, 2, 3, 6, 7);
    }
}

/* A quarter of a step: `bits` bits of every code, from bit `shift` on. */
static inline void pack_quarter(unsigned char *step, const quarter quad[QUADS], unsigned bits,
                                unsigned shift)
{
    quarter vector[CODE_BITS_MAX] = {{0}};
#pragma GCC unroll 8
    for (size_t v = 0; v < QUADS; v++)
#pragma GCC unroll 3
        for (size_t i = 0; i < CODE_PIECES_MAX; i++) {
            struct code_piece piece = CODE_PIECES[bits][v][i];
            vector[piece.vector] |= (quad[v] >> shift & piece.mask * 0x01010101u) << piece.up;
        }
#pragma GCC unroll 8
    for (size_t b = 0; b < bits; b++)
        memcpy(step + b * PANEL_VECTOR, &vector[b], sizeof vector[b]);
}

/* codes (16, k) to one panel; with `low` bits of rest behind all panels. Inlined for the numbers of
 * bits there are, as the places in CODE_PIECES are then known. */
static inline __attribute__((always_inline)) void
pack_steps(const struct panels *p, size_t index, const uint8_t *codes, unsigned bits, unsigned low)
{
    unsigned char *code = p->data + index * p->panel_bytes;
    unsigned char *rest = p->data + p->count * p->panel_bytes + index * p->rest_bytes;
    for (size_t step = 0; step < p->k / PANEL_STEP; step++)
        for (size_t lane = 0; lane < PANEL_LANES; lane += QUARTER_LANES) {
            quarter quad[QUADS];
            gather_quarter(quad, codes + lane * p->k + step * PANEL_STEP, p->k);
            pack_quarter(code + step * step_bytes(bits) + 4 * lane, quad, bits, low);
            if (low)
                pack_quarter(rest + step * step_bytes(low) + 4 * lane, quad, low, 0);
        }
}

static void pack_codes(const struct panels *p, size_t index, const uint8_t *codes)
{
    switch (bits_in_panel(p)) {
    case 4: pack_steps(p, index, codes, 4, 0); break;
    case 5:
        p->split ? pack_steps(p, index, codes, 5, SPLIT_REST) : pack_steps(p, index, codes, 5, 0);
        break;
    case 6: pack_steps(p, index, codes, 6, 0); break;
    case 8: pack_steps(p, index, codes, 8, 0); break;
    default: BUG("codes of %u bits", p->quant.bits);
    }
}

void panels_pack(struct panels *p, const struct dtype *dtype, size_t index, panel_row_fn row,
                 const void *arg, void *scratch)
{
    unsigned char *panel = p->data + index * p->panel_bytes;
    size_t lanes = size_min(PANEL_LANES, p->n - index * PANEL_LANES);
    if (p->kind != PANEL_QUANT) {
        for (size_t lane = 0; lane < lanes; lane++)
            pack_floats(p, panel, lane, row(arg, index * PANEL_LANES + lane));
        return;
    }
    size_t row_numbers = p->k / p->quant.group * number_bytes(p);
    unsigned char *scales = scratch, *mins = scales + PANEL_LANES * row_numbers;
    unsigned char *codes = mins + PANEL_LANES * row_numbers;
    if (lanes < PANEL_LANES) /* absent outputs are zero */
        memset(scratch, 0, panels_scratch_bytes(p));
    for (size_t lane = 0; lane < lanes; lane++)
        dtype->unpack(codes + lane * p->k, scales + lane * row_numbers, mins + lane * row_numbers,
                      row(arg, index * PANEL_LANES + lane), p->k);
    pack_numbers(p, panel + p->scale_at, scales);
    if (p->quant.has_min)
        pack_numbers(p, panel + p->min_at, mins);
    pack_codes(p, index, codes);
}

/* The code of byte `at` of quad v of a step. */
static unsigned step_code(const unsigned char *step, unsigned bits, size_t v, size_t at)
{
    unsigned code = 0;
    for (size_t i = 0; i < CODE_PIECES_MAX; i++) {
        struct code_piece piece = CODE_PIECES[bits][v][i];
        code |= (unsigned)step[piece.vector * PANEL_VECTOR + at] >> piece.up & piece.mask;
    }
    return code;
}

/* The code of input i of one lane of panel `index`. */
static unsigned code_at(const struct panels *p, size_t index, size_t lane, size_t i)
{
    size_t step = i / PANEL_STEP, v = i % PANEL_STEP / 4, at = 4 * lane + i % 4;
    unsigned bits = bits_in_panel(p);
    unsigned code = step_code(panel_at(p, index) + step * step_bytes(bits), bits, v, at);
    if (!p->split)
        return code;
    const unsigned char *rest = panel_rest_at(p, index) + step * step_bytes(SPLIT_REST);
    return code << SPLIT_REST | step_code(rest, SPLIT_REST, v, at);
}

static float float_at(const struct panels *p, const unsigned char *panel, size_t at)
{
    if (p->kind == PANEL_F32) {
        float f;
        memcpy(&f, panel + 4 * at, 4);
        return f;
    }
    uint16_t h = half_load(panel + 2 * at);
    return p->kind == PANEL_F16 ? half_to_float(h) : bfloat_to_float(h);
}

void panels_codes(const struct panels *p, size_t r, size_t step, int codes[PANEL_STEP])
{
    for (size_t i = 0; i < PANEL_STEP; i++)
        codes[i] = (int)code_at(p, r / PANEL_LANES, r % PANEL_LANES, step * PANEL_STEP + i) -
                   (int)p->quant.offset;
}

float panels_scale(const struct panels *p, size_t r, size_t group)
{
    return get_number(panel_at(p, r / PANEL_LANES) + p->scale_at,
                      group * PANEL_LANES + r % PANEL_LANES, p->quant.scale_is_f16);
}

float panels_min(const struct panels *p, size_t r, size_t group)
{
    return get_number(panel_at(p, r / PANEL_LANES) + p->min_at,
                      group * PANEL_LANES + r % PANEL_LANES, p->quant.scale_is_f16);
}

void panels_row(const struct panels *p, size_t r, size_t from, size_t count, float *dst)
{
    const unsigned char *panel = panel_at(p, r / PANEL_LANES);
    size_t lane = r % PANEL_LANES;
    if (p->kind != PANEL_QUANT) {
        for (size_t i = 0; i < count; i++)
            dst[i] = float_at(p, panel, (from + i) * PANEL_LANES + lane);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t group = (from + i) / p->quant.group;
        float scale = panels_scale(p, r, group);
        float q = (float)((int)code_at(p, r / PANEL_LANES, lane, from + i) - (int)p->quant.offset);
        dst[i] = p->quant.has_min ? fmaf(scale, q, panels_min(p, r, group)) : scale * q;
    }
}
