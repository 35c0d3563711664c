#include "template/chat_template.h"

/* Templates for models that come without one, or whose own is not to be used. Each writes the
 * format its family was trained on; where that has no place for a system message, it is refused, so
 * that the caller may fold it in. */

static const char gemma[] =
    "{{ bos_token }}"
    "{%- if messages and messages[0].role == 'system' -%}"
    "    {%- set lead = messages[0].content + '\\n\\n' -%}"
    "    {%- set turns = messages[1:] -%}"
    "{%- else -%}"
    "    {%- set lead = '' -%}"
    "    {%- set turns = messages -%}"
    "{%- endif -%}"
    "{%- for m in turns -%}"
    "    {%- if m.role != ('user' if loop.index0 is even else 'assistant') -%}"
    "        {{- raise_exception('user and assistant must take turns, and the user begins') -}}"
    "    {%- endif -%}"
    "    {{- '<start_of_turn>' + ('model' if m.role == 'assistant' else 'user') + '\\n' -}}"
    "    {{- (lead if loop.first else '') + (m.content | trim) + '<end_of_turn>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}"
    "    {{- '<start_of_turn>model\\n' -}}"
    "{%- endif -%}";

static const char chatml[] =
    "{%- for m in messages -%}"
    "    {{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}"
    "    {{- '<|im_start|>assistant\\n' -}}"
    "{%- endif -%}";

static const char llama3[] =
    "{{ bos_token }}"
    "{%- for m in messages -%}"
    "    {{- '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' -}}"
    "    {{- m.content | trim + '<|eot_id|>' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}"
    "    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}"
    "{%- endif -%}";

static const char mistral[] =
    "{{ bos_token }}"
    "{%- for m in messages -%}"
    "    {%- if m.role != ('user' if loop.index0 is even else 'assistant') -%}"
    "        {{- raise_exception('user and assistant must take turns, and the user begins') -}}"
    "    {%- endif -%}"
    "    {%- if m.role == 'user' -%}"
    "        {{- '[INST] ' + m.content + ' [/INST]' -}}"
    "    {%- else -%}"
    "        {{- ' ' + m.content | trim + eos_token -}}"
    "    {%- endif -%}"
    "{%- endfor -%}";

bool chat_template_builtin(struct chat_template **out, struct str name, struct err *err)
{
    static const struct {
        const char *name, *source;
    } rows[] = {{"gemma", gemma}, {"chatml", chatml}, {"llama3", llama3}, {"mistral", mistral}};
    *out = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is(name, rows[i].name))
            return chat_template_parse(out, str_of(rows[i].source), err);
    return err_set(
        err, ERR_USAGE,
        "there is no built-in chat template '%.*s': expected gemma, chatml, llama3 or mistral",
        STR_ARG(name));
}
