/* lek.h - the first heuristic scorer: eight signals and one score, as Python and as Go have it. */
#ifndef SCORE_LEK_H
#define SCORE_LEK_H

#include "score/score.h"

extern const struct scorer scorer_lek_py, scorer_lek_go;

#endif
