/* dtype.h - the table of storage formats: how many weights a block holds, in how many bytes, and
 * what they mean.
 * Does        one row per format, filled by one file per format (q4_0.c ... q6_k.c, plain.c). A row
 *             turns stored blocks into floats (the plain meaning) and into unsigned codes with
 *             scales (what kernels pack). Adding a format adds a file and a row; nobody switches
 *             over types elsewhere.
 * Threads     constant data.
 * See         ggml's block formats as digested in docs/formats.md; tests/oracle/dequant.jsonl is
 *             the oracle. */
#ifndef TENSOR_DTYPE_H
#define TENSOR_DTYPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { QUANT_GROUP_MAX = 32 };

/* How a quantised format presents itself to kernels: element i of group g is
 *     scale[g] * (code[i] - offset) + min[g]
 * with codes below 2^bits, and groups of `group` consecutive elements along the row. Lossless: the
 * float computed this way, with one fma for formats with a min, is the float `to_float` gives. */
struct quant_shape {
    unsigned bits;   /* 4, 5, 6 or 8: what a code fits in */
    unsigned offset; /* 0, 4, 8, 16, 32 or 128 */
    unsigned group;  /* 16 or 32 elements share a scale */
    bool has_min;
    bool scale_is_f16; /* every scale and min is exactly a float16 */
};

struct dtype {
    const char *name;   /* as in GGUF tools: "F32", "Q4_K" */
    uint32_t gguf_type; /* ggml type id */
    size_t block;       /* weights per block */
    size_t block_bytes; /* bytes per block */
    bool is_quantised;  /* `quant` and `unpack` are set */
    struct quant_shape quant;

    /* n weights (a multiple of block) at src to floats; src need not be aligned. */
    void (*to_float)(float *restrict dst, const void *restrict src, size_t n);

    /* n weights (a multiple of block) to codes[n], scales[n / group], mins[n / group] (mins only if
     * has_min). Scales and mins are float16, two bytes each, where scale_is_f16, else floats. */
    void (*unpack)(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n);
};

/* Borrowed constant rows; NULL when the format is unknown. */
const struct dtype *dtype_find(uint32_t gguf_type);
const struct dtype *dtype_named(struct str name);
size_t dtype_count(void);
const struct dtype *dtype_at(size_t index);

/* Bytes of n weights; n must be a multiple of block. */
static inline size_t dtype_bytes(const struct dtype *t, size_t n)
{
    return n / t->block * t->block_bytes;
}

#endif
