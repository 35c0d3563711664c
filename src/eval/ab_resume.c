/* ab_resume.c - taking up a run where its journal ends, or refusing because it is another run. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "eval/ab_int.h"
#include "os/clock.h"
#include "text/json.h"
#include "text/utf8.h"

static void describe_value(char *out, size_t size, json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    snprintf(out, size, "%.40s", text ? text : "absent");
    free(text);
}

static bool refuse(const struct ab *ab, const char *what, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "%s%s holds another run: %s; give another --output, or --fresh to begin anew "
                   "and keep the old files beside it",
                   ab->options->output, AB_JOURNAL_SUFFIX, what);
}

/* The kernels both runs have must be the same; either may have more. */
static bool check_kernels(const struct ab *ab, json_t *theirs, struct err *err)
{
    json_t *ours = ab_kernels(ab), *digest;
    const char *name;
    bool ok = true;
    json_object_foreach(theirs, name, digest)
    {
        json_t *mine = json_object_get(ours, name);
        if (!ok || !mine || json_equal(mine, digest))
            continue;
        char what[128];
        snprintf(what, sizeof what, "its kernel '%.40s' has another text", name);
        ok = refuse(ab, what, err);
    }
    json_decref(ours);
    return ok;
}

static bool check_session(struct ab *ab, const json_t *record, struct err *err)
{
    json_t *ours = ab_params(ab), *theirs = json_object_get(record, "params");
    char name[64], old[48], new[48], what[256];
    bool differ = json_difference(name, sizeof name, theirs, ours);
    if (differ) {
        describe_value(old, sizeof old, theirs, name);
        describe_value(new, sizeof new, ours, name);
        snprintf(what, sizeof what, "%s is %s there and %s here", name, old, new);
    }
    json_decref(ours);
    return differ ? refuse(ab, what, err)
                  : check_kernels(ab, json_object_get(record, "kernels"), err);
}

/* A time of day from the journal; nonsense counts as 1970, so that sums of times stay small. */
static int64_t read_time(const json_t *record)
{
    json_int_t us = json_integer_value(json_object_get(record, "ts_us"));
    return us >= 0 && us < AB_TIME_MAX ? us : 0;
}

void ab_begin_session(struct ab *ab, int64_t at_us)
{
    ab->worked_us += ab->last_us - ab->session_us;
    ab->session_us = ab->last_us = at_us;
}

void ab_note_time(struct ab *ab, int64_t at_us)
{
    ab->last_us = at_us > ab->last_us ? at_us : ab->last_us;
}

static bool replay_answer(struct ab *ab, const json_t *record, bool *counts, struct err *err)
{
    struct str key = json_get_str(record, "key");
    uint32_t index = key.ptr ? map_get(&ab->by_key, key) : MAP_NONE;
    if (index == MAP_NONE) {
        char what[256];
        struct str probe = json_get_str(record, "probe"), arm = json_get_str(record, "condition");
        snprintf(what, sizeof what,
                 "it answers probe '%.*s' under '%.*s', sample %" JSON_INTEGER_FORMAT
                 ", which this run does not ask",
                 (int)size_min(probe.len, 60), probe.ptr ? probe.ptr : "",
                 (int)size_min(arm.len, 40), arm.ptr ? arm.ptr : "",
                 json_integer_value(json_object_get(record, "sample")));
        return refuse(ab, what, err);
    }
    struct ab_answer *answer = &ab->answers[index];
    struct err bad = {0};
    if (!ab_answer_read(answer, record) ||
        !score_run(ab->score, answer->values, answer->text,
                   ab->options->probes[ab_place(ab, index).probe].prompt, &bad)) {
        answer->state = AB_WANTED; /* a record that lacks something is made again */
        ab->progress.damaged_lines++;
        *counts = false;
        return true;
    }
    answer->chars = utf8_count(answer->text);
    ab_answer_keep(answer, answer->text);
    answer->at_us = read_time(record);
    ab_note_time(ab, answer->at_us);
    ab->progress.resumed++;
    ab->progress.done++;
    return true;
}

static bool replay_record(void *arg, const json_t *record, bool *counts, struct err *err)
{
    struct ab *ab = arg;
    struct str type = json_get_str(record, "type");
    if (str_is(type, "sample"))
        return replay_answer(ab, record, counts, err);
    if (!str_is(type, "resume"))
        return true;
    ab_begin_session(ab, read_time(record));
    return check_session(ab, record, err);
}

bool ab_take_up(struct ab *ab, struct err *err)
{
    json_t *header = journal_header(ab->journal);
    ab->is_new = header == NULL;
    if (ab->is_new) {
        ab->started_us = clock_unix_us();
        return result_was_empty(ab->result) ||
               err_set(err, ERR_USAGE,
                       "%s exists and has no journal, so it cannot be continued; give another "
                       "--output, or --fresh to keep it as %s.1",
                       ab->options->output, ab->options->output);
    }
    ab->started_us = read_time(header);
    ab->session_us = ab->last_us = ab->started_us;
    ab->provenance = json_incref(json_object_get(header, "provenance"));
    if (!json_is_object(ab->provenance))
        return err_set(err, ERR_FORMAT, "%s%s: the header has no provenance", ab->options->output,
                       AB_JOURNAL_SUFFIX);
    if (!check_session(ab, header, err) || !journal_replay(ab->journal, replay_record, ab, err))
        return false;
    ab->progress.damaged_lines += journal_damaged(ab->journal);
    return true;
}
