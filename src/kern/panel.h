/* panel.h - a weight matrix packed for the kernels: 16 outputs side by side.
 * Does        (n, k) weights become ceil(n / 16) panels. A panel holds 16 outputs for all k, laid
 *             out so that one 16-lane vector holds one step of 16 outputs; missing outputs of the
 *             last panel are zero. Floats keep their storage type. Quantised formats keep their
 *             integer codes and scales, losslessly, so one packed copy serves both precisions.
 *
 *   floats      [k][16] elements
 *   quantised   per panel three runs, each 64-byte aligned:
 *     code      per 32 inputs, codes of b bits as b vectors of 64 bytes. Bytes 4 l .. 4 l + 3 of a
 *               vector belong to output l and to four inputs, a quad: quad v is inputs 4 v ..
 *               4 v + 3. Vectors 0 .. b - 1 hold the quads of these numbers in their low b bits;
 *               the other quads lie in the bits above, as CODE_PIECES says.
 *     scale     per group of 16 or 32 inputs, 16 numbers, float16 where that is exact, else float
 *     min       the same, where the format has one
 *   split       (panels_split) codes of 8 bits: the high 5 as a panel of 5 bits; the low 3, `rest`,
 *               as codes of 3 bits behind all panels, so that who needs the high bits alone reads
 *               one stream.
 *
 * Lifetime    panels_init, then `data` from the caller, who may put many matrices into one piece of
 *             memory, then panels_pack for every panel (any order, any thread). The memory stays
 *             the caller's.
 * Threads     panels_pack of different panels may run at once; immutable afterwards. */
#ifndef KERN_PANEL_H
#define KERN_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "tensor/dtype.h"

enum {
    PANEL_LANES = 16,
    PANEL_STEP = 32,   /* inputs per block of codes */
    PANEL_VECTOR = 64, /* bytes: 16 outputs x a quad of inputs */
    SPLIT_HIGH = 5,    /* bits of a split code in its panel, */
    SPLIT_REST = 3     /* and behind all panels */
};

enum panel_kind { PANEL_F32, PANEL_F16, PANEL_BF16, PANEL_QUANT };

struct panels {
    size_t n, k;  /* outputs, inputs */
    size_t count; /* panels */
    enum panel_kind kind;
    struct quant_shape quant;
    size_t scale_at, min_at; /* offsets of the runs in a panel */
    size_t panel_bytes;
    bool split;
    size_t rest_bytes; /* of a panel, where split */
    unsigned char *data;
};

/* Lays out a (n, k) matrix of `dtype`; all but the memory. ERR_LIMIT when no memory could hold it;
 * ERR_UNSUPPORTED never: every dtype packs. k must be a multiple of the format's block. */
MUST_USE bool panels_init(struct panels *p, const struct dtype *dtype, size_t n, size_t k,
                          struct err *err);
/* What `data` takes: so many zeroed bytes, 64-byte aligned. */
size_t panels_bytes(const struct panels *p);

/* Before packing: 8-bit codes in groups of 32 without mins are to be stored split,
 * in as many bytes; nothing happens to other formats. */
void panels_split(struct panels *p);

/* Packs panel `index`. `row(arg, r)` gives the stored bytes of output r (< n), so that a caller may
 * reorder rows or join several tensors into one matrix. `scratch` of panels_scratch_bytes. */
typedef const void *(*panel_row_fn)(const void *arg, size_t r);
void panels_pack(struct panels *p, const struct dtype *dtype, size_t index, panel_row_fn row,
                 const void *arg, void *scratch);
size_t panels_scratch_bytes(const struct panels *p);

/* Inputs [from, from + count) of output r as floats, the same as the format's to_float. */
void panels_row(const struct panels *p, size_t r, size_t from, size_t count, float *dst);

/* For quantised panels: the 32 codes less the offset of one step, and the scale and min of one
 * group, of output r. */
void panels_codes(const struct panels *p, size_t r, size_t step, int codes[PANEL_STEP]);
float panels_scale(const struct panels *p, size_t r, size_t group);
float panels_min(const struct panels *p, size_t r, size_t group);

/* Where the bits `mask` of a code lie: in that vector of its step, `up` bits higher. A code has up to
 * three such pieces; a mask of 0 ends them. */
struct code_piece {
    uint8_t vector, up, mask;
};
enum { QUADS = PANEL_STEP / 4, CODE_BITS_MAX = 8, CODE_PIECES_MAX = 3 };

static const struct code_piece CODE_PIECES[CODE_BITS_MAX + 1][QUADS][CODE_PIECES_MAX] = {
    [3] = {{{0, 0, 7}},
           {{1, 0, 7}},
           {{2, 0, 7}},
           {{0, 3, 7}},
           {{1, 3, 7}},
           {{2, 3, 7}},
           {{0, 6, 3}, {1, 4, 4}},
           {{2, 6, 3}, {1, 5, 4}}},
    [4] = {{{0, 0, 15}},
           {{1, 0, 15}},
           {{2, 0, 15}},
           {{3, 0, 15}},
           {{0, 4, 15}},
           {{1, 4, 15}},
           {{2, 4, 15}},
           {{3, 4, 15}}},
    [5] = {{{0, 0, 31}},
           {{1, 0, 31}},
           {{2, 0, 31}},
           {{3, 0, 31}},
           {{4, 0, 31}},
           {{0, 5, 7}, {3, 2, 24}},
           {{1, 5, 7}, {4, 2, 24}},
           {{2, 5, 7}, {3, 4, 8}, {4, 3, 16}}},
    [6] = {{{0, 0, 63}},
           {{1, 0, 63}},
           {{2, 0, 63}},
           {{3, 0, 63}},
           {{4, 0, 63}},
           {{5, 0, 63}},
           {{0, 6, 3}, {1, 4, 12}, {2, 2, 48}},
           {{3, 6, 3}, {4, 4, 12}, {5, 2, 48}}},
    [8] = {{{0, 0, 255}},
           {{1, 0, 255}},
           {{2, 0, 255}},
           {{3, 0, 255}},
           {{4, 0, 255}},
           {{5, 0, 255}},
           {{6, 0, 255}},
           {{7, 0, 255}}},
};

static inline const unsigned char *panel_at(const struct panels *p, size_t index)
{
    return p->data + index * p->panel_bytes;
}

static inline const unsigned char *panel_rest_at(const struct panels *p, size_t index)
{
    return p->data + p->count * p->panel_bytes + index * p->rest_bytes;
}

#endif
