/* math.h - exponentials and ragged ends over the 16-lane vector. */
#ifndef KERN_BODY_MATH_H
#define KERN_BODY_MATH_H

#include "kern/body/vec.h"
#include "kern/numbers.h"

/* See ref_exp. */
VEC_INLINE vf vf_exp(vf x)
{
    vf clamped = vf_min(x, vf_set1(EXP_HIGHEST));
    vf n = vf_round(vf_mul(clamped, vf_set1(LOG2_E)));
    vf r = vf_fma(n, vf_set1(-LN2_HIGH), clamped);
    r = vf_fma(n, vf_set1(-LN2_LOW), r);
    vf p = vf_set1(EXP_5);
    p = vf_fma(p, r, vf_set1(EXP_4));
    p = vf_fma(p, r, vf_set1(EXP_3));
    p = vf_fma(p, r, vf_set1(EXP_2));
    p = vf_fma(p, r, vf_set1(EXP_1));
    p = vf_fma(p, r, vf_set1(EXP_0));
    p = vf_add(vf_fma(p, vf_mul(r, r), r), vf_set1(1.0f));
    return vf_where_ge(x, vf_set1(EXP_LOWEST), vf_scale2(p, n));
}

/* The first n (1 .. 16) lanes from p, zeros after. */
VEC_INLINE vf vf_load_part(const float *p, size_t n)
{
    float lane[16] = {0};
    if (n >= 16)
        return vf_load(p);
    memcpy(lane, p, n * sizeof *p);
    return vf_load(lane);
}

VEC_INLINE void vf_store_part(float *p, vf x, size_t n)
{
    float lane[16];
    if (n >= 16) {
        vf_store(p, x);
        return;
    }
    vf_store(lane, x);
    memcpy(p, lane, n * sizeof *p);
}

#endif
