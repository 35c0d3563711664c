/* talk.h - asking the local model, and its answer as it comes.
 * Does        opens the model and an engine from flags, answers one prompt at a time, and prints
 *             the answer while it is made. What was computed for one prompt is used again when the
 *             next begins alike, as in a conversation.
 * Lifetime    talk_init / talk_release; the flags and the console must outlive it.
 * Threads     one thread.
 * Errors      talk_ask: ERR_LIMIT when prompt and answer do not fit the context; ERR_CANCELLED
 *             after a stop request, with what was answered so far in place. */
#ifndef CLI_TALK_H
#define CLI_TALK_H

#include "cli/open_model.h"
#include "infer/engine.h"

struct talk {
    struct console *con;
    struct open_model model;
    struct engine *engine;
    struct sample_params params;
    bool prints; /* the answer goes to stdout while it is made */
    /* The last answer. */
    struct buf text;
    struct ids ids;
    enum finish finish;
    size_t n_prompt, n_prompt_shared;
    double ttft_s, time_s;
};

MUST_USE bool talk_init(struct talk *out, const struct flags *flags, struct console *con,
                        struct err *err);
void talk_release(struct talk *talk); /* safe after a failed init */

MUST_USE bool talk_ask(struct talk *talk, const struct ids *prompt, struct err *err);

/* A line of tokens and times on stderr under --verbose. */
void talk_note_times(const struct talk *talk);

#endif
