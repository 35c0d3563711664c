/* grammar_records.c - see grammar_records.h. */
#include "eval/grammar_records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "grammar/imprint_file.h"
#include "os/file.h"
#include "score/grammar.h"
#include "text/json.h"
#include "text/utf8.h"

/* One line as the formats have it. */
struct source {
    struct str id, category, prompt, response;
    double stored;
};

void grammar_records_init(struct grammar_records *records, const char *condition,
                          records_complain_fn *complain, void *user)
{
    *records = (struct grammar_records){.condition = condition, .complain = complain, .user = user};
    records->lexicon = lexicon_create(false);
    imprint_init(&records->text, records->lexicon);
    imprint_init(&records->prompt, records->lexicon);
    imprint_init(&records->reference, records->lexicon);
}

void grammar_records_release(struct grammar_records *records)
{
    imprint_release(&records->text);
    imprint_release(&records->prompt);
    imprint_release(&records->reference);
    lexicon_free(records->lexicon);
    arena_release(&records->arena);
    free(records->items);
    *records = (struct grammar_records){0};
}

bool grammar_records_reference(struct grammar_records *records, const char *path, struct err *err)
{
    records->has_reference = true;
    return imprint_read(&records->reference, path, err);
}

static bool add_record(struct grammar_records *records, const struct source *source,
                       struct err *err)
{
    if (source->response.len == 0)
        return true;
    if (!imprint_load(&records->text, source->response, err))
        return false;
    struct grammar_record record = {.id = arena_str(&records->arena, source->id),
                                    .category = arena_str(&records->arena, source->category),
                                    .stored = source->stored,
                                    .text = imprint_measure(&records->text)};
    if (records->has_reference)
        record.similarity = imprint_similarity(&records->reference, &records->text);
    if (records->wants_delta && source->prompt.len > 0) {
        if (!imprint_load(&records->prompt, source->prompt, err))
            return false;
        struct grammar_delta delta = grammar_delta(&records->text, &records->prompt);
        record.has_delta = true;
        record.input = delta.input;
        record.uplift = delta.uplift;
        record.echo = delta.echo;
        record.enrichment = delta.enrichment;
        record.is_sycophantic = delta.is_sycophantic;
    }
    VEC_PUSH(records->items, records->n, records->cap, record);
    return true;
}

/* A member that is a string, absent or null, as that program's typed reader takes it. */
static bool get_text(struct str *out, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    *out = value && json_is_string(value) ? json_str(value) : str_of("");
    return !value || json_is_string(value) || json_is_null(value);
}

static bool get_number(double *out, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    *out = json_number_value(value);
    return !value || json_is_number(value) || json_is_null(value);
}

static bool same_but_for_case(const char *a, const char *b)
{
    struct buf lower;
    buf_init(&lower, RECORDS_LINE_MAX);
    utf8_lower(&lower, str_of(a));
    size_t len = lower.len;
    utf8_lower(&lower, str_of(b));
    bool same = str_eq(str_n(lower.ptr, len), str_from(buf_str(&lower), len));
    buf_release(&lower);
    return same;
}

static json_t *find_condition(json_t *conditions, const char *name)
{
    const char *key;
    json_t *value, *found = json_object_get(conditions, name);
    if (found)
        return found;
    json_object_foreach(conditions, key, value)
    {
        if (same_but_for_case(key, name))
            return value;
    }
    return NULL;
}

/* NULL for a line that was read, and may hold nothing; else what is wrong with it. */
static const char *read_ab(struct source *out, const json_t *line, const char *condition)
{
    struct str type;
    json_t *conditions = json_object_get(line, "conditions");
    if (!json_is_object(line) || !get_text(&type, line, "type") ||
        !get_text(&out->id, line, "id") || !get_text(&out->category, line, "category") ||
        !get_text(&out->prompt, line, "prompt") || (conditions && !json_is_object(conditions)))
        return "parse error: not a probe with id, category, prompt and conditions";
    json_t *answer = find_condition(conditions, condition);
    if ((type.len > 0 && !str_is(type, "probe")) || !answer)
        return NULL;
    if (!json_is_object(answer) || !get_text(&out->response, answer, "response") ||
        !get_number(&out->stored, answer, "lek_score"))
        return "condition parse error: not an object with response and lek_score";
    return NULL;
}

static const char *read_training(struct source *out, const json_t *line, const char *condition)
{
    size_t i;
    struct str type;
    json_t *message, *meta = json_object_get(line, "meta");
    json_t *messages = json_object_get(json_object_get(line, "training"), "messages");
    (void)condition;
    if (!json_is_object(line) || !get_text(&type, line, "type") ||
        !get_text(&out->id, meta, "probe_id") || !get_text(&out->category, meta, "category") ||
        !get_number(&out->stored, meta, "lek_score"))
        return "parse error: not a distillation with training and meta";
    json_array_foreach(messages, i, message)
    {
        struct str role, content;
        if (!get_text(&role, message, "role") || !get_text(&content, message, "content"))
            return "parse error: a message without role and content";
        if (str_is(role, "user"))
            out->prompt = content;
        else if (str_is(role, "assistant"))
            out->response = content;
    }
    return NULL;
}

static void read_json_line(struct grammar_records *records, struct str line, const char *path,
                           size_t number, enum records_format format)
{
    struct source source = {0};
    struct err err = {0};
    json_t *value = NULL;
    const char *wrong = "parse error: not valid JSON";
    if (json_parse(&value, line, path, &err))
        wrong =
            (format == RECORDS_AB ? read_ab : read_training)(&source, value, records->condition);
    if (!wrong && !add_record(records, &source, &err))
        wrong = err.msg;
    if (wrong)
        records->complain(records->user, path, number, wrong);
    json_decref(value);
}

static void read_text_line(struct grammar_records *records, struct str line, const char *path,
                           size_t number)
{
    char id[32];
    struct err err = {0};
    snprintf(id, sizeof id, "L%zu", number);
    struct source source = {.id = str_of(id), .category = str_of(""), .response = line};
    if (!add_record(records, &source, &err))
        records->complain(records->user, path, number, err.msg);
}

/* The next line without its end; lines are counted by \n alone. */
static bool next_line(struct str *line, struct str *rest)
{
    if (rest->len == 0)
        return false;
    size_t end = str_find(*rest, str_of("\n"), 0);
    bool last = end == (size_t)-1;
    *line = str_n(rest->ptr, last ? rest->len : end);
    *rest = last ? str_from(*rest, rest->len) : str_from(*rest, end + 1);
    if (line->len > 0 && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

bool grammar_records_read(struct grammar_records *records, const char *path,
                          enum records_format format, struct err *err)
{
    struct buf bytes;
    buf_init(&bytes, RECORDS_FILE_MAX);
    bool ok = file_read(&bytes, path, err);
    struct str line, rest = buf_str(&bytes);
    for (size_t number = 1; ok && next_line(&line, &rest); number++) {
        if (line.len > RECORDS_LINE_MAX)
            ok = err_set(err, ERR_LIMIT, "%s:%zu: line of %zu bytes, at most %d are read", path,
                         number, line.len, RECORDS_LINE_MAX);
        else if (format == RECORDS_TEXT)
            read_text_line(records, line, path, number);
        else if (line.len > 0)
            read_json_line(records, line, path, number, format);
    }
    buf_release(&bytes);
    return ok;
}
