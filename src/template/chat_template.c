#include "template/chat_template.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "template/jinja_eval.h"

struct chat_template {
    struct arena arena; /* the source and its tree */
    struct str source;
    const struct node *root;
};

bool chat_template_parse(struct chat_template **out, struct str source, struct err *err)
{
    struct chat_template *tmpl = mem_zalloc(1, sizeof *tmpl);
    struct node *root = NULL;
    *out = NULL;
    tmpl->source =
        arena_str(&tmpl->arena, str_n(source.ptr, size_min(source.len, JINJA_SOURCE_MAX + 1)));
    if (!jinja_parse(&root, &tmpl->arena, tmpl->source, err)) {
        chat_template_free(tmpl);
        return false;
    }
    tmpl->root = root;
    *out = tmpl;
    return true;
}

void chat_template_free(struct chat_template *tmpl)
{
    if (!tmpl)
        return;
    arena_release(&tmpl->arena);
    free(tmpl);
}

struct str chat_template_source(const struct chat_template *tmpl)
{
    return tmpl->source;
}

void chat_text_init(struct chat_text *out)
{
    buf_init(&out->text, RUN_OUTPUT_MAX);
    buf_init(&out->trusted, RUN_OUTPUT_MAX);
}

void chat_text_release(struct chat_text *out)
{
    buf_release(&out->text);
    buf_release(&out->trusted);
}

/* The variables a template sees. Tools and documents are none unless given; what is given last
 * counts. */
static void set_variables(struct run *run, struct scope *scope, const struct chat_input *in)
{
    union {
        const json_t *in;
        json_t *out;
    } extra = {in->extra}; /* jansson walks an object through a pointer that is not const */
    scope_set(run, scope, (struct str)STR("tools"), value_none());
    scope_set(run, scope, (struct str)STR("documents"), value_none());
    scope_set(run, scope, (struct str)STR("bos_token"), value_of_str(run, in->bos_token, true));
    scope_set(run, scope, (struct str)STR("eos_token"), value_of_str(run, in->eos_token, true));
    scope_set(run, scope, (struct str)STR("add_generation_prompt"),
              value_bool(in->add_generation_prompt));
    scope_set(run, scope, (struct str)STR("messages"), value_of_json(run, in->messages));
    for (void *it = json_object_iter(extra.out); it; it = json_object_iter_next(extra.out, it))
        scope_set(run, scope, str_n(json_object_iter_key(it), json_object_iter_key_len(it)),
                  value_of_json(run, json_object_iter_value(it)));
}

bool chat_template_render(const struct chat_template *tmpl, struct chat_text *out,
                          const struct chat_input *in, struct err *err)
{
    struct arena arena = {0};
    struct builder text = {0};
    struct run run = {.arena = &arena, .out = &text, .err = err, .line = 1};
    *err = (struct err){0};
    run.now_unix_us = in->now_unix_us;
    struct scope *scope = scope_new(&run, NULL);
    set_variables(&run, scope, in);
    if (!run.failed)
        jinja_exec(&run, scope_new(&run, scope), &tmpl->root->list);
    if (!run.failed &&
        (!buf_add(&out->text, text.ptr, text.len) || !buf_add(&out->trusted, text.trust, text.len)))
        run_fail(&run, ERR_LIMIT, "renders more than %d bytes", RUN_OUTPUT_MAX);
    arena_release(&arena);
    return !run.failed;
}
