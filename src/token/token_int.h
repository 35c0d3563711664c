/* token_int.h - what the two kinds of tokenizer share with their face, private to this room.
 * Does        one row of functions a kind (tokenizer.ggml.model), and the working memory of one
 *             encode call.
 * Threads     a row's state is immutable after open; a struct encoder belongs to one call. */
#ifndef TOKEN_TOKEN_INT_H
#define TOKEN_TOKEN_INT_H

#include "base/buf.h"
#include "token/ids.h"
#include "token/merge.h"
#include "token/pretokenize.h"
#include "token/tokenizer.h"
#include "token/vocab.h"
#include "token/word_cache.h"

/* 64 MiB a call: working memory is up to some 60 bytes a byte of text without a place to cut. */
enum { TOKENIZER_TEXT_MAX = 1 << 26 };

struct encoder {
    struct ids *out;
    struct merge merge;
    struct word_cache words;
    struct buf norm;  /* the segment after normalisation */
    struct buf spelt; /* a word as pieces are stored */
    struct cuts cuts; /* where its words end */
};

/* A run of text without special tokens. */
struct segment {
    struct str text;
    bool follows_control; /* at the start of the text, or right after a control token */
    bool is_first, is_last;
};

struct token_model {
    const char *name; /* tokenizer.ggml.model */
    bool (*open)(void **state, const struct vocab *vocab, const struct gguf *gguf, struct err *err);
    void (*free)(void *state);
    bool (*encode)(const void *state, struct encoder *encoder, const struct segment *segment,
                   struct err *err);
    void (*decode)(const void *state, struct buf *out, uint32_t id); /* an ordinary piece */
    /* A space is put before text when it is encoded, and taken away when it is decoded. */
    bool (*has_space_prefix)(const void *state);
    bool (*adds_bos)(const void *state); /* when the file does not say */
};

extern const struct token_model unigram_model, bpe_model;

#endif
