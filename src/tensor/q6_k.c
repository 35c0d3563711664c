/* q6_k.c - 256 weights d * sc * (q - 32) in 16 groups of 16:
 * 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed sc, d (f16). */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 210 };

/* Half a block: 128 codes from 64 bytes of nibbles and 32 bytes of bit pairs. Runs of 32 codes take
 * the low nibbles of the first and second 32 bytes, then the high ones; pair k of byte j belongs to
 * run k. */
static void half_unpack(uint8_t *restrict codes, const uint8_t *restrict low, const uint8_t *high)
{
    for (size_t j = 0; j < 32; j++) {
        codes[j] = (uint8_t)((low[j] & 15) | (high[j] & 3) << 4);
        codes[32 + j] = (uint8_t)((low[32 + j] & 15) | (high[j] >> 2 & 3) << 4);
        codes[64 + j] = (uint8_t)(low[j] >> 4 | (high[j] >> 4 & 3) << 4);
        codes[96 + j] = (uint8_t)(low[32 + j] >> 4 | high[j] >> 6 << 4);
    }
}

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    float *restrict scale = scales;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        float d = half_scale(block + 208);
        for (size_t g = 0; g < 16; g++)
            scale[16 * i + g] = d * (float)(int8_t)block[192 + g];
        half_unpack(codes, block, block + 128);
        half_unpack(codes + 128, block + 64, block + 160);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q6_k, src, n);
}

const struct dtype dtype_q6_k = {
    .name = "Q6_K",
    .gguf_type = 14,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 6, .offset = 32, .group = 16, .has_min = false, .scale_is_f16 = false},
    .to_float = to_float,
    .unpack = unpack,
};
