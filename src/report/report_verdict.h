/* report_verdict.h - the finding that a contrast is judged by, and the verdict as a sentence.
 * Threads     no state. */
#ifndef REPORT_REPORT_VERDICT_H
#define REPORT_REPORT_VERDICT_H

#include "analysis/analysis.h"
#include "base/buf.h"

/* The contrast's finding of the primary metric. */
const struct finding *finding_primary(const struct analysis *analysis,
                                      const struct contrast *contrast);

/* The one interval that is shown of several: BCa where it exists. */
struct interval finding_interval(const struct finding *finding);

/* "json: better. v2-ab 18.20 -> 20.35, ..." as a sentence. */
void report_verdict(struct buf *out, const struct analysis *analysis,
                    const struct contrast *contrast);

#endif
