/* engine_int.h - what engine.c, timeline.c and scheduler.c share: the engine and its timelines.
 *
 * A timeline goes: queued -> active -> done. The queue and the active array are both in submit
 * order, and a timeline's age is its place in it: the oldest is never made to wait for a younger
 * one, so something always moves. Active timelines whose keys and values must go (memory) become
 * queued again, at the front.
 *
 * For a timeline, ids[0 .. kv.len) are computed and ids[kv.len .. n_ids) are pending. With one id
 * pending it decodes, and guesses may stand behind that one (draft.h); with more it is in prefill.
 * A timeline that was sent back to the queue has its answer so far pending too, and gets the same
 * bits again (docs/numerics.md, N1). */
#ifndef INFER_ENGINE_INT_H
#define INFER_ENGINE_INT_H

#include "infer/answer.h"
#include "infer/engine.h"
#include "infer/prefix_tree.h"

struct timeline {
    struct timeline *next;  /* in the queue */
    struct session session; /* its prompt is `ids`, its stop strings stand in `stop_bytes` */
    char *stop_bytes;
    uint32_t *ids; /* prompt, then answer */
    size_t n_ids;
    struct kv_seq kv;
    size_t n_forked;         /* positions of kv whose pages a snapshot holds too */
    struct prefix_node *end; /* the prompt but its last id in the tree, while that is wanted */
    struct answer answer;    /* set up when first admitted */
    bool admitted;
    size_t n_counted, n_shared; /* prompt ids seen to so far; those that were not computed for it */
    double submitted, started, first_token; /* clock_seconds */
};

/* A timeline that gets its next id, or several. */
struct pick {
    struct timeline *line;
    const struct model_span *span;
    size_t row;          /* of logits or, if greedy, of the best ids */
    uint32_t sampled;    /* its next id, if not greedy */
    const uint32_t *ids; /* its next ids */
    size_t n_ids;
};

/* What the next forward pass computes, and what is done after it. */
struct plan {
    struct model_span *spans;
    struct timeline **line;    /* of each span */
    struct prefix_node **keep; /* of each span: where it leaves a snapshot, or NULL */
    size_t n_spans;
    struct pick *picks; /* in span order */
    size_t n_picks;
    size_t n_logits, n_best; /* rows of each */
    const float *logits;
    const uint32_t *best;
    size_t prompt_rows, answer_rows;
};

struct engine {
    const struct model *model;
    const struct tokenizer *tok;
    struct pool *pool;
    struct engine_options options; /* every 0 replaced by what was chosen */
    size_t n_vocab, n_allowed;
    struct kv_cache *cache;
    struct prefix_tree *tree; /* NULL without a prefix cache */
    struct model_run *run;
    struct sample_scratch **scratch; /* one a thread */
    size_t n_threads;

    struct timeline *queue, **queue_end; /* first in, first out */
    struct timeline **active, **ended;   /* options.slots */
    size_t n_active;
    bool stopping;   /* a stop was asked for: nothing more is admitted or taken */
    bool admit_hold; /* memory ran out: nothing is admitted until a timeline has finished */
    struct plan plan;
    struct engine_stats stats;
};

/* timeline.c */

struct timeline *timeline_create(struct engine *engine, const struct session *session);
/* Sets aside the room for its whole answer, so that decoding allocates nothing. */
void timeline_admit(struct engine *engine, struct timeline *line);
void timeline_free(struct engine *engine, struct timeline *line);
/* Calls `done`, then frees. The timeline stands in no list any more. */
void timeline_finish(struct engine *engine, struct timeline *line, enum finish finish);
/* Takes the next id; true when that was the last one, and why. */
bool timeline_push(struct engine *engine, struct timeline *line, uint32_t id, enum finish *finish);
/* Its prompt counts in the prefix tree, or no longer does. */
void timeline_want(struct engine *engine, struct timeline *line);
void timeline_unwant(struct engine *engine, struct timeline *line);

static inline size_t timeline_pending(const struct timeline *line)
{
    return line->n_ids - line->kv.len;
}

/* Always takes the likeliest id, which the model finds without storing logits. */
static inline bool timeline_is_greedy(const struct timeline *line)
{
    const struct sample_params *p = &line->session.params;
    return p->temperature <= 0 && !(p->repetition_penalty < 1 || p->repetition_penalty > 1);
}

/* Appends to the queue, or puts in front. */
void queue_push(struct engine *engine, struct timeline *line);
void queue_push_front(struct engine *engine, struct timeline *line);
struct timeline *queue_pop(struct engine *engine); /* NULL when empty */

/* scheduler.c */

/* At most so many guesses a pass, whose best ids are found with those of the slots. */
enum { DRAFT_ROWS = 44 };

/* Admits what fits, computes one step for all active timelines, samples, and finishes those that
 * ended. Needs something queued or active. */
MUST_USE bool scheduler_step(struct engine *engine, struct err *err);
/* Drops all timelines, or all but the one nearest its end. */
void scheduler_drop(struct engine *engine, bool all);
/* Keys and values of one chunk beyond those a timeline keeps. */
size_t scheduler_chunk_bytes(const struct kv_layout *layout, size_t chunk);

#endif
