/* failure.h - the ways in which one answer can be none.
 * Does        tells which kinds apply to an answer, by its record and its text alone. Degenerate:
 *             more than half of the 4-word runs of a text of DEGENERATE_RUNS or more stood there
 *             before. Refusal: one of a list of English openings within the first
 *             REFUSAL_WINDOW characters; it counts words, not intentions.
 * Threads     no state. */
#ifndef ANALYSIS_FAILURE_H
#define ANALYSIS_FAILURE_H

#include "analysis/analysis.h"

enum { DEGENERATE_RUNS = 20, REFUSAL_WINDOW = 160 };

void failure_find(bool failed[FAILURE_KINDS], const struct run_answer *answer);

#endif
