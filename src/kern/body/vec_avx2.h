/* vec_avx2.h - the 16-lane vector as two 256-bit registers (AVX2, FMA, F16C). */
#ifndef KERN_VEC_AVX2_H
#define KERN_VEC_AVX2_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    __m256 a, b; /* lanes 0-7, 8-15 */
} vf;
typedef struct {
    __m256i a, b;
} vi;

enum { QUANT_ROWS = 4, FLOAT_ROWS = 6 }; /* rows per register tile */

#define VEC_INLINE static inline __attribute__((always_inline))
#define VF(lo, hi) ((vf){(lo), (hi)})
#define VI(lo, hi) ((vi){(lo), (hi)})

VEC_INLINE vf vf_zero(void)
{
    return VF(_mm256_setzero_ps(), _mm256_setzero_ps());
}
VEC_INLINE vf vf_set1(float x)
{
    return VF(_mm256_set1_ps(x), _mm256_set1_ps(x));
}
VEC_INLINE vf vf_load(const float *p)
{
    return VF(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8));
}
VEC_INLINE void vf_store(float *p, vf x)
{
    _mm256_storeu_ps(p, x.a);
    _mm256_storeu_ps(p + 8, x.b);
}
VEC_INLINE vf vf_load_f16(const uint16_t *p)
{
    return VF(_mm256_cvtph_ps(_mm_loadu_si128((const void *)p)),
              _mm256_cvtph_ps(_mm_loadu_si128((const void *)(p + 8))));
}
VEC_INLINE void vf_store_f16(uint16_t *p, vf x)
{
    _mm_storeu_si128((void *)p, _mm256_cvtps_ph(x.a, _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((void *)(p + 8), _mm256_cvtps_ph(x.b, _MM_FROUND_TO_NEAREST_INT));
}
VEC_INLINE __m256 vec_bf16(const uint16_t *p)
{
    __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}
VEC_INLINE vf vf_load_bf16(const uint16_t *p)
{
    return VF(vec_bf16(p), vec_bf16(p + 8));
}
VEC_INLINE vf vf_add(vf x, vf y)
{
    return VF(_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b));
}
VEC_INLINE vf vf_mul(vf x, vf y)
{
    return VF(_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b));
}
VEC_INLINE vf vf_div(vf x, vf y)
{
    return VF(_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b));
}
VEC_INLINE vf vf_fma(vf x, vf y, vf z)
{
    return VF(_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b));
}
VEC_INLINE vf vf_fms(vf x, vf y, vf z)
{
    return VF(_mm256_fmsub_ps(x.a, y.a, z.a), _mm256_fmsub_ps(x.b, y.b, z.b));
}
VEC_INLINE vf vf_max(vf x, vf y)
{
    return VF(_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b));
}
VEC_INLINE vf vf_min(vf x, vf y)
{
    return VF(_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b));
}
VEC_INLINE vf vf_abs(vf x)
{
    __m256 sign = _mm256_set1_ps(-0.0f);
    return VF(_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b));
}
VEC_INLINE vf vf_round(vf x)
{
    enum { NEAREST = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC };
    return VF(_mm256_round_ps(x.a, NEAREST), _mm256_round_ps(x.b, NEAREST));
}
/* Lane i of z where x >= y, else 0. */
VEC_INLINE vf vf_where_ge(vf x, vf y, vf z)
{
    return VF(_mm256_and_ps(_mm256_cmp_ps(x.a, y.a, _CMP_GE_OQ), z.a),
              _mm256_and_ps(_mm256_cmp_ps(x.b, y.b, _CMP_GE_OQ), z.b));
}
VEC_INLINE __m256 vec_lanes(int lo, int hi, int base, __m256 x, __m256 other)
{
    __m256i i =
        _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(base));
    __m256i below_hi = _mm256_cmpgt_epi32(_mm256_set1_epi32(hi), i);
    __m256i below_lo = _mm256_cmpgt_epi32(_mm256_set1_epi32(lo), i);
    return _mm256_blendv_ps(other, x, _mm256_castsi256_ps(_mm256_andnot_si256(below_lo, below_hi)));
}
/* Lanes lo <= i < hi of x, else `other`. */
VEC_INLINE vf vf_where_lane(int lo, int hi, vf x, vf other)
{
    return VF(vec_lanes(lo, hi, 0, x.a, other.a), vec_lanes(lo, hi, 8, x.b, other.b));
}
VEC_INLINE vf vf_from_vi(vi x)
{
    return VF(_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b));
}
VEC_INLINE vi vi_from_vf(vf x)
{
    return VI(_mm256_cvtps_epi32(x.a), _mm256_cvtps_epi32(x.b));
}
VEC_INLINE __m256 vec_scale2(__m256 x, __m256 n)
{
    __m256i exponents = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), exponents));
}
/* See vec_avx512.h. */
VEC_INLINE vf vf_scale2(vf x, vf n)
{
    return VF(vec_scale2(x.a, n.a), vec_scale2(x.b, n.b));
}
VEC_INLINE float vf_sum(vf x)
{
    __m256 y = _mm256_add_ps(x.a, x.b);
    __m128 z = _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    z = _mm_add_ps(z, _mm_movehl_ps(z, z));
    return _mm_cvtss_f32(_mm_add_ss(z, _mm_movehdup_ps(z)));
}
VEC_INLINE float vf_highest(vf x)
{
    __m256 y = _mm256_max_ps(x.a, x.b);
    __m128 z = _mm_max_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    z = _mm_max_ps(z, _mm_movehl_ps(z, z));
    return _mm_cvtss_f32(_mm_max_ss(z, _mm_movehdup_ps(z)));
}

VEC_INLINE vi vi_load(const void *p)
{
    return VI(_mm256_loadu_si256(p), _mm256_loadu_si256((const __m256i *)p + 1));
}
VEC_INLINE void vi_store(void *p, vi x)
{
    _mm256_storeu_si256(p, x.a);
    _mm256_storeu_si256((__m256i *)p + 1, x.b);
}
VEC_INLINE vi vi_set1(int32_t x)
{
    return VI(_mm256_set1_epi32(x), _mm256_set1_epi32(x));
}
VEC_INLINE vi vi_add(vi x, vi y)
{
    return VI(_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b));
}
VEC_INLINE vi vi_sub(vi x, vi y)
{
    return VI(_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b));
}
VEC_INLINE vi vi_and(vi x, vi y)
{
    return VI(_mm256_and_si256(x.a, y.a), _mm256_and_si256(x.b, y.b));
}
VEC_INLINE vi vi_or(vi x, vi y)
{
    return VI(_mm256_or_si256(x.a, y.a), _mm256_or_si256(x.b, y.b));
}
VEC_INLINE vi vi_shl(vi x, int n)
{
    return VI(_mm256_slli_epi32(x.a, n), _mm256_slli_epi32(x.b, n));
}
VEC_INLINE vi vi_shr(vi x, int n)
{
    return VI(_mm256_srli_epi32(x.a, n), _mm256_srli_epi32(x.b, n));
}
VEC_INLINE void vi_store_i8(int8_t *p, vi x) /* 16 lanes, each in -128 .. 127 */
{
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(x.a, x.b), 0xd8);
    __m128i lo = _mm256_castsi256_si128(words), hi = _mm256_extracti128_si256(words, 1);
    _mm_storeu_si128((void *)p, _mm_packs_epi16(lo, hi));
}

/* Keeps the compiler from regrouping a sum, which costs it more registers than there are. */
#define VEC_IN_ORDER(x) __asm__("" : "+x"((x).a), "+x"((x).b))

/* See vec_avx512.h. Packing keeps lanes in groups of four, whose order does not matter. */
VEC_INLINE void vi_sum_pairs(int16_t pair[3][2], vi a, vi b)
{
    const __m256i one = _mm256_set1_epi16(1);
    __m256i x = _mm256_madd_epi16(_mm256_packs_epi32(a.a, a.b), one); /* pairs of a, twice two */
    __m256i y = _mm256_madd_epi16(_mm256_packs_epi32(b.a, b.b), one);
    __m256i z = _mm256_add_epi32(_mm256_unpacklo_epi64(x, y), _mm256_unpackhi_epi64(x, y));
    __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(z), _mm256_extracti128_si256(z, 1));
    sums = _mm_packs_epi32(sums, _mm_add_epi32(sums, _mm_srli_si128(sums, 8)));
    _mm_storel_epi64((void *)pair, sums);
    int32_t both = _mm_extract_epi32(sums, 2);
    memcpy(pair[2], &both, sizeof both);
}

VEC_INLINE __m256i vec_four(const void *p)
{
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
}

/* See vec_avx512.h. A lane is two sums of 16 bits, of inputs 4 v, 4 v + 1 and of 4 v + 2, 4 v + 3.
 * They may wrap on the way; what counts is that the whole sum fits, which it does:
 *   4 bits, 32 inputs: at most 16 x 15 x 127; 5 bits less 16: 16 x 16 x 127;
 *   6 bits less 32, 16 inputs: 8 x 32 x 127 = 32512 < 2^15.
 * maddubs itself adds two products of 63 x 127 at most. */
VEC_INLINE vi vi_dots_begin(const int16_t pair[2], int bias)
{
    __m256i sum = _mm256_mullo_epi16(vec_four(pair), _mm256_set1_epi16((short)-bias));
    return VI(sum, sum);
}
/* mulhrs divides by 2^15: (16 pair) (-15.5625 2^11) / 2^15. */
VEC_INLINE vi vi_dots_coarse(const int16_t pair[2])
{
    __m256i sum =
        _mm256_mulhrs_epi16(_mm256_slli_epi16(vec_four(pair), 4), _mm256_set1_epi16(-31872));
    return VI(sum, sum);
}
VEC_INLINE vi vi_dots_add(vi acc, vi codes, const int8_t x[4])
{
    __m256i v = vec_four(x);
    acc.a = _mm256_add_epi16(acc.a, _mm256_maddubs_epi16(codes.a, v));
    acc.b = _mm256_add_epi16(acc.b, _mm256_maddubs_epi16(codes.b, v));
    VEC_IN_ORDER(acc);
    return acc;
}
VEC_INLINE vi vi_dots_end(vi acc)
{
    const __m256i one = _mm256_set1_epi16(1);
    return VI(_mm256_madd_epi16(acc.a, one), _mm256_madd_epi16(acc.b, one));
}

/* Unsigned times signed saturates with 8-bit codes, so the sign goes to x: |w| <= 128. */
enum { VI_DOT8_SUBTRACTS = 1, VI_DOT8_IS_SLOW = 1 };
VEC_INLINE __m256i vec_dot8(__m256i acc, __m256i codes, __m256i x)
{
    __m256i w = _mm256_xor_si256(codes, _mm256_set1_epi8((char)0x80));
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
    return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
VEC_INLINE vi vi_dot8(vi acc, vi codes, const int8_t x[4])
{
    __m256i v = vec_four(x);
    acc.a = vec_dot8(acc.a, codes.a, v);
    acc.b = vec_dot8(acc.b, codes.b, v);
    VEC_IN_ORDER(acc);
    return acc;
}

#endif
