/* stat_csv.h - pairs of score columns of a CSV file, compared.
 * Does        reads named columns of a file with a heading; every cell of them must be a number.
 *             Several pairs of columns are several hypotheses: their p values are adjusted.
 * Lifetime    stat_csv_load / stat_csv_release (safe on {0}).
 * Limits      STAT_CSV_BYTES_MAX, VALUES_MAX rows, STAT_CSV_PAIRS_MAX pairs of columns.
 * Errors      ERR_USAGE when a column does not exist; ERR_FORMAT and ERR_LIMIT naming file and
 *             line. */
#ifndef CLI_STAT_CSV_H
#define CLI_STAT_CSV_H

#include <stdbool.h>

#include "base/buf.h"
#include "stat/compare.h"

enum { STAT_CSV_BYTES_MAX = 1 << 30, STAT_CSV_PAIRS_MAX = 64 };

struct stat_csv_columns {
    const char *const *a, *const *b; /* (pairs) */
    size_t pairs;
    const char *length_a, *length_b; /* both or neither NULL */
    const char *cluster;             /* or NULL */
};

struct stat_csv {
    const struct stat_csv_columns *columns; /* borrowed */
    size_t rows, n_clusters;
    double *a[STAT_CSV_PAIRS_MAX], *b[STAT_CSV_PAIRS_MAX]; /* (rows) */
    double *length_difference;                             /* (rows), or NULL */
    uint32_t *cluster;                                     /* (rows), or NULL */
};

MUST_USE bool stat_csv_load(struct stat_csv *out, const struct stat_csv_columns *columns,
                            const char *path, struct err *err);
void stat_csv_release(struct stat_csv *csv);

/* Appends tables, or one JSON object a line. */
void stat_csv_format(struct buf *out, const struct stat_csv *csv,
                     const struct compare_options *options, bool as_json);

#endif
