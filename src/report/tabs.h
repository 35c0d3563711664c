/* tabs.h - text whose cells end in tabs, with the tabs turned into spaces.
 * Does        lays lines out by elastic tabstops: cells of neighbouring lines that stand in the same
 *             place and end in a tab are one column, as wide as its widest cell and two spaces. What
 *             follows a line's last tab is in no column. Widths are characters; a byte that is no
 *             part of one counts as one.
 * Threads     no state.
 * Errors      none; out->full as with any buffer.
 * See         N. Gravgaard, Elastic tabstops, 2006; the original's tables are made this way. */
#ifndef REPORT_TABS_H
#define REPORT_TABS_H

#include "base/buf.h"
#include "base/str.h"

enum { TABS_PADDING = 2 };

void tabs_format(struct buf *out, struct str text);

#endif
