/* capability.h - whether an answer to one of the 23 capability probes is the right one. */
#ifndef SCORE_CAPABILITY_H
#define SCORE_CAPABILITY_H

#include "score/score.h"

extern const struct scorer scorer_capability_py, scorer_capability_go;

#endif
