/* conversation.h - lessons that are held as a conversation.
 * Does        makes the turns of a lesson that is written as passages and reflections: the user
 *             names the lesson and asks whether the assistant is ready, it says so, every passage
 *             is answered by its reflection, and a close may end it.
 * Lifetime    conversation_lesson gives a new value, the caller's.
 * Threads     no state.
 * Limits      6 to 10 turns, as a lesson has.
 * Errors      ERR_FORMAT saying what is missing or too much.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_CONVERSATION_H
#define LESSON_CONVERSATION_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum { CONVERSATION_TURNS_MIN = 6, CONVERSATION_TURNS_MAX = 10 };

/* Is the record written as passages and reflections? */
bool conversation_is(const json_t *record);
/* *out is NULL after a failure. `_id` and `_topic` name lesson and title. */
MUST_USE bool conversation_lesson(json_t **out, const json_t *record, struct err *err);

/* The lesson of a line of either kind: passages and reflections, or any shape of lesson.h. */
MUST_USE bool conversation_take(json_t **out, const json_t *record, struct err *err);

/* Appends the lesson of every line of a text; `name` is the file it stands for. */
MUST_USE bool conversation_read(json_t *list, struct str text, const char *name, struct err *err);

#endif
