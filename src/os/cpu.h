/* cpu.h - what this processor can do, as far as kernels care. */
#ifndef OS_CPU_H
#define OS_CPU_H

#include <stdbool.h>

struct cpu {
    bool avx2;    /* with FMA and F16C, and saved by the operating system */
    bool avx512;  /* F, BW, DQ, VL */
    bool vnni512; /* avx512 and AVX512-VNNI */
    bool neon;    /* ARMv8.2 with dot product and half-precision conversion */
    char name[64];
};

struct cpu cpu_detect(void); /* asks the processor; the answer never changes */

#endif
