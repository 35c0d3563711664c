/* report_html.h - an analysis as one page that can be sent to anybody.
 * Does        writes a single HTML file: the verdict first, then what to know before believing it,
 *             plots, the answers that changed most, and every table of the report. It needs no
 *             script and no network, follows the reader's light or dark screen, and can be
 *             printed. Of all answers it holds only those of the regressions and improvements that
 *             the analysis kept.
 * Threads     no state.
 * Limits      grows with the plots (every probe) and the kept changes, not with the run's texts. A
 *             buf that reaches its ceiling remembers it.
 * See         docs/report.md; docs/security.md, what hostile texts try. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "analysis/analysis.h"
#include "base/buf.h"

/* program: version of what wrote it. */
void report_html(struct buf *out, const struct analysis *analysis, const char *program);

#endif
