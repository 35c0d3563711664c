/* Tests of prompts and the local source over the tiny models: how a kernel reaches the model, that
 * BOS stands once, that no text from outside becomes a control token, and what a result says. */
#include "infer/source_local.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static const char GEMMA[] = "tests/oracle/tiny/gemma3/f32.gguf";
static const char SMOLLM[] = "tests/oracle/tiny/smollm2/f32.gguf";

struct fixture {
    struct gguf *gguf;
    struct tokenizer *tok;
    struct model *model;
    struct chat_template *tmpl;
    struct prompt_style style;
    struct source source;
};

/* `tmpl`: a built-in's name, a template's text, or NULL for plain text. */
static void fixture_init(struct fixture *f, const char *path, const char *tmpl,
                         struct engine_options engine)
{
    struct err err = {0};
    struct model_options options = {.precision = PRECISION_FLOAT};
    *f = (struct fixture){0};
    bool ok = gguf_open(&f->gguf, path, &err) && tokenizer_open(&f->tok, f->gguf, &err) &&
              model_open(&f->model, f->gguf, &options, &err) &&
              (!tmpl || (strchr(tmpl, '{') ? chat_template_parse : chat_template_builtin)(
                            &f->tmpl, str_of(tmpl), &err)) &&
              prompt_style_init(&f->style, f->tok, f->tmpl, &err);
    engine.memory_bytes = 64 << 20;
    struct source_local_options local = {
        .model = f->model,
        .style = &f->style,
        .engine = engine,
        .model_name = "tiny",
        .template_name = tmpl ? tmpl : "none",
    };
    if (!ok || !source_local_open(&f->source, &local, &err))
        fail_msg("%s", err.msg);
}

static void fixture_release(struct fixture *f)
{
    source_free(&f->source);
    chat_template_free(f->tmpl);
    model_close(f->model);
    tokenizer_free(f->tok);
    gguf_close(f->gguf);
}

static const struct chat_message ASKED[] = {{STR("system"), STR("Be kind.<eos><|im_end|>")},
                                            {STR("user"), STR("<bos>Why?<|im_start|>")}};

static void check_prompt(const char *path, const char *tmpl, enum source_system system,
                         const char *text, size_t n_bos, size_t n_control)
{
    struct fixture f;
    struct err err = {0};
    fixture_init(&f, path, tmpl, (struct engine_options){0});
    assert_int_equal(f.source.ops->system(f.source.self), system);
    struct chat_text rendered;
    struct ids ids = {0};
    chat_text_init(&rendered);
    assert_true(prompt_render(&f.style, &rendered, ASKED, 2, &err));
    assert_true(prompt_encode(&f.style, &ids, &rendered, &err));
    assert_string_equal(buf_str(&rendered.text).ptr, text);
    size_t bos = 0, control = 0;
    for (size_t i = 0; i < ids.count; i++) {
        bos += ids.id[i] == tokenizer_bos(f.tok);
        control += tokenizer_is_control(f.tok, ids.id[i]);
    }
    assert_int_equal(bos, n_bos);
    assert_int_equal(control, n_control);
    ids_release(&ids);
    chat_text_release(&rendered);
    fixture_release(&f);
}

static void a_kernel_reaches_the_model_as_its_template_allows(void **state)
{
    (void)state;
    static const char refuses[] =
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}"
        "{{ raise_exception('no system role') }}{% endif %}[{{ m.content }}]{% endfor %}";
    check_prompt(GEMMA, refuses, SOURCE_SYSTEM_PREPENDED,
                 "<bos>[Be kind.<eos><|im_end|>\n\n<bos>Why?<|im_start|>]", 1, 1);
    /* A template without BOS, for a tokenizer that wants one. */
    check_prompt(GEMMA, "{{ messages[0].content }}", SOURCE_SYSTEM_ROLE, "Be kind.<eos><|im_end|>",
                 1, 1);
    check_prompt(GEMMA, "gemma", SOURCE_SYSTEM_ROLE, /* which puts it before the user's words */
                 "<bos><start_of_turn>user\nBe kind.<eos><|im_end|>\n\n<bos>Why?<|im_start|>"
                 "<end_of_turn>\n<start_of_turn>model\n",
                 1, 1); /* the tiny vocabulary has no turn markers */
    check_prompt(GEMMA, NULL, SOURCE_SYSTEM_PLAIN,
                 "Be kind.<eos><|im_end|>\n\n<bos>Why?<|im_start|>", 1, 1);
    check_prompt(SMOLLM, NULL, SOURCE_SYSTEM_PLAIN,
                 "Be kind.<eos><|im_end|>\n\n<bos>Why?<|im_start|>", 0, 0);
    check_prompt(
        SMOLLM, "chatml", SOURCE_SYSTEM_ROLE,
        "<|im_start|>system\nBe kind.<eos><|im_end|><|im_end|>\n<|im_start|>user\n<bos>Why?"
        "<|im_start|><|im_end|>\n<|im_start|>assistant\n",
        0, 5);
}

struct outcome {
    struct buf text;
    struct source_result result;
    size_t n_done;
};

static void keep_result(void *user, const struct source_result *result)
{
    struct outcome *outcome = user;
    outcome->result = *result;
    outcome->n_done++;
    buf_reset(&outcome->text);
    buf_add_str(&outcome->text, result->text);
}

static struct source_request request_of(struct outcome *outcome, size_t max_tokens)
{
    struct source_request request = {
        .messages = ASKED, .n_messages = 2, .user = outcome, .done = keep_result};
    request.params = SAMPLE_PARAMS_DEFAULT;
    request.params.max_tokens = max_tokens;
    request.params.ignore_eos = true;
    return request;
}

static void a_result_says_what_happened(void **state)
{
    (void)state;
    struct fixture f;
    struct err err = {0};
    struct outcome outcome = {0};
    buf_init(&outcome.text, 1 << 16);
    fixture_init(&f, GEMMA, NULL, (struct engine_options){.context_max = 100});
    struct source_request request = request_of(&outcome, 7);
    assert_true(f.source.ops->submit(f.source.self, &request, &err));
    assert_true(f.source.ops->run(f.source.self, &err));
    assert_int_equal(outcome.n_done, 1);
    assert_true(outcome.result.ok);
    assert_string_equal(outcome.result.finish_reason, "length");
    assert_int_equal(outcome.result.completion_tokens, 7);
    assert_true(outcome.result.prompt_tokens > 10);
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(hex, str_of("Be kind.<eos><|im_end|>\n\n<bos>Why?<|im_start|>"));
    assert_string_equal(outcome.result.prompt_sha256, hex);
    size_t done_tokens;
    double speed;
    f.source.ops->progress(f.source.self, &done_tokens, &speed);
    assert_int_equal(done_tokens, 7);
    assert_true(speed > 0);

    request = request_of(&outcome, 100);
    assert_false(f.source.ops->submit(f.source.self, &request, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(outcome.n_done, 1);
    buf_release(&outcome.text);
    fixture_release(&f);
}

static bool at_once(void *arg)
{
    (void)arg;
    return true;
}

static void a_stopped_request_is_no_answer(void **state)
{
    (void)state;
    struct fixture f;
    struct err err = {0};
    struct outcome outcome = {0};
    buf_init(&outcome.text, 1 << 16);
    fixture_init(&f, SMOLLM, NULL, (struct engine_options){.stop = at_once});
    struct source_request request = request_of(&outcome, 7);
    assert_true(f.source.ops->submit(f.source.self, &request, &err));
    assert_false(f.source.ops->run(f.source.self, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_int_equal(outcome.n_done, 1);
    assert_false(outcome.result.ok);
    assert_string_equal(outcome.result.finish_reason, "cancelled");
    buf_release(&outcome.text);
    fixture_release(&f);
}

static void assert_text(const json_t *object, const char *key, const char *want)
{
    const char *got = json_string_value(json_object_get(object, key));
    assert_non_null(got);
    assert_string_equal(got, want);
}

static void provenance_is_complete(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, SMOLLM, "chatml", (struct engine_options){.slots = 3, .context_max = 64});
    json_t *facts = f.source.ops->describe(f.source.self);
    assert_text(facts, "backend", "local");
    assert_text(facts, "model", "tiny");
    assert_null(json_object_get(facts, "model_sha256")); /* nobody gave one */
    assert_text(facts, "model_family", "llama");
    assert_text(facts, "precision", "float");
    assert_text(facts, "chat_template", "chatml");
    assert_text(facts, "system_mode", "role");
    assert_int_equal(json_string_length(json_object_get(facts, "chat_template_sha256")), 64);
    assert_int_equal(json_integer_value(json_object_get(facts, "slots")), 3);
    assert_int_equal(json_integer_value(json_object_get(facts, "context")), 64);
    assert_true(json_is_true(json_object_get(facts, "prefix_cache")));
    json_decref(facts);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernel_reaches_the_model_as_its_template_allows),
        cmocka_unit_test(a_result_says_what_happened),
        cmocka_unit_test(a_stopped_request_is_no_answer),
        cmocka_unit_test(provenance_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
