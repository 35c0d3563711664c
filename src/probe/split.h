/* split.h - which part of a set each record goes to.
 * Does        deals the records of every stratum out to the parts by weight, in an order that the
 *             seed and each record's key decide: the same records go to the same parts in whatever
 *             order they come. Records with one key stay together.
 * Threads     no state. */
#ifndef PROBE_SPLIT_H
#define PROBE_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct split_item {
    struct str stratum, key;
    uint32_t part; /* the result */
};

void split_assign(struct split_item *items, size_t count, const double *weights, size_t n_parts,
                  uint64_t seed);

#endif
