/* score_job.c - see score_job.h. */
#include "cli/score_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/score_hits.h"
#include "grammar/imprint_file.h"
#include "text/json.h"

enum { BATCH_LINES = 1024, BATCH_BYTES = 8 << 20, FAILURES_SHOWN = 20 };

void score_job_init(struct score_job *job)
{
    *job = (struct score_job){0};
    buf_init(&job->out, SCORE_JOB_OUTPUT_MAX);
}

static void free_workers(struct score_job *job)
{
    for (size_t t = 0; job->workers && t < pool_threads(job->pool); t++) {
        struct score_worker *worker = &job->workers[t];
        for (size_t i = 0; i < job->n_scorers; i++)
            score_free(worker->scores[i]);
        answer_record_release(&worker->record);
        imprint_release(&worker->text);
        hits_release(&worker->hits);
    }
    for (size_t i = 0; job->slots && i < BATCH_LINES; i++)
        buf_release(&job->slots[i].out);
    free(job->workers);
    free(job->slots);
}

void score_job_release(struct score_job *job)
{
    free_workers(job);
    pool_free(job->pool);
    if (job->has_reference)
        imprint_release(&job->reference);
    lexicon_free(job->lexicon);
    score_table_release(&job->table);
    buf_release(&job->out);
    *job = (struct score_job){0};
}

static bool fail_unknown(struct str name, struct err *err)
{
    struct buf names;
    size_t count;
    const struct scorer *const *all = scorer_list(&count);
    buf_init(&names, ERR_MSG_MAX);
    for (size_t i = 0; i < count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", all[i]->name);
    err_set(err, ERR_USAGE, "there is no scorer \"%.*s\"; there are: %s", STR_ARG(name), names.ptr);
    buf_release(&names);
    return false;
}

static bool is_named(const struct scorer *scorer, struct str name)
{
    return (str_is(name, "all") && !scorer->is_apart) || str_is(name, scorer->name) ||
           str_is(name, scorer->key) || (scorer->group && str_is(name, scorer->group));
}

/* Adds the scorers of that name; asking for one twice gives it once. */
static bool add_scorers(struct score_job *job, struct str name, struct err *err)
{
    size_t count, found = 0;
    const struct scorer *const *all = scorer_list(&count);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        if (!is_named(all[i], name))
            continue;
        found++;
        while (k < job->n_scorers && job->scorers[k] != all[i])
            k++;
        if (k == SCORE_JOB_SCORERS_MAX)
            BUG("more than %d scorers", SCORE_JOB_SCORERS_MAX);
        if (k == job->n_scorers)
            job->scorers[job->n_scorers++] = all[i];
    }
    return found > 0 || fail_unknown(name, err);
}

bool score_job_choose(struct score_job *job, const char *names, struct err *err)
{
    struct str rest = str_of(names);
    for (bool more = true; more;) {
        size_t comma = str_find(rest, str_of(","), 0);
        more = comma != (size_t)-1;
        if (!add_scorers(job, str_n(rest.ptr, more ? comma : rest.len), err))
            return false;
        rest = more ? str_from(rest, comma + 1) : rest;
    }
    return true;
}

static const struct lexicon *lexicon_of(struct score_job *job)
{
    if (!job->lexicon)
        job->lexicon = lexicon_create(false);
    return job->lexicon;
}

bool score_job_reference(struct score_job *job, const char *path, struct err *err)
{
    imprint_init(&job->reference, lexicon_of(job));
    job->has_reference = true;
    return imprint_read(&job->reference, path, err);
}

static void make_workers(struct score_job *job, size_t threads)
{
    job->pool = pool_create(threads);
    job->workers = mem_zalloc(pool_threads(job->pool), sizeof *job->workers);
    job->slots = mem_zalloc(BATCH_LINES, sizeof *job->slots);
    for (size_t t = 0; t < pool_threads(job->pool); t++) {
        struct score_worker *worker = &job->workers[t];
        for (size_t i = 0; i < job->n_scorers; i++)
            worker->scores[i] = score_create(job->scorers[i]);
        imprint_init(&worker->text, lexicon_of(job));
        hits_init(&worker->hits);
    }
    for (size_t i = 0; i < BATCH_LINES; i++)
        buf_init(&job->slots[i].out, SCORE_JOB_OUTPUT_MAX);
}

/* How near the text is to the reference, to four places as the original gives it. */
static bool put_similarity(struct buf *out, const struct score_job *job,
                           struct score_worker *worker, struct str text, struct err *err)
{
    char number[JSON_REAL_LEN_MAX];
    if (!imprint_load(&worker->text, text, err))
        return false;
    double similarity = imprint_similarity(&job->reference, &worker->text);
    json_format_real(number, round(similarity * 10000) / 10000);
    buf_printf(out, ", \"similarity\": %s", number);
    return true;
}

/* Earlier scores that the record holds: the lost first scorer's signals under a name of their own.
 */
static void put_stored(struct buf *out, const struct answer *answer)
{
    char number[JSON_REAL_LEN_MAX];
    if (answer->signals) {
        buf_puts(out, answer_is_v1(answer->signals) ? ", \"v1\": " : ", \"stored\": ");
        json_format(out, answer->signals, (struct json_style){.ascii = true});
    } else if (answer->has_stored) {
        json_format_real(number, answer->stored);
        buf_printf(out, ", \"stored\": {\"lek_score\": %s}", number);
    }
}

static bool put_line(struct buf *out, const struct score_job *job, struct score_worker *worker,
                     const struct answer *answer, const struct score_item *item, struct err *err)
{
    struct score_result result;
    buf_puts(out, "{\"id\": ");
    json_format(out, answer->id, (struct json_style){.ascii = true});
    if (answer->condition.ptr) {
        buf_puts(out, ", \"condition\": ");
        json_format_str(out, answer->condition, true);
    }
    for (size_t i = 0; i < job->n_scorers; i++) {
        if (!score_item(worker->scores[i], &result, item, err))
            return false;
        buf_puts(out, ", \"");
        buf_puts(out, job->scorers[i]->key);
        buf_puts(out, "\": ");
        score_result_format(out, job->scorers[i], &result);
    }
    if (job->has_reference && !put_similarity(out, job, worker, answer->text, err))
        return false;
    put_stored(out, answer);
    buf_puts(out, "}\n");
    return true;
}

/* A whole line or nothing of it. */
static bool put_scores(struct buf *out, const struct score_job *job, struct score_worker *worker,
                       const struct answer *answer, const struct score_item *item, struct err *err)
{
    size_t len = out->len;
    bool ok = put_line(out, job, worker, answer, item, err);
    if (!ok)
        out->len = len;
    return ok;
}

static bool put_hits(struct buf *out, const struct score_job *job, struct score_worker *worker,
                     const struct answer *answer, const struct score_item *item, struct err *err)
{
    struct score_result result;
    for (size_t i = 0; i < job->n_scorers; i++) {
        hits_reset(&worker->hits);
        if (!score_explain(worker->scores[i], &result, &worker->hits, item, err))
            return false;
        if (!result.is_scored)
            continue;
        struct scored scored = {answer, job->scorers[i], &result, &worker->hits};
        if (job->view == SCORE_AS_HITS)
            score_hits_jsonl(out, &scored);
        else
            score_hits_table(out, &scored);
    }
    return true;
}

/* Only where there is one thread: rows stand in the order of the file. */
static bool add_row(struct score_job *job, struct score_worker *worker, const struct answer *answer,
                    const struct score_item *item, struct err *err)
{
    struct score_result result;
    if (!score_item(worker->scores[0], &result, item, err))
        return false;
    if (result.is_scored)
        score_table_add(&job->table, answer, job->scorers[0], result.values);
    return true;
}

static bool score_answer(struct score_job *job, struct score_worker *worker,
                         struct score_slot *slot, const struct answer *answer, struct err *err)
{
    struct score_item item = {.text = answer->text,
                              .prompt = answer->prompt,
                              .expected = answer->expected,
                              .probe = answer->probe};
    bool ok = job->view == SCORE_AS_TABLE ? add_row(job, worker, answer, &item, err)
              : job->view == SCORE_AS_JSONL
                  ? put_scores(&slot->out, job, worker, answer, &item, err)
                  : put_hits(&slot->out, job, worker, answer, &item, err);
    return ok || err_in(err, "%s: line %zu", job->in.lines.name, answer->line);
}

static bool score_line(struct score_job *job, struct score_worker *worker, struct score_slot *slot)
{
    struct answer answer;
    bool more = true;
    if (!answer_record_load(&worker->record, &job->in, slot->line, slot->number, &slot->err))
        return false;
    while (answer_record_next(&worker->record, &answer, &more, &slot->err) && more) {
        if (!score_answer(job, worker, slot, &answer, &slot->err))
            return false;
        slot->n_answers++;
    }
    if (worker->record.model.ptr && job->view == SCORE_AS_TABLE && !job->in.model)
        job->in.model = mem_strdup(worker->record.model.ptr);
    return !slot->err.code;
}

static void work(void *arg, size_t index, size_t thread)
{
    struct score_job *job = arg;
    struct score_slot *slot = &job->slots[index];
    buf_reset(&slot->out);
    slot->err = (struct err){0};
    slot->n_answers = 0;
    score_line(job, &job->workers[thread], slot);
}

static size_t fill_batch(struct score_job *job)
{
    size_t n = 0, bytes = 0;
    while (n < BATCH_LINES && bytes < BATCH_BYTES &&
           answers_line(&job->in, &job->slots[n].line, &job->slots[n].number))
        bytes += job->slots[n++].line.len;
    return n;
}

/* A line of a type that is not known here is no failure, but should not go unseen. */
static void report_failure(struct score_job *job, const struct err *failure, struct console *con)
{
    job->n_failed += failure->code != ERR_UNSUPPORTED;
    if (++job->n_passed_over <= FAILURES_SHOWN)
        console_warn(con, "%s; passed over", failure->msg);
}

static void hand_out(struct score_job *job, size_t n, struct console *con)
{
    for (size_t i = 0; i < n; i++) {
        struct score_slot *slot = &job->slots[i];
        if (slot->err.code)
            report_failure(job, &slot->err, con);
        buf_add_str(&job->out, buf_str(&slot->out));
        job->n_answers += slot->n_answers;
    }
    if (!job->streams)
        return;
    console_print(con, buf_str(&job->out));
    buf_reset(&job->out);
}

bool score_job_run(struct score_job *job, const char *path, size_t threads, struct console *con,
                   struct err *err)
{
    if (!answers_open(&job->in, path, err))
        return false;
    make_workers(job, job->view == SCORE_AS_TABLE ? 1 : threads);
    for (size_t n; (n = fill_batch(job)) > 0;) {
        pool_run(job->pool, work, job, n);
        hand_out(job, n, con);
    }
    if (job->n_passed_over > FAILURES_SHOWN)
        console_warn(con, "%s: %zu lines in all were passed over", path, job->n_passed_over);
    if (job->view == SCORE_AS_TABLE)
        score_table_format(&job->out, &job->table, job->scorers[0], job->in.model);
    answers_close(&job->in);
    return !job->out.full || err_set(err, ERR_LIMIT, "%s gives more output than can be kept", path);
}
