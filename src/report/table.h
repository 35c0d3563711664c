/* table.h - columns of text, aligned by counted characters.
 * Does        pads single fields, and lays out a whole table whose widths follow its content.
 * Lifetime    `{0}` is an empty table; table_release. Cells are copied.
 * Threads     one thread at a time.
 * Limits      TABLE_COLUMNS_MAX columns. Every code point counts as one column, as in Python's
 *             format(). */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum text_align { TEXT_LEFT, TEXT_RIGHT };
enum { TABLE_COLUMNS_MAX = 64 };

/* Appends `s`, with spaces up to `width` characters; longer text is not cut. */
void text_pad(struct buf *out, struct str s, size_t width, enum text_align align);
void text_fill(struct buf *out, char c, size_t count);

struct table {
    size_t n_columns;
    enum text_align align[TABLE_COLUMNS_MAX];
    struct str *cells; /* row by row; the first row is the heading */
    size_t n_cells, cap;
    struct arena arena;
};

/* Adds a column before any row has begun. */
void table_column(struct table *table, const char *heading, enum text_align align);
/* Adds the next cell; rows fill from left to right. */
void table_cell(struct table *table, const char *fmt, ...) PRINTF_LIKE(2, 3);
void table_cell_str(struct table *table, struct str text); /* the same, of any length, as it is */
/* Appends heading, rule and rows; a last row that is not full ends in empty cells. */
void table_format(struct buf *out, const struct table *table);
/* The same as a table of Markdown, in which no cell can end a row or begin markup. */
void table_markdown(struct buf *out, const struct table *table);
/* As RFC 4180: heading and rows, CR LF between them; "-" stays as it is. */
void table_csv(struct buf *out, const struct table *table);
size_t table_rows(const struct table *table); /* without the heading */
void table_release(struct table *table);

#endif
