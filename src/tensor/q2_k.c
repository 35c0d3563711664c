/* q2_k.c - 256 weights d * sc * q - dmin * mn in 16 groups of 16:
 * 16 bytes of sc (low nibble) and mn (high), 64 bytes of bit pairs, d, dmin (f16). */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 84 };

/* Half a block: pair k of byte j belongs to code j of run k of 32. */
static void half_unpack(uint8_t *restrict codes, const uint8_t *restrict pairs)
{
    for (size_t j = 0; j < 32; j++) {
        codes[j] = pairs[j] & 3;
        codes[32 + j] = pairs[j] >> 2 & 3;
        codes[64 + j] = pairs[j] >> 4 & 3;
        codes[96 + j] = pairs[j] >> 6;
    }
}

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    float *restrict scale = scales, *restrict min = mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        float d = half_scale(block + 80), dmin = half_scale(block + 82);
        for (size_t g = 0; g < 16; g++) {
            scale[16 * i + g] = d * (float)(block[g] & 15);
            min[16 * i + g] = -(dmin * (float)(block[g] >> 4));
        }
        half_unpack(codes, block + 16);
        half_unpack(codes + 128, block + 48);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q2_k, src, n);
}

const struct dtype dtype_q2_k = {
    .name = "Q2_K",
    .gguf_type = 10,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 4, .offset = 0, .group = 16, .has_min = true, .scale_is_f16 = false},
    .to_float = to_float,
    .unpack = unpack,
};
