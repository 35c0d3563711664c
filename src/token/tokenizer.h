/* tokenizer.h - text to token ids and back, as the model file declares it.
 * Does        one face over the two kinds: unigram.c (SentencePiece-style, scores and byte
 *             fallback) and bpe.c (byte-level, pre-split and merges). Special tokens are recognised
 *             only where the caller says the text may hold them. Decoding gives the text back,
 *             except what the model's own tokenizer loses: Unicode composition (Qwen, by NFC),
 *             spaces where the file says to trim them, and characters its vocabulary cannot spell.
 * Lifetime    tokenizer_open / tokenizer_free; borrows the gguf it was opened from until then.
 * Threads     immutable after open, share freely; a struct token_stream belongs to one thread.
 * Limits      64 MiB of text a call.
 * Errors      ERR_UNSUPPORTED names the key and value that is unknown (never a silent fallback),
 *             ERR_FORMAT, ERR_LIMIT.
 * See         tests/oracle/README.md: tokenizer-*.jsonl. */
#ifndef TOKEN_TOKENIZER_H
#define TOKEN_TOKENIZER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "file/gguf.h"
#include "token/ids.h"

#define TOKEN_NONE UINT32_MAX

struct tokenizer;

MUST_USE bool tokenizer_open(struct tokenizer **out, const struct gguf *gguf, struct err *err);
void tokenizer_free(struct tokenizer *tok);

/* What part of a text may be read as control tokens. */
struct token_trust {
    bool all; /* every byte: a rendered template, or text that is known to be one */
    /* Else, if not NULL: one byte a text byte, nonzero where markers may stand. A special token is
     * recognised only if all its bytes are trusted. */
    const uint8_t *trusted;
};

/* Appends the ids of `text` (UTF-8; bytes that are none are encoded as bytes where the vocabulary
 * can, else as its unknown token). Adds no BOS and no EOS; appends nothing on failure. */
MUST_USE bool tokenizer_encode(const struct tokenizer *tok, struct ids *out, struct str text,
                               struct token_trust trust, struct err *err);

/* Appends the bytes of `ids`, which may break off inside a character; with `show_special`, control
 * tokens as their text, else as nothing. */
void tokenizer_decode(const struct tokenizer *tok, struct buf *out, const uint32_t *ids,
                      size_t count, bool show_special);

/* Decoding one id at a time: emits only whole characters, holding back the bytes of a started one.
 * Bytes that turn out to be in no character become U+FFFD. Control tokens are not shown. */
struct token_stream {
    const struct tokenizer *tok;
    char pending[8];
    size_t n_pending;
    bool started;
};
void token_stream_init(struct token_stream *stream, const struct tokenizer *tok);
void token_stream_push(struct token_stream *stream, struct buf *out, uint32_t id);
/* A half character becomes U+FFFD; the stream is then as new. */
void token_stream_end(struct token_stream *stream, struct buf *out);

size_t tokenizer_size(const struct tokenizer *tok);                   /* ids are below this */
struct str tokenizer_piece(const struct tokenizer *tok, uint32_t id); /* as stored in the file */
bool tokenizer_is_control(const struct tokenizer *tok, uint32_t id);
bool tokenizer_is_end(const struct tokenizer *tok, uint32_t id); /* any id that ends an answer */
uint32_t tokenizer_bos(const struct tokenizer *tok);             /* TOKEN_NONE when there is none */
uint32_t tokenizer_eos(const struct tokenizer *tok);
bool tokenizer_adds_bos(const struct tokenizer *tok); /* the file wants BOS before plain text */
/* The id of exactly this piece, TOKEN_NONE if absent. */
uint32_t tokenizer_find(const struct tokenizer *tok, struct str piece);

#endif
