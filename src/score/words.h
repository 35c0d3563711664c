/* words.h - how many words a text has, and how many different ones.
 * Does        splits at white space as Python's str.split() does and counts distinct words
 *             exactly: punctuation and case tell words apart.
 * Lifetime    `{0}` is an empty word_set; its memory is kept between texts; word_set_release.
 * Threads     one thread at a time.
 * Limits      texts under 4 GiB (offsets are 32 bits). The hash is keyed by an address, so no
 *             text can be written to collide; the counts do not depend on the key.
 * Errors      ERR_LIMIT when there is no memory for the table: at most 12 times the text. */
#ifndef SCORE_WORDS_H
#define SCORE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "score/symbols.h"

struct word_slot {
    uint32_t hash, offset, len; /* len 0: free */
};

struct word_set {
    struct word_slot *slots;
    size_t cap;  /* slots there are */
    size_t mask; /* of those in use for this text, a power of two, less one */
};

struct word_counts {
    size_t total, distinct;
};

/* `symbols` holds the text (symbols_load). */
MUST_USE bool word_set_count(struct word_counts *counts, struct word_set *set,
                             const struct symbols *symbols, struct str text, struct err *err);
void word_set_release(struct word_set *set);

#endif
