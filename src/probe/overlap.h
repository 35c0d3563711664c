/* overlap.h - which items (probes, questions of a benchmark) stand, whole or in part, in other texts.
 * Does        looks for every run of 13 words of an item in the texts it is shown, one after the
 *             other. Words are GPT-3's: lower case, split at white space, punctuation left out
 *             ("Sign-off," is "signoff"); a letter of a script without spaces is a word by
 *             itself (shingle.h). An item of fewer words is looked for as a whole, down to
 *             OVERLAP_WORDS_MIN; one shorter still is found everywhere by chance, and is not
 *             looked for. What an item shares with a text in words rather than runs is Jaccard's
 *             business: near.h.
 * Lifetime    overlap_create / overlap_free; borrows the items' texts until then.
 * Threads     one thread at a time.
 * Limits      memory is in proportion to the items; texts may be of any length. Runs are compared by
 *             64-bit hash: two that differ agree by chance once in 2^64.
 * Errors      none.
 * See         Brown et al. 2020, "Language models are few-shot learners", section 4, appendix C. */
#ifndef PROBE_OVERLAP_H
#define PROBE_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { OVERLAP_RUN_WORDS = 13, OVERLAP_WORDS_MIN = 8 };

struct overlap_item {
    size_t words;
    size_t runs;     /* that could be found: words - 12, or 1; 0 for an item too short to judge */
    size_t found;    /* of them, in any text so far */
    size_t source;   /* the first text that had one, as overlap_read was told; if found > 0 */
    struct str text; /* the first of its runs found there, as the item writes it */
};

struct overlap;

struct overlap *overlap_create(const struct str *items, size_t n_items);
void overlap_free(struct overlap *overlap);

/* Looks for all items in a text; `source` is the caller's name for it. Runs do not reach from one
 * text into the next. */
void overlap_read(struct overlap *overlap, struct str text, size_t source);

/* What has been found of item `index`. */
struct overlap_item overlap_get(const struct overlap *overlap, size_t index);

#endif
