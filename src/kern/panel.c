#include "kern/panel.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "tensor/half.h"

enum { CACHE_LINE = 64, REST_BITS = 3, REST_STEP_BYTES = 3 * CACHE_LINE };

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

static size_t low_bytes_per_step(unsigned bits)
{
    return bits == 8 ? 512 : 256;
}

static size_t high_bytes_per_step(unsigned bits)
{
    return bits == 5 ? 64 : bits == 6 ? 128 : 0;
}

/* Bits of a code in the low and high runs. */
static unsigned bits_in_runs(const struct panels *p)
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
    p->high_at = steps * low_bytes_per_step(bits_in_runs(p));
    p->scale_at = p->high_at + steps * high_bytes_per_step(bits_in_runs(p));
    p->rest_bytes = p->split ? steps * REST_STEP_BYTES : 0;
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

/* Bit `bit` of 32 inputs: bit v of a byte belongs to quad v. */
static void pack_bits(quad_words *to, const quad_words quad[8], unsigned bit)
{
    for (size_t i = 0; i < CACHE_LINE / 8; i++) {
        uint64_t word = 0;
        for (size_t v = 0; v < 8; v++)
            word |= (quad[v][i] >> bit & EACH_BYTE(1)) << v;
        (*to)[i] = word;
    }
}

/* Bits `bit` and the next: bits 2 f, 2 f + 1 of vector h belong to quad 4 h + f. */
static void pack_bit_pairs(quad_words to[2], const quad_words quad[8], unsigned bit)
{
    for (size_t h = 0; h < 2; h++)
        for (size_t i = 0; i < CACHE_LINE / 8; i++) {
            uint64_t word = 0;
            for (size_t f = 0; f < 4; f++)
                word |= (quad[4 * h + f][i] >> bit & EACH_BYTE(3)) << 2 * f;
            to[h][i] = word;
        }
}

/* One step of 32 inputs: quad[v] holds inputs 4 v .. 4 v + 3 of the 16 outputs. */
static void pack_step(struct panels *p, size_t index, size_t step, const quad_words quad[8])
{
    unsigned bits = bits_in_runs(p), shift = p->quant.bits - bits;
    unsigned char *panel = p->data + index * p->panel_bytes;
    quad_words *low = (quad_words *)(void *)(panel + step * low_bytes_per_step(bits));
    quad_words *high =
        (quad_words *)(void *)(panel + p->high_at + step * high_bytes_per_step(bits));
    for (size_t v = 0; v < 4; v++)
        for (size_t i = 0; i < CACHE_LINE / 8; i++)
            low[v][i] = (quad[v][i] >> shift & EACH_BYTE(15)) |
                        (quad[v + 4][i] >> shift & EACH_BYTE(15)) << 4;
    if (bits == 5)
        pack_bits(high, quad, shift + 4);
    if (bits == 6)
        pack_bit_pairs(high, quad, shift + 4);
    if (p->split) {
        quad_words *rest = (quad_words *)(void *)(p->data + p->count * p->panel_bytes +
                                                  index * p->rest_bytes + step * REST_STEP_BYTES);
        pack_bit_pairs(rest, quad, 0);
        pack_bits(rest + 2, quad, 2);
    }
}

/* codes (16, k) to quads of one step. */
static void gather_step(quad_words quad[8], const uint8_t *codes, size_t k)
{
    for (size_t lane = 0; lane < PANEL_LANES; lane++) {
        uint32_t fours[PANEL_STEP / 4];
        memcpy(fours, codes + lane * k, sizeof fours);
        for (size_t v = 0; v < PANEL_STEP / 4; v++)
            memcpy((char *)quad[v] + 4 * lane, &fours[v], 4);
    }
}

static void pack_codes(struct panels *p, size_t index, const uint8_t *codes)
{
    unsigned char *panel = p->data + index * p->panel_bytes;
    for (size_t step = 0; step < p->k / PANEL_STEP; step++) {
        quad_words quad[8];
        if (bits_in_runs(p) == 8) {
            gather_step((quad_words *)(void *)(panel + step * low_bytes_per_step(8)),
                        codes + step * PANEL_STEP, p->k);
            continue;
        }
        gather_step(quad, codes + step * PANEL_STEP, p->k);
        pack_step(p, index, step, (const quad_words *)quad);
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

/* The code of input i of one lane of panel `index`. */
static unsigned code_at(const struct panels *p, size_t index, size_t lane, size_t i)
{
    size_t step = i / PANEL_STEP, v = i % PANEL_STEP / 4, at = 4 * lane + i % 4;
    unsigned bits = bits_in_runs(p);
    const unsigned char *low = panel_at(p, index) + step * low_bytes_per_step(bits);
    if (bits == 8)
        return low[v * CACHE_LINE + at];
    unsigned code = low[v % 4 * CACHE_LINE + at] >> (v / 4 * 4) & 15;
    const unsigned char *high = panel_at(p, index) + p->high_at + step * high_bytes_per_step(bits);
    if (bits == 5)
        code |= (high[at] >> v & 1u) << 4;
    if (bits == 6)
        code |= ((unsigned)high[v / 4 * CACHE_LINE + at] >> 2 * (v % 4) & 3u) << 4;
    if (!p->split)
        return code;
    const unsigned char *rest = panel_rest_at(p, index) + step * REST_STEP_BYTES;
    return code << REST_BITS | ((unsigned)rest[v / 4 * CACHE_LINE + at] >> 2 * (v % 4) & 3u) |
           (rest[2 * CACHE_LINE + at] >> v & 1u) << 2;
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
