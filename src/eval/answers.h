/* answers.h - the answers that a file holds, whatever wrote it, one after the other.
 * Does        reads A/B results (every condition of every probe), response lines {id, text or
 *             response, prompt} and plain text, a line an answer. Which of these a file is follows
 *             from its lines: text that does not begin with `{` is plain.
 * Lifetime    answers_open / answers_close; an answer given borrows until the next call.
 * Threads     one thread at a time.
 * Limits      ANSWERS_FILE_MAX bytes.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming file and line. No answer follows one.
 * See         docs/formats.md. */
#ifndef EVAL_ANSWERS_H
#define EVAL_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "text/json.h"
#include "text/jsonl.h"

enum { ANSWERS_FILE_MAX = 1 << 30 };

struct answer {
    json_t *id;           /* as the record has it; the number of its line when it has none */
    size_t line;          /* of the record; a probe's conditions share it */
    struct str condition; /* ptr NULL outside A/B results */
    struct str text, prompt;
    struct str expected, probe; /* "correct_answer" and "probe_id"; ptr NULL without */
    bool has_stored;            /* the record holds an earlier lek_score */
    double stored;
};

struct answers {
    struct jsonl lines;
    struct buf bytes;
    bool is_plain;
    char *model;    /* of an A/B result's summary, once it has been passed; or NULL */
    json_t *record; /* of the answer last given */
    json_t *id;
    char expected[JSON_REAL_LEN_MAX]; /* of `record`, where it is a number */
    json_t *conditions;               /* of `record`, in the midst of which we are; or NULL */
    void *condition;                  /* jansson's iterator: the next one */
};

/* "-" is standard input. */
MUST_USE bool answers_open(struct answers *in, const char *path, struct err *err);
void answers_close(struct answers *in);

/* true with *more false: there are no further answers. */
MUST_USE bool answers_next(struct answers *in, struct answer *out, bool *more, struct err *err);

#endif
