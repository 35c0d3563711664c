/* prompt.h - chat messages to the ids a model reads, in the way that model wants to be talked to.
 * Does        learns once whether the template takes a system role; then renders messages through
 *             the template, or as plain text when there is none, and encodes the result. Only the
 *             template's own markers are read as control tokens, never the messages. BOS is there
 *             exactly once if the model wants it.
 * Lifetime    a struct prompt_style borrows tokenizer and template.
 * Threads     immutable after prompt_style_init, share freely.
 * Errors      those of the template and the tokenizer. */
#ifndef INFER_PROMPT_H
#define INFER_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "infer/source.h"
#include "template/chat_template.h"
#include "token/ids.h"
#include "token/tokenizer.h"

struct prompt_style {
    const struct tokenizer *tok;
    const struct chat_template *tmpl; /* NULL: plain text */
    enum source_system system;
    int64_t now_unix_us; /* the date a template may ask for: the run's */
};

/* `tmpl` may be NULL. Renders a small conversation to see whether a system message is taken:
 * refused by the template, or lost by it, means SOURCE_SYSTEM_PREPENDED. */
MUST_USE bool prompt_style_init(struct prompt_style *out, const struct tokenizer *tok,
                                const struct chat_template *tmpl, struct err *err);

/* The text for `messages` (a system message first, if any), with the answer about to begin. `out`
 * is initialised and empty. */
MUST_USE bool prompt_render(const struct prompt_style *style, struct chat_text *out,
                            const struct chat_message *messages, size_t count, struct err *err);

/* The text for a list of message objects, which may call tools. With answer_begins, as above; else
 * the conversation is over, as in a lesson. `extra`: further variables for the template, such as
 * tools; or NULL. */
MUST_USE bool prompt_render_turns(const struct prompt_style *style, struct chat_text *out,
                                  const json_t *messages, const json_t *extra, bool answer_begins,
                                  struct err *err);

/* Appends the ids of a rendered text. */
MUST_USE bool prompt_encode(const struct prompt_style *style, struct ids *out,
                            const struct chat_text *text, struct err *err);

#endif
