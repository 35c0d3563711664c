/* compare_table.h - a comparison as a table for people.
 * Does        appends the numbers with their intervals and p values, then the verdict as a
 *             sentence. What is undefined is shown as "-".
 * See         docs/statistics.md, which explains each row. */
#ifndef REPORT_COMPARE_TABLE_H
#define REPORT_COMPARE_TABLE_H

#include "base/buf.h"
#include "stat/binary.h"
#include "stat/compare.h"

struct compare_names {
    const char *a, *b; /* what the two sides are called */
};

/* binary: NULL unless all scores are 0 or 1. p: the one the verdict goes by, adjusted for the other
 * comparisons if there are any, named by `adjusted` ("Holm") or NULL. */
void compare_table(struct buf *out, const struct compare *result,
                   const struct compare_options *options, const struct pair_table *binary,
                   struct compare_names names);
void compare_verdict(struct buf *out, const struct compare *result,
                     const struct compare_options *options, double p, const char *adjusted);

#endif
