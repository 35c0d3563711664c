/* q3_k.c - 256 weights d * (sc - 32) * (q - 4) in 16 groups of 16:
 * 32 bytes of third bits, 64 bytes of bit pairs, 12 bytes of 6-bit sc, d (f16). */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 110 };

/* Half a block: runs of 32 codes take bit pair k of 32 bytes, and their third bit from bit first +
 * k of 32 more bytes. */
static void half_unpack(uint8_t *codes, const uint8_t *pairs, const uint8_t *thirds, unsigned first)
{
    for (unsigned k = 0; k < 4; k++)
        for (size_t j = 0; j < 32; j++)
            codes[32 * k + j] =
                (uint8_t)((pairs[j] >> 2 * k & 3) | (thirds[j] >> (first + k) & 1) << 2);
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

static void unpack(uint8_t *codes, float *scales, float *mins, const void *src, size_t n)
{
    const uint8_t *block = src;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        scales_unpack(scales + 16 * i, block + 96, half_scale(block + 108));
        half_unpack(codes, block + 32, block, 0);
        half_unpack(codes + 128, block + 64, block, 4);
    }
}

static void to_float(float *dst, const void *src, size_t n)
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
