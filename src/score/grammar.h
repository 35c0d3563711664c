/* grammar.h - the third-generation scorer: the grammar of a text, and what it adds to its prompt's.
 */
#ifndef SCORE_GRAMMAR_H
#define SCORE_GRAMMAR_H

#include "grammar/imprint.h"
#include "score/score.h"

/* What an answer adds to its prompt. */
struct grammar_delta {
    double input, output; /* composites */
    double uplift, echo, enrichment;
    bool is_sycophantic;
};

struct grammar_delta grammar_delta(const struct imprint *text, const struct imprint *prompt);

extern const struct scorer scorer_grammar, scorer_grammar_full, scorer_delta, scorer_delta_full;

#endif
