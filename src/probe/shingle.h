/* shingle.h - a text as its words, and as its runs of so many words.
 * Does        words are runs of letters, digits and marks between other characters, in lower case.
 *             A letter of a script that is written without spaces (Chinese, Japanese, Thai, Lao,
 *             Burmese, Khmer) is a word by itself. A run of n words is one 64-bit hash: two that
 *             differ agree by chance once in 2^64.
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
    uint64_t *hashes; /* of each */
    size_t count, cap, hashes_cap;
    struct buf lower; /* the text that the words point into */
};

void word_list_init(struct word_list *words);
void word_list_release(struct word_list *words);
void word_list_split(struct word_list *words, struct str text); /* replaces what was there */

bool word_has(uint32_t cp);      /* a letter, digit or mark: can be part of a word */
bool word_is_alone(uint32_t cp); /* a letter of a script without spaces: a word by itself */

/* How long a text is in words: what white space parts ("don't", "1,000" and "--" are one each), but
 * a letter of a script without spaces counts as one. Letters, not clusters: "你好，世界" has four. */
size_t words_count(struct str text);

/* The hash of n words in a row; of all of a text, what tells two texts apart. The second is the same
 * of words that stand in a list, from `at` on, and faster. */
uint64_t shingle_hash(const struct str *words, size_t n);
uint64_t shingle_at(const struct word_list *words, size_t at, size_t n);

struct shingle_set {
    uint64_t *hashes; /* ascending, each once */
    size_t count;
};

/* The runs of n words; of a text with fewer, all of it as one. A text without words has none. */
void shingle_set_make(struct shingle_set *out, const struct word_list *words, size_t n);
void shingle_set_release(struct shingle_set *set);
bool shingle_set_has(const struct shingle_set *set, uint64_t hash);

#endif
