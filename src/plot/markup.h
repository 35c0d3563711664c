/* markup.h - text from anywhere, made safe to stand in HTML, SVG and XML.
 * Does        the one place where text becomes markup. Writes & < > " ' as references, which is
 *             enough between tags and inside quoted attributes, and there only: no text from
 *             outside may enter a tag's name, a style or a comment. What would act on the reader's
 *             screen unseen is shown instead: control characters as their pictures (NUL as U+2400,
 *             CR as U+240D), bidirectional controls, line separators, tags and noncharacters as
 *             [U+202E], bytes that are no UTF-8 as U+FFFD. Line feed and tab stay.
 * Threads     no state.
 * Limits      at most 8 bytes for one of input; a buf that reaches its ceiling remembers it.
 * See         the Unicode Standard, 23; Boucher & Anderson 2021, arXiv 2111.00169. */
#ifndef PLOT_MARKUP_H
#define PLOT_MARKUP_H

#include "base/buf.h"
#include "base/str.h"

void markup_text(struct buf *out, struct str text);

/* The same on one line, of at most n_chars characters: line feeds and tabs become spaces, and an
 * ellipsis stands for what was cut. */
void markup_line(struct buf *out, struct str text, size_t n_chars);

#endif
