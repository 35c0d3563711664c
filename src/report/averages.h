/* averages.h - two score files side by side, model by model and metric by metric.
 * Does        reads the "model_averages" of a scores file, the original's of either language or
 *             ours, and prints old, new and their difference as the original's compare does: a
 *             model or metric that one file lacks counts as 0 there.
 * Lifetime    averages_load gives a new reference.
 * Threads     no state.
 * Limits      AVERAGES_FILE_MAX bytes a file.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming the file and what was expected.
 * See         tests/oracle/ab-golden/compare: the original's tables, byte for byte. */
#ifndef REPORT_AVERAGES_H
#define REPORT_AVERAGES_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

#define AVERAGES_FILE_MAX ((size_t)1 << 30)

/* {model: {metric: number}} */
MUST_USE bool averages_load(json_t **out, const char *path, struct err *err);
void averages_compare(struct buf *out, json_t *old, json_t *new);

#endif
