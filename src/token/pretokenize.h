/* pretokenize.h - where byte-level tokenizers cut a text before any merging, by the declared name.
 * Does        knows the split rules of public tokenizers (tokenizer.ggml.pre) as regular
 *             expressions, and what else goes with the name: NFC, whole words before merges, a BOS
 *             by default.
 * Lifetime    pretokenizer_open / pretokenizer_free.
 * Threads     immutable after open, share freely; a struct cuts belongs to one thread.
 * Errors      ERR_UNSUPPORTED names the key and the value; ERR_LIMIT when a search gives up.
 * See         "pre_tokenizer" in the tokenizer.json that each of these models is published with. */
#ifndef TOKEN_PRETOKENIZE_H
#define TOKEN_PRETOKENIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct pretokenizer;
struct regex_scratch;

/* Where the parts of a text end, in order (the last end is its length), and working memory kept
 * from text to text. `{0}` is empty. */
struct cuts {
    uint32_t *end;
    size_t count, cap;
    uint32_t *spare;
    size_t cap_spare;
    struct regex_scratch *scratch;
};
void cuts_release(struct cuts *cuts);

MUST_USE bool pretokenizer_open(struct pretokenizer **out, struct str name, struct err *err);
void pretokenizer_free(struct pretokenizer *pre);

/* Replaces `cuts`; `text` must be valid UTF-8. */
MUST_USE bool pretokenizer_split(const struct pretokenizer *pre, struct cuts *cuts, struct str text,
                                 struct err *err);

bool pretokenizer_is_nfc(const struct pretokenizer *pre);      /* text is made NFC first */
bool pretokenizer_takes_words(const struct pretokenizer *pre); /* a part may be a piece as it is */
bool pretokenizer_adds_bos(const struct pretokenizer *pre);    /* when the file does not say */

#endif
