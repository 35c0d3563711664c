/* shingle.h - a text as its words, and as the set of its runs of so many words.
 * Does        words are runs of letters, digits and marks between other characters, in lower case;
 *             an ideograph, kana or Hangul syllable is a word by itself, since those scripts set
 *             no spaces. A run of n words is one 64-bit hash: two that differ agree by chance once
 *             in 2^64.
 * Lifetime    word_list_init / word_list_release; words point into the list until the next split.
 * Threads     a list belongs to one thread.
 * Limits      texts of BUF_MAX_DEFAULT bytes. */
#ifndef PROBE_SHINGLE_H
#define PROBE_SHINGLE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct word_list {
    struct str *items;
    size_t count, cap;
    struct buf lower; /* the text that the words point into */
};

void word_list_init(struct word_list *words);
void word_list_release(struct word_list *words);
void word_list_split(struct word_list *words, struct str text); /* replaces what was there */

bool word_has(uint32_t cp);      /* a letter, digit or mark: can be part of a word */
bool word_is_alone(uint32_t cp); /* a word by itself, whatever is beside it */

struct shingle_set {
    uint64_t *hashes; /* ascending, each once */
    size_t count;
};

/* The runs of n words; of a text with fewer, all of it as one. A text without words has none. */
void shingle_set_make(struct shingle_set *out, const struct word_list *words, size_t n);
void shingle_set_release(struct shingle_set *set);
uint64_t shingle_hash(const struct str *words, size_t n);
bool shingle_set_has(const struct shingle_set *set, uint64_t hash);

#endif
