/* q5_1.c - 32 weights d * q + m: d, m (f16), 32 fifth bits, 16 bytes of nibbles. */
#include "tensor/dtype_int.h"

enum { BLOCK = 32, BLOCK_BYTES = 24 };

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        half_copy(scales, i, block);
        half_copy(mins, i, block + 2);
        nibbles_unpack(codes, block + 8, 16);
        fifth_bits_add(codes, block + 4);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q5_1, src, n);
}

const struct dtype dtype_q5_1 = {
    .name = "Q5_1",
    .gguf_type = 7,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 5, .offset = 0, .group = 32, .has_min = true, .scale_is_f16 = true},
    .to_float = to_float,
    .unpack = unpack,
};
