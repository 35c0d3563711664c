/* kern_avx512.c - the kernel bodies compiled for AVX-512 without VNNI. */
#define KERN_TABLE kern_avx512
#define KERN_NAME  "avx512"
#include "kern/body/table.h"
