#include "report/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "text/utf8.h"

enum { GAP = 2, CELL_MAX = 1024 };

void text_fill(struct buf *out, char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_putc(out, c);
}

void text_pad(struct buf *out, struct str s, size_t width, enum text_align align)
{
    size_t len = utf8_count(s), space = width > len ? width - len : 0;
    if (align == TEXT_RIGHT)
        text_fill(out, ' ', space);
    buf_add_str(out, s);
    if (align == TEXT_LEFT)
        text_fill(out, ' ', space);
}

void table_column(struct table *table, const char *heading, enum text_align align)
{
    assert(table->n_columns == table->n_cells && table->n_columns < TABLE_COLUMNS_MAX);
    table->align[table->n_columns++] = align;
    VEC_PUSH(table->cells, table->n_cells, table->cap, arena_str(&table->arena, str_of(heading)));
}

void table_cell(struct table *table, const char *fmt, ...)
{
    char text[CELL_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    VEC_PUSH(table->cells, table->n_cells, table->cap, arena_str(&table->arena, str_of(text)));
}

void table_cell_str(struct table *table, struct str text)
{
    VEC_PUSH(table->cells, table->n_cells, table->cap, arena_str(&table->arena, text));
}

static void find_widths(size_t *widths, const struct table *table)
{
    for (size_t c = 0; c < table->n_columns; c++)
        widths[c] = 0;
    for (size_t i = 0; i < table->n_cells; i++) {
        size_t c = i % table->n_columns;
        widths[c] = size_max(widths[c], utf8_count(table->cells[i]));
    }
}

static void format_row(struct buf *out, const struct table *table, const size_t *widths, size_t row)
{
    size_t first = row * table->n_columns;
    for (size_t c = 0; c < table->n_columns && first + c < table->n_cells; c++) {
        text_fill(out, ' ', c ? GAP : 0);
        text_pad(out, table->cells[first + c], widths[c], table->align[c]);
    }
    while (out->len && out->ptr[out->len - 1] == ' ')
        out->len--;
    buf_putc(out, '\n');
}

void table_format(struct buf *out, const struct table *table)
{
    size_t widths[TABLE_COLUMNS_MAX];
    if (table->n_columns == 0)
        return;
    find_widths(widths, table);
    format_row(out, table, widths, 0);
    for (size_t c = 0; c < table->n_columns; c++) {
        text_fill(out, ' ', c ? GAP : 0);
        text_fill(out, '-', widths[c]);
    }
    buf_putc(out, '\n');
    for (size_t row = 1; row * table->n_columns < table->n_cells; row++)
        format_row(out, table, widths, row);
}

/* Line ends become spaces; what Markdown or HTML would read as markup is escaped. */
static void add_markdown(struct buf *out, struct str cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.ptr[i];
        if (c == '<' || c == '&')
            buf_puts(out, c == '<' ? "&lt;" : "&amp;");
        else if (c == '\n' || c == '\r')
            buf_putc(out, ' ');
        else {
            if (c && strchr("|\\`*_[]", c))
                buf_putc(out, '\\');
            buf_putc(out, c);
        }
    }
}

void table_markdown(struct buf *out, const struct table *table)
{
    size_t n = table->n_columns;
    for (size_t i = 0; n && i < table->n_cells; i++) {
        buf_puts(out, "| ");
        add_markdown(out, table->cells[i]);
        buf_putc(out, ' ');
        if ((i + 1) % n == 0)
            buf_puts(out, "|\n");
        for (size_t c = 0; i + 1 == n && c < n; c++)
            buf_printf(out, "|%s%s",
                       table->align[c] == TEXT_LEFT ? "---" : "--:", c + 1 == n ? "|\n" : "");
    }
}

static void add_csv(struct buf *out, struct str cell)
{
    bool plain = true;
    for (size_t i = 0; i < cell.len; i++)
        plain = plain && cell.ptr[i] && !strchr(",\"\r\n", cell.ptr[i]);
    if (plain) {
        buf_add_str(out, cell);
        return;
    }
    buf_putc(out, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, cell.ptr[i]);
    }
    buf_putc(out, '"');
}

void table_csv(struct buf *out, const struct table *table)
{
    for (size_t i = 0; i < table->n_cells; i++) {
        add_csv(out, table->cells[i]);
        buf_puts(out, (i + 1) % table->n_columns ? "," : "\r\n");
    }
}

size_t table_rows(const struct table *table)
{
    return table->n_columns ? table->n_cells / table->n_columns - 1 : 0;
}

void table_release(struct table *table)
{
    free(table->cells);
    arena_release(&table->arena);
    *table = (struct table){0};
}
