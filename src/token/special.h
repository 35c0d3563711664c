/* special.h - finds the tokens that are matched in text as they stand, before any cutting.
 * Does        leftmost, then longest match of user-defined tokens (anywhere) and control tokens
 *             (only where the text is trusted).
 * Lifetime    special_open fills a caller's struct, special_release frees it; borrows the vocab.
 * Threads     immutable after open, share freely.
 * Limits      SPECIAL_BYTES_MAX a token, so that a text costs at most that many steps a byte.
 * Errors      ERR_LIMIT. */
#ifndef TOKEN_SPECIAL_H
#define TOKEN_SPECIAL_H

#include "token/tokenizer.h"
#include "token/vocab.h"

enum { SPECIAL_BYTES_MAX = 1024 };

struct special_set {
    const struct vocab *vocab;
    uint32_t *id; /* sorted by text */
    size_t count;
    /* A bit each: some token begins with these two bytes, or is the first of them. */
    uint8_t starts[65536 / 8];
};

struct special_match {
    size_t at, len;
    uint32_t id;
};

MUST_USE bool special_open(struct special_set *set, const struct vocab *vocab, struct err *err);
void special_release(struct special_set *set);

/* The first match at or after `from`; false when there is none. */
bool special_find(const struct special_set *set, struct special_match *out, struct str text,
                  size_t from, struct token_trust trust);

#endif
