#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void *check(void *ptr, size_t size)
{
    if (!ptr)
        BUG("out of memory allocating %zu bytes", size);
    return ptr;
}

void *mem_alloc(size_t size)
{
    return check(malloc(size ? size : 1), size);
}

void *mem_zalloc(size_t count, size_t size)
{
    size_t bytes;
    if (!size_mul(&bytes, count, size))
        BUG("allocation of %zu x %zu bytes wraps", count, size);
    return check(calloc(count ? count : 1, size ? size : 1), bytes);
}

void *mem_realloc(void *ptr, size_t count, size_t size)
{
    size_t bytes;
    if (!size_mul(&bytes, count, size))
        BUG("allocation of %zu x %zu bytes wraps", count, size);
    return check(realloc(ptr, bytes ? bytes : 1), bytes);
}

char *mem_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(mem_alloc(n), s, n);
}

void *mem_try_aligned(size_t size, size_t align)
{
    if (size > (size_t)-1 - align)
        return NULL;
    size_t bytes = size_round_up(size ? size : 1, align);
    void *ptr = aligned_alloc(align, bytes);
    if (ptr)
        memset(ptr, 0, bytes);
    return ptr;
}
