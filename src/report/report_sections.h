/* report_sections.h - an analysis as a list of tables, for every form that is made of tables.
 * Does        each section fills one table from the tree of analysis.h; text, Markdown and CSV only
 *             differ in how a table is written.
 * Threads     no state. */
#ifndef REPORT_REPORT_SECTIONS_H
#define REPORT_REPORT_SECTIONS_H

#include "analysis/analysis.h"
#include "report/table.h"

enum section_kind {
    SECTION_ALWAYS,
    SECTION_CATEGORIES,
    SECTION_SIGNALS,
    SECTION_CHANGES,
    SECTION_DETAIL
};

struct section {
    const char *title;
    const char *about; /* how to read it, a sentence; or NULL */
    enum section_kind kind;
    void (*fill)(struct table *table, const struct analysis *analysis); /* no row: left out */
};

const struct section *report_sections(size_t *count);

/* The one interval that is shown of several: BCa where it exists. */
struct interval finding_interval(const struct finding *finding);

/* One row a number: findings, categories, signals and single probes of every contrast. */
void report_rows(struct table *table, const struct analysis *analysis);

/* "json: better. v2-ab 18.20 -> 20.35, ..." as a sentence. */
void report_verdict(struct buf *out, const struct analysis *analysis,
                    const struct contrast *contrast);

#endif
