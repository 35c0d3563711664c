/* extract.h - training lines out of a distillation.
 * Does        takes the "training" records of a distillation, keeps the best of each probe, the
 *             first, or all, sorts them by probe and gives each one's training object as a line;
 *             and says in the original's words what it took and what that is like.
 * Lifetime    extract_load / extract_release.
 * Threads     one thread.
 * Limits      EXTRACT_FILE_MAX bytes.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming file and line.
 * See         tests/oracle/ab-golden/extract. */
#ifndef EVAL_EXTRACT_H
#define EVAL_EXTRACT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { EXTRACT_FILE_MAX = 1 << 30 };

enum extract_keep { EXTRACT_BEST, EXTRACT_ALL, EXTRACT_FIRST };

struct extract_item {
    json_t *record;
    struct str probe, category;
    double score;
    size_t line;
};

struct extract {
    struct extract_item *items;
    size_t n, cap;
    size_t n_loaded; /* before any were left out */
    json_t *summary; /* the distillation's last, or NULL */
};

MUST_USE bool extract_load(struct extract *extract, const char *path, enum extract_keep keep,
                           struct err *err);
void extract_release(struct extract *extract);

void extract_lines(struct buf *out, const struct extract *extract);
/* What was read, and counts and scores of what was kept. */
void extract_note(struct buf *out, const struct extract *extract, const char *path);
void extract_statistics(struct buf *out, const struct extract *extract);

#endif
