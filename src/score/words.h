/* words.h - how many words a text has, and how many different ones.
 * Does        splits at white space as the dialect's own split does (str.split, strings.Fields) and
 *             counts distinct words exactly: punctuation and case tell words apart. The set also
 *             takes other pieces of a text: sentences, groups of words.
 * Lifetime    `{0}` is an empty word_set; its memory is kept between texts; word_set_release.
 * Threads     one thread at a time.
 * Limits      texts under 4 GiB (offsets are 32 bits). The hash is keyed by an address, so no
 *             text can be written to collide; the counts do not depend on the key.
 * Errors      ERR_LIMIT when there is no memory for the table: at most 16 times the text. */
#ifndef SCORE_WORDS_H
#define SCORE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "score/symbols.h"

struct word_slot {
    uint64_t key;         /* up to eight bytes: the piece itself; longer: its hash */
    uint32_t offset, len; /* len 0: free */
};

struct word_set {
    struct str text;
    struct word_slot *slots;
    size_t cap;    /* slots there are */
    size_t mask;   /* of those in use for this text, a power of two, less one */
    size_t n;      /* pieces in it */
    bool is_short; /* there was no memory for all of them */
};

struct word_counts {
    size_t total, distinct;
};

/* `symbols` holds the text and its blocks. Looks for no more distinct words than `enough`. */
MUST_USE bool word_set_count(struct word_counts *counts, struct word_set *set,
                             const struct symbols *symbols, struct str text, size_t enough,
                             struct err *err);
/* The next word from *at (0 at first), false after the last. */
bool word_next(struct str *word, const struct symbols *symbols, struct str text, size_t *at);
/* Without the white space at either end. */
struct str words_strip(const struct symbols *symbols, struct str text);
/* Of symbols with their blocks. */
size_t word_count(const struct symbols *symbols);

/* An empty set for pieces of `text`, about that many. */
MUST_USE bool word_set_begin(struct word_set *set, size_t pieces, struct str text, struct err *err);
/* true: this piece of the set's text (not empty) was not there yet. */
bool word_set_add(struct word_set *set, struct str piece);
/* Were all of them taken? */
MUST_USE bool word_set_end(const struct word_set *set, struct err *err);
void word_set_release(struct word_set *set);

#endif
