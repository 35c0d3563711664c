/* timeline.c - one session while the engine has it: its ids, its text, its callbacks. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "infer/engine_int.h"
#include "os/clock.h"

static void copy_stops(struct timeline *line)
{
    struct sample_params *params = &line->session.params;
    size_t total = 0;
    for (size_t i = 0; i < params->n_stops; i++)
        total += params->stop[i].len;
    char *to = line->stop_bytes = mem_alloc(total);
    for (size_t i = 0; i < params->n_stops; i++) {
        memcpy(to, params->stop[i].ptr, params->stop[i].len);
        params->stop[i].ptr = to;
        to += params->stop[i].len;
    }
}

struct timeline *timeline_create(struct engine *engine, const struct session *session)
{
    struct timeline *line = mem_zalloc(1, sizeof *line);
    line->session = *session;
    copy_stops(line);
    line->n_ids = session->n_prompt;
    line->ids = mem_alloc(line->n_ids * sizeof *line->ids);
    memcpy(line->ids, session->prompt, line->n_ids * sizeof *line->ids);
    line->session.prompt = line->ids;
    kv_seq_init(&line->kv, engine->cache);
    line->submitted = clock_seconds();
    timeline_want(engine, line);
    return line;
}

void timeline_admit(struct engine *engine, struct timeline *line)
{
    if (line->admitted)
        return;
    const struct sample_params *params = &line->session.params;
    line->admitted = true;
    line->started = clock_seconds();
    line->ids = mem_realloc(line->ids, line->n_ids + params->max_tokens, sizeof *line->ids);
    line->session.prompt = line->ids;
    answer_init(&line->answer, engine->tok, params->stop, params->n_stops, params->max_tokens);
}

void timeline_want(struct engine *engine, struct timeline *line)
{
    if (engine->tree && !line->end && line->session.n_prompt > 1)
        line->end = prefix_tree_add(engine->tree, line->ids, line->session.n_prompt - 1);
}

void timeline_unwant(struct engine *engine, struct timeline *line)
{
    if (line->end)
        prefix_tree_drop(engine->tree, line->end);
    line->end = NULL;
}

static bool call_token(struct timeline *line, uint32_t id, bool last)
{
    struct str piece = answer_piece(&line->answer, last);
    const struct session *session = &line->session;
    return !session->token || session->token(session->user, id, piece);
}

bool timeline_push(struct engine *engine, struct timeline *line, uint32_t id, enum finish *finish)
{
    const struct sample_params *params = &line->session.params;
    if (line->n_ids == line->session.n_prompt)
        line->first_token = clock_seconds();
    line->ids[line->n_ids++] = id;
    engine->stats.generated_tokens++;

    bool end_token = tokenizer_is_end(engine->tok, id);
    bool ended = end_token && !params->ignore_eos;
    bool full = line->n_ids - line->session.n_prompt == params->max_tokens;
    bool stop = !end_token && answer_push(&line->answer, id);
    if (!stop && (ended || full))
        stop = answer_end(&line->answer);
    *finish = stop || ended ? FINISH_STOP : FINISH_LENGTH;
    bool last = stop || ended || full;
    if (!call_token(line, id, last) && !last) {
        *finish = FINISH_CANCELLED;
        last = true;
    }
    return last;
}

static void call_done(const struct timeline *line, enum finish finish)
{
    double now = clock_seconds();
    bool began = line->n_ids > line->session.n_prompt;
    struct session_result result = {
        .text = buf_str(&line->answer.text),
        .ids = line->ids + line->session.n_prompt,
        .n_ids = line->n_ids - line->session.n_prompt,
        .n_prompt = line->session.n_prompt,
        .n_prompt_shared = line->n_shared,
        .finish = finish,
        .queued_s = (line->admitted ? line->started : now) - line->submitted,
        .ttft_s = began ? line->first_token - line->started : 0,
        .time_s = line->admitted ? now - line->started : 0,
    };
    if (line->session.done)
        line->session.done(line->session.user, &result);
}

void timeline_free(struct engine *engine, struct timeline *line)
{
    timeline_unwant(engine, line);
    kv_seq_release(&line->kv);
    if (line->admitted)
        answer_release(&line->answer);
    free(line->stop_bytes);
    free(line->ids);
    free(line);
}

void timeline_finish(struct engine *engine, struct timeline *line, enum finish finish)
{
    timeline_unwant(engine, line);
    if (engine->tree && !engine->options.one_turn && finish != FINISH_CANCELLED)
        prefix_tree_keep_finished(engine->tree, line->ids, &line->kv);
    kv_seq_release(&line->kv);
    engine->stats.done++;
    call_done(line, finish);
    timeline_free(engine, line);
}
