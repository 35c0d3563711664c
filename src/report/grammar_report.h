/* grammar_report.h - grammar records as the original's lem-scorer prints them.
 * Does        a table, a line of JSON a record, or a summary with means, correlations and
 *             categories, byte for byte.
 * Threads     no state.
 * See         tests/oracle/ab-golden/lem-scorer. */
#ifndef REPORT_GRAMMAR_REPORT_H
#define REPORT_GRAMMAR_REPORT_H

#include "base/buf.h"
#include "eval/grammar_records.h"

void grammar_report_table(struct buf *out, const struct grammar_records *records);
void grammar_report_jsonl(struct buf *out, const struct grammar_records *records);
void grammar_report_summary(struct buf *out, const struct grammar_records *records,
                            const char *const *paths, size_t n_paths);

#endif
