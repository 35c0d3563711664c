/* prompt.c - chat messages to ids. */
#include "infer/prompt.h"

#include <string.h>

#include "os/clock.h"

static bool is_system(const struct chat_message *message)
{
    return str_is(message->role, "system");
}

static json_t *message_json(struct str role, struct str content)
{
    return json_pack("{s:s%, s:s%}", "role", role.ptr, role.len, "content", content.ptr,
                     content.len);
}

/* The first message in front of the second, as one of the second's role. */
static json_t *joined_json(const struct chat_message *first, const struct chat_message *second)
{
    struct buf both;
    buf_init(&both, BUF_MAX_DEFAULT);
    buf_add_str(&both, first->content);
    buf_puts(&both, "\n\n");
    buf_add_str(&both, second->content);
    json_t *json = both.full ? NULL : message_json(second->role, buf_str(&both));
    buf_release(&both);
    return json;
}

/* NULL when a message is not UTF-8. */
static json_t *messages_json(const struct chat_message *messages, size_t count, bool prepend)
{
    json_t *array = json_array();
    size_t i = 0;
    bool ok = true;
    if (prepend && count >= 2 && is_system(&messages[0])) {
        ok = json_array_append_new(array, joined_json(&messages[0], &messages[1])) == 0;
        i = 2;
    }
    for (; ok && i < count; i++) {
        json_t *json = message_json(messages[i].role, messages[i].content);
        ok = json_array_append_new(array, json) == 0;
    }
    if (ok)
        return array;
    json_decref(array);
    return NULL;
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
                            const struct chat_message *messages, size_t count, struct err *err)
{
    json_t *json = messages_json(messages, count, style->system == SOURCE_SYSTEM_PREPENDED);
    if (!json)
        return err_set(err, ERR_FORMAT, "a message is not valid UTF-8");
    struct chat_input in = {
        .messages = json,
        .add_generation_prompt = true,
        .bos_token = bos_text(style->tok),
        .eos_token = eos_text(style->tok),
        .now_unix_us = style->now_unix_us,
    };
    bool ok = chat_template_render(style->tmpl, out, &in, err);
    json_decref(json);
    return ok;
}

/* A pretrained model continues text: the messages, a blank line between them. */
static bool render_plain(struct chat_text *out, const struct chat_message *messages, size_t count,
                         struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_puts(&out->text, "\n\n");
        buf_add_str(&out->text, messages[i].content);
    }
    return !out->text.full ||
           err_set(err, ERR_LIMIT, "the prompt is larger than %zu bytes", out->text.max);
}

bool prompt_render(const struct prompt_style *style, struct chat_text *out,
                   const struct chat_message *messages, size_t count, struct err *err)
{
    if (!style->tmpl)
        return render_plain(out, messages, count, err);
    return render_template(style, out, messages, count, err);
}

/* Whether a system message reaches the rendered text. false with err for any other trouble. */
static bool takes_system(const struct prompt_style *style, bool *takes, struct err *err)
{
    static const struct chat_message messages[] = {{STR("system"), STR("kernel-9f2c")},
                                                   {STR("user"), STR("probe-41d7")}};
    struct chat_text text;
    chat_text_init(&text);
    bool ok = render_template(style, &text, messages, 2, err);
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
