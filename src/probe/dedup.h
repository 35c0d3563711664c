/* dedup.h - which texts say again what an earlier one said.
 * Does        exact: the same words in the same order, whatever their case and punctuation. Near:
 *             near.h. Earlier texts that are themselves no repeats are what later ones are compared
 *             with, so of any family the first stays.
 * Threads     one call at a time; it reads the texts with all threads.
 * See         near.h. */
#ifndef PROBE_DEDUP_H
#define PROBE_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define DEDUP_NONE      UINT32_MAX
#define DEDUP_THRESHOLD 0.85

struct dedup_twin {
    uint32_t of;       /* index of the text it repeats, or DEDUP_NONE */
    double similarity; /* 1 when exact */
    bool is_exact;
};

/* Fills twins[count], count below DEDUP_NONE; a threshold above 1 finds exact repeats only. Returns
 * how many texts repeat another. */
size_t dedup_find(struct dedup_twin *twins, const struct str *texts, size_t count,
                  double threshold);

#endif
