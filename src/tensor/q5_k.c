/* q5_k.c - 256 weights d * sc * q - dmin * mn in 8 groups of 32:
 * d, dmin (f16), 12 bytes of 6-bit sc and mn, 32 bytes of fifth bits, 128 bytes of nibbles.
 * Nibbles as in Q4_K; bit g of fifth-bit byte j belongs to element j of group g. */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 176 };

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    float *restrict scale = scales, *restrict min = mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        k_scales_unpack(scale + 8 * i, min + 8 * i, block + 4, half_scale(block),
                        half_scale(block + 2));
        for (size_t run = 0; run < 4; run++)
            nibbles_unpack(codes + 64 * run, block + 48 + 32 * run, 32);
        for (size_t g = 0; g < 8; g++)
            for (size_t j = 0; j < 32; j++)
                codes[32 * g + j] |= (uint8_t)((block[16 + j] >> g & 1) << 4);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q5_k, src, n);
}

const struct dtype dtype_q5_k = {
    .name = "Q5_K",
    .gguf_type = 13,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 5, .offset = 0, .group = 32, .has_min = true, .scale_is_f16 = false},
    .to_float = to_float,
    .unpack = unpack,
};
