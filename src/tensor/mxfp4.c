/* mxfp4.c - 32 weights 2^(e - 128) * value[q]: e (byte), 16 bytes of nibbles (low: 0-15, high:
 * 16-31). The values are twice those of a 4-bit float (sign, two bits of exponent, one of
 * fraction), to be integers. */
#include "tensor/dtype_int.h"

enum { BLOCK = 32, BLOCK_BYTES = 17 };

/* 2^(e - 128); the two smallest are subnormal floats. */
static float exponent_scale(uint32_t e)
{
    return half_bits_to_float(e < 2 ? 0x200000u << e : (e - 1) << 23);
}

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    /* Plus 16: 0 1 2 3 4 6 8 12, then the same negated. */
    static const uint8_t value[16] = {16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4};
    const uint8_t *block = src;
    float *restrict scale = scales;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        scale[i] = exponent_scale(block[0]);
        for (size_t j = 0; j < 16; j++) {
            codes[j] = value[block[1 + j] & 15];
            codes[16 + j] = value[block[1 + j] >> 4];
        }
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_mxfp4, src, n);
}

const struct dtype dtype_mxfp4 = {
    .name = "MXFP4",
    .gguf_type = 39,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 5, .offset = 16, .group = 32, .has_min = false, .scale_is_f16 = false},
    .to_float = to_float,
    .unpack = unpack,
};
