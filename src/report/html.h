/* html.h - the parts of a page: head, tables, texts that scroll in their own box.
 * Does        writes HTML that is also well-formed XML (every element closed, every attribute
 *             quoted), so that any strict parser can check it. The page has no script; its one
 *             style sheet is allowed by its hash, everything else is forbidden by its policy.
 * Threads     no state.
 * Limits      a buf that reaches its ceiling remembers it.
 * See         Content Security Policy Level 3; WCAG 2.2. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/buf.h"
#include "report/table.h"

/* From the doctype to the open <body>, with the style sheet of page_style. */
void html_begin(struct buf *out, struct str title);
void html_end(struct buf *out);

/* The style sheet, svg_style included. It holds no "<" and no "&". */
void page_style(struct buf *out);

/* The table under its name for those who do not see it. The first row is the heading; the first
 * column names the rows. In right-aligned columns hyphens before digits become minus signs, " .. "
 * becomes "to", and verdicts get their symbol. Writes nothing without rows. */
void html_table(struct buf *out, const struct table *table, const char *name);

/* A number or sentence of the terminal's as it is set in print: "-1.2 .. 3.4" with a minus sign
 * and "to". Escaped. */
void html_typeset(struct buf *out, struct str text);

#endif
