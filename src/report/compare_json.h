/* compare_json.h - the numbers of a comparison under the names that files use.
 * Does        a JSON object per result of stat/; what is undefined is null.
 * Lifetime    the value is the caller's (json_decref).
 * See         docs/statistics.md, which explains each name. */
#ifndef REPORT_COMPARE_JSON_H
#define REPORT_COMPARE_JSON_H

#include <jansson.h>

#include "stat/binary.h"
#include "stat/compare.h"

/* Adds to `object`, in a fixed order. Names that end in 95 are of intervals at alpha = 0.05. */
void compare_to_json(json_t *object, const struct compare *result,
                     const struct compare_options *options);
void binary_to_json(json_t *object, const struct pair_table *table);

json_t *number_to_json(double x);                /* a real, or null when it is not finite */
json_t *interval_to_json(struct interval range); /* [low, high], or null when either is not */

#endif
