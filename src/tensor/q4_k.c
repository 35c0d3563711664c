/* q4_k.c - 256 weights d * sc * q - dmin * mn in 8 groups of 32:
 * d, dmin (f16), 12 bytes of 6-bit sc and mn, 128 bytes of nibbles.
 * Each run of 32 bytes holds one group in its low nibbles and the next in its high ones. */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 144 };

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    float *restrict scale = scales, *restrict min = mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        k_scales_unpack(scale + 8 * i, min + 8 * i, block + 4, half_scale(block),
                        half_scale(block + 2));
        for (size_t run = 0; run < 4; run++)
            nibbles_unpack(codes + 64 * run, block + 16 + 32 * run, 32);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q4_k, src, n);
}

const struct dtype dtype_q4_k = {
    .name = "Q4_K",
    .gguf_type = 12,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 4, .offset = 0, .group = 32, .has_min = true, .scale_is_f16 = false},
    .to_float = to_float,
    .unpack = unpack,
};
