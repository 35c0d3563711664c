/* q8_0.c - 32 weights d * q: d (f16), 32 signed bytes. */
#include "tensor/dtype_int.h"

enum { BLOCK = 32, BLOCK_BYTES = 34 };

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        half_copy(scales, i, block);
        for (size_t j = 0; j < BLOCK; j++)
            codes[j] = block[2 + j] ^ 0x80; /* signed q to q + 128 */
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q8_0, src, n);
}

const struct dtype dtype_q8_0 = {
    .name = "Q8_0",
    .gguf_type = 8,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 8, .offset = 128, .group = 32, .has_min = false, .scale_is_f16 = true},
    .to_float = to_float,
    .unpack = unpack,
};
