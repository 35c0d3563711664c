/* ab.c - the life of an A/B run: take up what is on disk, ask for the rest, write each answer as it
 * comes. The journal is the truth; OUT.jsonl is derived from it and can be derived again. */
#include "eval/ab.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eval/ab_int.h"
#include "os/clock.h"
#include "os/log_file.h"
#include "text/json.h"
#include "text/utf8.h"

static char *path_of(const char *output, const char *suffix)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_puts(&path, output);
    buf_puts(&path, suffix);
    return buf_take(&path);
}

bool ab_set_aside(struct buf *moved_to, const char *output, struct err *err)
{
    struct lock_file lock;
    char *lock_path = path_of(output, ".lock");
    bool ok = lock_file_take(&lock, lock_path, err) &&
              file_set_aside(moved_to, output, AB_JOURNAL_SUFFIX, err);
    lock_file_release(&lock);
    free(lock_path);
    return ok;
}

/* Probes may share id and prompt; the second of them is twin 1. */
static void number_twins(struct ab *ab)
{
    size_t n = ab->options->n_probes;
    struct map seen = {0};
    struct arena names = {0};
    ab->twin = mem_zalloc(n, sizeof *ab->twin);
    for (size_t p = 0; p < n; p++) {
        const struct probe *probe = &ab->options->probes[p];
        struct buf name;
        buf_init(&name, BUF_MAX_DEFAULT);
        buf_printf(&name, "%zu:", probe->id.len);
        buf_add_str(&name, probe->id);
        buf_add_str(&name, probe->prompt);
        uint32_t before = map_get(&seen, buf_str(&name));
        ab->twin[p] = before == MAP_NONE ? 0 : before;
        map_set(&seen, arena_str(&names, buf_str(&name)), (uint32_t)ab->twin[p] + 1);
        buf_release(&name);
    }
    map_release(&seen);
    arena_release(&names);
}

static bool make_answers(struct ab *ab, struct err *err)
{
    const struct ab_options *o = ab->options;
    size_t n;
    if (!size_mul(&n, o->n_probes, o->conditions->count) || !size_mul(&n, n, o->samples) ||
        n > AB_ANSWERS_MAX)
        return err_set(err, ERR_LIMIT,
                       "%zu probes, %zu conditions, %zu samples: more than %d answers", o->n_probes,
                       o->conditions->count, o->samples, AB_ANSWERS_MAX);
    number_twins(ab);
    ab->n_answers = n;
    ab->answers = mem_zalloc(n, sizeof *ab->answers);
    ab->values = mem_zalloc(n * o->scorer->n_fields, sizeof *ab->values);
    ab->keys = mem_zalloc(n, sizeof *ab->keys);
    map_reserve(&ab->by_key, n);
    for (size_t i = 0; i < n; i++) {
        ab->answers[i].values = &ab->values[i * o->scorer->n_fields];
        ab_key(ab->keys[i], ab, i);
        map_set(&ab->by_key, str_n(ab->keys[i], AB_KEY_LEN), (uint32_t)i);
    }
    ab->progress.total = n;
    return true;
}

static bool write_line(struct ab *ab, json_t *line, struct err *err)
{
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, line, (struct json_style){.ascii = true});
    json_decref(line);
    bool ok = text.full ? err_set(err, ERR_LIMIT, "%s: a line of more than %d bytes",
                                  ab->options->output, BUF_MAX_DEFAULT)
                        : result_add(ab->result, buf_str(&text), err);
    buf_release(&text);
    return ok;
}

static bool probe_is_settled(const struct ab *ab, size_t probe)
{
    size_t end = ab_index(ab, probe + 1, 0, 0);
    for (size_t i = ab_index(ab, probe, 0, 0); i < end; i++)
        if (ab->answers[i].state == AB_WANTED || !ab->answers[i].saved)
            return false;
    return true;
}

/* Lines of OUT.jsonl for the probes whose turn has come. */
static bool write_ready_lines(struct ab *ab, struct err *err)
{
    for (; ab->next_line < ab->options->n_probes && probe_is_settled(ab, ab->next_line);
         ab->next_line++) {
        if (!write_line(ab, ab_probe_line(ab, ab->next_line), err))
            return false;
        size_t end = ab_index(ab, ab->next_line + 1, 0, 0);
        for (size_t i = ab_index(ab, ab->next_line, 0, 0); i < end; i++) {
            free(ab->answers[i].memory);
            ab->answers[i].memory = NULL;
            ab->answers[i].text = str_n(NULL, 0);
        }
    }
    return true;
}

static bool complete(struct ab *ab, struct err *err)
{
    if (!write_ready_lines(ab, err) || ab->next_line < ab->options->n_probes)
        return ab->next_line == ab->options->n_probes;
    ab->complete = write_line(ab, ab_summary_json(ab), err) && result_finish(ab->result, err);
    return ab->complete;
}

/* An answer that could not be written stops the run; it stays in memory for one more try. */
static void save_answer(struct ab *ab, size_t index)
{
    struct ab_answer *answer = &ab->answers[index];
    if (ab->broken.code)
        return;
    json_t *record = ab_answer_record(ab, index);
    answer->saved = journal_add(ab->journal, record, &ab->broken);
    json_decref(record);
    if (answer->saved && !write_ready_lines(ab, &ab->broken))
        return;
}

static void settle(struct ab *ab, size_t index)
{
    struct ab_answer *answer = &ab->answers[index];
    answer->at_us = clock_unix_us();
    ab_note_time(ab, answer->at_us);
    if (answer->state == AB_DONE)
        ab->progress.done++;
    else
        ab->progress.failed++;
    save_answer(ab, index);
    struct ab_event event = ab_place(ab, index);
    if (ab->options->listen)
        ab->options->listen(ab->options->listen_arg, &event);
}

static void fail(struct ab *ab, size_t index, const char *sentence)
{
    ab->answers[index].state = AB_FAILED;
    ab->answers[index].error = mem_strdup(sentence);
    settle(ab, index);
}

/* To a thousandth of a millisecond, so that what the journal gives back is the same number. */
static double recorded_ms(double seconds)
{
    return clock_is_fixed() ? 0 : ab_round(seconds * 1000, 3);
}

struct request {
    struct ab *ab;
    size_t index;
};

static void take_answer(void *user, const struct source_result *result)
{
    const struct request *request = user;
    struct ab *ab = request->ab;
    struct ab_answer *answer = &ab->answers[request->index];
    struct err err = {0};
    if (result->finish_reason && strcmp(result->finish_reason, "cancelled") == 0)
        return;
    if (!result->ok) {
        fail(ab, request->index, result->error ? result->error : "no answer, and no reason given");
        return;
    }
    struct str prompt = ab->options->probes[ab_place(ab, request->index).probe].prompt;
    if (!score_run(ab->score, answer->values, result->text, prompt, &err)) {
        fail(ab, request->index, err.msg);
        return;
    }
    ab_answer_keep(answer, result->text);
    answer->chars = utf8_count(answer->text);
    answer->prompt_tokens = result->prompt_tokens;
    answer->completion_tokens = result->completion_tokens;
    answer->time_ms = recorded_ms(result->time_s);
    answer->ttft_ms = recorded_ms(result->ttft_s);
    snprintf(answer->finish, sizeof answer->finish, "%s",
             result->finish_reason ? result->finish_reason : "");
    snprintf(answer->prompt_sha256, sizeof answer->prompt_sha256, "%s", result->prompt_sha256);
    answer->state = AB_DONE;
    settle(ab, request->index);
}

/* What concerns one prompt (too long, refused by the template) fails that answer alone; what would
 * fail them all ends the run. */
static bool is_of_one_prompt(const struct err *err)
{
    return err->code == ERR_LIMIT || err->code == ERR_FORMAT || err->code == ERR_USAGE;
}

static bool ask(struct request *request, const struct source *source, struct err *err)
{
    struct ab *ab = request->ab;
    struct ab_event place = ab_place(ab, request->index);
    const struct kernel *kernel = &ab->options->conditions->items[place.condition].kernel;
    struct chat_message messages[2] = {{str_of("system"), kernel->text},
                                       {str_of("user"), ab->options->probes[place.probe].prompt}};
    bool bare = kernel->text.len == 0;
    struct source_request wanted = {.messages = messages + bare,
                                    .n_messages = 2 - bare,
                                    .params = ab->options->params,
                                    .key = ab_stream(ab, request->index),
                                    .user = request,
                                    .done = take_answer};
    if (source->ops->submit(source->self, &wanted, err))
        return true;
    if (!is_of_one_prompt(err))
        return false;
    fail(ab, request->index, err->msg);
    *err = (struct err){0};
    return true;
}

/* Hands the next wanted answers to the source and waits for them; *next moves past them. */
static bool run_batch(struct ab *ab, const struct source *source, size_t *next, struct err *err)
{
    struct request *requests = mem_zalloc(AB_BATCH_MAX, sizeof *requests);
    size_t n = 0;
    bool ok = true;
    for (; ok && *next < ab->n_answers && n < AB_BATCH_MAX; ++*next) {
        if (ab->answers[*next].state != AB_WANTED)
            continue;
        requests[n] = (struct request){ab, *next};
        ok = ask(&requests[n++], source, err);
    }
    ok = ok && source->ops->run(source->self, err);
    free(requests);
    return ok;
}

/* Answers that met a full disk, once more: somebody may have made room. */
static bool save_the_rest(struct ab *ab)
{
    struct err first = ab->broken;
    ab->broken = (struct err){0};
    for (size_t i = 0; i < ab->n_answers && !ab->broken.code; i++)
        if (ab->answers[i].state != AB_WANTED && !ab->answers[i].saved)
            save_answer(ab, i);
    if (ab->broken.code)
        ab->broken = first;
    return !ab->broken.code;
}

/* The journal says where each session's answers came from; the summary, where the first's did. */
static bool write_session(struct ab *ab, const struct source *source, struct err *err)
{
    json_t *facts = source->ops->describe(source->self);
    json_t *provenance = json_deep_copy(ab->options->facts);
    json_object_update_missing(provenance, facts);
    json_decref(facts);
    ab_begin_session(ab, ab->is_new ? ab->started_us : clock_unix_us());
    if (ab->is_new)
        ab->provenance = json_incref(provenance);
    json_t *record = ab_session_record(ab, ab->is_new ? "header" : "resume", provenance);
    bool ok = journal_add(ab->journal, record, err) && journal_sync(ab->journal, err);
    json_decref(record);
    json_decref(provenance);
    return ok;
}

bool ab_run(struct ab *ab, const struct source *source, struct err *err)
{
    if (ab->complete)
        return true;
    if (!write_session(ab, source, err))
        return false;
    struct err unsynced = {0};
    bool ok = true;
    for (size_t next = 0; ok && next < ab->n_answers && !ab->broken.code;)
        ok = run_batch(ab, source, &next, err);
    if (ab->broken.code && !save_the_rest(ab)) {
        *err = ab->broken;
        return false;
    }
    if (!journal_sync(ab->journal, &unsynced) && ok) {
        *err = unsynced;
        ok = false;
    }
    return ok && complete(ab, err);
}

bool ab_open(struct ab **out, const struct ab_options *options, struct err *err)
{
    struct ab *ab = mem_zalloc(1, sizeof *ab);
    ab->options = options;
    ab->lock = LOCK_FILE_NONE;
    ab->score = score_create(options->scorer);
    char *lock_path = path_of(options->output, ".lock");
    char *journal_path = path_of(options->output, AB_JOURNAL_SUFFIX);
    bool ok = make_answers(ab, err) && lock_file_take(&ab->lock, lock_path, err) &&
              result_open(&ab->result, options->output, err) &&
              journal_open(&ab->journal, journal_path, err) && ab_take_up(ab, err) &&
              write_ready_lines(ab, err) &&
              (ab->progress.done < ab->progress.total || complete(ab, err));
    free(lock_path);
    free(journal_path);
    if (!ok) {
        ab_close(ab);
        return false;
    }
    ab->progress.torn_bytes = journal_torn_bytes(ab->journal);
    ab->was_complete = ab->complete && !result_changed(ab->result);
    *out = ab;
    return true;
}

void ab_close(struct ab *ab)
{
    if (!ab)
        return;
    for (size_t i = 0; ab->answers && i < ab->n_answers; i++) {
        free(ab->answers[i].memory);
        free(ab->answers[i].error);
    }
    free(ab->answers);
    free(ab->values);
    free(ab->keys);
    free(ab->twin);
    map_release(&ab->by_key);
    json_decref(ab->provenance);
    result_close(ab->result);
    journal_close(ab->journal);
    lock_file_release(&ab->lock);
    score_free(ab->score);
    free(ab);
}

bool ab_is_broken(const struct ab *ab)
{
    return ab->broken.code != ERR_NONE;
}

bool ab_is_finished(const struct ab *ab)
{
    return ab->complete && ab->progress.failed == 0;
}

bool ab_was_complete(const struct ab *ab)
{
    return ab->was_complete;
}

bool ab_is_new(const struct ab *ab)
{
    return ab->is_new;
}

int64_t ab_started_us(const struct ab *ab)
{
    return ab->started_us;
}

struct ab_progress ab_progress(const struct ab *ab)
{
    return ab->progress;
}

const struct ab_options *ab_options(const struct ab *ab)
{
    return ab->options;
}

const struct ab_answer *ab_answer(const struct ab *ab, size_t probe, size_t condition,
                                  size_t sample)
{
    return &ab->answers[ab_index(ab, probe, condition, sample)];
}
