/* kern_vnni512.c - the kernel bodies compiled for AVX-512 with VNNI. */
#define KERN_TABLE kern_vnni512
#define KERN_NAME  "avx512-vnni"
#include "kern/body/table.h"
