/* extract.h - the training examples of a self-distillation run.
 * Does        takes the lines of type "training" out of such a run's file, keeps all of them, or of
 *             each probe the first or the best (highest lek_score; the earlier of equals), and
 *             orders them by probe id, equal ids as they came. Counts and scores as the original's
 *             tool printed them.
 * Lifetime    extract_read fills a struct that extract_release frees.
 * Threads     one thread at a time.
 * Errors      ERR_FORMAT naming file and line: no JSON, a training line without messages or score;
 *             or a file without a training line.
 * See         docs/formats.md, lessons; tests/oracle/ab-golden/extract. */
#ifndef LESSON_EXTRACT_H
#define LESSON_EXTRACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum extract_keep { EXTRACT_BEST, EXTRACT_ALL, EXTRACT_FIRST, N_EXTRACT_KEEPS };
/* false: no way of keeping has that name. */
bool extract_keep_of_name(enum extract_keep *keep, const char *name);

struct extract_item {
    json_t *line; /* the whole of it: "training" and "meta" */
    struct str probe_id, category;
    double score;
    size_t order;
};

struct extract {
    struct extract_item *items;
    size_t count, cap;
    json_t *summary; /* the run's last one, or NULL */
};

MUST_USE bool extract_read(struct extract *out, struct str text, const char *name, struct err *err);
/* Leaves what is to be kept, in order. */
void extract_choose(struct extract *extract, enum extract_keep keep);
/* Appends the examples, a line each. */
void extract_put(struct buf *out, const struct extract *extract);
/* Appends what the run says of itself, and counts and scores of what is left. */
void extract_put_source(struct buf *out, const struct extract *extract);
void extract_put_stats(struct buf *out, const struct extract *extract);
void extract_release(struct extract *extract);

#endif
