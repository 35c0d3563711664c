/* kern_avx2.c - the kernel bodies compiled for AVX2, FMA and F16C. */
#define KERN_TABLE kern_avx2
#define KERN_NAME  "avx2"
#include "kern/body/table.h"
