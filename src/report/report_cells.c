/* report_cells.c - see report_cells.h. */
#include "report/report_cells.h"

#include <math.h>

#include "text/json.h"

void name_cell(struct table *t, struct str name)
{
    table_cell_str(t, name.len ? name : str_of("(none)"));
}

void number_cell(struct table *t, double x, int decimals)
{
    if (isfinite(x))
        table_cell(t, "%.*f", decimals, x);
    else
        table_cell(t, "-");
}

void score_cell(struct table *t, double x)
{
    number_cell(t, x, 2);
}

void difference_cell(struct table *t, double x)
{
    if (isfinite(x))
        table_cell(t, "%+.2f", x);
    else
        table_cell(t, "-");
}

void p_cell(struct table *t, double p)
{
    if (p < 0.0001)
        table_cell(t, "%.0e", p);
    else
        number_cell(t, p, p < 0.01 ? 4 : 3);
}

void share_cell(struct table *t, double share)
{
    if (isfinite(share))
        table_cell(t, "%.1f %%", 100 * share);
    else
        table_cell(t, "-");
}

void range_cell(struct table *t, struct interval range)
{
    if (isfinite(range.low) && isfinite(range.high))
        table_cell(t, "%+.2f .. %+.2f", range.low, range.high);
    else
        table_cell(t, "-");
}

void count_cell(struct table *t, size_t n)
{
    table_cell(t, "%zu", n);
}

void exact_cell(struct table *t, double x)
{
    char text[JSON_REAL_LEN_MAX] = "";
    if (isfinite(x))
        json_format_real(text, x);
    table_cell(t, "%s", text);
}

void report_columns(struct table *t, const char *const *headings, size_t n, size_t n_left)
{
    for (size_t i = 0; i < n; i++)
        table_column(t, headings[i], i < n_left ? TEXT_LEFT : TEXT_RIGHT);
}
