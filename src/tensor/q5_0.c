/* q5_0.c - 32 weights d * (q - 16): d (f16), 32 fifth bits, 16 bytes of nibbles. */
#include "tensor/dtype_int.h"

enum { BLOCK = 32, BLOCK_BYTES = 22 };

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        half_copy(scales, i, block);
        nibbles_unpack(codes, block + 6, 16);
        fifth_bits_add(codes, block + 2);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q5_0, src, n);
}

const struct dtype dtype_q5_0 = {
    .name = "Q5_0",
    .gguf_type = 6,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 5, .offset = 16, .group = 32, .has_min = false, .scale_is_f16 = true},
    .to_float = to_float,
    .unpack = unpack,
};
