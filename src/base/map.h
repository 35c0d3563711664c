/* map.h - a hash map from byte strings to 32-bit numbers.
 * Does        exact lookup of vocabulary entries, names and ids; values usually index an array of
 *             the caller's. The hash is salted: a hostile file cannot choose keys that collide. The
 *             order of slots follows the salt, so nothing may ever depend on it.
 * Lifetime    `{0}` is an empty map; keys are borrowed and must outlive it; map_release frees the
 *             table.
 * Threads     immutable while nobody sets: share freely for lookup. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct map_slot {
    struct str key; /* ptr NULL: free */
    uint32_t hash, value;
};

struct map {
    struct map_slot *slots;
    size_t count, cap; /* cap is 0 or a power of two */
    uint64_t salt;     /* of the hash; differs from map to map and run to run */
};

#define MAP_NONE UINT32_MAX /* no value may be this */

void map_reserve(struct map *map, size_t count); /* room for `count` keys without growing again */
bool map_add(struct map *map, struct str key,
             uint32_t value); /* false: the key is there; it keeps its value */
void map_set(struct map *map, struct str key, uint32_t value); /* adds or replaces */
uint32_t map_get(const struct map *map, struct str key);       /* MAP_NONE when absent */
void map_release(struct map *map);

#endif
