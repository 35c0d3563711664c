/* parts.h - which lessons are learned, which validate, which test.
 * Does        deals keys out to training, validation and test by weight, in an order that the seed
 *             and each key decide (probe/split.h), so that lessons of one key stay together. No
 *             part with a weight stays empty while another has two keys.
 * Threads     no state. */
#ifndef LESSON_PARTS_H
#define LESSON_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum lesson_part { PART_TRAIN, PART_VALID, PART_TEST, N_PARTS };
extern const char *const PART_NAMES[N_PARTS]; /* "train", "valid", "test" */

/* Fills parts[count]. */
void parts_deal(uint32_t *parts, const struct str *keys, size_t count,
                const double weights[N_PARTS], uint64_t seed);

#endif
