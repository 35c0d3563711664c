/* neutral.h - prose about nothing in particular, as many tokens long as is asked for.
 * Does        reads sentences grouped by subject, and grows a text of them: subject after subject in
 *             an order of the seed's, then sentences whose tokens add up to what is left. Sentences
 *             that share a word with the kernel at hand, the common words apart, are left out. When
 *             all are used they come again in another order.
 * Lifetime    neutral_read fills a struct that neutral_release frees; it borrows the text.
 * Threads     immutable once read.
 * Limits      none of its own; the caller bounds the length.
 * Errors      ERR_FORMAT for a text without sentences; ERR_UNSUPPORTED when the kernel's words leave
 *             fewer than NEUTRAL_SENTENCES_MIN of them.
 * See         kernel/neutral.txt, whose head says how it is written. */
#ifndef EVAL_NEUTRAL_H
#define EVAL_NEUTRAL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "token/tokenizer.h"

enum { NEUTRAL_SENTENCES_MIN = 32 };

extern const char neutral_text[]; /* kernel/neutral.txt, NUL behind it */

struct neutral_sentence {
    struct str text;
    size_t subject; /* counted from 0 */
};

struct neutral {
    struct neutral_sentence *sentences; /* subject by subject */
    size_t count, cap, n_subjects;
    struct map common; /* words that the sentences may share with a kernel */
};

MUST_USE bool neutral_read(struct neutral *out, struct str text, const char *name, struct err *err);
void neutral_release(struct neutral *neutral);

/* What a text grows under. */
struct neutral_wish {
    const struct tokenizer *tok;
    struct str kernel; /* whose words are avoided */
    size_t tokens;     /* how long, as tok encodes the text alone */
    uint64_t key;      /* equal keys, equal bytes */
};

/* Appends the text, `end` behind it; *tokens receives its length: the wish, or as near as sentences
 * come. */
MUST_USE bool neutral_grow(struct buf *out, size_t *tokens, const struct neutral *neutral,
                           const struct neutral_wish *wish, const char *end, struct err *err);

#endif
