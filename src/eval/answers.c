/* answers.c - see answers.h. */
#include "eval/answers.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "os/file.h"
#include "text/utf8.h"

bool answers_open(struct answers *in, const char *path, struct err *err)
{
    *in = (struct answers){0};
    buf_init(&in->bytes, ANSWERS_FILE_MAX);
    if (!file_read(&in->bytes, path, err)) {
        answers_close(in);
        return false;
    }
    struct str line;
    struct jsonl first;
    jsonl_init(&in->lines, buf_str(&in->bytes), path);
    first = in->lines;
    in->is_plain = !jsonl_next(&first, &line) || utf8_lstrip(line).ptr[0] != '{';
    return true;
}

void answers_close(struct answers *in)
{
    json_decref(in->record);
    json_decref(in->id);
    free(in->model);
    buf_release(&in->bytes);
    *in = (struct answers){0};
}

static bool fail_at(const struct answers *in, const char *what, struct err *err)
{
    return err_set(err, ERR_FORMAT, "%s: line %zu %s", in->lines.name, in->lines.line, what);
}

static void forget_record(struct answers *in)
{
    json_decref(in->record);
    json_decref(in->id);
    in->record = in->id = in->conditions = NULL;
}

static void set_id(struct answers *in)
{
    json_t *id = json_object_get(in->record, "id");
    in->id = id ? json_incref(id) : json_integer((json_int_t)in->lines.line);
}

static bool give_condition(struct answers *in, struct answer *out, struct err *err)
{
    const char *name = json_object_iter_key(in->condition);
    json_t *value = json_object_iter_value(in->condition);
    json_t *response = json_object_get(value, "response");
    json_t *stored = json_object_get(value, "lek_score");
    in->condition = json_object_iter_next(in->conditions, in->condition);
    if (!json_is_string(response))
        return fail_at(in, "has a condition without a response", err);
    *out = (struct answer){.id = in->id,
                           .line = in->lines.line,
                           .condition = str_of(name),
                           .text = json_str(response),
                           .prompt = json_get_str(in->record, "prompt"),
                           .has_stored = json_is_number(stored),
                           .stored = json_number_value(stored)};
    return true;
}

/* The right answer, which some files write as a number. */
static struct str expected_of(struct answers *in)
{
    json_t *expected = json_object_get(in->record, "correct_answer");
    if (json_is_real(expected))
        json_format_real(in->expected, json_real_value(expected));
    else if (json_is_integer(expected))
        snprintf(in->expected, sizeof in->expected, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(expected));
    else
        return json_get_str(in->record, "correct_answer");
    return str_of(in->expected);
}

static bool give_response(struct answers *in, struct answer *out, struct err *err)
{
    json_t *text = json_object_get(in->record, "text");
    if (!text)
        text = json_object_get(in->record, "response");
    if (!json_is_string(text))
        return fail_at(in, "holds no answer: neither \"text\" nor \"response\" is a string", err);
    *out = (struct answer){.id = in->id,
                           .line = in->lines.line,
                           .text = json_str(text),
                           .prompt = json_get_str(in->record, "prompt"),
                           .expected = expected_of(in),
                           .probe = json_get_str(in->record, "probe_id")};
    return true;
}

static void note_summary(struct answers *in)
{
    struct str model = json_get_str(in->record, "model");
    if (!model.ptr)
        return;
    free(in->model);
    in->model = mem_strdup(model.ptr);
}

/* Looks at the record just read. false: it holds no answers, read on. */
static bool begin_record(struct answers *in)
{
    struct str type = json_get_str(in->record, "type");
    json_t *conditions = json_object_get(in->record, "conditions");
    set_id(in);
    if (str_is(type, "summary"))
        note_summary(in);
    if (str_is(type, "probe") && json_is_object(conditions)) {
        in->conditions = conditions;
        in->condition = json_object_iter(conditions);
        return in->condition != NULL;
    }
    return !type.ptr;
}

static bool next_plain(struct answers *in, struct answer *out, struct str line, struct err *err)
{
    if (!utf8_is_valid(line))
        return fail_at(in, "is not UTF-8 text", err);
    forget_record(in);
    set_id(in);
    *out = (struct answer){.id = in->id, .line = in->lines.line, .text = line};
    return true;
}

bool answers_next(struct answers *in, struct answer *out, bool *more, struct err *err)
{
    struct str line;
    *more = true;
    if (in->conditions && in->condition)
        return give_condition(in, out, err);
    while (jsonl_next(&in->lines, &line)) {
        if (in->is_plain)
            return next_plain(in, out, line, err);
        forget_record(in);
        if (!jsonl_parse(&in->record, &in->lines, line, err))
            return false;
        if (!json_is_object(in->record))
            return fail_at(in, "is not a JSON object", err);
        if (begin_record(in))
            return in->conditions ? give_condition(in, out, err) : give_response(in, out, err);
    }
    *more = false;
    return true;
}
