/* hits.h - what a scorer saw in a text, where, and what each sight was worth.
 * Does        collects hits while a scorer runs: the same code that counts adds them, so what is
 *             listed is what was scored. A rule's points may be capped; hits_settle then gives
 *             each hit what it added to the rule's sum, in the order of the text, and those past
 *             the cap nothing. So the points of all hits add up to the score.
 * Lifetime    hits_init / hits_release; hits_reset forgets the hits and keeps the memory. Details
 *             are constant, the scorer's, or come from hits_detail: they last until reset, and no
 *             longer than the scorer.
 * Threads     one thread at a time.
 * Limits      HITS_MAX hits a text; after that `full` is set and the rest is not listed.
 * See         tests/unit/score/explain.c: the sum of the points is the score, for every text. */
#ifndef SCORE_HITS_H
#define SCORE_HITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "score/symbols.h"

enum { HITS_MAX = 1 << 20 };

struct hit {
    const char *rule;   /* what its points count for */
    const char *detail; /* the phrase or form that was found there; "" when the rule says it all */
    size_t start, end;  /* bytes of the text, end exclusive; both 0 where there is no one place */
    double points;
    size_t index;   /* of the rule, until hits_settle */
    double units;   /* how much the rule counts it for */
    bool in_prompt; /* the place is in the prompt, not in the text */
};

struct hit_rule {
    const char *name;
    double points; /* a unit */
    double cap;    /* the sum goes no further than this from 0; HUGE_VAL: no cap */
};

struct hits {
    struct hit *items;
    size_t n, cap;
    bool full;
    struct arena details;
};

void hits_init(struct hits *hits);
void hits_reset(struct hits *hits);
void hits_release(struct hits *hits);

/* Adds one unit of rule `index` at [start, end). Does nothing where `hits` is NULL: nobody asked. */
void hits_add(struct hits *hits, size_t index, const char *detail, size_t start, size_t end);
void hits_add_units(struct hits *hits, size_t index, double units, const char *detail, size_t start,
                    size_t end);
/* A detail made up for one hit. */
const char *hits_detail(struct hits *hits, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Places of the hits from `first` on were symbols; now they are bytes of the text that was loaded. */
void hits_to_bytes(struct hits *hits, size_t first, const struct symbols *symbols, struct str text);
/* Names the hits from `first` on after their rules and gives them their points; sorts them by
 * place. */
void hits_settle(struct hits *hits, size_t first, const struct hit_rule *rules);

#endif
