/* stat_rows.h - rows of numbers in JSON lines, each answered with its statistics.
 * Does        reads one row {"id", "kind", inputs...} and makes {"id", results...}. Kinds: paired
 *             (a, b; margin, length_difference, cluster), binary (a, b), pvalues (p), metrics
 *             (differences, one list a metric), groups (mean, se), agreement (level, ratings; null
 *             is missing) and pass_at_k (samples, correct, k).
 * Lifetime    the result is the caller's (json_decref).
 * Limits      VALUES_MAX numbers a list, each within +-1e100.
 * Errors      ERR_FORMAT, ERR_LIMIT; the caller adds file and line.
 * See         docs/statistics.md. */
#ifndef CLI_STAT_ROWS_H
#define CLI_STAT_ROWS_H

#include <jansson.h>

#include "base/err.h"
#include "stat/compare.h"

#define STAT_NUMBER_MAX 1e100 /* squares and sums of it stay finite */

MUST_USE bool stat_row_answer(json_t **out, const json_t *row,
                              const struct compare_options *options, struct err *err);

#endif
