#include "base/map.h"

#include <stdlib.h>

#include "base/mem.h"

/* A multiply-rotate hash over 8-byte words. Keys are vocabulary pieces and names from one file,
 * probing is bounded by the table, so a hostile file can make lookups slow but not wrong. */
static uint32_t hash_bytes(struct str s)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ s.len;
    const char *p = s.ptr;
    size_t n = s.len;
    while (n) {
        uint64_t word = 0;
        size_t take = size_min(n, sizeof word);
        memcpy(&word, p, take);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
        p += take;
        n -= take;
    }
    h *= 0xc4ceb9fe1a85ec53u;
    return (uint32_t)(h ^ (h >> 29));
}

/* The slot that holds `key`, or the free one where it belongs. The table is never full. */
static struct map_slot *slot_of(const struct map *map, struct str key, uint32_t hash)
{
    size_t mask = map->cap - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct map_slot *slot = &map->slots[i];
        if (!slot->key.ptr || (slot->hash == hash && str_eq(slot->key, key)))
            return slot;
    }
}

void map_reserve(struct map *map, size_t count)
{
    size_t cap = size_max(map->cap, 16);
    while (cap / 2 < count)
        cap *= 2;
    if (cap == map->cap)
        return;
    struct map grown = {mem_zalloc(cap, sizeof *grown.slots), map->count, cap};
    for (size_t i = 0; i < map->cap; i++)
        if (map->slots[i].key.ptr)
            *slot_of(&grown, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    free(map->slots);
    *map = grown;
}

static struct map_slot *find_or_add(struct map *map, struct str key, uint32_t value, bool *added)
{
    if (map->count + 1 > map->cap / 2)
        map_reserve(map, map->count + 1);
    uint32_t hash = hash_bytes(key);
    struct map_slot *slot = slot_of(map, key, hash);
    *added = !slot->key.ptr;
    if (*added) {
        *slot = (struct map_slot){key.ptr ? key : str_n("", 0), hash, value};
        map->count++;
    }
    return slot;
}

bool map_add(struct map *map, struct str key, uint32_t value)
{
    bool added;
    find_or_add(map, key, value, &added);
    return added;
}

void map_set(struct map *map, struct str key, uint32_t value)
{
    bool added;
    find_or_add(map, key, value, &added)->value = value;
}

uint32_t map_get(const struct map *map, struct str key)
{
    if (!map->cap)
        return MAP_NONE;
    struct map_slot *slot = slot_of(map, key, hash_bytes(key));
    return slot->key.ptr ? slot->value : MAP_NONE;
}

void map_release(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}
