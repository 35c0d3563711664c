/* vec_neon.h - the 16-lane vector as four 128-bit registers (ARMv8.2 with dot product and half
 * precision). */
#ifndef KERN_VEC_NEON_H
#define KERN_VEC_NEON_H

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "kern/numbers.h"

typedef struct {
    float32x4_t q[4];
} vf;
typedef struct {
    int32x4_t q[4];
} vi;

enum { QUANT_ROWS = 2, FLOAT_ROWS = 4 }; /* rows per register tile */

#define VEC_INLINE static inline __attribute__((always_inline))
/* A vector whose register i is `expr`. */
#define VF4(expr)                                                         \
    vf r_;                                                                \
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) r_.q[i] = (expr); \
    return r_
#define VI4(expr)                                                         \
    vi r_;                                                                \
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; i++) r_.q[i] = (expr); \
    return r_

VEC_INLINE vf vf_zero(void)
{
    VF4(vdupq_n_f32(0));
}
VEC_INLINE vf vf_set1(float x)
{
    VF4(vdupq_n_f32(x));
}
VEC_INLINE vf vf_load(const float *p)
{
    VF4(vld1q_f32(p + 4 * i));
}
VEC_INLINE void vf_store(float *p, vf x)
{
    for (int i = 0; i < 4; i++)
        vst1q_f32(p + 4 * i, x.q[i]);
}
VEC_INLINE vf vf_load_f16(const uint16_t *p)
{
    VF4(vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p + 4 * i))));
}
VEC_INLINE void vf_store_f16(uint16_t *p, vf x)
{
    for (int i = 0; i < 4; i++)
        vst1_u16(p + 4 * i, vreinterpret_u16_f16(vcvt_f16_f32(x.q[i])));
}
VEC_INLINE vf vf_load_bf16(const uint16_t *p)
{
    VF4(vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p + 4 * i), 16)));
}
VEC_INLINE vf vf_add(vf x, vf y)
{
    VF4(vaddq_f32(x.q[i], y.q[i]));
}
VEC_INLINE vf vf_mul(vf x, vf y)
{
    VF4(vmulq_f32(x.q[i], y.q[i]));
}
VEC_INLINE vf vf_div(vf x, vf y)
{
    VF4(vdivq_f32(x.q[i], y.q[i]));
}
VEC_INLINE vf vf_fma(vf x, vf y, vf z)
{
    VF4(vfmaq_f32(z.q[i], x.q[i], y.q[i]));
}
VEC_INLINE vf vf_fms(vf x, vf y, vf z)
{
    VF4(vfmaq_f32(vnegq_f32(z.q[i]), x.q[i], y.q[i]));
}
VEC_INLINE vf vf_max(vf x, vf y)
{
    VF4(vmaxq_f32(x.q[i], y.q[i]));
}
VEC_INLINE vf vf_min(vf x, vf y)
{
    VF4(vminq_f32(x.q[i], y.q[i]));
}
VEC_INLINE vf vf_abs(vf x)
{
    VF4(vabsq_f32(x.q[i]));
}
VEC_INLINE vf vf_round(vf x)
{
    VF4(vrndnq_f32(x.q[i]));
}
/* Lane i of z where x >= y, else 0. */
VEC_INLINE vf vf_where_ge(vf x, vf y, vf z)
{
    VF4(vreinterpretq_f32_u32(vandq_u32(vcgeq_f32(x.q[i], y.q[i]), vreinterpretq_u32_f32(z.q[i]))));
}
/* Lanes lo <= i < hi of x, else `other`. */
VEC_INLINE vf vf_where_lane(int lo, int hi, vf x, vf other)
{
    const int32x4_t first = {0, 1, 2, 3};
    vf r;
    for (int i = 0; i < 4; i++) {
        int32x4_t lane = vaddq_s32(first, vdupq_n_s32(4 * i));
        uint32x4_t in =
            vandq_u32(vcgeq_s32(lane, vdupq_n_s32(lo)), vcltq_s32(lane, vdupq_n_s32(hi)));
        r.q[i] = vbslq_f32(in, x.q[i], other.q[i]);
    }
    return r;
}
VEC_INLINE vf vf_from_vi(vi x)
{
    VF4(vcvtq_f32_s32(x.q[i]));
}
VEC_INLINE vi vi_from_vf(vf x)
{
    VI4(vcvtnq_s32_f32(x.q[i]));
}
VEC_INLINE vf vf_scale2(vf x, vf n)
{
    VF4(vreinterpretq_f32_s32(
        vaddq_s32(vreinterpretq_s32_f32(x.q[i]), vshlq_n_s32(vcvtnq_s32_f32(n.q[i]), 23))));
}
VEC_INLINE float vf_sum(vf x)
{
    float32x4_t lo = vaddq_f32(x.q[0], x.q[2]), hi = vaddq_f32(x.q[1], x.q[3]);
    float32x4_t y = vaddq_f32(lo, hi);
    float32x2_t z = vadd_f32(vget_low_f32(y), vget_high_f32(y));
    return vget_lane_f32(z, 0) + vget_lane_f32(z, 1);
}
VEC_INLINE float vf_highest(vf x)
{
    return vmaxvq_f32(vmaxq_f32(vmaxq_f32(x.q[0], x.q[1]), vmaxq_f32(x.q[2], x.q[3])));
}

VEC_INLINE vi vi_load(const void *p)
{
    VI4(vreinterpretq_s32_u8(vld1q_u8((const uint8_t *)p + 16 * i)));
}
VEC_INLINE void vi_store(void *p, vi x)
{
    for (int i = 0; i < 4; i++)
        vst1q_u8((uint8_t *)p + 16 * i, vreinterpretq_u8_s32(x.q[i]));
}
VEC_INLINE vi vi_set1(int32_t x)
{
    VI4(vdupq_n_s32(x));
}
VEC_INLINE vi vi_add(vi x, vi y)
{
    VI4(vaddq_s32(x.q[i], y.q[i]));
}
VEC_INLINE vi vi_sub(vi x, vi y)
{
    VI4(vsubq_s32(x.q[i], y.q[i]));
}
VEC_INLINE vi vi_and(vi x, vi y)
{
    VI4(vandq_s32(x.q[i], y.q[i]));
}
VEC_INLINE vi vi_or(vi x, vi y)
{
    VI4(vorrq_s32(x.q[i], y.q[i]));
}
VEC_INLINE vi vi_shl(vi x, int n)
{
    VI4(vshlq_s32(x.q[i], vdupq_n_s32(n)));
}
VEC_INLINE vi vi_shr(vi x, int n)
{
    VI4(vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(x.q[i]), vdupq_n_s32(-n))));
}
VEC_INLINE void vi_store_i8(int8_t *p, vi x) /* 16 lanes, each in -128 .. 127 */
{
    int16x8_t lo = vcombine_s16(vmovn_s32(x.q[0]), vmovn_s32(x.q[1]));
    int16x8_t hi = vcombine_s16(vmovn_s32(x.q[2]), vmovn_s32(x.q[3]));
    vst1q_s8(p, vcombine_s8(vmovn_s16(lo), vmovn_s16(hi)));
}

VEC_INLINE void vec_sum_pair(int16_t pair[2], vi x)
{
    int32x4_t sum = vaddq_s32(vaddq_s32(x.q[0], x.q[1]), vaddq_s32(x.q[2], x.q[3]));
    pair[0] = (int16_t)vaddv_s32(vget_low_s32(sum));
    pair[1] = (int16_t)vaddv_s32(vget_high_s32(sum));
}
/* See vec_avx512.h. */
VEC_INLINE void vi_sum_pairs(int16_t pair[3][2], vi a, vi b)
{
    vec_sum_pair(pair[0], a);
    vec_sum_pair(pair[1], b);
    vec_sum_pair(pair[2], vi_add(a, b));
}

VEC_INLINE int8x16_t vec_four(const int8_t x[4])
{
    int32_t four;
    memcpy(&four, x, sizeof four);
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

/* See vec_avx512.h. SDOT is signed by signed: codes below 128 are themselves, others are shifted by
 * 128. */
VEC_INLINE vi vi_dots_begin(const int16_t pair[2], int bias)
{
    return vi_set1(-bias * (pair[0] + pair[1]));
}
VEC_INLINE vi vi_dots_coarse(const int16_t pair[2])
{
    return vi_set1(coarse_begin(pair[0]) + coarse_begin(pair[1]));
}
VEC_INLINE vi vi_dots_add(vi acc, vi codes, const int8_t x[4])
{
    int8x16_t v = vec_four(x);
    VI4(vdotq_s32(acc.q[i], vreinterpretq_s8_s32(codes.q[i]), v));
}
VEC_INLINE vi vi_dots_end(vi acc)
{
    return acc;
}
enum { VI_DOT8_SUBTRACTS = 1, VI_DOT8_IS_SLOW = 0 };
VEC_INLINE vi vi_dot8(vi acc, vi codes, const int8_t x[4])
{
    int8x16_t v = vec_four(x);
    VI4(vdotq_s32(acc.q[i], veorq_s8(vreinterpretq_s8_s32(codes.q[i]), vdupq_n_s8((int8_t)-128)),
                  v));
}

#endif
