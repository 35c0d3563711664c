/* lesson.h - one training example, made regular.
 * Does        turns what stands for an example in a file, of whatever shape, into an object that a
 *             trainer reads: {"messages": [...]}, with "tools" if it has any, or {"text": ...}.
 *             Keys that begin with '_' stay there; the record's other fields go to `about`. Says
 *             what was mended or why the record cannot be used; whether a lesson is any good is the
 *             business of check.h.
 * Lifetime    lesson_read gives new values; lesson_release. The record stays the caller's.
 * Threads     no state.
 * Limits      LESSON_TURNS_MAX messages.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_LESSON_H
#define LESSON_LESSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum { LESSON_TURNS_MAX = 4096 };

enum lesson_shape {
    LESSON_CHAT,       /* messages */
    LESSON_TOOLS,      /* messages that call tools */
    LESSON_COMPLETION, /* prompt, completion */
    LESSON_ANSWER,     /* prompt, response */
    LESSON_TEXT,       /* text */
    LESSON_DISTILLED,  /* what self-distillation wrote */
    LESSON_SHARED,     /* conversations of from and value, as people share them */
    LESSON_INSTRUCTED, /* instruction, input, output */
    N_LESSON_SHAPES
};

enum lesson_repair {
    LESSON_REPAIR_ROLE,  /* a role under another name: human, gpt, model, ... */
    LESSON_REPAIR_PARTS, /* content in parts of text was joined */
    LESSON_REPAIR_NULL,  /* content that is null beside tool calls became empty */
    LESSON_REPAIR_FIELD, /* a field of a message that no trainer reads was left out */
    N_LESSON_REPAIRS
};

enum lesson_refusal {
    LESSON_REFUSED_NOT, /* it was not */
    LESSON_REFUSED_UTF8,
    LESSON_REFUSED_JSON,
    LESSON_REFUSED_KIND,    /* no object */
    LESSON_REFUSED_SUMMARY, /* a line about a run, not an example */
    LESSON_REFUSED_SHAPE,   /* none of the shapes */
    LESSON_REFUSED_MESSAGE, /* a message that is no object of role and content */
    LESSON_REFUSED_ROLE,    /* a role that nobody has */
    LESSON_REFUSED_CONTENT, /* content that is not text */
    LESSON_REFUSED_NOTHING, /* no messages, or more than LESSON_TURNS_MAX */
    LESSON_REFUSED_REPLY,   /* an answer that its phase has no use for (reply.h) */
    N_LESSON_REFUSALS
};

const char *lesson_shape_name(enum lesson_shape shape); /* "chat" */
const char *lesson_repair_name(enum lesson_repair repair);
const char *lesson_refusal_name(enum lesson_refusal refusal);

struct lesson {
    json_t *value;    /* messages or text; tools; keys that begin with '_' */
    json_t *about;    /* the other fields, those of `meta` among them; NULL when there are none */
    const char *file; /* these two are the reader's (set.h) */
    size_t line;
    enum lesson_shape shape;
    unsigned repairs; /* bits of enum lesson_repair */
};

/* false: *why says why, and nothing is to be released. */
bool lesson_read(struct lesson *out, const json_t *record, enum lesson_refusal *why);
void lesson_release(struct lesson *lesson);

/* A lesson of our own making: no turns yet. */
json_t *lesson_new(void);
void lesson_add(json_t *value, const char *role, struct str content); /* valid UTF-8 */
void lesson_add_system(json_t *value, struct str content);            /* before all other turns */

/* Turns of a regular value; a text is one turn without a role. */
size_t lesson_turns(const json_t *value);
struct str lesson_role(const json_t *value, size_t turn);
struct str lesson_content(const json_t *value, size_t turn);
bool lesson_is_assistant(const json_t *value, size_t turn);

/* The lesson as a line of a file: its value, then what is about it. A new reference. */
json_t *lesson_record(const struct lesson *lesson);
/* The name it goes by: `id`, `probe_id`, `seed_id` or `_id` of what is about it; else length 0. */
struct str lesson_id(const struct lesson *lesson);
struct str lesson_record_id(const json_t *record); /* the same of a line of a file */
/* Appends what says whether two lessons are the same: all roles and contents. */
void lesson_put_key(struct buf *out, const json_t *value);

#endif
