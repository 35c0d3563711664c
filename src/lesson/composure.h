/* composure.h - lessons out of a numbered text: a question, and five paragraphs in answer.
 * Does        takes the paragraphs that begin with [N], leaves out all others and those that only
 *             name a title, an author, a chapter or a source, and makes one lesson of every five in
 *             order; eight questions take turns. A last chunk may be smaller; one of less than
 *             COMPOSURE_CHARS_MIN characters makes no lesson.
 * Lifetime    composure_lessons appends new values to the caller's list.
 * Threads     no state.
 * Limits      COMPOSURE_TEXT_MAX bytes.
 * Errors      ERR_FORMAT naming the text and the line: bytes that are no UTF-8, numbers that do not
 *             count on by one, no numbered paragraph at all.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_COMPOSURE_H
#define LESSON_COMPOSURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum {
    COMPOSURE_PARAGRAPHS = 5,
    COMPOSURE_CHARS_MIN = 200,
    COMPOSURE_QUESTIONS = 8,
    COMPOSURE_TEXT_MAX = 64 << 20
};

struct composure_count {
    size_t paragraphs, metadata, chunks, lessons; /* chunks - lessons were too short */
};

/* `name` is the text's file name: what stands before its first '-' is the domain. */
MUST_USE bool composure_lessons(json_t *list, struct composure_count *count, struct str text,
                                const char *name, struct err *err);
/* The domain of a file of that name: consent of lib/consent-x.txt. */
struct str composure_domain(const char *name);

#endif
