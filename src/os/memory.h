/* memory.h - how much memory a program may still take without pushing others out, and big pieces
 * of it. */
#ifndef OS_MEMORY_H
#define OS_MEMORY_H

#include <stddef.h>

/* Bytes: what the system calls available, lowered by what our control group leaves; 0 when the
 * system does not say. */
size_t memory_available(void);

/* Zeroed memory, aligned to 64 bytes; NULL when there is none. From MEMORY_BIG on it comes straight
 * from the system, in huge pages where it has them, and takes room only where it is written. */
enum { MEMORY_BIG = 2 << 20 };
void *memory_take(size_t bytes);
void memory_give(void *memory, size_t bytes); /* as taken; NULL is accepted */

#endif
