/* import.h - probe files of every shape there is, as regular records, with nothing lost silently.
 * Does        finds the records of a text: a JSON array, JSON lines, groups (an object whose
 *             `scenarios`, `probes`, `prompts`, `seeds`, `items` or `data` is a list), the same in
 *             Markdown fences with prose around them, and whole records inside a text that is
 *             otherwise broken, such as a reply that was cut off. Each record is then kept as it
 *             is, repaired, or refused with a reason (record.h); read = kept + repaired + refused.
 * Lifetime    import_init, import_release; records belong to the import. With keep_lines they
 *             borrow from the text, which import_file then keeps and import_text's caller must.
 * Threads     one thread at a time.
 * Limits      IMPORT_FILE_MAX bytes a file, IMPORT_RECORDS_MAX records, groups IMPORT_DEPTH_MAX
 *             deep.
 * Errors      ERR_IO and ERR_LIMIT only: what a file holds is never an error, it is counted. */
#ifndef PROBE_IMPORT_H
#define PROBE_IMPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "probe/record.h"

enum { IMPORT_FILE_MAX = 512 << 20, IMPORT_RECORDS_MAX = 4 << 20, IMPORT_DEPTH_MAX = 8 };

struct import_record {
    json_t *value;     /* id, prompt, and the other fields; NULL when there is a line */
    struct str line;   /* keep_lines: one with nothing to mend */
    bool is_formatted; /* the line is what json_format writes of it */
    struct record_texts texts;
    const char *file; /* where it came from */
    size_t place;     /* the how-manieth record of that file, from 1 */
    unsigned repairs; /* bits of enum repair */
    size_t n_same_id; /* later records that had its id */
};

struct import_refused {
    const char *file;
    size_t place;
    enum refusal why;
};

struct import_options {
    bool unique_ids; /* a repeated id gets a number, a repeated record is refused */
    bool keep_lines; /* a JSON line that is a record as it stands is not made a value of; not
                        together with unique_ids */
};

struct import {
    struct import_options options;
    struct import_record *records;
    size_t n_records, cap;
    struct import_refused *refused;
    size_t n_refused, refused_cap;
    size_t n_read, n_kept, n_repaired;
    size_t by_repair[N_REPAIRS], by_refusal[N_REFUSALS];
    struct map ids;  /* to the record */
    struct map seen; /* digests of id and prompt */
    char **files;    /* keep_lines: what was read */
    size_t n_files, files_cap;
    struct arena arena;
};

void import_init(struct import *in, struct import_options options);
void import_release(struct import *in);
/* Adds what the text holds; `name` is the file it stands for. */
MUST_USE bool import_text(struct import *in, struct str text, const char *name, struct err *err);
MUST_USE bool import_file(struct import *in, const char *path, struct err *err);
/* The record's value, also of one that is a line; the caller's reference. */
json_t *import_value(const struct import_record *record);

#endif
