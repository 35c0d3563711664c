/* memory.h - how much memory a program may still take without pushing others out. */
#ifndef OS_MEMORY_H
#define OS_MEMORY_H

#include <stddef.h>

/* Bytes: what the system calls available, lowered by what our control group leaves; 0 when the
 * system does not say. */
size_t memory_available(void);

#endif
