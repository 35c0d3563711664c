/* source_local.h - the text source that is the engine on this machine.
 *
 * Does        renders and encodes messages (prompt.h), runs them through an engine of its own, and
 *             says where the answers came from.
 *
 * Lifetime    source_local_open; source_free. Model, pool, style (with its tokenizer and template)
 *             and strings are borrowed until then.
 *
 * Threads     one caller, which is also the pool's.
 *
 * Errors      those of the engine, the template and the tokenizer. */
#ifndef INFER_SOURCE_LOCAL_H
#define INFER_SOURCE_LOCAL_H

#include "infer/engine.h"
#include "infer/prompt.h"
#include "infer/source.h"

struct source_local_options {
    const struct model *model;
    const struct prompt_style *style;
    struct pool *pool;
    struct engine_options engine;
    const char *model_name, *model_sha256; /* for describe(); NULL: left out */
    const char *template_name;             /* "model", "none", a built-in's name, a file */
};

MUST_USE bool source_local_open(struct source *out, const struct source_local_options *options,
                                struct err *err);
/* For progress and closing lines. `source` must be one of these. */
struct engine_stats source_local_stats(const struct source *source);

#endif
