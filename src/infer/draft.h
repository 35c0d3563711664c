/* draft.h - guesses at how an answer goes on, from what stands in it already.
 *
 * Does        prompt lookup (Saxena, 2023): where the last few ids occurred before, in prompt or
 *             answer, what followed them then may follow again. The engine computes such guesses
 *             in the same pass as the id before them and keeps those that are what it would have
 *             chosen anyway (Stern et al., 2018), so only the time differs.
 *
 * Threads     no state. */
#ifndef INFER_DRAFT_H
#define INFER_DRAFT_H

#include <stddef.h>
#include <stdint.h>

enum { DRAFT_MAX = 15 };

/* Writes at most `most` guesses to ids[n], ids[n + 1], ...; returns how many, up to DRAFT_MAX. The
 * more ids before ids[n] stand alike before the place that guesses come from, the more are made. */
size_t draft_ids(uint32_t *ids, size_t n, size_t most);

#endif
