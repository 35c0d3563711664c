/* score.h - answer text in, named numbers out: the table of scorers.
 * Does        names every scorer, tells which numbers it gives and which version of its rules gave
 *             them, and runs it on one text, with what else is known of it: the prompt, the right
 *             answer, the probe. A scorer that needs what is not known gives nothing. Knows no
 *             model and no file; what the numbers are worth is stat/'s business.
 * Lifetime    score_create compiles a scorer's rules and holds its working memory; score_free.
 * Threads     struct scorer is constant. A struct score serves one thread at a time; it is small,
 *             so make one per thread.
 * Limits      SCORE_TEXT_MAX bytes a text, so that offsets fit 32 bits and a hostile answer cannot
 *             take the machine's memory; time grows in proportion to the text.
 * Errors      score_run: ERR_FORMAT for text that is not UTF-8 (with the byte), ERR_LIMIT for one
 *             too long. The values are then untouched.
 * See         tests/oracle/README.md: the texts and numbers every scorer must reproduce. */
#ifndef SCORE_SCORE_H
#define SCORE_SCORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "score/hits.h"

enum { SCORE_TEXT_MAX = 64 << 20, SCORE_VALUES_MAX = 32 };

/* How a value is written, as the original's files do. */
enum score_kind {
    SCORE_NUMBER, /* a whole one without a decimal point */
    SCORE_REAL,   /* always with one */
    SCORE_TRUTH,  /* 0 or 1: false or true */
    SCORE_TEXT    /* not among the values: struct score_result's text; at most one */
};

/* What is scored. ptr is NULL for what is not known. */
struct score_item {
    struct str text;
    struct str prompt;   /* what the text answers */
    struct str expected; /* the right answer */
    struct str probe;    /* the name of the probe it answers */
};

struct score_result {
    double values[SCORE_VALUES_MAX];
    struct str text; /* of the field of kind SCORE_TEXT, until the next run; ptr NULL for none */
    bool is_scored;  /* false: the item lacks something this scorer needs */
};

struct score_field {
    const char *name;
    enum score_kind kind;
};

/* One row of the table. The functions are for score.c alone. */
struct scorer {
    const char *name;  /* "v2-ab": on the command line and in provenance */
    const char *group; /* "lek": a name for several rows together, or NULL */
    const char *key;   /* "v2_ab": in JSON */
    const char *about; /* one line for --help */
    const struct score_field *fields;
    size_t n_fields;   /* at most SCORE_VALUES_MAX */
    size_t overall;    /* the field that sums the others up */
    const void *rules; /* constant data of its file, where several rows share the code */
    void *(*create)(const void *rules);
    void (*free)(void *self);
    bool is_apart; /* of use only for the records made for it, so not one of "all" */
    /* Fills a result that is all zero but for is_scored; adds to `hits` what it saw, unless NULL. */
    bool (*run)(void *self, struct score_result *out, struct hits *hits,
                const struct score_item *item, struct err *err);
    void (*hash)(char hex[SHA256_HEX_LEN + 1], const void *rules);
};

/* All scorers, in the order in which they are shown. */
const struct scorer *const *scorer_list(size_t *count);
/* By name or JSON key; NULL when there is none of that name. */
const struct scorer *scorer_find(struct str name);
/* SHA-256 of the rules (patterns, points, bounds): equal hashes give equal numbers. */
void scorer_hash(char hex[SHA256_HEX_LEN + 1], const struct scorer *scorer);

struct score;

struct score *score_create(const struct scorer *scorer);
void score_free(struct score *score);

MUST_USE bool score_item(struct score *score, struct score_result *out,
                         const struct score_item *item, struct err *err);
/* The same, and all that was seen, in the order of the text: the points of all hits add up to the
 * value `scorer->overall`, but for its rounding. */
MUST_USE bool score_explain(struct score *score, struct score_result *out, struct hits *hits,
                            const struct score_item *item, struct err *err);
/* The same for a scorer that needs no more than a text: fills values[0 .. n_fields-1]. */
MUST_USE bool score_run(struct score *score, double *values, struct str text, struct str prompt,
                        struct err *err);

/* {"field": value, ...} in the scorer's order, null when nothing was scored: a new reference. */
json_t *score_result_to_json(const struct scorer *scorer, const struct score_result *result);
/* The same as text, in Python's spelling, byte for byte what json_format makes of it. */
void score_result_format(struct buf *out, const struct scorer *scorer,
                         const struct score_result *result);
json_t *score_to_json(const struct scorer *scorer, const double *values);

#endif
