/* iq4_xs.c - 256 weights d * (sc - 32) * value[q] in 8 groups of 32, values as in IQ4_NL:
 * d (f16), 8 high bit pairs of sc, 4 bytes of low nibbles of sc, 128 bytes of nibbles. */
#include "tensor/dtype_int.h"

enum { BLOCK = K_BLOCK, BLOCK_BYTES = 136 };

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    float *restrict scale = scales;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        float d = half_scale(block);
        for (size_t g = 0; g < 8; g++) {
            int low = block[4 + g / 2] >> 4 * (g % 2) & 15;
            int high = block[2 + g / 4] >> 2 * (g % 4) & 3;
            scale[8 * i + g] = d * (float)((low | high << 4) - 32);
            iq4_unpack(codes + 32 * g, block + 8 + 16 * g);
        }
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_iq4_xs, src, n);
}

const struct dtype dtype_iq4_xs = {
    .name = "IQ4_XS",
    .gguf_type = 23,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 8, .offset = 128, .group = 32, .has_min = false, .scale_is_f16 = false},
    .to_float = to_float,
    .unpack = unpack,
};
