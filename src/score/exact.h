/* exact.h - whether an answer to a sum (GSM8K) ends in the right number: four ways to tell. */
#ifndef SCORE_EXACT_H
#define SCORE_EXACT_H

#include "score/score.h"

extern const struct scorer scorer_exact_py, scorer_exact_go;
/* As lm-evaluation-harness's gsm8k, version 3, has them. */
extern const struct scorer scorer_exact_strict, scorer_exact_flexible;

#endif
