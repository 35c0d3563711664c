/* avx512.h - AVX-512 for a compiler that is told of AVX2 only: SIMDe's portable intrinsics under the
 * native names. Included before everything else (-include) in the AVX-512 files of the emulated test
 * programs (Makefile), so that the very bodies of those levels run, bit for bit, where the processor
 * lacks the instructions.
 * Limits      SIMDe computes on 256-bit halves with native instructions, FMA included. An intrinsic
 *             it lacks does not compile: define it below.
 * See         https://github.com/simd-everywhere/simde; Intel's intrinsics guide for each name. */
#ifndef EMULATE_AVX512_H
#define EMULATE_AVX512_H

#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__)
#error "without FMA the portable product and sum would round twice"
#endif

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

/* An empty asm keeps the order of instructions, and names a register that is not there. The libraries'
 * headers use the word too, so all come first. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define __asm__(...) ((void)0)

/* What vec.h asks for. Only now: SIMDe would believe it. */
#define __AVX512F__ 1
#ifdef EMULATE_VNNI
#define __AVX512VNNI__ 1
#endif

/* What SIMDe 0.7.4 lacks. */
static inline __m256 emulated_half_ps(__m512 a, int i)
{
    return simde__m512_to_private(a).m256[i];
}
static inline __m256i emulated_half_si(__m512i a, int i)
{
    return simde__m512i_to_private(a).m256i[i];
}
static inline __m512 emulated_join_ps(__m256 lo, __m256 hi)
{
    simde__m512_private r;
    r.m256[0] = lo;
    r.m256[1] = hi;
    return simde__m512_from_private(r);
}
static inline __m512i emulated_join_si(__m256i lo, __m256i hi)
{
    simde__m512i_private r;
    r.m256i[0] = lo;
    r.m256i[1] = hi;
    return simde__m512i_from_private(r);
}
static inline __m512i emulated_cvtepu16_epi32(__m256i a)
{
    return emulated_join_si(_mm256_cvtepu16_epi32(_mm256_castsi256_si128(a)),
                            _mm256_cvtepu16_epi32(_mm256_extracti128_si256(a, 1)));
}
static inline __m128i emulated_cvtepi32_epi8(__m512i a)
{
    const simde__m512i_private from = simde__m512i_to_private(a);
    simde__m128i_private r;
    for (int i = 0; i < 16; i++)
        r.i8[i] = (int8_t)from.i32[i];
    return simde__m128i_from_private(r);
}
static inline float emulated_reduce_max_ps(__m512 a)
{
    const simde__m512_private from = simde__m512_to_private(a);
    float max = from.f32[0];
    for (int i = 1; i < 16; i++)
        max = from.f32[i] > max ? from.f32[i] : max;
    return max;
}
static inline int emulated_reduce_add_epi32(__mmask16 lanes, __m512i a)
{
    const simde__m512i_private from = simde__m512i_to_private(a);
    unsigned sum = 0;
    for (int i = 0; i < 16; i++)
        sum += lanes >> i & 1 ? (unsigned)from.i32[i] : 0;
    return (int)sum;
}
#define _mm512_cvtepu16_epi32(a)               emulated_cvtepu16_epi32(a)
#define _mm512_cvtepi32_epi8(a)                emulated_cvtepi32_epi8(a)
#define _mm512_reduce_max_ps(a)                emulated_reduce_max_ps(a)
#define _mm512_reduce_add_epi32(a)             emulated_reduce_add_epi32(0xffff, a)
#define _mm512_mask_reduce_add_epi32(lanes, a) emulated_reduce_add_epi32(lanes, a)
#define _mm512_cvtepi32_ps(a)                                    \
    emulated_join_ps(_mm256_cvtepi32_ps(emulated_half_si(a, 0)), \
                     _mm256_cvtepi32_ps(emulated_half_si(a, 1)))
#define _mm512_cvtps_epi32(a)                                    \
    emulated_join_si(_mm256_cvtps_epi32(emulated_half_ps(a, 0)), \
                     _mm256_cvtps_epi32(emulated_half_ps(a, 1)))
#define _mm512_cvtph_ps(a)                                       \
    emulated_join_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(a)), \
                     _mm256_cvtph_ps(_mm256_extracti128_si256(a, 1)))
#undef _mm512_cvtps_ph
#define _mm512_cvtps_ph(a, mode)                                      \
    _mm256_set_m128i(_mm256_cvtps_ph(emulated_half_ps(a, 1), (mode)), \
                     _mm256_cvtps_ph(emulated_half_ps(a, 0), (mode)))
#undef _mm512_extractf32x8_ps
#define _mm512_extractf32x8_ps(a, i) emulated_half_ps(a, i)

/* Defined there, with the wrong arguments. */
#undef _mm512_madd_epi16
#define _mm512_madd_epi16(a, b) simde_mm512_madd_epi16(a, b)

#endif
