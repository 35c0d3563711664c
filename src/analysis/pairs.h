/* pairs.h - which probes of two arms belong together.
 * Does        within a run a probe belongs to itself; across runs probes of the same id and prompt
 *             do, and of several such the first to the first, the second to the second. A pair
 *             counts when every sample on both sides was answered. */
#ifndef ANALYSIS_PAIRS_H
#define ANALYSIS_PAIRS_H

#include "analysis/analysis_int.h"

/* Fills pairs, their counts and samples of a contrast whose arms are set. Incomplete probes follow
 * the n_pairs complete ones in `pairs`, n_incomplete of them. */
void pairs_make(struct analysis *an, struct contrast *contrast);

#endif
