/* grammar_hits.h - which words and marks a grammar score comes from.
 * Does        lists the verbs, nouns and questions of an imprint with what each adds to the
 *             composite: a verb or noun adds something where its base stands for the first time.
 *             What belongs to no one place, the tenses' entropy and the richness of the
 *             vocabulary, stands without one. The points of all add up to the composite.
 * Threads     one thread at a time. */
#ifndef SCORE_GRAMMAR_HITS_H
#define SCORE_GRAMMAR_HITS_H

#include "grammar/imprint.h"
#include "score/hits.h"

/* of_prompt: the imprint is the prompt's, which counts against the answer. */
void grammar_hits_add(struct hits *hits, const struct imprint *imprint, bool of_prompt);

#endif
