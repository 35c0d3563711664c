/* split.c - see split.h. */
#include "probe/split.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

struct dealt {
    const struct split_item *item;
    uint64_t order;
    size_t index;
};

static int compare_dealt(const void *a, const void *b)
{
    const struct dealt *x = a, *y = b;
    int by_stratum = str_cmp(x->item->stratum, y->item->stratum);
    if (by_stratum != 0)
        return by_stratum;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    int by_key = str_cmp(x->item->key, y->item->key);
    return by_key != 0 ? by_key : (x->index > y->index) - (x->index < y->index);
}

/* The part that holds the point `at` of [0, 1). */
static uint32_t part_at(double at, const double *weights, size_t n_parts)
{
    double sum = 0, end = 0;
    for (size_t i = 0; i < n_parts; i++)
        sum += weights[i];
    for (size_t i = 0; i + 1 < n_parts; i++) {
        end += weights[i] / sum;
        if (at < end)
            return (uint32_t)i;
    }
    return (uint32_t)n_parts - 1;
}

void split_assign(struct split_item *items, size_t count, const double *weights, size_t n_parts,
                  uint64_t seed)
{
    struct dealt *order = mem_zalloc(count + 1, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = (struct dealt){&items[i], rng_key(items[i].key.ptr, items[i].key.len, seed), i};
    qsort(order, count, sizeof *order, compare_dealt);
    for (size_t begin = 0, end; begin < count; begin = end) {
        struct str stratum = order[begin].item->stratum;
        for (end = begin; end < count && str_eq(order[end].item->stratum, stratum);)
            end++;
        uint32_t part = 0;
        for (size_t i = begin; i < end; i++) {
            bool joins = i > begin && str_eq(order[i].item->key, order[i - 1].item->key);
            if (!joins)
                part =
                    part_at(((double)(i - begin) + 0.5) / (double)(end - begin), weights, n_parts);
            items[order[i].index].part = part;
        }
    }
    free(order);
}
