/* source.h - where answers come from: chat messages in, text out.
 *
 * Does        the one interface that A/B runs, judges and distillation are written against.
 *             source_local.c is the local engine; an OpenAI-compatible endpoint and the tests'
 *             canned answers are others. Turning messages into ids is infer/prompt.h.
 *
 * Lifetime    made by its implementation; source_free. Requests are copied at submit.
 *
 * Threads     one caller; `done` runs on the caller's thread inside run, and may submit.
 *
 * Errors      submit: as engine_submit, and template errors. run: ERR_CANCELLED after a stop
 *             request. A request that fails alone is reported through its result, not by run. */
#ifndef INFER_SOURCE_H
#define INFER_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "infer/sample.h"

struct chat_message {
    struct str role, content; /* "system", "user", "assistant" */
};

struct source_result {
    bool ok;
    const char *error; /* sentence when !ok */
    struct str text;   /* valid during the callback */
    size_t prompt_tokens, completion_tokens;
    const char *finish_reason; /* "stop", "length", "cancelled" */
    double ttft_s, time_s;
    char prompt_sha256[65]; /* of the rendered prompt text */
};

struct source_request {
    const struct chat_message *messages;
    size_t n_messages;
    struct sample_params params;
    uint64_t key;
    void *user;
    void (*done)(void *user, const struct source_result *result);
};

enum source_system { SOURCE_SYSTEM_ROLE, SOURCE_SYSTEM_PREPENDED, SOURCE_SYSTEM_PLAIN };

struct source {
    const struct source_ops *ops;
    void *self;
};

struct source_ops {
    bool (*submit)(void *self, const struct source_request *request, struct err *err);
    bool (*run)(void *self, struct err *err);
    /* How a kernel reaches the model: its own system role; put before the user turn because the
     * template refuses that role; or plain text because there is no template. A system message in a
     * request is always allowed: the source does what this says (kernel + blank line + prompt). */
    enum source_system (*system)(void *self);
    json_t *(*describe)(void *self); /* provenance object, a new reference: model, sha256,
                                        precision, isa, template ... */
    void (*progress)(void *self, size_t *done_tokens, double *tokens_per_s); /* may be NULL */
    void (*free)(void *self);
};

void source_free(struct source *source); /* and leaves {0}, which may be freed again */
const char *source_system_name(enum source_system system); /* "role", "prepended", "plain" */

#endif
