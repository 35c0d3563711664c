/* score_hits.h - what a score came from, as a table for people or as lines of JSON.
 * Does        prints each hit of one scorer in one answer with its place, rule, text and points,
 *             and the score they add up to. Places count characters (code points) from 0, the end
 *             exclusive, so that text[start:end] is the match; a hit of no one place has none.
 * Threads     no state. */
#ifndef CLI_SCORE_HITS_H
#define CLI_SCORE_HITS_H

#include "eval/answers.h"
#include "score/score.h"

struct scored {
    const struct answer *answer;
    const struct scorer *scorer;
    const struct score_result *result;
    const struct hits *hits;
};

void score_hits_jsonl(struct buf *out, const struct scored *scored);
void score_hits_table(struct buf *out, const struct scored *scored);

#endif
