/* mem.h - memory that cannot fail quietly, and size arithmetic that cannot wrap.
 * Does        small allocations abort on exhaustion (there is nothing useful left to do); sizes
 *             that came from outside use mem_try_*, whose NULL the caller turns into an error.
 * Errors      none for mem_*; NULL for mem_try_*. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

void *mem_alloc(size_t size);                /* uninitialised; free with free() */
void *mem_zalloc(size_t count, size_t size); /* zeroed */
void *mem_realloc(void *ptr, size_t count, size_t size);
char *mem_strdup(const char *s);

/* Zeroed, aligned to `align` (a power of two), NULL when there is no memory; free with free(). */
void *mem_try_aligned(size_t size, size_t align);

/* true and *out = a op b, or false when the result does not fit. */
MUST_USE static inline bool size_mul(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

MUST_USE static inline bool size_add(size_t *out, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline size_t size_round_up(size_t n, size_t multiple)
{
    return (n + multiple - 1) / multiple * multiple;
}

static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
