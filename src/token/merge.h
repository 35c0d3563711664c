/* merge.h - joins neighbouring symbols, best pair first, until no pair is left to join.
 * Does        the loop both tokenizers share: of all adjacent pairs take the one of lowest order,
 *             the leftmost among equals, join it, and look at its two new neighbours. What pairs
 *             join, and in which order, is a function of the caller's.
 * Lifetime    merge_init / merge_release; the memory is kept from run to run.
 * Threads     one thread at a time.
 * Limits      n symbols cost O(n log n) time and O(n) memory, whatever they are.
 * See         Sennrich, Haddow, Birch 2016, "Neural machine translation of rare words with subword
 *             units". */
#ifndef TOKEN_MERGE_H
#define TOKEN_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token/merge_queue.h"

struct merge_symbol {
    uint32_t start, len;  /* bytes of the text; len is 0 once it was joined to its left neighbour */
    uint32_t id;          /* TOKEN_NONE while it is no piece of the vocabulary */
    uint32_t left, right; /* neighbours, or MERGE_EDGE */
};

#define MERGE_EDGE UINT32_MAX

struct merge_joined {
    uint32_t order; /* lower is joined earlier */
    uint32_t id;
};

/* Whether two neighbours join, and to what. Where both have an id it must depend on the ids alone,
 * also from run to run: answers are remembered. */
typedef bool (*merge_pair_fn)(const void *context, const struct merge_symbol *left,
                              const struct merge_symbol *right, struct merge_joined *out);

struct merge_memo;

struct merge {
    struct merge_symbol *symbol; /* n_symbols; walk from 0 along `right` after merge_run */
    size_t n_symbols, cap_symbols;
    struct merge_queue queue;
    struct merge_memo *memo;
};

void merge_init(struct merge *merge);
void merge_release(struct merge *merge);

void merge_reset(struct merge *merge); /* no symbols */
void merge_push(struct merge *merge, uint32_t start, uint32_t len, uint32_t id);
void merge_run(struct merge *merge, merge_pair_fn pair, const void *context);

#endif
