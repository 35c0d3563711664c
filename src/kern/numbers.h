/* numbers.h - the constants that all levels share, so that they cannot drift apart. */
#ifndef KERN_NUMBERS_H
#define KERN_NUMBERS_H

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

#endif
