/* q2_k.c - 256 weights d * sc * q - dmin * mn in 16 groups of 16:
 * 16 bytes of sc (low nibble) and mn (high), 64 bytes of bit pairs, d, dmin (f16). */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 84 };

/* Half a block: runs of 32 codes take bit pair k of 32 bytes. */
static void half_unpack(uint8_t *codes, const uint8_t *pairs)
{
    for (unsigned k = 0; k < 4; k++)
        for (size_t j = 0; j < 32; j++)
            codes[32 * k + j] = pairs[j] >> 2 * k & 3;
}

static void unpack(uint8_t *codes, float *scales, float *mins, const void *src, size_t n)
{
    const uint8_t *block = src;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        float d = half_scale(block + 80), dmin = half_scale(block + 82);
        for (size_t g = 0; g < 16; g++) {
            scales[16 * i + g] = d * (float)(block[g] & 15);
            mins[16 * i + g] = -(dmin * (float)(block[g] >> 4));
        }
        half_unpack(codes, block + 16);
        half_unpack(codes + 128, block + 48);
    }
}

static void to_float(float *dst, const void *src, size_t n)
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
