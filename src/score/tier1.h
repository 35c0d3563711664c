/* tier1.h - the first filter of generated answers: a score, and whether it passes. */
#ifndef SCORE_TIER1_H
#define SCORE_TIER1_H

#include "score/score.h"

extern const struct scorer scorer_tier1_py, scorer_tier1_go;

#endif
