/* reply.c - see reply.h. */
#include "lesson/reply.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "lesson/lesson.h"
#include "os/file.h"
#include "probe/record.h"
#include "text/json.h"
#include "text/jsonl.h"
#include "text/utf8.h"

#define BASELINE "baseline"

struct reader {
    struct reply_set *out;
    const struct probe_set *probes;
    const struct reply_options *options;
    struct jsonl lines;
    struct map ids, prompts; /* to the probe */
    bool *is_answered;
};

const char *reply_refusal_name(enum reply_refusal refusal)
{
    static const char *const names[N_REPLY_REFUSALS] = {
        [REPLY_REFUSED_NO_ANSWER] = "no answer in the record",
        [REPLY_REFUSED_EMPTY] = "an answer that says nothing",
        [REPLY_REFUSED_FAILED] = "a failure instead of an answer",
        [REPLY_REFUSED_SHORT] = "an answer that is too short",
        [REPLY_REFUSED_NO_PROBE] = "no such probe",
        [REPLY_REFUSED_PROMPT] = "another prompt than the probe's",
    };
    return names[refusal];
}

static bool refuse(struct reader *in, enum reply_refusal why)
{
    if (in->out->by_refusal[why]++ == 0)
        in->out->first_line[why] = in->lines.line;
    return true;
}

/* The last turn of that role in a list of messages. */
static struct str last_said(const json_t *messages, const char *role)
{
    for (size_t i = json_array_size(messages); i-- > 0;) {
        const json_t *message = json_array_get(messages, i);
        if (str_is(json_get_str(message, "role"), role))
            return json_get_str(message, "content");
    }
    return (struct str){0};
}

/* The response of the condition that was asked for. */
static bool find_condition(struct reader *in, struct str *text, const json_t *conditions,
                           struct err *err)
{
    const char *name = in->options->condition, *key;
    json_t *value, *chosen = NULL;
    size_t n_others = 0;
    json_object_foreach((json_t *)(uintptr_t)conditions, key, value)
    {
        bool is_it = name ? strcmp(key, name) == 0 : strcmp(key, BASELINE) != 0;
        n_others += is_it;
        if (is_it)
            chosen = value;
    }
    *text = json_get_str(chosen, "response");
    if (n_others == 1)
        return true;
    return name ? err_set(err, ERR_USAGE, "%s: line %zu: no condition \"%s\"", in->lines.name,
                          in->lines.line, name)
                : err_set(err, ERR_USAGE, "%s: line %zu: %zu conditions; which one?",
                          in->lines.name, in->lines.line, n_others);
}

/* ptr NULL when the record holds none. */
static struct str answer_of(const json_t *record)
{
    static const char *const keys[] = {"response", "completion", "answer", NULL};
    for (size_t i = 0; keys[i]; i++)
        if (json_is_string(json_object_get(record, keys[i])))
            return json_get_str(record, keys[i]);
    const json_t *training = json_object_get(record, "training");
    return last_said(json_object_get(training ? training : record, "messages"), "assistant");
}

static uint32_t probe_by_id(const struct reader *in, const json_t *record)
{
    static const char *const keys[] = {"id", "probe_id", "seed_id", NULL};
    const json_t *meta = json_object_get(record, "meta");
    for (size_t i = 0; keys[i]; i++) {
        json_t *id = json_object_get(record, keys[i]), *text;
        id = id ? id : json_object_get(meta, keys[i]);
        if (!id || !record_text_of(&text, id))
            continue;
        uint32_t probe = map_get(&in->ids, json_str(text));
        json_decref(text);
        return probe;
    }
    return MAP_NONE;
}

static bool is_id_given(const json_t *record)
{
    return json_object_get(record, "id") || json_object_get(record, "probe_id") ||
           json_object_get(record, "seed_id") ||
           json_object_get(json_object_get(record, "meta"), "probe_id");
}

/* The probe that the record answers, or MAP_NONE with the reason. */
static uint32_t find_probe(const struct reader *in, const json_t *record, enum reply_refusal *why)
{
    struct str prompt = json_get_str(record, "prompt");
    *why = REPLY_REFUSED_NO_PROBE;
    if (!prompt.ptr) {
        const json_t *training = json_object_get(record, "training");
        prompt = last_said(json_object_get(training ? training : record, "messages"), "user");
    }
    if (!is_id_given(record))
        return prompt.ptr ? map_get(&in->prompts, utf8_strip(prompt)) : MAP_NONE;
    uint32_t probe = probe_by_id(in, record);
    /* Chat lines may have a kernel around the probe, so only a prompt of its own is compared. */
    struct str own = json_get_str(record, "prompt");
    if (probe != MAP_NONE && own.ptr &&
        !str_eq(utf8_strip(own), utf8_strip(in->probes->items[probe].prompt))) {
        *why = REPLY_REFUSED_PROMPT;
        return MAP_NONE;
    }
    return probe;
}

static bool add_reply(struct reader *in, const json_t *record, struct str text)
{
    struct reply_set *out = in->out;
    enum reply_refusal why;
    struct str said = utf8_strip(text);
    if (!text.ptr)
        return refuse(in, REPLY_REFUSED_NO_ANSWER);
    if (said.len == 0)
        return refuse(in, REPLY_REFUSED_EMPTY);
    if (str_starts(said, str_of("ERROR:")))
        return refuse(in, REPLY_REFUSED_FAILED);
    if (utf8_count(said) < in->options->chars_min)
        return refuse(in, REPLY_REFUSED_SHORT);
    uint32_t probe = find_probe(in, record, &why);
    if (probe == MAP_NONE)
        return refuse(in, why);
    out->n_answered += !in->is_answered[probe];
    in->is_answered[probe] = true;
    struct reply reply = {probe, arena_str(&out->arena, text), in->lines.line};
    VEC_PUSH(out->items, out->count, out->cap, reply);
    return true;
}

static bool read_record(struct reader *in, const json_t *record, struct err *err)
{
    const json_t *conditions = json_object_get(record, "conditions");
    struct str text = answer_of(record);
    if (str_is(json_get_str(record, "type"), "summary"))
        return true;
    in->out->n_read++;
    if (json_is_object(conditions) && !find_condition(in, &text, conditions, err))
        return false;
    return add_reply(in, record, text);
}

static void index_probes(struct reader *in)
{
    for (size_t i = 0; i < in->probes->count; i++) {
        const struct probe *probe = &in->probes->items[i];
        if (probe->id.len > 0)
            map_add(&in->ids, probe->id, (uint32_t)i);
        map_add(&in->prompts, utf8_strip(probe->prompt), (uint32_t)i);
    }
    in->is_answered = mem_zalloc(in->probes->count + 1, sizeof *in->is_answered);
}

bool reply_read_text(struct reply_set *out, const struct probe_set *probes, struct str text,
                     const char *name, const struct reply_options *options, struct err *err)
{
    struct reader in = {.out = out, .probes = probes, .options = options};
    struct str line;
    bool ok = true;
    *out = (struct reply_set){0};
    index_probes(&in);
    jsonl_init(&in.lines, text, name);
    while (ok && jsonl_next(&in.lines, &line)) {
        json_t *record;
        ok = jsonl_parse(&record, &in.lines, line, err) && read_record(&in, record, err);
        json_decref(record);
    }
    map_release(&in.ids);
    map_release(&in.prompts);
    free(in.is_answered);
    if (!ok)
        reply_release(out);
    return ok;
}

bool reply_read(struct reply_set *out, const struct probe_set *probes, const char *path,
                const struct reply_options *options, struct err *err)
{
    struct buf bytes;
    *out = (struct reply_set){0};
    buf_init(&bytes, REPLY_FILE_MAX);
    bool ok = file_read(&bytes, path, err) &&
              reply_read_text(out, probes, buf_str(&bytes), path, options, err);
    buf_release(&bytes);
    return ok;
}

size_t reply_refused(const struct reply_set *replies)
{
    size_t n = 0;
    for (size_t i = 0; i < N_REPLY_REFUSALS; i++)
        n += replies->by_refusal[i];
    return n;
}

void reply_release(struct reply_set *replies)
{
    free(replies->items);
    arena_release(&replies->arena);
    *replies = (struct reply_set){0};
}
