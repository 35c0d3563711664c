/* html_change.h - one probe whose score fell or rose, with both answers side by side.
 * Does        marks what only one answer has (token by token), what the scorer saw in each, and
 *             says how many words the two share: of answers that share few, the marks say little.
 * Lifetime    change_view_init compiles the primary scorer once for many changes;
 *             change_view_release.
 * Threads     one thread at a time.
 * Errors      none: where the scorer cannot explain a text, it is shown without hits. */
#ifndef REPORT_HTML_CHANGE_H
#define REPORT_HTML_CHANGE_H

#include "analysis/analysis.h"
#include "base/buf.h"
#include "score/hits.h"

struct change_view {
    const struct analysis *analysis;
    const struct contrast *contrast;
    struct score *score; /* NULL: the primary metric is not one of a scorer */
    struct hits hits[2]; /* of answers a and b */
};

void change_view_init(struct change_view *view, const struct analysis *analysis);
void change_view_release(struct change_view *view);

/* A <details> element: closed, it is one line. id: unique on the page, to link to it. */
void html_change(struct buf *out, struct change_view *view, const char *id,
                 const struct contrast *contrast, const struct change *change);

#endif
