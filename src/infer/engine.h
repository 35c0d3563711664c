/* engine.h - many timelines over one model.
 *
 * Does        takes sessions (prompt ids and sampling parameters), shares the computation of common
 *             prompt prefixes (prefix_tree.c), decodes all admitted sessions together (scheduler.c:
 *             continuous batching, chunked prefill, slots refilled at once), guesses how greedy
 *             answers go on where they repeat themselves (draft.c), and calls back per token and
 *             at the end.
 *
 * Lifetime    engine_create / engine_free; borrows model, tokenizer and pool. A session is copied
 *             at submit and freed after its `done` callback returns; sessions never run are freed
 *             by engine_free without a callback.
 *
 * Threads     one caller; the pool's threads work inside engine_run. Callbacks run on the caller's
 *             thread, and may submit.
 *
 * Limits      the memory budget is fixed at creation and obeyed; a session that can never fit is
 *             refused at submit (ERR_LIMIT: context overflow names both lengths).
 *
 * Errors      engine_create: ERR_LIMIT. engine_submit: ERR_LIMIT, ERR_USAGE, ERR_CANCELLED from a
 *             callback after a stop request. engine_run: ERR_CANCELLED after a stop request,
 *             ERR_LIMIT when the system has no memory although the budget has. */
#ifndef INFER_ENGINE_H
#define INFER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "infer/sample.h"
#include "model/model.h"
#include "model/profile.h"
#include "token/tokenizer.h"

struct engine_options {
    size_t slots;        /* sessions decoded together; 0: as many as pay, within the budget */
    size_t chunk;        /* prompt tokens per step; 0: default */
    size_t context_max;  /* longest prompt + answer; 0: the model's, capped by memory. More than the
                            model was made for, or than fits, is refused */
    size_t memory_bytes; /* for keys and values; 0: half of what is free */
    bool no_prefix_cache; /* compute every prompt alone; answers are the same bits */
    bool no_drafts;       /* compute every id of an answer alone; answers are the same bits */
    bool one_turn; /* no prompt goes on from an answer: what finished is not kept for later */
    /* Called between steps; true: admit nothing more, finish the session nearest its end, drop the
     * others. */
    bool (*stop)(void *arg);
    void *stop_arg;
};

enum finish { FINISH_STOP, FINISH_LENGTH, FINISH_CANCELLED };
const char *finish_name(enum finish finish); /* "stop", "length", "cancelled" */

struct session_result {
    struct str text;     /* decoded answer, cut before a stop string; valid during the callback */
    const uint32_t *ids; /* generated ids, the end token included */
    size_t n_ids, n_prompt,
        n_prompt_shared; /* prompt tokens, and how many were not computed again */
    enum finish finish;
    double queued_s, ttft_s,
        time_s; /* waiting; first token and whole answer, counted from admission */
};

struct session {
    const uint32_t *prompt; /* copied */
    size_t n_prompt;        /* >= 1 */
    struct sample_params params;
    uint64_t key; /* names this sample's random stream */
    void *user;
    /* Either may be NULL. `piece` holds whole characters only and may be empty; false stops the
     * session (finish = FINISH_CANCELLED). */
    bool (*token)(void *user, uint32_t id, struct str piece);
    void (*done)(void *user, const struct session_result *result);
};

/* Since creation. Prompt tokens count once, also when they had to be computed again; the time for
 * that counts. prefill_s + decode_s is the time spent computing, callbacks left out; a step that
 * does both is shared out by rows. */
struct engine_stats {
    size_t prompt_tokens, prompt_tokens_shared, generated_tokens, steps, active, queued, done;
    size_t drafted_tokens, drafts_standing; /* guesses computed; those that were right */
    double prefill_s, decode_s;
    double sample_s; /* of these, choosing ids from logits */
    size_t kv_bytes, kv_budget_bytes, work_bytes;
};

struct engine;

MUST_USE bool engine_create(struct engine **out, const struct model *model,
                            const struct tokenizer *tok, struct pool *pool,
                            const struct engine_options *options, struct err *err);
void engine_free(struct engine *engine);
MUST_USE bool engine_submit(struct engine *engine, const struct session *session, struct err *err);

/* Runs until every submitted session is done. ERR_CANCELLED when stopped; sessions dropped then get
 * FINISH_CANCELLED callbacks and may be submitted again. */
MUST_USE bool engine_run(struct engine *engine, struct err *err);
struct engine_stats engine_stats(const struct engine *engine);
const struct model_profile *engine_profile(const struct engine *engine); /* since creation */
/* As given to engine_create, every 0 replaced by what was chosen. */
struct engine_options engine_options(const struct engine *engine);

#endif
