/* scheduler.c - which ids of which timelines the next forward pass computes.
 *
 * A step is: admit from the queue, plan, compute, keep snapshots, sample, hand out. The plan goes
 * through the active timelines from the oldest to the youngest: one row for each that decodes, more
 * where there are guesses at a greedy answer (draft.c), and as much as is left of the chunk for each
 * in prefill. A timeline whose next stretch is shared (prefix_tree_shared) claims it for this step
 * and computes no further than its end, where it leaves a snapshot; a younger one that wants the
 * same stretch waits, then forks.
 *
 * Memory: admission counts what each timeline will need for its prompt and a fair answer. When a
 * page is refused all the same, room is made in this order: snapshots nobody wants, younger
 * timelines (back to the queue; computed again later, with the same bits), wanted snapshots. The
 * oldest alone always fits, which engine_submit has checked, so every step moves something. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "infer/draft.h"
#include "infer/engine_int.h"
#include "os/clock.h"

/* Answers are often shorter than they may be: admission counts on this many ids of one not yet
 * begun, and on this many more of one under way. */
enum { ANSWER_EXPECTED = 256, ANSWER_AHEAD = 64 };

void queue_push(struct engine *engine, struct timeline *line)
{
    *engine->queue_end = line;
    engine->queue_end = &line->next;
    engine->stats.queued++;
}

void queue_push_front(struct engine *engine, struct timeline *line)
{
    line->next = engine->queue;
    engine->queue = line;
    if (!line->next)
        engine->queue_end = &line->next;
    engine->stats.queued++;
}

struct timeline *queue_pop(struct engine *engine)
{
    struct timeline *line = engine->queue;
    if (!line)
        return NULL;
    engine->queue = line->next;
    line->next = NULL;
    if (!engine->queue)
        engine->queue_end = &engine->queue;
    engine->stats.queued--;
    return line;
}

size_t scheduler_chunk_bytes(const struct kv_layout *layout, size_t chunk)
{
    size_t bytes = 0;
    for (size_t c = 0; c < layout->n_classes; c++)
        if (layout->cls[c].window)
            bytes +=
                (chunk / KV_PAGE_TOK + 1) * layout->cls[c].n_layers * layout->cls[c].layer_bytes;
    return bytes;
}

/* What a timeline is counted on to need beyond `shared` positions. */
static size_t bytes_expected(const struct engine *engine, const struct timeline *line,
                             size_t shared)
{
    size_t n_prompt = line->session.n_prompt, max_tokens = line->session.params.max_tokens;
    size_t len = size_max(line->n_ids + ANSWER_AHEAD, n_prompt + ANSWER_EXPECTED);
    return kv_bytes_for(kv_layout(engine->cache), size_min(len, n_prompt + max_tokens), shared);
}

static bool fits(const struct engine *engine, const struct timeline *line)
{
    size_t shared = engine->tree && line->end ? prefix_tree_known(line->end) : 0;
    size_t bytes = bytes_expected(engine, line, shared);
    bytes += scheduler_chunk_bytes(kv_layout(engine->cache), engine->options.chunk);
    bytes += engine->tree ? prefix_tree_bytes_wanted(engine->tree) : 0;
    for (size_t i = 0; i < engine->n_active; i++)
        bytes += bytes_expected(engine, engine->active[i], engine->active[i]->n_forked);
    return bytes <= kv_bytes_budget(engine->cache);
}

/* Takes over what is known of the prompt, if that is more than the timeline has. */
static void fork_known(struct engine *engine, struct timeline *line, bool search)
{
    if (!line->end || !prefix_tree_fork(engine->tree, &line->kv, line->end, search))
        return;
    line->n_forked = line->kv.len;
    if (line->kv.len > line->n_counted) {
        size_t n = line->kv.len - line->n_counted;
        line->n_counted = line->kv.len;
        line->n_shared += n;
        engine->stats.prompt_tokens += n;
        engine->stats.prompt_tokens_shared += n;
    }
}

static void admit(struct engine *engine)
{
    while (engine->queue && !engine->stopping && engine->n_active < engine->options.slots) {
        bool alone = engine->n_active == 0;
        if (!alone && (engine->admit_hold || !fits(engine, engine->queue)))
            return;
        struct timeline *line = queue_pop(engine);
        timeline_admit(engine, line);
        timeline_want(engine, line);
        engine->active[engine->n_active++] = line;
        fork_known(engine, line, true);
    }
}

/* The youngest active timeline gives its memory back and waits at the head of the queue. */
static void preempt_youngest(struct engine *engine)
{
    struct timeline *line = engine->active[--engine->n_active];
    kv_seq_release(&line->kv);
    line->n_forked = 0;
    queue_push_front(engine, line);
    engine->admit_hold = true;
}

/* Makes `len` positions of active[index] writable. false when it was itself sent back to the queue
 * (then n_active is index), or with an error when memory is out although nothing else holds any. */
static bool make_room(struct engine *engine, size_t index, size_t len, struct err *err)
{
    struct timeline *line = engine->active[index];
    while (!kv_seq_reserve(&line->kv, len)) {
        if (engine->tree && prefix_tree_evict(engine->tree, false))
            continue;
        if (engine->n_active > 1) {
            preempt_youngest(engine);
            if (engine->n_active == index)
                return false;
            continue;
        }
        if (engine->tree && prefix_tree_evict(engine->tree, true))
            continue;
        return err_set(err, ERR_LIMIT, "no memory for the keys and values of %zu tokens", len);
    }
    return true;
}

/* How many pending ids of `line` this step computes, at most `room` in prefill; *node is the shared
 * stretch they belong to, or NULL. */
static size_t pick_count(struct engine *engine, struct timeline *line, size_t room,
                         struct prefix_node **node)
{
    *node = NULL;
    if (timeline_pending(line) == 1)
        return 1;
    fork_known(engine, line, false);
    size_t count = timeline_pending(line);
    if (count == 1)
        return 1;
    struct prefix_node *shared = NULL;
    if (line->end && (shared = prefix_tree_shared(line->end, line->n_forked, line->kv.len))) {
        if (shared->claimed_step == engine->stats.steps)
            return 0;
        count = shared->depth - line->kv.len;
    }
    count = size_min(count, room);
    if (shared && count) {
        shared->claimed_step = engine->stats.steps;
        *node = shared;
    }
    return count;
}

/* Guesses behind the id that is pending, at most `room`. The answer's last id needs none: nothing
 * comes after it. */
static size_t draft(const struct engine *engine, struct timeline *line, size_t room)
{
    const struct plan *plan = &engine->plan;
    size_t drafted = plan->n_logits + plan->n_best - plan->n_picks;
    size_t answered = line->n_ids - line->session.n_prompt;
    size_t left = line->session.params.max_tokens - answered;
    if (engine->options.no_drafts || !timeline_is_greedy(line) || timeline_pending(line) > 1)
        return 0;
    return draft_ids(line->ids, line->n_ids,
                     size_min(size_min(left - 1, room), DRAFT_ROWS - drafted));
}

static void plan_pick(struct plan *plan, struct timeline *line, struct model_span *span,
                      size_t n_allowed)
{
    bool greedy = timeline_is_greedy(line);
    plan->picks[plan->n_picks++] =
        (struct pick){.line = line, .span = span, .row = greedy ? plan->n_best : plan->n_logits};
    if (greedy) {
        span->best_of = n_allowed;
        plan->n_best += 1 + span->n_drafted;
    } else {
        span->n_logits = 1;
        plan->n_logits++;
    }
}

static void plan_add(struct plan *plan, struct timeline *line, size_t count, size_t n_drafted,
                     struct prefix_node *node, size_t n_allowed)
{
    size_t done = line->kv.len, i = plan->n_spans++;
    plan->spans[i] = (struct model_span){.kv = &line->kv,
                                         .tokens = line->ids + done,
                                         .count = count + n_drafted,
                                         .n_drafted = n_drafted};
    plan->line[i] = line;
    plan->keep[i] = node && done + count == node->depth ? node : NULL;
    if (done + count == line->n_ids)
        plan_pick(plan, line, &plan->spans[i], n_allowed);
    if (done >= line->session.n_prompt)
        plan->answer_rows += count + n_drafted;
    else
        plan->prompt_rows += count;
}

static bool plan_step(struct engine *engine, struct err *err)
{
    struct plan *plan = &engine->plan;
    plan->n_spans = plan->n_picks = plan->n_logits = plan->n_best = 0;
    plan->prompt_rows = plan->answer_rows = 0;
    size_t room = engine->options.chunk;
    for (size_t i = 0; i < engine->n_active; i++) {
        struct timeline *line = engine->active[i];
        struct prefix_node *node;
        size_t count = pick_count(engine, line, room, &node);
        if (!count)
            continue;
        size_t drafted = draft(engine, line, room);
        if (!make_room(engine, i, line->kv.len + count + drafted, err))
            return i == engine->n_active;
        room -= drafted + (count > 1 ? count : 0);
        plan_add(plan, line, count, drafted, node, engine->n_allowed);
    }
    return true;
}

/* Counts prompt ids once, also when a timeline computes them again after it had to wait. */
static void count_prompt(struct engine *engine, struct timeline *line)
{
    size_t seen = size_min(line->kv.len, line->session.n_prompt);
    if (seen > line->n_counted) {
        engine->stats.prompt_tokens += seen - line->n_counted;
        line->n_counted = seen;
    }
}

static void keep_snapshots(struct engine *engine)
{
    struct plan *plan = &engine->plan;
    for (size_t i = 0; i < plan->n_spans; i++) {
        count_prompt(engine, plan->line[i]);
        if (!plan->keep[i] || plan->keep[i]->has_snapshot)
            continue;
        prefix_tree_keep(engine->tree, plan->keep[i], &plan->line[i]->kv);
        plan->line[i]->n_forked = plan->line[i]->kv.len;
    }
    for (size_t i = 0; i < plan->n_picks; i++)
        timeline_unwant(engine, plan->picks[i].line);
}

static void pick_next(void *arg, size_t index, size_t thread)
{
    struct engine *engine = arg;
    struct plan *plan = &engine->plan;
    struct pick *pick = &plan->picks[index];
    const struct timeline *line = pick->line;
    if (timeline_is_greedy(line)) {
        pick->ids = plan->best + pick->row;
        pick->n_ids = 1 + model_drafts_standing(pick->span, pick->ids);
        return;
    }
    const float *logits = plan->logits + pick->row * engine->n_vocab;
    pick->sampled = sample_pick(engine->scratch[thread], logits, engine->n_vocab, engine->n_allowed,
                                &line->session.params, line->ids, line->n_ids, line->session.key);
    pick->ids = &pick->sampled;
    pick->n_ids = 1;
}

/* Time is shared out by rows between prompts and answers. */
static void count_time(struct engine *engine, double seconds)
{
    const struct plan *plan = &engine->plan;
    double rows = (double)(plan->prompt_rows + plan->answer_rows);
    engine->stats.prefill_s += seconds * (double)plan->prompt_rows / rows;
    engine->stats.decode_s += seconds * (double)plan->answer_rows / rows;
}

static void active_remove(struct engine *engine, const struct timeline *line)
{
    size_t i = 0;
    while (engine->active[i] != line)
        i++;
    engine->n_active--;
    memmove(engine->active + i, engine->active + i + 1,
            (engine->n_active - i) * sizeof *engine->active);
}

/* Hands out what was picked for one timeline; true when its last id is among that, and why. */
static bool push_ids(struct engine *engine, const struct pick *pick, enum finish *finish)
{
    engine->stats.drafted_tokens += pick->span->n_drafted;
    engine->stats.drafts_standing += pick->n_ids - 1;
    for (size_t i = 0; i < pick->n_ids; i++)
        if (timeline_push(engine, pick->line, pick->ids[i], finish))
            return true;
    return false;
}

/* Callbacks may submit: that touches the queue and the tree, never the plan. */
static void hand_out(struct engine *engine)
{
    struct plan *plan = &engine->plan;
    for (size_t i = 0; i < plan->n_picks; i++) {
        struct timeline *line = plan->picks[i].line;
        enum finish finish;
        if (!push_ids(engine, &plan->picks[i], &finish))
            continue;
        active_remove(engine, line);
        engine->admit_hold = false;
        timeline_finish(engine, line, finish);
    }
}

bool scheduler_step(struct engine *engine, struct err *err)
{
    struct plan *plan = &engine->plan;
    double start = clock_seconds();
    engine->stats.steps++;
    admit(engine);
    if (!plan_step(engine, err))
        return false;
    plan->logits = model_forward(engine->run, plan->spans, plan->n_spans);
    plan->best = model_best(engine->run);
    keep_snapshots(engine);
    double computed = clock_seconds();
    pool_run(engine->pool, pick_next, engine, plan->n_picks);
    double end = clock_seconds();
    engine->stats.sample_s += end - computed;
    count_time(engine, end - start);
    hand_out(engine);
    return true;
}

/* Ids still to compute, should the answer be as long as it may. */
static size_t left_to_do(const struct timeline *line)
{
    return line->session.n_prompt + line->session.params.max_tokens - line->kv.len;
}

void scheduler_drop(struct engine *engine, bool all)
{
    struct timeline *kept = NULL;
    for (size_t i = 0; i < engine->n_active && !all; i++)
        if (!kept || left_to_do(engine->active[i]) < left_to_do(kept))
            kept = engine->active[i];
    size_t n = engine->n_active;
    memcpy(engine->ended, engine->active, n * sizeof *engine->ended);
    engine->n_active = 0;
    if (kept)
        engine->active[engine->n_active++] = kept;
    for (size_t i = 0; i < n; i++)
        if (engine->ended[i] != kept)
            timeline_finish(engine, engine->ended[i], FINISH_CANCELLED);
    for (struct timeline *line; (line = queue_pop(engine));)
        timeline_finish(engine, line, FINISH_CANCELLED);
}
