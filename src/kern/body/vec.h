/* vec.h - the 16-lane virtual vector of the numerics contract (N3), by the instruction set being
 * compiled for. The only place that asks which one that is. Sums over lanes add i and i + 8, then
 * 4, 2, 1. */
#ifndef KERN_VEC_H
#define KERN_VEC_H

#if defined(__AVX512F__)
#include "kern/body/vec_avx512.h"
#elif defined(__AVX2__)
#include "kern/body/vec_avx2.h"
#elif defined(__ARM_NEON)
#include "kern/body/vec_neon.h"
#endif

#endif
