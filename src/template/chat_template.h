/* chat_template.h - messages to the text a model was trained to read.
 * Does        runs a model's own template in an interpreter for the Jinja that real templates use
 *             (template/jinja_*.c), or one of the built-in ones by name.
 * Lifetime    chat_template_parse / chat_template_free.
 * Threads     immutable after parse, share freely.
 * Limits      source, output, nesting depth, memory and steps are bounded (JINJA_*_MAX in
 *             jinja_ast.h, RUN_*_MAX in jinja_value.h); templates reach nothing but the data given.
 * Errors      ERR_FORMAT with line and what was expected; ERR_UNSUPPORTED for a construct we do
 *             not know; ERR_USAGE when the template itself refuses (raise_exception), with its
 *             message; ERR_LIMIT.
 * See         tests/oracle: chat-templates.jsonl. */
#ifndef TEMPLATE_CHAT_TEMPLATE_H
#define TEMPLATE_CHAT_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct chat_template;

/* `source` is copied. */
MUST_USE bool chat_template_parse(struct chat_template **out, struct str source, struct err *err);
/* A built-in by name: gemma, chatml, llama3, mistral. ERR_USAGE lists the names when it is none of
 * them. */
MUST_USE bool chat_template_builtin(struct chat_template **out, struct str name, struct err *err);
void chat_template_free(struct chat_template *tmpl);
struct str chat_template_source(const struct chat_template *tmpl);

struct chat_input {
    const json_t *messages; /* array of objects, as in the OpenAI API */
    const json_t
        *extra; /* object or NULL: further variables (tools, documents, enable_thinking, ...) */
    bool add_generation_prompt;
    struct str bos_token, eos_token; /* empty when there is none */
    int64_t now_unix_us;             /* what strftime_now sees */
};

/* A rendered prompt: the text, and for every byte whether it came from the template (1: markers may
 * be read as control tokens) or from the data (0: never). */
struct chat_text {
    struct buf text;
    struct buf trusted;
};
void chat_text_init(struct chat_text *out);
void chat_text_release(struct chat_text *out);

MUST_USE bool chat_template_render(const struct chat_template *tmpl, struct chat_text *out,
                                   const struct chat_input *in, struct err *err);

#endif
