/* tabs.c - see tabs.h. */
#include "report/tabs.h"

#include <stdlib.h>

#include "base/vec.h"
#include "text/utf8.h"

/* A cell that ends in a tab, or a line's rest, which does not. */
struct cell {
    struct str text;
    size_t width, line, column;
    bool is_rest;
};

struct grid {
    struct cell *cells; /* line by line */
    size_t n, cap, n_lines, cap_lines;
    size_t *lines; /* index of the first cell of each line; one more at the end */
};

static size_t width_of(struct str text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len; width++)
        if (utf8_next(text, &at) == UTF8_BAD && at == 0)
            at++;
    return width;
}

static void add_line(struct grid *grid, struct str line)
{
    VEC_PUSH(grid->lines, grid->n_lines, grid->cap_lines, grid->n);
    for (size_t column = 0;; column++) {
        size_t tab = str_find(line, str_of("\t"), 0);
        struct cell cell = {.text = str_n(line.ptr, tab == (size_t)-1 ? line.len : tab),
                            .line = grid->n_lines - 1,
                            .column = column,
                            .is_rest = tab == (size_t)-1};
        cell.width = width_of(cell.text);
        VEC_PUSH(grid->cells, grid->n, grid->cap, cell);
        if (cell.is_rest)
            return;
        line = str_from(line, tab + 1);
    }
}

/* The cell of that line and column if it ends in a tab, else NULL. */
static struct cell *tabbed(struct grid *grid, size_t line, size_t column)
{
    if (line + 1 >= grid->n_lines || grid->lines[line] + column >= grid->lines[line + 1])
        return NULL;
    struct cell *cell = &grid->cells[grid->lines[line] + column];
    return cell->is_rest ? NULL : cell;
}

/* Gives all cells of the column that begins at this cell the width of the widest. */
static void widen(struct grid *grid, const struct cell *first)
{
    size_t widest = 0, column = first->column;
    struct cell *cell;
    if (first->line > 0 && tabbed(grid, first->line - 1, column))
        return; /* it began further up */
    for (size_t line = first->line; (cell = tabbed(grid, line, column)); line++)
        widest = size_max(widest, cell->width);
    for (size_t line = first->line; (cell = tabbed(grid, line, column)); line++)
        cell->width = widest + TABS_PADDING;
}

static void put_cells(struct buf *out, const struct grid *grid)
{
    for (size_t i = 0; i < grid->n; i++) {
        const struct cell *cell = &grid->cells[i];
        buf_add_str(out, cell->text);
        for (size_t w = width_of(cell->text); !cell->is_rest && w < cell->width; w++)
            buf_putc(out, ' ');
        if (cell->is_rest && i + 1 < grid->n)
            buf_putc(out, '\n');
    }
}

void tabs_format(struct buf *out, struct str text)
{
    struct grid grid = {0};
    for (bool more = true; more;) {
        size_t end = str_find(text, str_of("\n"), 0);
        more = end != (size_t)-1;
        add_line(&grid, str_n(text.ptr, more ? end : text.len));
        text = more ? str_from(text, end + 1) : text;
    }
    VEC_PUSH(grid.lines, grid.n_lines, grid.cap_lines, grid.n);
    for (size_t i = 0; i < grid.n; i++)
        if (!grid.cells[i].is_rest)
            widen(&grid, &grid.cells[i]);
    put_cells(out, &grid);
    free(grid.cells);
    free(grid.lines);
}
