/* rephrase.h - three new askings of every probe.
 * Does        follows the originals, unchanged and in their order, with three variants of each: the
 *             same prompt under another perspective, urgency and culture. Which of the three
 *             sentences of a kind opens it is the number in the probe's id (P07_...) modulo 3, and
 *             0 for other ids.
 * Lifetime    the list is new; the records in it are shared with the caller's.
 * Threads     no state.
 * See         docs/formats.md, probe files. */
#ifndef PROBE_REPHRASE_H
#define PROBE_REPHRASE_H

#include <jansson.h>
#include <stddef.h>

enum { REPHRASE_KINDS = 3, REPHRASE_OPENINGS = 3 };

/* Adds the variants of `record`, which has an `id` and a `prompt`, to the list. */
void rephrase_add(json_t *list, const json_t *record);
/* The opening of a kind, for those who want to know where a prompt came from. */
const char *rephrase_opening(size_t kind, size_t index);

#endif
