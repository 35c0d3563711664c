/* v2_int.h - what the second-generation scorers share; for v2*.c alone.
 *
 * A signal is a count of phrases, of a shape that code looks for, or of both; it adds
 * points x value to the score, at most `cap`. A variant's table is the whole of its rules; `shape`
 * states in the notation of Python's re what the function beside it counts, and is hashed with the
 * rest, so that a change of either must change the version. */
#ifndef SCORE_V2_INT_H
#define SCORE_V2_INT_H

#include <math.h>

#include "score/phrases.h"
#include "score/v2.h"
#include "score/words.h"

enum v2_signal {
    V2_COMPLIANCE,
    V2_FORMULAIC,
    V2_DEGENERATION,
    V2_EMPTY,
    V2_FIRST_PERSON,
    V2_CREATIVE,
    V2_ENGAGEMENT,
    V2_EMOTIONAL,
    V2_NUANCE,
    V2_SPECIFICITY,
    V2_AXIOM,
    V2_PERSPECTIVE,
    V2_METAPHOR,
    V2_QUESTIONING,
    V2_SIGNALS,
    V2_LEK_SCORE = V2_SIGNALS,
    V2_FIELDS
};

#define V2_NO_CAP HUGE_VAL

struct v2_rule {
    double points, cap;
    struct phrase_list list;
    double (*count)(const struct symbols *text, struct hits *hits, size_t index);
    const char *shape;
};

struct v2_text {
    struct str bytes;
    struct symbols symbols;
    struct word_set words;
};

struct v2_variant {
    const struct v2_rule *signals[V2_SIGNALS];
    bool (*degeneration)(double *value, struct v2_text *text, struct hits *hits, struct err *err);
};

extern const struct v2_rule v2_ab_rules[V2_SIGNALS];
extern const struct score_field v2_fields[V2_FIELDS];

/* The scorer callbacks; `rules` is a struct v2_variant. */
void *v2_create(const void *rules);
void v2_free(void *v2);
bool v2_run(void *v2, struct score_result *out, struct hits *hits, const struct score_item *item,
            struct err *err);
/* To two decimals as Python does; and the plain way to do it, for tests. */
double v2_round(double x);
double v2_round_plainly(double x);
void v2_hash(char hex[SHA256_HEX_LEN + 1], const void *rules);

#endif
