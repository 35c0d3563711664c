/* prompt.c - chat messages to ids. */
#include "infer/prompt.h"

#include <stdint.h>
#include <string.h>

#include "os/clock.h"
#include "text/json.h"

/* NULL when a message is not UTF-8. */
static json_t *messages_json(const struct chat_message *messages, size_t count)
{
    json_t *array = json_array();
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct str role = messages[i].role, content = messages[i].content;
        json_t *json = json_pack("{s:s%, s:s%}", "role", role.ptr, role.len, "content", content.ptr,
                                 content.len);
        ok = json_array_append_new(array, json) == 0;
    }
    if (ok)
        return array;
    json_decref(array);
    return NULL;
}

/* A copy in which the first message, if it is the system's, stands in front of the second, as one
 * of the second's role. */
static json_t *with_system_prepended(const json_t *messages)
{
    json_t *first = json_array_get(messages, 0), *second = json_array_get(messages, 1);
    json_t *copy = json_copy((json_t *)(uintptr_t)messages), *joined;
    struct buf both;
    if (!second || !str_is(json_get_str(first, "role"), "system"))
        return copy;
    buf_init(&both, BUF_MAX_DEFAULT);
    buf_add_str(&both, json_get_str(first, "content"));
    buf_puts(&both, "\n\n");
    buf_add_str(&both, json_get_str(second, "content"));
    joined = json_copy(second);
    json_object_set_new(joined, "content", json_from_str(buf_str(&both)));
    json_array_remove(copy, 0);
    json_array_set_new(copy, 0, joined);
    buf_release(&both);
    return copy;
}

static struct str bos_text(const struct tokenizer *tok)
{
    uint32_t bos = tokenizer_bos(tok);
    return bos == TOKEN_NONE ? str_n("", 0) : tokenizer_piece(tok, bos);
}

static struct str eos_text(const struct tokenizer *tok)
{
    uint32_t eos = tokenizer_eos(tok);
    return eos == TOKEN_NONE ? str_n("", 0) : tokenizer_piece(tok, eos);
}

static bool render_template(const struct prompt_style *style, struct chat_text *out,
                            const json_t *messages, const json_t *extra, bool answer_begins,
                            struct err *err)
{
    json_t *prepended =
        style->system == SOURCE_SYSTEM_PREPENDED ? with_system_prepended(messages) : NULL;
    struct chat_input in = {
        .messages = prepended ? prepended : messages,
        .extra = extra,
        .add_generation_prompt = answer_begins,
        .bos_token = bos_text(style->tok),
        .eos_token = eos_text(style->tok),
        .now_unix_us = style->now_unix_us,
    };
    bool ok = chat_template_render(style->tmpl, out, &in, err);
    json_decref(prepended);
    return ok;
}

/* A pretrained model continues text: the messages, a blank line between them. */
static void put_plain(struct chat_text *out, struct str content, bool is_first)
{
    if (!is_first)
        buf_puts(&out->text, "\n\n");
    buf_add_str(&out->text, content);
}

static bool check_size(const struct chat_text *out, struct err *err)
{
    return !out->text.full ||
           err_set(err, ERR_LIMIT, "the prompt is larger than %zu bytes", out->text.max);
}

bool prompt_render_turns(const struct prompt_style *style, struct chat_text *out,
                         const json_t *messages, const json_t *extra, bool answer_begins,
                         struct err *err)
{
    if (style->tmpl)
        return render_template(style, out, messages, extra, answer_begins, err);
    for (size_t i = 0; i < json_array_size(messages); i++)
        put_plain(out, json_get_str(json_array_get(messages, i), "content"), i == 0);
    return check_size(out, err);
}

bool prompt_render(const struct prompt_style *style, struct chat_text *out,
                   const struct chat_message *messages, size_t count, struct err *err)
{
    for (size_t i = 0; !style->tmpl && i < count; i++)
        put_plain(out, messages[i].content, i == 0);
    if (!style->tmpl)
        return check_size(out, err);
    json_t *json = messages_json(messages, count);
    if (!json)
        return err_set(err, ERR_FORMAT, "a message is not valid UTF-8");
    bool ok = render_template(style, out, json, NULL, true, err);
    json_decref(json);
    return ok;
}

/* Whether a system message reaches the rendered text. false with err for any other trouble. */
static bool takes_system(const struct prompt_style *style, bool *takes, struct err *err)
{
    static const struct chat_message messages[] = {{STR("system"), STR("kernel-9f2c")},
                                                   {STR("user"), STR("probe-41d7")}};
    struct chat_text text;
    chat_text_init(&text);
    bool ok = prompt_render(style, &text, messages, 2, err);
    *takes = ok && str_find(buf_str(&text.text), messages[0].content, 0) != (size_t)-1;
    chat_text_release(&text);
    /* raise_exception is how a template says that it has no such role. */
    return ok || err->code == ERR_USAGE;
}

bool prompt_style_init(struct prompt_style *out, const struct tokenizer *tok,
                       const struct chat_template *tmpl, struct err *err)
{
    bool takes = false;
    *out = (struct prompt_style){
        .tok = tok, .tmpl = tmpl, .system = SOURCE_SYSTEM_PLAIN, .now_unix_us = clock_unix_us()};
    if (!tmpl)
        return true;
    out->system = SOURCE_SYSTEM_ROLE;
    if (!takes_system(out, &takes, err))
        return err_in(err, "chat template");
    if (takes)
        return true;
    *err = (struct err){0};
    out->system = SOURCE_SYSTEM_PREPENDED;
    if (!takes_system(out, &takes, err) || err->code != ERR_NONE)
        return err_in(err, "chat template");
    return takes || err_set(err, ERR_UNSUPPORTED, "chat template: it drops what the user says");
}

bool prompt_encode(const struct prompt_style *style, struct ids *out, const struct chat_text *text,
                   struct err *err)
{
    struct token_trust trust = {0};
    size_t start = out->count;
    uint32_t bos = tokenizer_bos(style->tok);
    if (style->tmpl)
        trust.trusted = (const uint8_t *)buf_str(&text->trusted).ptr;
    if (!tokenizer_encode(style->tok, out, buf_str(&text->text), trust, err))
        return false;
    bool has_bos = out->count > start && out->id[start] == bos;
    if (bos == TOKEN_NONE || has_bos || !tokenizer_adds_bos(style->tok))
        return true;
    ids_push(out, bos); /* room for one more; then to the front */
    memmove(&out->id[start + 1], &out->id[start], (out->count - start - 1) * sizeof *out->id);
    out->id[start] = bos;
    return true;
}
