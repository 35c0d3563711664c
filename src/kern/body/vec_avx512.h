/* vec_avx512.h - the 16-lane vector as one 512-bit register (AVX-512 F, BW, DQ, VL; VNNI where the
 * compiler has it). */
#ifndef KERN_VEC_AVX512_H
#define KERN_VEC_AVX512_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "kern/numbers.h"

typedef __m512 vf;  /* 16 floats */
typedef __m512i vi; /* 16 int32, or 64 bytes */

enum { QUANT_ROWS = 8, FLOAT_ROWS = 8 }; /* rows per register tile */

#define VEC_INLINE static inline __attribute__((always_inline))

VEC_INLINE vf vf_zero(void)
{
    return _mm512_setzero_ps();
}
VEC_INLINE vf vf_set1(float x)
{
    return _mm512_set1_ps(x);
}
VEC_INLINE vf vf_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
VEC_INLINE void vf_store(float *p, vf x)
{
    _mm512_storeu_ps(p, x);
}
VEC_INLINE vf vf_load_f16(const uint16_t *p)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const void *)p));
}
VEC_INLINE void vf_store_f16(uint16_t *p, vf x)
{
    _mm256_storeu_si256((void *)p, _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}
VEC_INLINE vf vf_load_bf16(const uint16_t *p)
{
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}
VEC_INLINE vf vf_add(vf a, vf b)
{
    return _mm512_add_ps(a, b);
}
VEC_INLINE vf vf_mul(vf a, vf b)
{
    return _mm512_mul_ps(a, b);
}
VEC_INLINE vf vf_div(vf a, vf b)
{
    return _mm512_div_ps(a, b);
}
VEC_INLINE vf vf_fma(vf a, vf b, vf c)
{
    return _mm512_fmadd_ps(a, b, c);
}
VEC_INLINE vf vf_fms(vf a, vf b, vf c)
{
    return _mm512_fmsub_ps(a, b, c);
}
VEC_INLINE vf vf_max(vf a, vf b)
{
    return _mm512_max_ps(a, b);
}
VEC_INLINE vf vf_min(vf a, vf b)
{
    return _mm512_min_ps(a, b);
}
VEC_INLINE vf vf_abs(vf a)
{
    return _mm512_abs_ps(a);
}
VEC_INLINE vf vf_round(vf a)
{
    return _mm512_roundscale_ps(a, 0);
}
/* Lane i of x where a >= b, else 0. */
VEC_INLINE vf vf_where_ge(vf a, vf b, vf x)
{
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, b, _CMP_GE_OQ), x);
}
/* Lanes lo <= i < hi of x, else `other`. */
VEC_INLINE vf vf_where_lane(int lo, int hi, vf x, vf other)
{
    unsigned below_hi = hi >= 16 ? 0xffffu : hi <= 0 ? 0u : (1u << hi) - 1;
    unsigned below_lo = lo >= 16 ? 0xffffu : lo <= 0 ? 0u : (1u << lo) - 1;
    return _mm512_mask_mov_ps(other, (__mmask16)(below_hi & ~below_lo), x);
}
VEC_INLINE vf vf_from_vi(vi a)
{
    return _mm512_cvtepi32_ps(a);
}
VEC_INLINE vi vi_from_vf(vf a)
{
    return _mm512_cvtps_epi32(a);
}
/* x 2^n, n integral; neither x nor the product is zero, subnormal or infinite. */
VEC_INLINE vf vf_scale2(vf x, vf n)
{
    __m512i exponents = _mm512_slli_epi32(_mm512_cvtps_epi32(n), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x), exponents));
}
VEC_INLINE float vf_sum(vf a)
{
    __m256 x = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    y = _mm_add_ps(y, _mm_movehl_ps(y, y));
    return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}
VEC_INLINE float vf_highest(vf a)
{
    return _mm512_reduce_max_ps(a);
}

VEC_INLINE vi vi_load(const void *p)
{
    return _mm512_loadu_si512(p);
}
VEC_INLINE void vi_store(void *p, vi a)
{
    _mm512_storeu_si512(p, a);
}
VEC_INLINE vi vi_set1(int32_t x)
{
    return _mm512_set1_epi32(x);
}
VEC_INLINE vi vi_add(vi a, vi b)
{
    return _mm512_add_epi32(a, b);
}
VEC_INLINE vi vi_sub(vi a, vi b)
{
    return _mm512_sub_epi32(a, b);
}
VEC_INLINE vi vi_and(vi a, vi b)
{
    return _mm512_and_si512(a, b);
}
VEC_INLINE vi vi_or(vi a, vi b)
{
    return _mm512_or_si512(a, b);
}
VEC_INLINE vi vi_shl(vi a, int n)
{
    return _mm512_slli_epi32(a, (unsigned)n);
}
VEC_INLINE vi vi_shr(vi a, int n)
{
    return _mm512_srli_epi32(a, (unsigned)n);
}
VEC_INLINE void vi_store_i8(int8_t *p, vi a) /* 16 lanes, each in -128 .. 127 */
{
    _mm_storeu_si128((void *)p, _mm512_cvtepi32_epi8(a));
}

VEC_INLINE void vec_sum_pair(int16_t pair[2], vi a)
{
    pair[0] = (int16_t)_mm512_mask_reduce_add_epi32(0x3333, a);
    pair[1] = (int16_t)_mm512_mask_reduce_add_epi32(0xcccc, a);
}
/* Sums of the lanes i with i % 4 < 2, and of the others: of a, of b, of both; lanes in -128 .. 127. */
VEC_INLINE void vi_sum_pairs(int16_t pair[3][2], vi a, vi b)
{
    vec_sum_pair(pair[0], a);
    vec_sum_pair(pair[1], b);
    vec_sum_pair(pair[2], vi_add(a, b));
}

VEC_INLINE __m512i vec_four(const void *p)
{
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
}

/* Dot products of a group of inputs, 16 outputs side by side, exact: vi_dots_begin, vi_dots_add for
 * each 4 inputs, vi_dots_end. They sum (code - bias) * x; `pair` holds the sums of x over the group
 * (struct qblock). Codes of at most 6 bits, groups of 32 inputs, or of 16 for 6 bits; 5 and 6 bits
 * need a bias of 16 and 32.
 *
 * vi_dots_coarse begins instead with what makes it the coarse product of numbers.h; 5 bits.
 *
 * vi_dot8: acc + 4 inputs with codes of 8 bits; acc begins with vi_dots_begin(pair, 128), or with 0
 * where VI_DOT8_SUBTRACTS says that each step subtracts the 128 itself. VI_DOT8_IS_SLOW: it takes
 * half again as long as vi_dots_add or more. */
#ifdef __AVX512VNNI__
VEC_INLINE vi vi_dots_begin(const int16_t pair[2], int bias)
{
    return _mm512_madd_epi16(vec_four(pair), _mm512_set1_epi16((short)-bias));
}
VEC_INLINE vi vi_dots_coarse(const int16_t pair[2])
{
    return vi_set1(coarse_begin(pair[0]) + coarse_begin(pair[1]));
}
VEC_INLINE vi vi_dots_add(vi acc, vi codes, const int8_t x[4])
{
    return _mm512_dpbusd_epi32(acc, codes, vec_four(x));
}
VEC_INLINE vi vi_dots_end(vi acc)
{
    return acc;
}
enum { VI_DOT8_SUBTRACTS = 0, VI_DOT8_IS_SLOW = 0 };
VEC_INLINE vi vi_dot8(vi acc, vi codes, const int8_t x[4])
{
    return vi_dots_add(acc, codes, x);
}
#else
/* As in vec_avx2.h, where the 16-bit sums are shown to fit. */
VEC_INLINE vi vi_dots_begin(const int16_t pair[2], int bias)
{
    return _mm512_mullo_epi16(vec_four(pair), _mm512_set1_epi16((short)-bias));
}
VEC_INLINE vi vi_dots_coarse(const int16_t pair[2])
{
    return _mm512_mulhrs_epi16(_mm512_slli_epi16(vec_four(pair), 4), _mm512_set1_epi16(-31872));
}
VEC_INLINE vi vi_dots_add(vi acc, vi codes, const int8_t x[4])
{
    acc = _mm512_add_epi16(acc, _mm512_maddubs_epi16(codes, vec_four(x)));
    __asm__("" : "+v"(acc)); /* see VEC_IN_ORDER there */
    return acc;
}
VEC_INLINE vi vi_dots_end(vi acc)
{
    return _mm512_madd_epi16(acc, _mm512_set1_epi16(1));
}
enum { VI_DOT8_SUBTRACTS = 1, VI_DOT8_IS_SLOW = 1 };
VEC_INLINE vi vi_dot8(vi acc, vi codes, const int8_t x[4])
{
    __m512i w = _mm512_xor_si512(codes, _mm512_set1_epi8((char)0x80));
    __m512i v = vec_four(x);
    v = _mm512_mask_sub_epi8(v, _mm512_movepi8_mask(w), _mm512_setzero_si512(), v);
    __m512i pairs = _mm512_maddubs_epi16(_mm512_abs_epi8(w), v);
    return _mm512_add_epi32(acc, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}
#endif

#endif
