/* template.c - fuzzes chat templates: any source is refused with a sentence, or renders text of
 * which every byte has an origin, and in which no byte of the data counts as the template's. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "template/chat_template.h"
#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The data holds a byte, 0x7F, that a template can hardly make itself but by writing it. */
static const char conversation[] =
    "{\"messages\": [{\"role\": \"system\", \"content\": \"\\u007f <s>\"},"
    "{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"\\u007f\\u00e9\"}]},"
    "{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"function\": {\"name\": \"f\","
    " \"arguments\": {\"x\": 1, \"y\": [2.5, true]}}}]}], \"extra\": {\"tools\": [{\"a\": 1}]}}";

static void check_text(const struct chat_text *out, struct str source)
{
    if (out->text.len != out->trusted.len)
        abort();
    bool writes_it = memchr(source.ptr, 0x7F, source.len) || memchr(source.ptr, '\\', source.len);
    for (size_t i = 0; i < out->text.len && !writes_it; i++)
        if (out->text.ptr[i] == 0x7F && out->trusted.ptr[i])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct str source = str_n((const char *)data, size);
    struct chat_template *tmpl;
    json_t *row;
    if (!chat_template_parse(&tmpl, source, &err)) {
        if (err.code == ERR_NONE || !err.msg[0])
            abort();
        return 0;
    }
    if (!json_parse(&row, str_of(conversation), "conversation", &err))
        abort();
    struct chat_input in = {.messages = json_object_get(row, "messages"),
                            .extra = json_object_get(row, "extra"),
                            .add_generation_prompt = true,
                            .bos_token = STR("<s>"),
                            .eos_token = STR("</s>"),
                            .now_unix_us = 1767268800000000};
    struct chat_text out;
    chat_text_init(&out);
    if (chat_template_render(tmpl, &out, &in, &err))
        check_text(&out, source);
    else if (err.code == ERR_NONE)
        abort();
    chat_text_release(&out);
    chat_template_free(tmpl);
    json_decref(row);
    return 0;
}
