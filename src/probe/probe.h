/* probe.h - the questions of a run, from any file of probes there is.
 * Does        reads a JSON array of objects or of plain strings, JSON lines of either, and groups
 *             {region, scenarios: [...]}, also inside a Markdown code fence. Every record becomes
 *             id, category and prompt: the id is `id`, else `seed_id`, else "", written as
 *             Python's str writes it; the category is `category`, else `domain`, else
 *             "uncategorised", in lower case. Whatever else a record or its group says is kept in
 *             `extra`, misspelt names included. An empty prompt is a prompt; ids may repeat.
 * Lifetime    probe_set_load fills a set that probe_set_release frees; all in it is its own.
 * Threads     immutable once loaded.
 * Limits      PROBE_FILE_MAX bytes, PROBES_MAX records.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming the file and the record (its line, in JSON
 *             lines); ERR_USAGE when a selected id is not there. The set is then empty.
 * See         docs/formats.md, probes. */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

enum { PROBE_FILE_MAX = 256 << 20, PROBES_MAX = 1 << 20 };

struct probe {
    struct str id, category, prompt;
    json_t *extra; /* object of the other fields, in their order; NULL when there are none */
    size_t record; /* its number in the file, from 1; in JSON lines, the number of its line */
};

struct probe_options {
    bool skip_bad;   /* pass over records without a prompt and count them, rather than fail */
    const char *ids; /* only these ids, or what comes before their first '_', separated by commas;
                        in the file's order; NULL: all */
    size_t limit;    /* only the first so many of those; 0: all */
    bool
        leave_extra; /* `extra` may be NULL: plain JSON lines are then read without making values */
};

struct probe_set {
    struct probe *items;
    size_t count, cap;
    size_t skipped;                  /* records passed over by skip_bad */
    char sha256[SHA256_HEX_LEN + 1]; /* of the file's bytes */
    struct arena arena;
};

MUST_USE bool probe_set_load(struct probe_set *set, const char *path,
                             const struct probe_options *options, struct err *err);
/* The same from bytes in memory; `name` stands for the file in messages. */
MUST_USE bool probe_set_parse(struct probe_set *set, struct str text, const char *name,
                              const struct probe_options *options, struct err *err);
void probe_set_release(struct probe_set *set);

#endif
