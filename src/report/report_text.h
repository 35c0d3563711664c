/* report_text.h - an analysis for people: on a terminal, as Markdown, as CSV.
 * Threads     no state. Text from files and models stands in it as it is: who prints it to a
 *             terminal makes it harmless first (console_print). */
#ifndef REPORT_REPORT_TEXT_H
#define REPORT_REPORT_TEXT_H

#include "analysis/analysis.h"
#include "base/buf.h"

struct report_style {
    bool categories, signals; /* their tables too; Markdown always has them */
    bool detail;              /* and the provenance */
};

void report_text(struct buf *out, const struct analysis *analysis, struct report_style style);
/* With the regressions' texts. */
void report_markdown(struct buf *out, const struct analysis *analysis);
/* One row a number, heading first. */
void report_csv(struct buf *out, const struct analysis *analysis);

#endif
