/* talk.c - one session at a time through an engine. */
#include "cli/talk.h"

#include "os/signals.h"

static bool stop_requested(void *arg)
{
    (void)arg;
    return signals_stop_requested();
}

bool talk_init(struct talk *out, const struct flags *flags, struct console *con, struct err *err)
{
    struct engine_options options = {.slots = 1, .stop = stop_requested};
    *out = (struct talk){.con = con};
    buf_init(&out->text, BUF_MAX_DEFAULT);
    return sampling_from_flags(&out->params, flags, err) &&
           open_model_init(&out->model, flags, con, OPEN_WEIGHTS, err) &&
           engine_create(&out->engine, out->model.model, out->model.tok, out->model.pool, &options,
                         err);
}

void talk_release(struct talk *talk)
{
    engine_free(talk->engine);
    open_model_release(&talk->model);
    buf_release(&talk->text);
    ids_release(&talk->ids);
}

static bool on_token(void *user, uint32_t id, struct str piece)
{
    struct talk *talk = user;
    (void)id;
    if (talk->prints && piece.len) {
        console_print(talk->con, piece);
        fflush(stdout);
    }
    return !signals_stop_requested();
}

static void on_done(void *user, const struct session_result *result)
{
    struct talk *talk = user;
    buf_add_str(&talk->text, result->text);
    for (size_t i = 0; i < result->n_ids; i++)
        ids_push(&talk->ids, result->ids[i]);
    talk->finish = result->finish;
    talk->n_prompt = result->n_prompt;
    talk->n_prompt_shared = result->n_prompt_shared;
    talk->ttft_s = result->ttft_s;
    talk->time_s = result->time_s;
}

bool talk_ask(struct talk *talk, const struct ids *prompt, struct err *err)
{
    struct session session = {
        .prompt = prompt->id,
        .n_prompt = prompt->count,
        .params = talk->params,
        .user = talk,
        .token = on_token,
        .done = on_done,
    };
    buf_reset(&talk->text);
    talk->ids.count = 0;
    if (prompt->count == 0)
        return err_set(err, ERR_USAGE,
                       "the prompt is empty, and the model has no token to begin with");
    if (!engine_submit(talk->engine, &session, err) || !engine_run(talk->engine, err))
        return false;
    if (talk->finish == FINISH_CANCELLED)
        return err_set(err, ERR_CANCELLED, "stopped");
    return true;
}

void talk_note_times(const struct talk *talk)
{
    double decode_s = talk->time_s - talk->ttft_s;
    double speed =
        decode_s > 0 && talk->ids.count > 1 ? (double)(talk->ids.count - 1) / decode_s : 0;
    console_detail(talk->con,
                   "%zu prompt tokens (%zu known), first token after %.2f s, %zu tokens in %.2f s, "
                   "%.1f tokens/s, finished by %s",
                   talk->n_prompt, talk->n_prompt_shared, talk->ttft_s, talk->ids.count,
                   talk->time_s, speed, finish_name(talk->finish));
}
