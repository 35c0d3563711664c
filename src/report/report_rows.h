/* report_rows.h - an analysis as rows for programs: the table that --csv writes.
 * Does        one row a number: findings, categories, signals and single probes of every contrast,
 *             unrounded; what does not apply to a row is empty.
 * Threads     no state. */
#ifndef REPORT_REPORT_ROWS_H
#define REPORT_REPORT_ROWS_H

#include "analysis/analysis.h"
#include "report/table.h"

void report_rows(struct table *table, const struct analysis *analysis);

#endif
