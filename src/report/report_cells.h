/* report_cells.h - what stands in the cells of a report's tables: how many decimals a score, a p or a
 * share has, and what stands for a number that is none.
 * Threads     no state. */
#ifndef REPORT_REPORT_CELLS_H
#define REPORT_REPORT_CELLS_H

#include <stddef.h>

#include "base/str.h"
#include "report/table.h"
#include "stat/values.h"

/* Each adds one cell; "-" where the number is not finite. */
void name_cell(struct table *t, struct str name); /* "(none)" when empty */
void number_cell(struct table *t, double x, int decimals);
void score_cell(struct table *t, double x);      /* 2 decimals */
void difference_cell(struct table *t, double x); /* 2 decimals and a sign */
void p_cell(struct table *t, double p);          /* the smaller, the more decimals */
void share_cell(struct table *t, double share);  /* 0..1, as per cent */
void range_cell(struct table *t, struct interval range);
void count_cell(struct table *t, size_t n);
/* For programs: the shortest digits that read back as x; empty where it is not finite. */
void exact_cell(struct table *t, double x);

/* The first n_left columns are names, the others numbers. The headings outlive the table. */
void report_columns(struct table *t, const char *const *headings, size_t n, size_t n_left);

#define COLUMNS(table, n_left, ...)                                                  \
    do {                                                                             \
        static const char *const headings[] = {__VA_ARGS__};                         \
        report_columns(table, headings, sizeof headings / sizeof *headings, n_left); \
    } while (0)

#endif
