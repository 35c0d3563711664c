#include "base/map.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

static inline uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

struct sip {
    uint64_t a, b, c, d;
};

static inline void sip_round(struct sip *s)
{
    s->a += s->b;
    s->b = rotate(s->b, 13) ^ s->a;
    s->a = rotate(s->a, 32);
    s->c += s->d;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = rotate(s->b, 17) ^ s->c;
    s->c = rotate(s->c, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->d ^= word;
    sip_round(s);
    s->a ^= word;
}

/* SipHash-1-3 (Aumasson, Bernstein 2012). Keys come from files that may be hostile: without the
 * salt nobody can choose keys that collide. The last word holds the rest of the key and its length.
 */
static uint32_t hash_bytes(struct str s, uint64_t salt)
{
    uint64_t k0 = salt, k1 = rotate(salt, 29) * 0x9e3779b97f4a7c15u;
    struct sip h = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                    k1 ^ 0x7465646279746573u};
    size_t at = 0;
    uint64_t word;
    for (; s.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, s.ptr + at, sizeof word);
        sip_word(&h, word);
    }
    word = 0;
    if (s.len > at)
        memcpy(&word, s.ptr + at, s.len - at);
    sip_word(&h, word ^ (uint64_t)s.len << 56);
    h.c ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&h);
    return (uint32_t)(h.a ^ h.b ^ h.c ^ h.d);
}

/* A number that the author of a file cannot know: where the system put things, and when. Nothing
 * but the order of slots depends on it, and no caller sees that. */
static uint64_t make_salt(const void *heap)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t mixed = (uint64_t)(uintptr_t)heap * 0xff51afd7ed558ccdu ^ (uint64_t)(uintptr_t)&now;
    mixed = (mixed ^ mixed >> 32) * 0xc4ceb9fe1a85ec53u ^ (uint64_t)now.tv_nsec;
    return (mixed ^ mixed >> 29) * 0x9e3779b97f4a7c15u ^ (uint64_t)now.tv_sec;
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
    if (count > SIZE_MAX / 4)
        BUG("a map of %zu keys", count);
    while (cap / 2 < count)
        cap *= 2;
    if (cap == map->cap)
        return;
    struct map grown = {mem_zalloc(cap, sizeof *grown.slots), map->count, cap, map->salt};
    if (!map->cap)
        grown.salt = make_salt(grown.slots);
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
    uint32_t hash = hash_bytes(key, map->salt);
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
    struct map_slot *slot = slot_of(map, key, hash_bytes(key, map->salt));
    return slot->key.ptr ? slot->value : MAP_NONE;
}

void map_release(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}
