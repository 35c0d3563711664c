/* conversation.c - see conversation.h. */
#include "lesson/conversation.h"

#include "lesson/lesson.h"
#include "text/json.h"
#include "text/jsonl.h"
#include "text/utf8.h"

bool conversation_is(const json_t *record)
{
    return json_is_array(json_object_get(record, "pairs"));
}

/* A turn each of user and assistant, under these keys; both must say something. */
static bool add_pair(json_t *value, const json_t *pair, const char *user_key,
                     const char *assistant_key, struct err *err)
{
    struct str user = utf8_strip(json_get_str(pair, user_key));
    struct str assistant = utf8_strip(json_get_str(pair, assistant_key));
    if (user.len == 0 || assistant.len == 0)
        return err_set(err, ERR_FORMAT, "expected a \"%s\" and a \"%s\" that say something",
                       user_key, assistant_key);
    lesson_add(value, "user", user);
    lesson_add(value, "assistant", assistant);
    return true;
}

static bool add_readiness(json_t *value, const json_t *record, struct err *err)
{
    const json_t *ready = json_object_get(record, "ready");
    struct str title = json_get_str(record, "title");
    struct buf question;
    if (ready)
        return add_pair(value, ready, "user", "assistant", err) || err_in(err, "ready");
    buf_init(&question, BUF_MAX_DEFAULT);
    buf_printf(&question, "Lesson %.*s", STR_ARG(json_get_str(record, "id")));
    if (title.len > 0)
        buf_printf(&question, ": %.*s", STR_ARG(title));
    buf_puts(&question, ". Are you ready?");
    lesson_add(value, "user", buf_str(&question));
    lesson_add(value, "assistant", str_of("I am ready."));
    buf_release(&question);
    return true;
}

static bool add_turns(json_t *value, const json_t *record, struct err *err)
{
    const json_t *pairs = json_object_get(record, "pairs");
    const json_t *close = json_object_get(record, "close");
    size_t n_pairs = json_array_size(pairs), n_turns = 2 + 2 * n_pairs + (close ? 2 : 0);
    if (json_get_str(record, "id").len == 0)
        return err_set(err, ERR_FORMAT, "a conversation lesson needs an \"id\"");
    if (n_turns < CONVERSATION_TURNS_MIN || n_turns > CONVERSATION_TURNS_MAX)
        return err_set(err, ERR_FORMAT, "%zu turns with readiness and close, expected %d to %d",
                       n_turns, CONVERSATION_TURNS_MIN, CONVERSATION_TURNS_MAX);
    if (!add_readiness(value, record, err))
        return false;
    for (size_t i = 0; i < n_pairs; i++)
        if (!add_pair(value, json_array_get(pairs, i), "passage", "reflection", err))
            return err_in(err, "pair %zu", i + 1);
    return !close || add_pair(value, close, "user", "assistant", err) || err_in(err, "close");
}

bool conversation_lesson(json_t **out, const json_t *record, struct err *err)
{
    *out = lesson_new();
    if (!add_turns(*out, record, err)) {
        json_decref(*out);
        *out = NULL;
        return false;
    }
    json_object_set(*out, "_id", json_object_get(record, "id"));
    if (json_object_get(record, "title"))
        json_object_set(*out, "_topic", json_object_get(record, "title"));
    return true;
}

bool conversation_take(json_t **out, const json_t *record, struct err *err)
{
    struct lesson lesson;
    enum lesson_refusal why;
    if (conversation_is(record))
        return conversation_lesson(out, record, err);
    *out = NULL;
    if (!lesson_read(&lesson, record, &why))
        return err_set(err, ERR_FORMAT, "%s", lesson_refusal_name(why));
    struct str id = lesson_id(&lesson);
    if (id.len > 0)
        json_object_set_new(lesson.value, "_id", json_from_str(id));
    *out = json_incref(lesson.value);
    lesson_release(&lesson);
    return true;
}

bool conversation_read(json_t *list, struct str text, const char *name, struct err *err)
{
    struct jsonl lines;
    struct str line;
    jsonl_init(&lines, text, name);
    while (jsonl_next(&lines, &line)) {
        json_t *record, *value;
        bool ok = jsonl_parse(&record, &lines, line, err);
        if (ok && !conversation_take(&value, record, err))
            ok = err_in(err, "%s: line %zu", name, lines.line);
        json_decref(record);
        if (!ok)
            return false;
        json_array_append_new(list, value);
    }
    return true;
}
