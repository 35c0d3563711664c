/* answer.h - generated ids to text, with stop strings found and streaming held back for them.
 *
 * Does        decodes one id at a time, ends the text before the stop string that is complete
 *             first (the longest of those complete at the same byte), however it is spread over
 *             ids, and hands out pieces that no later id can take back.
 *
 * Lifetime    answer_init / answer_release; stop strings are borrowed, and not empty.
 *
 * Threads     one thread at a time. */
#ifndef INFER_ANSWER_H
#define INFER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"
#include "token/tokenizer.h"

struct answer {
    struct token_stream stream;
    struct buf text;
    const struct str *stop;
    size_t n_stops;
    size_t shown; /* bytes handed out as pieces */
};

/* Memory for about `n_tokens` is set aside. */
void answer_init(struct answer *answer, const struct tokenizer *tok, const struct str *stop,
                 size_t n_stops, size_t n_tokens);
void answer_release(struct answer *answer);

/* Each returns true when a stop string ended the text (which is then cut). */
bool answer_push(struct answer *answer, uint32_t id);
bool answer_end(struct answer *answer); /* no more ids: a half character becomes U+FFFD */

/* What is new and certain; with `last`, all of it. Valid until the next call. */
struct str answer_piece(struct answer *answer, bool last);

#endif
