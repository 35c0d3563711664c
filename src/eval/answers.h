/* answers.h - the answers that a file holds, whatever wrote it.
 * Does        reads A/B results (every condition of every probe), journals of them, response lines
 *             {id, text or response, prompt}, training lines and distillations (the last answer of
 *             a conversation), arrays of any of these, and plain text, a line an answer. Which of
 *             these a line is follows from its fields; text that begins with neither `{` nor `[` is
 *             plain. What a record stores of earlier scores comes along as it is.
 * Lifetime    answers_open / answers_close; an answer borrows from its record, a record from
 *             nothing: answer_record_load / answer_record_release. answers_next holds the record
 *             itself, until the next call.
 * Threads     an open struct answers may be shared for answer_record_load; a record belongs to one
 *             thread, and so does the walk over lines.
 * Limits      ANSWERS_FILE_MAX bytes.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming file and line for a line that cannot be read,
 *             after which the walk may go on; ERR_UNSUPPORTED for one of a type unknown here.
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
#include "text/json_flat.h"
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
    json_t *signals; /* the numbers stored with it, an object, or NULL */
};

struct answers {
    struct jsonl lines;
    struct buf bytes;
    bool is_plain;
    bool missing_is_empty; /* set after open: a response line without one has an empty one */
    bool keeps_values;     /* records keep all their members, not only what makes an answer */
    char *model;           /* of a summary, once answers_next has passed it; or NULL */
    struct answer_record *record;
};

struct answer_record {
    const char *name; /* of the file */
    size_t line;
    bool is_plain, missing_is_empty;
    struct str text;        /* the line, when it is plain */
    struct json_flat *flat; /* reads lines without `value`; NULL until one was read */
    bool is_flat;           /* it holds an answer not given yet */
    json_t *value, *id;
    struct str model;                 /* of a summary line; ptr NULL for others */
    char expected[JSON_REAL_LEN_MAX]; /* where it is a number */
    json_t *conditions;               /* of an A/B line; or NULL */
    void *condition;                  /* jansson's iterator: the next one */
    json_t *holder;                   /* of an only answer not given yet; or NULL */
    bool (*give)(struct answer_record *record, struct answer *out, struct err *err);
};

/* "-" is standard input. */
MUST_USE bool answers_open(struct answers *in, const char *path, struct err *err);
void answers_close(struct answers *in);

/* true with *more false: there are no further answers. Passes over lines of unknown types. */
MUST_USE bool answers_next(struct answers *in, struct answer *out, bool *more, struct err *err);

/* The next line that may hold answers, and its number; false after the last. */
bool answers_line(struct answers *in, struct str *line, size_t *number);
/* Reads that line into `record`, which is released whatever comes of it; it may hold no answers. */
MUST_USE bool answer_record_load(struct answer_record *record, const struct answers *in,
                                 struct str line, size_t number, struct err *err);
MUST_USE bool answer_record_next(struct answer_record *record, struct answer *out, bool *more,
                                 struct err *err);
void answer_record_release(struct answer_record *record);

/* Were these signals counted by the first A/B scorer? It is lost: its values are kept, as stored. */
bool answer_is_v1(const json_t *signals);

#endif
