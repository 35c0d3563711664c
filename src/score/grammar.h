/* grammar.h - the third-generation scorer: the grammar of a text, and what it adds to its prompt's.
 */
#ifndef SCORE_GRAMMAR_H
#define SCORE_GRAMMAR_H

#include "score/score.h"

extern const struct scorer scorer_grammar, scorer_grammar_full, scorer_delta, scorer_delta_full;

#endif
