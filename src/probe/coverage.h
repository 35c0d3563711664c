/* coverage.h - how many probes each region and each domain has.
 * Does        counts names, orders them, marks those with less than half of the average, and draws
 *             them as bars; finds the region of a record in its fields or in its file's name.
 * Lifetime    `{0}` is an empty tally; tally_release. Names are copied.
 * Threads     one thread at a time.
 * Limits      bars of COVERAGE_BAR_MAX characters. */
#ifndef PROBE_COVERAGE_H
#define PROBE_COVERAGE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "probe/record.h"

enum { COVERAGE_BAR_MAX = 40, COVERAGE_BAR_AVERAGE = 10 };

struct tally_row {
    struct str name;
    size_t count;
};

struct tally {
    struct tally_row *rows;
    size_t n_rows, cap, total;
    struct map index;
    struct arena arena;
};

void tally_add(struct tally *tally, struct str name);
void tally_sort(struct tally *tally); /* most first, then by name; nothing may be added after */
size_t tally_get(const struct tally *tally, const char *name);
bool tally_is_under(const struct tally *tally, const struct tally_row *row);
/* A heading, then a line a name: count, share, bar, mark. */
void tally_format(struct buf *out, const struct tally *tally, const char *heading);
void tally_release(struct tally *tally);

/* The codes that probe files are grouped by, from "cn" to "other"; ends with NULL. */
extern const char *const REGIONS[];

/* The code that the name of a file or folder, or a region's own name, stands for; "other" when it
 * stands for none. */
const char *region_of_name(const char *name);
/* The record's region, else what its file is called. */
const char *region_of_record(struct record_texts record, const char *file);
/* The record's domain in lower case, else "uncategorised". */
struct str domain_of_record(struct buf *lower, struct record_texts record);

#endif
