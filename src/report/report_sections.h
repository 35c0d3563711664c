/* report_sections.h - an analysis as a list of tables, for every form that is made of tables.
 * Does        each section fills one table from the tree of analysis.h; text and Markdown only
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

#endif
