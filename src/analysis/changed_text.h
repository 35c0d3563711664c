/* changed_text.h - an answer in other clothes: changes that should not make it better.
 * Does        line ends made LF; Markdown's marks taken away; sentences put in random order, with
 *             what stands between them left in place. And the salad: key words without a sentence.
 * Threads     no state; the order is a function of (text, seed). */
#ifndef ANALYSIS_CHANGED_TEXT_H
#define ANALYSIS_CHANGED_TEXT_H

#include "analysis/analysis.h"
#include "base/buf.h"

void changed_text(struct buf *out, struct str text, enum layout_kind kind, uint64_t seed);
struct str salad_text(void);

#endif
