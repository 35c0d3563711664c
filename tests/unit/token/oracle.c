/* Tokenizers of real models: the ids that other programs give for a thousand texts, and the way
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/model_name.h"
#include "os/file.h"
#include "text/jsonl.h"
#include "token/tokenizer.h"

struct model {
    struct gguf *gguf;
    struct tokenizer *tok;
};

static json_t *texts; /* id to text; read once, shared by the tests below */

static struct str read_all(struct buf *out, const char *path)
{
    struct err err = {0};
    buf_init(out, BUF_MAX_DEFAULT);
    if (!file_read(out, path, &err))
        fail_msg("%s", err.msg);
    return buf_str(out);
}

static int load_texts(void **state)
{
    (void)state;
    struct buf file;
    struct jsonl in;
    struct str line;
    struct err err = {0};
    json_t *row;
    texts = json_object();
    jsonl_init(&in, read_all(&file, "tests/oracle/texts-public.jsonl"), "texts");
    while (jsonl_next(&in, &line)) {
        if (!jsonl_parse(&row, &in, line, &err))
            fail_msg("%s", err.msg);
        json_object_set(texts, json_string_value(json_object_get(row, "id")),
                        json_object_get(row, "text"));
        json_decref(row);
    }
    buf_release(&file);
    return 0;
}

static int free_texts(void **state)
{
    (void)state;
    json_decref(texts);
    return 0;
}

static struct model open_model(const char *name)
{
    struct model model = {0};
    struct buf path;
    struct err err = {0};
    buf_init(&path, 4096);
    if (!model_name_resolve(&path, name, &err)) {
        print_message("%s is not in the cache\n", name);
        buf_release(&path);
        skip();
    }
    if (!gguf_open(&model.gguf, path.ptr, &err) || !tokenizer_open(&model.tok, model.gguf, &err))
        fail_msg("%s", err.msg);
    buf_release(&path);
    return model;
}

static void close_model(struct model *model)
{
    tokenizer_free(model->tok);
    gguf_close(model->gguf);
}

static void assert_ids(const char *id, const struct ids *got, const json_t *want)
{
    size_t n = json_array_size(want);
    for (size_t i = 0; i < got->count && i < n; i++)
        if (got->id[i] != json_integer_value(json_array_get(want, i)))
            fail_msg("%s: id %zu is %u, expected %lld", id, i, got->id[i],
                     (long long)json_integer_value(json_array_get(want, i)));
    if (got->count != n)
        fail_msg("%s: %zu ids, expected %zu", id, got->count, n);
}

static void assert_text_again(const struct tokenizer *tok, const char *id, const struct ids *ids,
                              struct str text)
{
    struct buf whole, streamed;
    struct token_stream stream;
    buf_init(&whole, BUF_MAX_DEFAULT);
    buf_init(&streamed, BUF_MAX_DEFAULT);
    token_stream_init(&stream, tok);
    for (size_t i = 0; i < ids->count; i++)
        token_stream_push(&stream, &streamed, ids->id[i]);
    token_stream_end(&stream, &streamed);
    tokenizer_decode(tok, &whole, ids->id, ids->count, false);
    if (!str_eq(buf_str(&whole), text) || !str_eq(buf_str(&streamed), text))
        fail_msg("%s: decoding gives another text", id);
    buf_release(&whole);
    buf_release(&streamed);
}

static void check_row(const struct tokenizer *tok, const json_t *row, bool plain, const char *lossy)
{
    const char *id = json_string_value(json_object_get(row, "id"));
    struct str text = json_str(json_object_get(texts, id));
    const json_t *want = json_object_get(row, plain ? "plain" : "ids");
    struct ids ids = {0};
    struct err err = {0};
    if (!tokenizer_encode(tok, &ids, text, (struct token_trust){.all = !plain}, &err))
        fail_msg("%s: %s", id, err.msg);
    assert_ids(id, &ids, want ? want : json_object_get(row, "ids"));
    if (plain && strcmp(id, lossy) != 0)
        assert_text_again(tok, id, &ids, text);
    ids_release(&ids);
}

/* `lossy` is the one text that the model's own tokenizer cannot give back. */
static void check_model(const char *name, const char *oracle, const char *lossy)
{
    struct model model = open_model(name);
    struct buf file;
    struct jsonl in;
    struct str line;
    struct err err = {0};
    json_t *row;
    jsonl_init(&in, read_all(&file, oracle), oracle);
    while (jsonl_next(&in, &line)) {
        if (!jsonl_parse(&row, &in, line, &err))
            fail_msg("%s", err.msg);
        check_row(model.tok, row, false, lossy);
        check_row(model.tok, row, true, lossy);
        json_decref(row);
    }
    assert_true(in.line > 1000);
    buf_release(&file);
    close_model(&model);
}

static void gemma_agrees(void **state)
{
    (void)state;
    check_model("gemma-3-270m", "tests/oracle/tokenizer-gemma3.jsonl", "");
}

static void smollm_agrees(void **state)
{
    (void)state;
    /* p-e0009 holds U+001D, which is in none of SmolLM2's pieces. */
    check_model("smollm2-135m-instruct", "tests/oracle/tokenizer-smollm2.jsonl", "p-e0009");
}

static void check_ends(const char *name, const char *const *ends, size_t n, const char *not_an_end)
{
    struct model model = open_model(name);
    for (size_t i = 0; i < n; i++) {
        uint32_t id = tokenizer_find(model.tok, str_of(ends[i]));
        assert_true(id != TOKEN_NONE && tokenizer_is_end(model.tok, id));
        assert_true(tokenizer_is_control(model.tok, id));
    }
    assert_false(tokenizer_is_end(model.tok, tokenizer_find(model.tok, str_of(not_an_end))));
    close_model(&model);
}

static void ends_are_known(void **state)
{
    (void)state;
    check_ends("gemma-3-270m", (const char *const[]){"<eos>", "<end_of_turn>"}, 2,
               "<start_of_turn>");
    check_ends("smollm2-135m-instruct", (const char *const[]){"<|im_end|>", "<|endoftext|>"}, 2,
               "<|im_start|>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gemma_agrees),
        cmocka_unit_test(smollm_agrees),
        cmocka_unit_test(ends_are_known),
    };
    return cmocka_run_group_tests(tests, load_texts, free_texts);
}
