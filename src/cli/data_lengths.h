/* data_lengths.h - how long lessons are, as stats prints it and a card shows it.
 * Does        measures turns and characters and, for a model, tokens and how many of them are
 *             learned, on all threads.
 * Lifetime    data_measure fills a struct without anything to release.
 * Threads     the pool's, inside the call.
 * Errors      those of the model's template, naming file and line. */
#ifndef CLI_DATA_LENGTHS_H
#define CLI_DATA_LENGTHS_H

#include <jansson.h>

#include "cli/open_model.h"
#include "lesson/check.h"
#include "lesson/tokens.h"

struct data_lengths {
    struct lesson_spread turns, user_chars, answer_chars;
    bool has_tokens;
    struct lesson_spread tokens, masked, learned;
    size_t n_over;     /* lessons of more than max_tokens */
    size_t n_unsteady; /* whose beginnings render otherwise alone (tokens.h) */
    size_t n_untaught; /* of which nothing is learned */
    size_t max_tokens;
};

/* --mask, --max-seq-length, --threads. */
extern const struct flag_spec FLAGS_LENGTHS[];

/* `model` NULL: characters only. */
MUST_USE bool data_measure(struct data_lengths *out, const struct lesson_set *set,
                           const struct open_model *model, const struct flags *flags,
                           struct err *err);
/* A table, a line a quantity. */
void data_put_lengths(struct buf *out, const struct data_lengths *lengths);
json_t *data_spread_json(const struct lesson_spread *spread);
json_t *data_lengths_json(const struct data_lengths *lengths);

#endif
