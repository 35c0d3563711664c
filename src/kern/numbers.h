/* numbers.h - the constants that all levels share, so that they cannot drift apart. */
#ifndef KERN_NUMBERS_H
#define KERN_NUMBERS_H

#include <math.h>
#include <stddef.h>

/* e^x: argument bounds, ln 2 in two parts (the first with few bits, so that n * LN2_HIGH is exact),
 * and a minimax polynomial (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2. */
#define EXP_LOWEST  (-87.33f)
#define EXP_HIGHEST 88.37f
#define LOG2_E      1.44269504f
#define LN2_HIGH    0.693359375f
#define LN2_LOW     (-2.12194440e-4f)
#define EXP_5       1.9875691500e-4f
#define EXP_4       1.3981999507e-3f
#define EXP_3       8.3334519073e-3f
#define EXP_2       4.1665795894e-2f
#define EXP_1       1.6666665459e-1f
#define EXP_0       5.0000001201e-1f

#define GELU_CUBIC  0.044715f
#define GELU_2_ROOT 1.5957691216f /* 2 sqrt(2 / pi) */

/* A block of activations whose largest magnitude is below this counts as zero: 127 / x stays
 * finite. */
#define QUANT_TINY 1e-30f

#define HALF_MAX 65504.0f

/* Bounds (kern.h): a code of 8 bits is 8 h + rest, and less 128 it is 8 (h - 15.5625) + rest - 3.5.
 * The coarse product of a group is the sum of (h - 15.5625) q in whole numbers: what is subtracted
 * is rounded, for the two sums of q of a group (struct qblock) apart, and so at most 1 off. */
#define COARSE_UNIT 8.0f
static inline int coarse_begin(int pair_sum)
{
    return (-249 * pair_sum + 8) >> 4; /* towards the nearest */
}

/* The length of a row's activations with room for the above: at most 8 for every group, which meets
 * the 1 that coarse_slack has in every group of rests. */
#define COARSE_LENGTH_MORE 64

/* How far, for a row of length 1, COARSE_UNIT times a coarse product can lie from the logit. What
 * the codes leave out is at most the length of the rests (Cauchy-Schwarz; rest_squares: sum over
 * groups of scale^2 (1 + sum of (rest - 3.5)^2)). Rounding adds at most 2^-24 of the sum of the
 * terms' magnitudes for every rounding of the two chains and of the bound, 2 groups + 4 of them;
 * that sum is at most the length of the weights, and a group of codes is no longer than
 * 128 sqrt(32) < 725 (scale_squares: sum of scale^2). The last factor covers the rounding of these
 * numbers themselves. */
static inline float coarse_rounding(float scale_squares, size_t groups)
{
    return (float)(2 * groups + 6) * 0x1p-24f * 725.0f * sqrtf(scale_squares);
}
static inline float coarse_slack_of(float rest_squares, float scale_squares, size_t groups)
{
    return (sqrtf(rest_squares) + coarse_rounding(scale_squares, groups)) * (1.0f + 0x1p-14f);
}

/* How far the logit for other activations can lie above such a bound, for each unit of their
 * distance: the length of the weights (code_squares: sum over groups of scale^2 code^2), and as much
 * more rounding as longer activations may bring. */
static inline float coarse_reach_of(float code_squares, float scale_squares, size_t groups)
{
    return (sqrtf(code_squares) + coarse_rounding(scale_squares, groups)) * (1.0f + 0x1p-14f);
}

#endif
