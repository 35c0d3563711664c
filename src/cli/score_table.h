/* score_table.h - scored answers as tables for people.
 * Does        collects rows and prints them: A/B results as the original's rescoring script does,
 *             stored score beside the new one for every probe and condition, with averages; other
 *             answers one a line with the signals that are not zero.
 * Lifetime    `{0}` is an empty table; score_table_release. Rows are copied.
 * Threads     one thread. */
#ifndef CLI_SCORE_TABLE_H
#define CLI_SCORE_TABLE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "eval/answers.h"
#include "score/score.h"

struct score_row {
    struct str id;
    size_t line;      /* rows of the same probe share it */
    size_t condition; /* index of its name */
    bool has_stored;
    double stored, score;
    const double *values;
};

struct score_table {
    struct score_row *rows;
    size_t n_rows, cap_rows;
    struct str *conditions; /* in the order in which they were first seen; none outside A/B */
    size_t n_conditions, cap_conditions;
    struct arena arena;
};

void score_table_add(struct score_table *table, const struct answer *answer,
                     const struct scorer *scorer, const double *values);
void score_table_release(struct score_table *table);

/* Appends the table. `model` may be NULL. */
void score_table_format(struct buf *out, const struct score_table *table,
                        const struct scorer *scorer, const char *model);

#endif
