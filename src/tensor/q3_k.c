/* q3_k.c - 256 weights d * (sc - 32) * (q - 4) in 16 groups of 16:
 * 32 bytes of third bits, 64 bytes of bit pairs, 12 bytes of 6-bit sc, d (f16). */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 110 };

/* Half a block: pair k of byte j belongs to code j of run k of 32; so does bit first + k of
 * third-bit byte j. */
static void half_unpack(uint8_t *restrict codes, const uint8_t *restrict pairs,
                        const uint8_t *restrict thirds, unsigned first)
{
    for (size_t j = 0; j < 32; j++) {
        unsigned third = (unsigned)thirds[j] >> first;
        codes[j] = (uint8_t)((pairs[j] & 3) | (third & 1) << 2);
        codes[32 + j] = (uint8_t)((pairs[j] >> 2 & 3) | (third & 2) << 1);
        codes[64 + j] = (uint8_t)((pairs[j] >> 4 & 3) | (third & 4));
        codes[96 + j] = (uint8_t)(pairs[j] >> 6 | (third & 8) >> 1);
    }
}

/* Low nibbles: bytes 0-7, low halves first; high bit pairs: bytes 8-11, lowest pair of all four
 * first. */
static void scales_unpack(float *scales, const uint8_t bytes[12], float d)
{
    for (size_t g = 0; g < 16; g++) {
        int low = g < 8 ? bytes[g] & 15 : bytes[g - 8] >> 4;
        int high = bytes[8 + g % 4] >> 2 * (g / 4) & 3;
        scales[g] = d * (float)((low | high << 4) - 32);
    }
}

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    float *restrict scale = scales;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        scales_unpack(scale + 16 * i, block + 96, half_scale(block + 108));
        half_unpack(codes, block + 32, block, 0);
        half_unpack(codes + 128, block + 64, block, 4);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_q3_k, src, n);
}

const struct dtype dtype_q3_k = {
    .name = "Q3_K",
    .gguf_type = 11,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 4, .offset = 4, .group = 16, .has_min = false, .scale_is_f16 = false},
    .to_float = to_float,
    .unpack = unpack,
};
