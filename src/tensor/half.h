/* half.h - float16 and bfloat16 to float and back, exactly, in plain C. */
#ifndef TENSOR_HALF_H
#define TENSOR_HALF_H

#include <stdint.h>
#include <string.h>

static inline float half_bits_to_float(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t half_float_to_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

/* All ones when the condition holds, else 0: a choice without a branch, so that loops vectorise. */
static inline uint32_t half_mask(int condition)
{
    return -(uint32_t)condition;
}

static inline float half_to_float(uint16_t h)
{
    int rest = h & 0x7fff;
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t small = half_float_to_bits((float)rest * 0x1p-24f); /* zero and subnormals, exact */
    uint32_t normal = ((uint32_t)rest << 13) + (112u << 23);
    uint32_t bits = normal ^ ((normal ^ small) & half_mask(rest < 0x400));
    bits |= half_mask(rest >= 0x7c00) & 0x7f800000u; /* infinity */
    bits |= half_mask(rest > 0x7c00) & 0x400000u;    /* a NaN, kept quiet */
    return half_bits_to_float(sign | bits);
}

/* Round to nearest, ties to even, as F16C and NEON do; overflow goes to infinity. */
static inline uint16_t half_from_float(float f)
{
    uint32_t sign = half_float_to_bits(f) >> 16 & 0x8000;
    int size = (int)(half_float_to_bits(f) & 0x7fffffff);
    uint32_t bits = (uint32_t)size;
    /* Below 2^-14 a multiple of 2^-24: the addition rounds. */
    uint32_t small = half_float_to_bits(half_bits_to_float(bits) + 0.5f) - 0x3f000000;
    uint32_t normal = (bits + 0xfff + (bits >> 13 & 1) - 0x38000000) >> 13;
    uint32_t half = normal ^ ((normal ^ small) & half_mask(size < 0x38800000));
    uint32_t infinite = half_mask(size >= 0x477ff000); /* 65520 and above round to infinity */
    half = (half & ~infinite) | (infinite & 0x7c00);
    half |= half_mask(size > 0x7f800000) & (0x200 | (bits >> 13 & 0x3ff));
    return (uint16_t)(sign | half);
}

static inline float bfloat_to_float(uint16_t b)
{
    return half_bits_to_float((uint32_t)b << 16);
}

static inline uint16_t half_load(const void *p)
{
    uint16_t h;
    memcpy(&h, p, sizeof h);
    return h;
}

#endif
