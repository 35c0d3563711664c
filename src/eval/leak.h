/* leak.h - how much of what a scorer saw in an answer stands word for word in the kernel.
 * Does        takes the hits of a scored text (score/hits.h) and counts those that are words, and of
 *             them those whose words stand in the kernel, in that order, side by side, whatever
 *             their case. An answer that repeats its kernel is scored for the kernel's words, and
 *             the share of such hits says how far. Hits that are forms (a blank line, an opening
 *             phrase, an answer that is too short), that lie inside a word or in the prompt are left
 *             out of both counts. Copied passages are another matter: probe/overlap.h.
 * Lifetime    leak_create / leak_free.
 * Threads     one thread at a time.
 * Limits      a hit of more than LEAK_WORDS_MAX words is not looked for.
 * Errors      none. */
#ifndef EVAL_LEAK_H
#define EVAL_LEAK_H

#include <stddef.h>

#include "base/str.h"
#include "score/hits.h"

enum { LEAK_WORDS_MAX = 16 };

struct leak;

struct leak *leak_create(struct str kernel);
void leak_free(struct leak *leak);

struct leak_counts {
    size_t hits;      /* that are words */
    size_t in_kernel; /* of them */
};

/* Adds the hits of one scored text to the counts. */
void leak_count(struct leak_counts *counts, struct leak *leak, const struct hits *hits,
                struct str text);

#endif
