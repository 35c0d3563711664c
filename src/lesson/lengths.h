/* lengths.h - how long lessons are, in turns and characters.
 * Does        measures one lesson, and spreads a quantity out over all: least, percentiles by
 *             nearest rank, most, sum and mean.
 * Threads     no state. */
#ifndef LESSON_LENGTHS_H
#define LESSON_LENGTHS_H

#include "lesson/set.h"

struct lesson_lengths {
    size_t turns, user_chars, answer_chars, chars; /* chars: of all turns */
};

/* A text is said by nobody, but learned like an answer. */
struct lesson_lengths lesson_lengths_of(const json_t *value);
/* Appends what the assistant says, turn after turn; of a text, the text. */
void lesson_put_answers(struct buf *out, const json_t *value);

/* Of one quantity over all lessons. */
struct lesson_spread {
    size_t min, p10, median, p90, p95, p99, max, sum;
    double mean;
};

/* Sorts the values. */
struct lesson_spread lesson_spread_of(size_t *values, size_t count);
void lesson_measure(struct lesson_spread *turns, struct lesson_spread *user_chars,
                    struct lesson_spread *answer_chars, const struct lesson_set *set);

#endif
