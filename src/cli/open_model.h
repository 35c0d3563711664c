/* open_model.h - everything a command needs to use the model that --model names.
 * Does        opens the file, its tokenizer, the chat template (the model's own, a built-in one, a
 *             file, or none), and, when asked for, the weights and a thread pool.
 * Lifetime    open_model_init / open_model_release; the flags must outlive it.
 * Threads     as its parts: immutable after init, but for the pool, which serves one caller.
 * Errors      of the parts, with the model's path in front. */
#ifndef CLI_OPEN_MODEL_H
#define CLI_OPEN_MODEL_H

#include "cli/console.h"
#include "cli/flags.h"
#include "infer/prompt.h"
#include "infer/sample.h"
#include "model/model.h"
#include "os/threads.h"
#include "template/chat_template.h"
#include "token/tokenizer.h"

struct open_model {
    struct buf path;
    struct gguf *gguf;
    struct tokenizer *tok;
    struct chat_template *tmpl; /* NULL: plain text */
    const char *tmpl_name;      /* "model", "none", the built-in's name or the file */
    struct prompt_style style;
    struct pool *pool; /* these two only with OPEN_WEIGHTS */
    struct model *model;
};

enum open_parts { OPEN_TOKENIZER, OPEN_TEMPLATE, OPEN_WEIGHTS }; /* each with those before it */

MUST_USE bool open_model_init(struct open_model *out, const struct flags *flags,
                              struct console *con, enum open_parts parts, struct err *err);
void open_model_release(struct open_model *model); /* safe after a failed init */

/* The flags that open_model_init reads: up to OPEN_TEMPLATE the first group, with weights both. */
extern const struct flag_spec FLAGS_MODEL[];   /* --model --chat-template */
extern const struct flag_spec FLAGS_COMPUTE[]; /* --precision --threads */

extern const struct flag_spec FLAGS_SAMPLING[]; /* --max-tokens ... --stop, --ignore-eos */
/* Borrows stop strings from the flags. */
MUST_USE bool sampling_from_flags(struct sample_params *out, const struct flags *flags,
                                  struct err *err);

#endif
