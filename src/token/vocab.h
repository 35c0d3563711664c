/* vocab.h - the pieces of a model's vocabulary, by id and by text.
 * Does        reads tokens, their kinds and the special ids from GGUF metadata and checks them;
 *             knows nothing of how text is cut into pieces.
 * Lifetime    vocab_open fills a caller's struct, vocab_release frees it; pieces borrow from the
 *             gguf.
 * Threads     immutable after open, share freely.
 * Limits      VOCAB_TOKENS_MAX tokens.
 * Errors      ERR_FORMAT names the key and the token; ERR_LIMIT. */
#ifndef TOKEN_VOCAB_H
#define TOKEN_VOCAB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "file/gguf.h"

enum {
    VOCAB_TOKENS_MAX = 1 << 22, /* sixteen times the largest vocabulary in use */
    VOCAB_ENDS_MAX = 16
};

/* Numbers as in the file. */
enum token_kind {
    TOKEN_UNDEFINED,
    TOKEN_NORMAL,
    TOKEN_UNKNOWN,
    TOKEN_CONTROL,
    TOKEN_USER_DEFINED,
    TOKEN_UNUSED,
    TOKEN_BYTE,
    TOKEN_KINDS
};

struct vocab_slot;

struct vocab {
    const struct str *piece; /* count of them */
    uint8_t *kind;           /* enum token_kind */
    size_t count;
    bool has_kinds;           /* the file says which kind a token is */
    struct vocab_slot *slots; /* pieces by text: open addressing, 1 << slot_bits of them */
    unsigned slot_bits;
    uint32_t bos, eos, unknown;   /* TOKEN_NONE when the file has none */
    uint32_t end[VOCAB_ENDS_MAX]; /* ids that end an answer */
    size_t n_ends;
};

MUST_USE bool vocab_open(struct vocab *vocab, const struct gguf *gguf, struct err *err);
void vocab_release(struct vocab *vocab);

/* The first id of this piece, or TOKEN_NONE. */
uint32_t vocab_find(const struct vocab *vocab, struct str piece);

/* A piece that running text may become: neither control nor unknown, unused or a byte. */
static inline bool vocab_is_text(const struct vocab *vocab, uint32_t id)
{
    return vocab->kind[id] == TOKEN_NORMAL || vocab->kind[id] == TOKEN_UNDEFINED ||
           vocab->kind[id] == TOKEN_USER_DEFINED;
}

/* A piece that is shown only to who asks for special tokens. */
static inline bool vocab_is_hidden(const struct vocab *vocab, uint32_t id)
{
    return vocab->kind[id] == TOKEN_CONTROL || vocab->kind[id] == TOKEN_UNKNOWN ||
           vocab->kind[id] == TOKEN_UNUSED;
}

#endif
