/* vec.h - growing arrays of any type, in one macro.
 * Does        VEC_PUSH(items, count, cap, value) appends to a malloc'ed array that starts as {NULL,
 *             0, 0}.
 * Lifetime    the caller frees `items` with free().
 * Errors      exhaustion of memory aborts; callers bound counts that come from outside. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/mem.h"

#define VEC_PUSH(items, count, cap, value)                                  \
    do {                                                                    \
        if ((count) == (cap)) {                                             \
            (cap) = (cap) ? (cap)*2 : 8;                                    \
            (items) = mem_realloc((items), (size_t)(cap), sizeof *(items)); \
        }                                                                   \
        (items)[(count)++] = (value);                                       \
    } while (0)

#endif
