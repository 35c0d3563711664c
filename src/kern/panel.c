#include "kern/panel.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "tensor/half.h"

enum { CACHE_LINE = 64, REST_BITS = 3 };

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
    return bits * CACHE_LINE;
}

/* Bits of a code in the panel itself. */
static unsigned bits_in_panel(const struct panels *p)
{
    return p->split ? p->quant.bits - REST_BITS : p->quant.bits;
}

static void lay_out(struct panels *p)
{
    if (p->kind != PANEL_QUANT) {
        p->panel_bytes = size_round_up(p->k * PANEL_LANES * element_bytes(p->kind), CACHE_LINE);
        return;
    }
    size_t steps = p->k / PANEL_STEP, groups = p->k / p->quant.group;
    size_t number = p->quant.scale_is_f16 ? 2 : 4;
    p->scale_at = steps * step_bytes(bits_in_panel(p));
    p->rest_bytes = p->split ? steps * step_bytes(REST_BITS) : 0;
    size_t run = size_round_up(groups * PANEL_LANES * number, CACHE_LINE);
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
    size_t groups = p->k / p->quant.group;
    return p->k * PANEL_LANES + 2 * groups * sizeof(float);
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

static void put_number(unsigned char *run, size_t index, bool as_f16, float value)
{
    if (as_f16) {
        uint16_t h = half_from_float(value);
        memcpy(run + 2 * index, &h, 2);
    } else {
        memcpy(run + 4 * index, &value, 4);
    }
}

static float get_number(const unsigned char *run, size_t index, bool as_f16)
{
    if (as_f16)
        return half_to_float(half_load(run + 2 * index));
    float f;
    memcpy(&f, run + 4 * index, 4);
    return f;
}

/* 16 outputs x 4 inputs, a byte each. */
typedef uint64_t quad_words[CACHE_LINE / 8];

#define EACH_BYTE(x) ((x)*0x0101010101010101u)

/* One step of 32 inputs, quad[v] those of quad v: `bits` bits of every code, from bit `shift` on. */
static inline void pack_step(unsigned char *step, const quad_words quad[QUADS], unsigned bits,
                             unsigned shift)
{
    quad_words *to = (quad_words *)(void *)step;
    memset(to, 0, step_bytes(bits));
    for (size_t v = 0; v < QUADS; v++)
        for (const struct code_piece *piece = CODE_PIECES[bits][v];
             piece < CODE_PIECES[bits][v] + CODE_PIECES_MAX && piece->mask; piece++)
            for (size_t i = 0; i < CACHE_LINE / 8; i++)
                to[piece->vector][i] |= (quad[v][i] >> shift & EACH_BYTE(piece->mask)) << piece->up;
}

/* codes (16, k) to quads of one step. */
static void gather_step(quad_words quad[QUADS], const uint8_t *codes, size_t k)
{
    for (size_t lane = 0; lane < PANEL_LANES; lane++) {
        uint32_t fours[QUADS];
        memcpy(fours, codes + lane * k, sizeof fours);
        for (size_t v = 0; v < QUADS; v++)
            memcpy((char *)quad[v] + 4 * lane, &fours[v], 4);
    }
}

static void pack_codes(struct panels *p, size_t index, const uint8_t *codes)
{
    unsigned bits = bits_in_panel(p), low = p->quant.bits - bits;
    unsigned char *code = p->data + index * p->panel_bytes;
    unsigned char *rest = p->data + p->count * p->panel_bytes + index * p->rest_bytes;
    for (size_t step = 0; step < p->k / PANEL_STEP; step++) {
        quad_words quad[QUADS];
        gather_step(quad, codes + step * PANEL_STEP, p->k);
        pack_step(code + step * step_bytes(bits), (const quad_words *)quad, bits, low);
        if (p->split)
            pack_step(rest + step * step_bytes(REST_BITS), (const quad_words *)quad, REST_BITS, 0);
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
    size_t groups = p->k / p->quant.group;
    float *scales = scratch, *mins = scales + groups;
    uint8_t *codes = (uint8_t *)(mins + groups);
    for (size_t lane = 0; lane < PANEL_LANES; lane++) {
        if (lane >= lanes) { /* an absent output: its scales stay zero from allocation */
            memset(codes + lane * p->k, 0, p->k);
            continue;
        }
        dtype->unpack(codes + lane * p->k, scales, mins, row(arg, index * PANEL_LANES + lane),
                      p->k);
        for (size_t g = 0; g < groups; g++) {
            size_t at = g * PANEL_LANES + lane;
            put_number(panel + p->scale_at, at, p->quant.scale_is_f16, scales[g]);
            if (p->quant.has_min)
                put_number(panel + p->min_at, at, p->quant.scale_is_f16, mins[g]);
        }
    }
    pack_codes(p, index, codes);
}

/* The code of byte `at` of quad v of a step. */
static unsigned step_code(const unsigned char *step, unsigned bits, size_t v, size_t at)
{
    unsigned code = 0;
    for (size_t i = 0; i < CODE_PIECES_MAX; i++) {
        struct code_piece piece = CODE_PIECES[bits][v][i];
        code |= (unsigned)step[piece.vector * CACHE_LINE + at] >> piece.up & piece.mask;
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
    const unsigned char *rest = panel_rest_at(p, index) + step * step_bytes(REST_BITS);
    return code << REST_BITS | step_code(rest, REST_BITS, v, at);
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
