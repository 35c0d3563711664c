/* lesson.c - see lesson.h. */
#include "lesson/lesson.h"

#include <stdint.h>
#include <string.h>

#include "text/json.h"

const char *lesson_shape_name(enum lesson_shape shape)
{
    static const char *const names[N_LESSON_SHAPES] = {
        [LESSON_CHAT] = "chat",
        [LESSON_TOOLS] = "tools",
        [LESSON_COMPLETION] = "completions",
        [LESSON_ANSWER] = "answer",
        [LESSON_TEXT] = "text",
        [LESSON_DISTILLED] = "distilled",
        [LESSON_SHARED] = "conversations",
        [LESSON_INSTRUCTED] = "instruction",
    };
    return names[shape];
}

const char *lesson_repair_name(enum lesson_repair repair)
{
    static const char *const names[N_LESSON_REPAIRS] = {
        [LESSON_REPAIR_ROLE] = "a role under another name",
        [LESSON_REPAIR_PARTS] = "content in parts was joined",
        [LESSON_REPAIR_NULL] = "content that was null became empty",
        [LESSON_REPAIR_FIELD] = "a field of a message that no trainer reads",
    };
    return names[repair];
}

const char *lesson_refusal_name(enum lesson_refusal refusal)
{
    static const char *const names[N_LESSON_REFUSALS] = {
        [LESSON_REFUSED_NOT] = "nothing",
        [LESSON_REFUSED_UTF8] = "not UTF-8 text",
        [LESSON_REFUSED_JSON] = "not valid JSON",
        [LESSON_REFUSED_KIND] = "not an object",
        [LESSON_REFUSED_SUMMARY] = "about a run, not an example",
        [LESSON_REFUSED_SHAPE] = "no messages, no prompt with an answer, no text",
        [LESSON_REFUSED_MESSAGE] = "a message that is no object of role and content",
        [LESSON_REFUSED_ROLE] = "a role that is not system, user, assistant or tool",
        [LESSON_REFUSED_CONTENT] = "content that is not text",
        [LESSON_REFUSED_NOTHING] = "no messages, or too many",
        [LESSON_REFUSED_REPLY] = "an answer that its phase has no use for",
    };
    return names[refusal];
}

json_t *lesson_new(void)
{
    json_t *value = json_object();
    json_object_set_new(value, "messages", json_array());
    return value;
}

static json_t *message_of(const char *role, struct str content)
{
    json_t *message = json_object();
    json_object_set_new(message, "role", json_string(role));
    json_object_set_new(message, "content", json_from_str(content));
    return message;
}

void lesson_add(json_t *value, const char *role, struct str content)
{
    json_array_append_new(json_object_get(value, "messages"), message_of(role, content));
}

void lesson_add_system(json_t *value, struct str content)
{
    json_array_insert_new(json_object_get(value, "messages"), 0, message_of("system", content));
}

/* The name of a role that trainers know, or NULL. */
static const char *regular_role(const char *name)
{
    static const struct {
        const char *given, *role;
    } roles[] = {
        {"system", "system"},    {"user", "user"},     {"assistant", "assistant"},
        {"tool", "tool"},        {"human", "user"},    {"gpt", "assistant"},
        {"model", "assistant"},  {"bot", "assistant"}, {"chatgpt", "assistant"},
        {"developer", "system"}, {"function", "tool"}, {"observation", "tool"},
        {"prompter", "user"},    {"ai", "assistant"},
    };
    for (size_t i = 0; name && i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].given, name) == 0)
            return roles[i].role;
    return NULL;
}

/* The texts of a list of {"type": "text", "text"}, one after the other; NULL when it holds anything
 * else, such as a picture. */
static json_t *join_parts(const json_t *parts)
{
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    bool ok = json_array_size(parts) > 0;
    for (size_t i = 0; ok && i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i);
        const json_t *inner = json_is_string(part) ? part : json_object_get(part, "text");
        ok = json_is_string(inner);
        buf_add_str(&text, json_str(inner));
    }
    json_t *joined = ok && !text.full ? json_from_str(buf_str(&text)) : NULL;
    buf_release(&text);
    return joined;
}

/* The content as a string, a new reference; NULL when it is none. */
static json_t *regular_content(const json_t *content, bool has_calls, unsigned *repairs)
{
    if (json_is_string(content))
        return json_incref((json_t *)(uintptr_t)content);
    if (json_is_array(content)) {
        *repairs |= 1u << LESSON_REPAIR_PARTS;
        return join_parts(content);
    }
    if (!has_calls || (content && !json_is_null(content)))
        return NULL;
    *repairs |= 1u << LESSON_REPAIR_NULL;
    return json_string("");
}

static bool is_message_key(const char *key)
{
    static const char *const keys[] = {"role",         "content",   "name", "tool_calls",
                                       "tool_call_id", "reasoning", NULL};
    for (size_t i = 0; keys[i]; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return key[0] == '_';
}

/* Is it as a trainer reads it? Then it can be shared instead of copied. */
static bool is_regular(const json_t *message, const char *role, const char *regular)
{
    const char *key;
    json_t *value;
    if (strcmp(role, regular) != 0 || !json_is_string(json_object_get(message, "content")))
        return false;
    json_object_foreach((json_t *)(uintptr_t)message, key, value)
    {
        if (!is_message_key(key))
            return false;
    }
    return true;
}

/* What a message says besides role and content. */
static void copy_rest(json_t *to, const json_t *message, unsigned *repairs)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)message, key, value)
    {
        if (json_object_get(to, key))
            continue;
        if (is_message_key(key))
            json_object_set(to, key, value);
        else
            *repairs |= 1u << LESSON_REPAIR_FIELD;
    }
}

static enum lesson_refusal add_message(json_t *messages, const json_t *message, unsigned *repairs)
{
    const char *name = json_string_value(json_object_get(message, "role"));
    const char *role = regular_role(name);
    bool has_calls = json_array_size(json_object_get(message, "tool_calls")) > 0;
    if (!json_is_object(message) || !name)
        return LESSON_REFUSED_MESSAGE;
    if (!role)
        return LESSON_REFUSED_ROLE;
    if (is_regular(message, name, role)) {
        json_array_append(messages, (json_t *)(uintptr_t)message);
        return LESSON_REFUSED_NOT;
    }
    if (strcmp(role, name) != 0)
        *repairs |= 1u << LESSON_REPAIR_ROLE;
    json_t *content = regular_content(json_object_get(message, "content"), has_calls, repairs);
    if (!content)
        return LESSON_REFUSED_CONTENT;
    json_t *regular = json_object();
    json_object_set_new(regular, "role", json_string(role));
    json_object_set_new(regular, "content", content);
    copy_rest(regular, message, repairs);
    json_array_append_new(messages, regular);
    return LESSON_REFUSED_NOT;
}

static enum lesson_refusal read_messages(struct lesson *out, const json_t *messages)
{
    json_t *list = json_object_get(out->value, "messages");
    size_t count = json_array_size(messages);
    if (count == 0 || count > LESSON_TURNS_MAX)
        return LESSON_REFUSED_NOTHING;
    for (size_t i = 0; i < count; i++) {
        enum lesson_refusal why = add_message(list, json_array_get(messages, i), &out->repairs);
        if (why != LESSON_REFUSED_NOT)
            return why;
    }
    return LESSON_REFUSED_NOT;
}

/* {"from", "value"} under the names that everybody else uses. */
static enum lesson_refusal read_shared(struct lesson *out, const json_t *turns)
{
    json_t *messages = json_array();
    for (size_t i = 0; i < json_array_size(turns); i++) {
        const json_t *turn = json_array_get(turns, i);
        json_t *message = json_object();
        json_object_set(message, "role", json_object_get(turn, "from"));
        json_object_set(message, "content", json_object_get(turn, "value"));
        json_array_append_new(messages, message);
    }
    enum lesson_refusal why = read_messages(out, messages);
    json_decref(messages);
    return why;
}

/* A question and its answer, with a system message if there is one. Both must be text. */
static enum lesson_refusal read_pair(struct lesson *out, const json_t *record, struct str question,
                                     const char *answer_key)
{
    struct str answer = json_get_str(record, answer_key), system = json_get_str(record, "system");
    if (!question.ptr || !answer.ptr)
        return LESSON_REFUSED_CONTENT;
    if (system.len > 0)
        lesson_add(out->value, "system", system);
    lesson_add(out->value, "user", question);
    lesson_add(out->value, "assistant", answer);
    return LESSON_REFUSED_NOT;
}

static enum lesson_refusal read_instructed(struct lesson *out, const json_t *record)
{
    struct str input = json_get_str(record, "input");
    struct buf question;
    buf_init(&question, BUF_MAX_DEFAULT);
    buf_add_str(&question, json_get_str(record, "instruction"));
    if (input.len > 0)
        buf_puts(&question, "\n\n");
    buf_add_str(&question, input);
    enum lesson_refusal why = read_pair(out, record, buf_str(&question), "output");
    buf_release(&question);
    return why;
}

static bool calls_tools(const json_t *value)
{
    for (size_t i = 0; i < lesson_turns(value); i++) {
        const json_t *message = json_array_get(json_object_get(value, "messages"), i);
        if (json_object_get(message, "tool_calls") || str_is(lesson_role(value, i), "tool"))
            return true;
    }
    return json_array_size(json_object_get(value, "tools")) > 0;
}

static enum lesson_refusal read_shape(struct lesson *out, const json_t *record)
{
    const char *type = json_string_value(json_object_get(record, "type"));
    const json_t *training = json_object_get(record, "training");
    struct str prompt = json_get_str(record, "prompt");
    if (type && strcmp(type, "summary") == 0)
        return LESSON_REFUSED_SUMMARY;
    if (json_is_object(training)) {
        out->shape = LESSON_DISTILLED;
        return read_messages(out, json_object_get(training, "messages"));
    }
    if (json_is_array(json_object_get(record, "messages")))
        return read_messages(out, json_object_get(record, "messages"));
    if (json_is_array(json_object_get(record, "conversations"))) {
        out->shape = LESSON_SHARED;
        return read_shared(out, json_object_get(record, "conversations"));
    }
    if (json_object_get(record, "completion") && json_object_get(record, "prompt")) {
        out->shape = LESSON_COMPLETION;
        return read_pair(out, record, prompt, "completion");
    }
    if (json_object_get(record, "response") && json_object_get(record, "prompt")) {
        out->shape = LESSON_ANSWER;
        return read_pair(out, record, prompt, "response");
    }
    if (json_object_get(record, "instruction") && json_object_get(record, "output")) {
        out->shape = LESSON_INSTRUCTED;
        return read_instructed(out, record);
    }
    if (!json_object_get(record, "text"))
        return LESSON_REFUSED_SHAPE;
    out->shape = LESSON_TEXT;
    json_object_del(out->value, "messages");
    json_object_set(out->value, "text", json_object_get(record, "text"));
    return json_is_string(json_object_get(record, "text")) ? LESSON_REFUSED_NOT
                                                           : LESSON_REFUSED_CONTENT;
}

/* The fields of a record that its lesson is made of. */
static bool is_used(enum lesson_shape shape, const char *key)
{
    static const char *const keys[N_LESSON_SHAPES][5] = {
        [LESSON_CHAT] = {"messages"},
        [LESSON_TOOLS] = {"messages"},
        [LESSON_COMPLETION] = {"prompt", "completion", "system"},
        [LESSON_ANSWER] = {"prompt", "response", "system"},
        [LESSON_TEXT] = {"text"},
        [LESSON_DISTILLED] = {"type", "training", "meta"},
        [LESSON_SHARED] = {"conversations"},
        [LESSON_INSTRUCTED] = {"instruction", "input", "output", "system"},
    };
    for (size_t i = 0; keys[shape][i]; i++)
        if (strcmp(keys[shape][i], key) == 0)
            return true;
    return false;
}

/* Everything that the lesson itself does not hold. */
static void copy_about(struct lesson *out, const json_t *record)
{
    const char *key;
    json_t *value, *about = json_object();
    json_object_foreach((json_t *)(uintptr_t)record, key, value)
    {
        if (key[0] == '_' || strcmp(key, "tools") == 0)
            json_object_set(out->value, key, value);
        else if (!is_used(out->shape, key))
            json_object_set(about, key, value);
    }
    if (out->shape == LESSON_DISTILLED)
        json_object_update_missing(about, json_object_get(record, "meta"));
    if (json_object_size(about) == 0) {
        json_decref(about);
        about = NULL;
    }
    out->about = about;
}

bool lesson_read(struct lesson *out, const json_t *record, enum lesson_refusal *why)
{
    *out = (struct lesson){0};
    *why = LESSON_REFUSED_KIND;
    if (!json_is_object(record))
        return false;
    out->value = lesson_new();
    *why = read_shape(out, record);
    if (*why != LESSON_REFUSED_NOT) {
        lesson_release(out);
        return false;
    }
    copy_about(out, record);
    if (out->shape == LESSON_CHAT && calls_tools(out->value))
        out->shape = LESSON_TOOLS;
    return true;
}

void lesson_release(struct lesson *lesson)
{
    json_decref(lesson->value);
    json_decref(lesson->about);
    *lesson = (struct lesson){0};
}

static const json_t *message_at(const json_t *value, size_t turn)
{
    return json_array_get(json_object_get(value, "messages"), turn);
}

size_t lesson_turns(const json_t *value)
{
    const json_t *messages = json_object_get(value, "messages");
    return messages ? json_array_size(messages) : 1;
}

struct str lesson_role(const json_t *value, size_t turn)
{
    return json_get_str(message_at(value, turn), "role");
}

struct str lesson_content(const json_t *value, size_t turn)
{
    const json_t *message = message_at(value, turn);
    return message ? json_get_str(message, "content") : json_get_str(value, "text");
}

bool lesson_is_assistant(const json_t *value, size_t turn)
{
    return str_is(lesson_role(value, turn), "assistant");
}

json_t *lesson_record(const struct lesson *lesson)
{
    json_t *record = json_copy(lesson->value);
    json_object_update_missing(record, lesson->about);
    return record;
}

struct str lesson_record_id(const json_t *record)
{
    static const char *const keys[] = {"id", "probe_id", "seed_id", "_id", NULL};
    for (size_t i = 0; keys[i]; i++) {
        struct str id = json_get_str(record, keys[i]);
        if (id.len > 0)
            return id;
    }
    return str_n("", 0);
}

struct str lesson_id(const struct lesson *lesson)
{
    struct str id = lesson_record_id(lesson->about);
    return id.len > 0 ? id : lesson_record_id(lesson->value);
}

void lesson_put_key(struct buf *out, const json_t *value)
{
    for (size_t i = 0; i < lesson_turns(value); i++) {
        buf_add_str(out, lesson_role(value, i));
        buf_putc(out, '\0');
        buf_add_str(out, lesson_content(value, i));
        buf_putc(out, '\0');
    }
}
