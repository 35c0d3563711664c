/* kern_neon.c - the kernel bodies compiled for ARMv8.2 with dot product. */
#define KERN_TABLE kern_neon
#define KERN_NAME  "neon"
#include "kern/body/table.h"
