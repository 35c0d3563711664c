/* run_summary.h - finished A/B runs side by side, from their result files.
 * Does        reads the summary line of each file, the original's or ours, and puts one row per
 *             run and condition into a table.
 * Threads     no state.
 * Limits      RUN_FILE_MAX bytes a file.
 * Errors      ERR_IO; ERR_FORMAT naming file and line; ERR_USAGE for a run that has no summary
 *             because it is not finished. */
#ifndef REPORT_RUN_SUMMARY_H
#define REPORT_RUN_SUMMARY_H

#include <jansson.h>

#include "base/err.h"
#include "report/table.h"

#define RUN_FILE_MAX ((size_t)1 << 30)

/* The last summary line of the file, a new reference. */
MUST_USE bool run_summary_load(json_t **out, const char *path, struct err *err);

void run_summary_columns(struct table *table);
void run_summary_rows(struct table *table, const json_t *summary);

#endif
