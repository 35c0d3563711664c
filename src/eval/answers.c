/* answers.c - see answers.h. */
#include "eval/answers.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "os/file.h"
#include "text/utf8.h"

/* A file that is one array becomes lines, an element each; an element's number is its line. */
static bool unfold_array(struct answers *in, const char *path, struct err *err)
{
    json_t *array, *element;
    size_t i;
    struct buf lines;
    if (!json_parse(&array, buf_str(&in->bytes), path, err))
        return false;
    buf_init(&lines, ANSWERS_FILE_MAX);
    json_array_foreach(array, i, element)
    {
        json_format(&lines, element, (struct json_style){0});
        buf_putc(&lines, '\n');
    }
    json_decref(array);
    buf_release(&in->bytes);
    in->bytes = lines;
    return !lines.full || err_set(err, ERR_LIMIT, "%s is too large", path);
}

bool answers_open(struct answers *in, const char *path, struct err *err)
{
    *in = (struct answers){0};
    buf_init(&in->bytes, ANSWERS_FILE_MAX);
    bool ok = file_read(&in->bytes, path, err);
    if (ok) {
        struct str line;
        struct jsonl first;
        jsonl_init(&first, buf_str(&in->bytes), path);
        char c = jsonl_next(&first, &line) ? utf8_lstrip(line).ptr[0] : '\0';
        in->is_plain = c != '{' && c != '[';
        ok = c != '[' || unfold_array(in, path, err);
    }
    if (!ok) {
        answers_close(in);
        return false;
    }
    jsonl_init(&in->lines, buf_str(&in->bytes), path);
    return true;
}

void answers_close(struct answers *in)
{
    if (in->record)
        answer_record_release(in->record);
    free(in->record);
    free(in->model);
    buf_release(&in->bytes);
    *in = (struct answers){0};
}

bool answers_line(struct answers *in, struct str *line, size_t *number)
{
    bool more = jsonl_next(&in->lines, line);
    *number = in->lines.line;
    return more;
}

static bool fail_at(const struct answer_record *record, const char *what, struct err *err)
{
    return err_set(err, ERR_FORMAT, "%s: line %zu %s", record->name, record->line, what);
}

static void forget(struct answer_record *record)
{
    struct json_flat *flat = record->flat;
    json_decref(record->value);
    json_decref(record->id);
    *record = (struct answer_record){.flat = flat};
}

void answer_record_release(struct answer_record *record)
{
    forget(record);
    if (record->flat)
        json_flat_release(record->flat);
    free(record->flat);
    record->flat = NULL;
}

static void set_id(struct answer_record *record, json_t *id)
{
    record->id = id ? json_incref(id) : json_integer((json_int_t)record->line);
}

/* The score and the signals stored in `holder`, as A/B results and distillations have them. */
static void add_stored(struct answer *out, json_t *holder)
{
    json_t *score = json_object_get(holder, "lek_score");
    json_t *signals = json_object_get(holder, "heuristic");
    out->has_stored = json_is_number(score);
    out->stored = json_number_value(score);
    out->signals = json_is_object(signals) ? signals : NULL;
}

static bool give_condition(struct answer_record *record, struct answer *out, struct err *err)
{
    const char *name = json_object_iter_key(record->condition);
    json_t *value = json_object_iter_value(record->condition);
    json_t *response = json_object_get(value, "response");
    record->condition = json_object_iter_next(record->conditions, record->condition);
    if (!json_is_string(response))
        return fail_at(record, "has a condition without a response", err);
    *out = (struct answer){.condition = str_of(name),
                           .text = json_str(response),
                           .prompt = json_get_str(record->value, "prompt")};
    add_stored(out, value);
    return true;
}

/* The right answer, which some files write as a number. */
static struct str expected_of(struct answer_record *record)
{
    json_t *expected = json_object_get(record->value, "correct_answer");
    if (json_is_real(expected))
        json_format_real(record->expected, json_real_value(expected));
    else if (json_is_integer(expected))
        snprintf(record->expected, sizeof record->expected, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(expected));
    else
        return json_get_str(record->value, "correct_answer");
    return str_of(record->expected);
}

static bool give_response(struct answer_record *record, struct answer *out, struct err *err)
{
    json_t *text = json_object_get(record->value, "text");
    if (!text)
        text = json_object_get(record->value, "response");
    bool is_missing = !text && record->missing_is_empty;
    if (!json_is_string(text) && !is_missing)
        return fail_at(record,
                       "holds no answer: neither \"text\" nor \"response\" is a string, and there "
                       "are no \"messages\" and no \"conditions\"",
                       err);
    *out = (struct answer){.text = is_missing ? str_of("") : json_str(text),
                           .prompt = json_get_str(record->value, "prompt"),
                           .expected = expected_of(record),
                           .probe = json_get_str(record->value, "probe_id")};
    if (!out->prompt.ptr)
        out->prompt = json_get_str(record->value, "question");
    add_stored(out, record->value);
    return true;
}

/* One sample of a journal; an answer that failed has none. */
static bool give_sample(struct answer_record *record, struct answer *out, struct err *err)
{
    json_t *response = json_object_get(record->value, "response");
    if (!json_is_string(response))
        return fail_at(record, "is a sample without a response", err);
    *out = (struct answer){.text = json_str(response),
                           .condition = json_get_str(record->value, "condition")};
    return true;
}

/* The last message of that role, ptr NULL when there is none. */
static struct str last_message(json_t *messages, const char *role)
{
    size_t i = json_array_size(messages);
    while (i-- > 0) {
        json_t *message = json_array_get(messages, i);
        if (str_is(json_get_str(message, "role"), role))
            return json_get_str(message, "content");
    }
    return str_n(NULL, 0);
}

static bool give_conversation(struct answer_record *record, struct answer *out, struct err *err)
{
    json_t *messages = json_object_get(record->holder, "messages");
    json_t *meta = json_object_get(record->value, "meta");
    struct str text = last_message(messages, "assistant");
    if (!text.ptr)
        return fail_at(record, "is a conversation in which no assistant says anything", err);
    *out = (struct answer){.text = text, .prompt = last_message(messages, "user")};
    add_stored(out, meta ? meta : record->value);
    return true;
}

static bool take(struct answer_record *record, json_t *holder,
                 bool (*give)(struct answer_record *, struct answer *, struct err *))
{
    record->holder = holder;
    record->give = give;
    return true;
}

static bool fail_type(const struct answer_record *record, struct str type, struct err *err)
{
    return err_set(err, ERR_UNSUPPORTED,
                   "%s: line %zu is of the type \"%.*s\", which holds no "
                   "answers",
                   record->name, record->line, STR_ARG(type));
}

/* Finds out what kind of record it is and where its answers are. */
static bool look_at(struct answer_record *record, struct err *err)
{
    json_t *value = record->value, *training = json_object_get(value, "training");
    json_t *conditions = json_object_get(value, "conditions");
    struct str type = json_get_str(value, "type");
    bool typed = type.len > 0;
    if (str_is(type, "training")) {
        set_id(record, json_object_get(json_object_get(value, "meta"), "probe_id"));
        return take(record, training, give_conversation);
    }
    if (str_is(type, "sample")) {
        set_id(record, json_object_get(value, "probe"));
        return json_is_null(json_object_get(value, "response")) || take(record, value, give_sample);
    }
    set_id(record, json_object_get(value, "id"));
    if (str_is(type, "summary")) {
        record->model = json_get_str(value, "model");
        return true;
    }
    if (str_is(type, "header") || str_is(type, "resume"))
        return true;
    if (typed && !str_is(type, "probe"))
        return fail_type(record, type, err);
    if (json_is_object(conditions)) {
        record->conditions = conditions;
        record->condition = json_object_iter(conditions);
        return true;
    }
    if (json_is_array(json_object_get(value, "messages")))
        return take(record, value, give_conversation);
    return take(record, value, give_response);
}

/* The string of that name; ptr NULL without one. */
static struct str flat_text(const struct json_flat *flat, const char *key)
{
    const struct json_flat_member *member = json_flat_find(flat, key);
    return member && member->kind == JSON_FLAT_STRING ? member->value : str_n(NULL, 0);
}

/* Where the answer is; NULL when it is no string. */
static const char *flat_answer(const struct json_flat *flat)
{
    const char *key = json_flat_find(flat, "text") ? "text" : "response";
    return flat_text(flat, key).ptr ? key : NULL;
}

/* Is it an id, an answer and what that answers, and nothing that look_at would take for more? */
static bool is_simple(const struct json_flat *flat)
{
    static const char *const others[] = {"type",     "training",  "conditions",
                                         "messages", "lek_score", "heuristic"};
    const struct json_flat_member *id = json_flat_find(flat, "id");
    const struct json_flat_member *expected = json_flat_find(flat, "correct_answer");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (json_flat_find(flat, others[i]))
            return false;
    return flat_answer(flat) && (!expected || expected->kind == JSON_FLAT_STRING) &&
           (!id || id->kind == JSON_FLAT_STRING || id->kind == JSON_FLAT_INTEGER);
}

/* Reads a simple line in one pass, for most are; false when it may be another, of which nothing is
 * said. What comes of it is what look_at would make of it. */
static bool load_flat(struct answer_record *record, struct str line)
{
    if (!record->flat) {
        record->flat = mem_alloc(sizeof *record->flat);
        json_flat_init(record->flat);
    }
    if (!json_flat_read(record->flat, line) || !is_simple(record->flat))
        return false;
    const struct json_flat_member *id = json_flat_find(record->flat, "id");
    record->id = !id ? json_integer((json_int_t)record->line)
                 : id->kind == JSON_FLAT_STRING
                     ? json_from_str(id->value)
                     : json_integer((json_int_t)strtoll(id->value.ptr, NULL, 10));
    record->is_flat = true;
    return true;
}

static void give_flat(const struct answer_record *record, struct answer *out)
{
    const struct json_flat *flat = record->flat;
    *out = (struct answer){.text = flat_text(flat, flat_answer(flat)),
                           .prompt = flat_text(flat, "prompt"),
                           .expected = flat_text(flat, "correct_answer"),
                           .probe = flat_text(flat, "probe_id")};
    if (!out->prompt.ptr)
        out->prompt = flat_text(flat, "question");
}

bool answer_record_load(struct answer_record *record, const struct answers *in, struct str line,
                        size_t number, struct err *err)
{
    forget(record);
    record->name = in->lines.name;
    record->line = number;
    record->is_plain = in->is_plain;
    record->missing_is_empty = in->missing_is_empty;
    if (in->is_plain) {
        if (!utf8_is_valid(line))
            return fail_at(record, "is not UTF-8 text", err);
        record->text = line;
        set_id(record, NULL);
        return true;
    }
    if (!in->keeps_values && load_flat(record, line))
        return true;
    struct jsonl at = in->lines;
    at.line = number;
    if (!jsonl_parse(&record->value, &at, line, err))
        return false;
    if (!json_is_object(record->value))
        return fail_at(record, "is not a JSON object", err);
    return look_at(record, err);
}

bool answer_record_next(struct answer_record *record, struct answer *out, bool *more,
                        struct err *err)
{
    bool ok = true;
    *more = true;
    if (record->is_plain && record->text.ptr) {
        *out = (struct answer){.text = record->text};
        record->text = str_n(NULL, 0);
    } else if (record->is_flat) {
        give_flat(record, out);
        record->is_flat = false;
    } else if (record->condition) {
        ok = give_condition(record, out, err);
    } else if (record->holder) {
        ok = record->give(record, out, err);
        record->holder = NULL;
    } else {
        *more = false;
        return true;
    }
    out->id = record->id;
    out->line = record->line;
    return ok;
}

/* Of a summary that has been passed. */
static void note_model(struct answers *in)
{
    if (!in->record->model.ptr)
        return;
    free(in->model);
    in->model = mem_strdup(in->record->model.ptr);
}

bool answers_next(struct answers *in, struct answer *out, bool *more, struct err *err)
{
    struct str line;
    size_t number;
    if (!in->record)
        in->record = mem_zalloc(1, sizeof *in->record);
    for (;;) {
        if (!answer_record_next(in->record, out, more, err))
            return false;
        if (*more)
            return true;
        if (!answers_line(in, &line, &number))
            return true;
        struct err own = {0};
        if (!answer_record_load(in->record, in, line, number, &own) &&
            own.code != ERR_UNSUPPORTED) {
            *err = own;
            return false;
        }
        note_model(in);
    }
}

bool answer_is_v1(const json_t *signals)
{
    return json_is_object(signals) && !json_object_get(signals, "nuance");
}
