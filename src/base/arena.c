#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ARENA_ALIGN = 16, ARENA_BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t used, cap;
    _Alignas(ARENA_ALIGN) unsigned char bytes[];
};

static struct arena_block *block_add(struct arena *arena, size_t need)
{
    size_t cap = size_max(need, ARENA_BLOCK_BYTES);
    struct arena_block *block = mem_alloc(sizeof *block + cap);
    block->older = arena->block;
    block->used = 0;
    block->cap = cap;
    arena->block = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (!size_mul(&bytes, count, size) || bytes > (size_t)-1 / 2)
        BUG("arena allocation of %zu x %zu bytes", count, size);
    bytes = size_round_up(size_max(bytes, 1), ARENA_ALIGN);
    struct arena_block *block = arena->block;
    if (!block || block->cap - block->used < bytes)
        block = block_add(arena, bytes);
    void *ptr = block->bytes + block->used;
    block->used += bytes;
    memset(ptr, 0, bytes);
    return ptr;
}

struct str arena_str(struct arena *arena, struct str s)
{
    char *copy = arena_alloc(arena, s.len + 1, 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return str_n(copy, s.len);
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->block, arena->block ? arena->block->used : 0};
}

void arena_reset(struct arena *arena, struct arena_mark mark)
{
    while (arena->block != mark.block) {
        struct arena_block *older = arena->block->older;
        free(arena->block);
        arena->block = older;
    }
    if (arena->block)
        arena->block->used = mark.used;
}

void arena_release(struct arena *arena)
{
    arena_reset(arena, (struct arena_mark){NULL, 0});
}
