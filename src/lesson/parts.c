/* parts.c - see parts.h. */
#include "lesson/parts.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "probe/split.h"

const char *const PART_NAMES[N_PARTS] = {"train", "valid", "test"};

/* How many items a part has, or 0 when it could not spare one: all have one key. *first: the key
 * that comes first in the seed's order. */
static size_t count_spare(struct str *first, const struct split_item *items, size_t count,
                          uint32_t part, uint64_t seed)
{
    size_t n = 0;
    uint64_t least = 0;
    bool has_others = false;
    for (size_t i = 0; i < count; i++) {
        if (items[i].part != part)
            continue;
        uint64_t order = rng_key(items[i].key.ptr, items[i].key.len, seed);
        has_others |= n > 0 && !str_eq(items[i].key, *first);
        if (n++ == 0 || order < least) {
            least = order;
            *first = items[i].key;
        }
    }
    return has_others ? n : 0;
}

/* Gives an empty part a key of the part that has most. */
static void fill_part(struct split_item *items, size_t count, uint32_t part, uint64_t seed)
{
    struct str first = {0}, key = {0};
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i].part == part)
            return;
    for (uint32_t other = 0; other < N_PARTS; other++) {
        size_t n = count_spare(&first, items, count, other, seed);
        if (n > most) {
            most = n;
            key = first;
        }
    }
    for (size_t i = 0; most > 0 && i < count; i++)
        if (str_eq(items[i].key, key))
            items[i].part = part;
}

void parts_deal(uint32_t *parts, const struct str *keys, size_t count,
                const double weights[N_PARTS], uint64_t seed)
{
    struct split_item *items = mem_zalloc(count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct split_item){.stratum = STR(""), .key = keys[i]};
    split_assign(items, count, weights, N_PARTS, seed);
    for (uint32_t part = 0; part < N_PARTS; part++)
        if (weights[part] > 0)
            fill_part(items, count, part, seed);
    for (size_t i = 0; i < count; i++)
        parts[i] = items[i].part;
    free(items);
}
