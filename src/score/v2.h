/* v2.h - the second-generation scorers: fourteen counted signals and one score. */
#ifndef SCORE_V2_H
#define SCORE_V2_H

#include "score/score.h"

extern const struct scorer scorer_v2_ab, scorer_v2_distill;

#endif
