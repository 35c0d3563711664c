/* iq4_nl.c - 32 weights d * value[q] from an uneven table: d (f16), 16 bytes of nibbles. */
#include "tensor/dtype_int.h"

enum { BLOCK = 32, BLOCK_BYTES = 18 };

void iq4_unpack(uint8_t codes[32], const uint8_t bytes[16])
{
    /* Plus 128: -127 -104 -83 -65 -49 -35 -22 -10 1 13 25 38 53 69 89 113. */
    static const uint8_t value[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                      129, 141, 153, 166, 181, 197, 217, 241};
    for (size_t i = 0; i < 16; i++) {
        codes[i] = value[bytes[i] & 15];
        codes[16 + i] = value[bytes[i] >> 4];
    }
}

static void unpack(uint8_t *restrict codes, void *restrict scales, void *restrict mins,
                   const void *restrict src, size_t n)
{
    const uint8_t *block = src;
    (void)mins;
    for (size_t i = 0; i < n / BLOCK; i++, block += BLOCK_BYTES, codes += BLOCK) {
        half_copy(scales, i, block);
        iq4_unpack(codes, block + 2);
    }
}

static void to_float(float *restrict dst, const void *restrict src, size_t n)
{
    quant_to_float(dst, &dtype_iq4_nl, src, n);
}

const struct dtype dtype_iq4_nl = {
    .name = "IQ4_NL",
    .gguf_type = 20,
    .block = BLOCK,
    .block_bytes = BLOCK_BYTES,
    .is_quantised = true,
    .quant = {.bits = 8, .offset = 128, .group = 32, .has_min = false, .scale_is_f16 = true},
    .to_float = to_float,
    .unpack = unpack,
};
