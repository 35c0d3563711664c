/* dtype_int.h - what the format files of this room share: their rows, and the bit patterns several
 * have. */
#ifndef TENSOR_DTYPE_INT_H
#define TENSOR_DTYPE_INT_H

#include "tensor/dtype.h"
#include "tensor/half.h"

extern const struct dtype dtype_f32, dtype_f16, dtype_bf16;
extern const struct dtype dtype_q4_0, dtype_q4_1, dtype_q5_0, dtype_q5_1, dtype_q8_0;
extern const struct dtype dtype_iq4_nl, dtype_iq4_xs, dtype_mxfp4;
extern const struct dtype dtype_q2_k, dtype_q3_k, dtype_q4_k, dtype_q5_k, dtype_q6_k;

enum { K_BLOCK = 256 }; /* weights per block of every *_K format */

/* The `to_float` of a quantised format, from its `unpack` and `quant`. */
void quant_to_float(float *dst, const struct dtype *t, const void *src, size_t n);

/* 16 bytes of nibbles (low: 0-15, high: 16-31) to the codes that IQ4_NL and IQ4_XS give them. */
void iq4_unpack(uint8_t codes[32], const uint8_t bytes[16]);

static inline float half_scale(const uint8_t *p)
{
    return half_to_float(half_load(p));
}

/* The float16 at p becomes number i of the scales or mins. */
static inline void half_copy(void *numbers, size_t i, const uint8_t *p)
{
    memcpy((uint8_t *)numbers + 2 * i, p, 2);
}

/* n bytes to 2n codes: all low nibbles, then all high ones. */
static inline void nibbles_unpack(uint8_t *restrict codes, const uint8_t *restrict bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        codes[i] = bytes[i] & 15;
    for (size_t i = 0; i < n; i++)
        codes[n + i] = bytes[i] >> 4;
}

/* Adds 16 to code i where bit i of the 32 little-endian bits at `bits` is set. */
static inline void fifth_bits_add(uint8_t codes[32], const uint8_t bits[4])
{
    for (size_t i = 0; i < 4; i++) {
        /* Eight at a time: copy the byte into eight lanes, keep one bit in each, carry it to bit 7.
         */
        uint64_t lanes = bits[i] * 0x0101010101010101u & 0x8040201008040201u;
        uint64_t add = ((lanes + 0x7f7f7f7f7f7f7f7fu) & 0x8080808080808080u) >> 3;
        uint64_t eight;
        memcpy(&eight, codes + 8 * i, sizeof eight);
        eight |= add;
        memcpy(codes + 8 * i, &eight, sizeof eight);
    }
}

/* The twelve bytes of 6-bit numbers that Q4_K and Q5_K share: eight scales and eight mins, times d
 * and -dmin. Bytes 0-3 and 4-7 hold the first four of each; bytes 8-11 hold the low nibbles of the
 * last four of each, whose top bits are the top bits of bytes 0-7. */
static inline void k_scales_unpack(float scales[8], float mins[8], const uint8_t bytes[12], float d,
                                   float dmin)
{
    for (size_t i = 0; i < 4; i++) {
        scales[i] = d * (float)(bytes[i] & 63);
        mins[i] = -(dmin * (float)(bytes[4 + i] & 63));
        scales[4 + i] = d * (float)((bytes[8 + i] & 15) | bytes[i] >> 6 << 4);
        mins[4 + i] = -(dmin * (float)(bytes[8 + i] >> 4 | bytes[4 + i] >> 6 << 4));
    }
}

#endif
