/* arena.h - many small allocations, one release.
 * Does        hands out zeroed, aligned memory from growing blocks; mark and reset give it back in
 *             stack order.
 * Lifetime    arena_init (or `{0}`), arena_release frees everything handed out.
 * Threads     one thread at a time.
 * Errors      exhaustion of memory aborts; callers check sizes from outside before they ask. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena_block;

struct arena {
    struct arena_block *block; /* newest first */
};

struct arena_mark {
    struct arena_block *block;
    size_t used;
};

void *arena_alloc(struct arena *arena, size_t count, size_t size); /* zeroed, 16-byte aligned */
struct str arena_str(struct arena *arena, struct str s);           /* a copy, NUL after it */
struct arena_mark arena_mark(const struct arena *arena);
void arena_reset(struct arena *arena, struct arena_mark mark); /* frees what came after the mark */
void arena_release(struct arena *arena);

#endif
