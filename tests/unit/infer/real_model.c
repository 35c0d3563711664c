/* Tests of the engine over models of the real kind: the tiny ones, where every way to run must give
 * what one forward pass an id gives, and the demo models, if they are in the cache, against greedy
 * continuations of an independent implementation (tests/oracle/README.md). */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "cli/model_name.h"
#include "infer/engine.h"
#include "os/file.h"
#include "text/jsonl.h"

static struct pool *pool;

struct opened {
    struct gguf *gguf;
    struct tokenizer *tok;
    struct model *model;
};

static void open_model(struct opened *out, const char *path, enum precision precision)
{
    struct err err = {0};
    struct model_options options = {.precision = precision, .pool = pool};
    *out = (struct opened){0};
    if (!gguf_open(&out->gguf, path, &err) || !tokenizer_open(&out->tok, out->gguf, &err) ||
        !model_open(&out->model, out->gguf, &options, &err))
        fail_msg("%s: %s", path, err.msg);
}

static void close_model(struct opened *opened)
{
    model_close(opened->model);
    tokenizer_free(opened->tok);
    gguf_close(opened->gguf);
}

static struct engine *engine_make(const struct opened *opened, const struct engine_options *options)
{
    struct err err = {0};
    struct engine *engine = NULL;
    if (!engine_create(&engine, opened->model, opened->tok, pool, options, &err))
        fail_msg("%s", err.msg);
    return engine;
}

enum { PROMPTS = 6, PROMPT_MAX = 160, ANSWER = 8 };

struct answer {
    uint32_t prompt[PROMPT_MAX];
    size_t n_prompt;
    uint32_t want[ANSWER], got[ANSWER];
    size_t n_got;
};

static void keep_ids(void *user, const struct session_result *result)
{
    struct answer *answer = user;
    answer->n_got = result->n_ids;
    memcpy(answer->got, result->ids, result->n_ids * sizeof *result->ids);
}

static struct sample_params params_for(size_t index)
{
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    params.max_tokens = ANSWER;
    params.ignore_eos = true;
    params.temperature = index % 2 ? 0.9 : 0;
    params.repetition_penalty = index % 3 ? 1 : 1.1;
    params.top_p = 0.95;
    return params;
}

static void submit(struct engine *engine, struct answer *answer, size_t index)
{
    struct err err = {0};
    struct session session = {.prompt = answer->prompt,
                              .n_prompt = answer->n_prompt,
                              .params = params_for(index),
                              .key = index,
                              .user = answer,
                              .done = keep_ids};
    if (!engine_submit(engine, &session, &err))
        fail_msg("%s", err.msg);
}

/* One forward pass over everything so far, for each id: no cache, no batch, no chunk. */
static void answer_plainly(const struct opened *opened, struct answer *answer, size_t index)
{
    struct sample_params params = params_for(index);
    size_t n_vocab = model_info(opened->model)->n_vocab, n = answer->n_prompt;
    uint32_t ids[PROMPT_MAX + ANSWER];
    memcpy(ids, answer->prompt, n * sizeof *ids);
    struct kv_cache *cache = kv_create(model_kv_layout(opened->model), 64 << 20);
    struct model_run *run = model_run_create(opened->model, pool, sizeof ids / sizeof *ids, 1, 512);
    struct sample_scratch *scratch = sample_scratch_create(n_vocab);
    for (size_t i = 0; i < ANSWER; i++) {
        struct kv_seq kv;
        kv_seq_init(&kv, cache);
        assert_true(kv_seq_reserve(&kv, n));
        struct model_span span = {.kv = &kv, .tokens = ids, .count = n, .n_logits = 1};
        const float *logits = model_forward(run, &span, 1);
        ids[n] = answer->want[i] = sample_pick(scratch, logits, n_vocab,
                                               tokenizer_size(opened->tok), &params, ids, n, index);
        n++;
        kv_seq_release(&kv);
    }
    sample_scratch_free(scratch);
    model_run_free(run);
    kv_free(cache);
}

static void check_tiny(const char *path, enum precision precision)
{
    struct opened opened;
    open_model(&opened, path, precision);
    size_t n_tokens = tokenizer_size(opened.tok);
    struct answer *answers = mem_zalloc(PROMPTS, sizeof *answers);
    for (size_t i = 0; i < PROMPTS; i++) {
        answers[i].n_prompt = i == 0 ? 1 : 40 + 7 * i; /* most share their first 40 */
        for (size_t j = 0; j < answers[i].n_prompt; j++)
            answers[i].prompt[j] =
                (uint32_t)(rng_uniform(j < 40 ? 1 : 2 + i / 2, 3, j) * (double)n_tokens);
        answer_plainly(&opened, &answers[i], i);
    }
    static const struct engine_options ways[] = {
        {.slots = 1, .chunk = 16, .memory_bytes = 64 << 20, .context_max = 200},
        {.slots = 3, .chunk = 7, .memory_bytes = 64 << 20, .context_max = 200},
        {.slots = 16, .chunk = 64, .memory_bytes = 64 << 20, .context_max = 200},
        {.slots = 16,
         .chunk = 64,
         .memory_bytes = 64 << 20,
         .context_max = 200,
         .no_prefix_cache = true},
    };
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct err err = {0};
        struct engine *engine = engine_make(&opened, &ways[w]);
        for (size_t i = 0; i < PROMPTS; i++)
            submit(engine, &answers[i], i);
        assert_true(engine_run(engine, &err));
        for (size_t i = 0; i < PROMPTS; i++) {
            assert_int_equal(answers[i].n_got, ANSWER);
            assert_memory_equal(answers[i].got, answers[i].want, sizeof answers[i].want);
        }
        engine_free(engine);
    }
    free(answers);
    close_model(&opened);
}

static void tiny_models_answer_alike_however_run(void **state)
{
    (void)state;
    check_tiny("tests/oracle/tiny/gemma3/f32.gguf", PRECISION_FLOAT);
    check_tiny("tests/oracle/tiny/gemma3/bf16.gguf", PRECISION_FAST);
    check_tiny("tests/oracle/tiny/smollm2/f32.gguf", PRECISION_FLOAT);
    check_tiny("tests/oracle/tiny/smollm2/bf16.gguf", PRECISION_FAST);
}

/* Of the 32 ids a row has: what a quick test has time for. */
enum { GREEDY_MAX = 10, ROWS_MAX = 32 };

/* A row of logits-*.jsonl on its way. */
struct row {
    json_t *json;
    uint32_t got[GREEDY_MAX];
    size_t n_got, n_compared;
};

static void keep_greedy(void *user, const struct session_result *result)
{
    struct row *row = user;
    row->n_got = result->n_ids;
    memcpy(row->got, result->ids, result->n_ids * sizeof *result->ids);
}

static void submit_row(struct engine *engine, struct row *row)
{
    struct err err = {0};
    const json_t *ids = json_object_get(row->json, "ids");
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    params.max_tokens = GREEDY_MAX;
    params.ignore_eos = true;
    assert_true(json_array_size(json_object_get(row->json, "greedy")) >= GREEDY_MAX);
    size_t n = json_array_size(ids);
    uint32_t *prompt = mem_alloc(n * sizeof *prompt);
    for (size_t i = 0; i < n; i++)
        prompt[i] = (uint32_t)json_integer_value(json_array_get(ids, i));
    struct session session = {
        .prompt = prompt, .n_prompt = n, .params = params, .user = row, .done = keep_greedy};
    if (!engine_submit(engine, &session, &err))
        fail_msg("%s", err.msg);
    free(prompt);
}

/* The same ids, until the reference's choice was closer than `gap` and ours was another. */
static void check_row(struct row *row, double gap)
{
    const json_t *greedy = json_object_get(row->json, "greedy");
    const json_t *gaps = json_object_get(row->json, "gap");
    for (size_t i = 0; i < row->n_got; i++) {
        json_int_t want = json_integer_value(json_array_get(greedy, i));
        if (row->got[i] != want) {
            assert_true(json_number_value(json_array_get(gaps, i)) < gap);
            return;
        }
        row->n_compared++;
    }
}

static size_t read_rows(struct row *rows, const char *path)
{
    struct err err = {0};
    struct buf text;
    buf_init(&text, 1 << 20);
    assert_true(file_read(&text, path, &err));
    struct jsonl in;
    struct str line;
    size_t n = 0;
    jsonl_init(&in, buf_str(&text), path);
    while (jsonl_next(&in, &line)) {
        json_t *json;
        assert_true(jsonl_parse(&json, &in, line, &err));
        if (json_object_get(json, "greedy") && n < ROWS_MAX)
            rows[n++] = (struct row){.json = json};
        else
            json_decref(json);
    }
    buf_release(&text);
    return n;
}

static void check_greedy(const char *name, const char *oracle, enum precision precision, double gap)
{
    struct err err = {0};
    struct buf path;
    buf_init(&path, 4096);
    if (!model_name_resolve(&path, name, &err)) {
        buf_release(&path);
        skip();
    }
    struct row rows[ROWS_MAX];
    size_t n = read_rows(rows, oracle), compared = 0, total = 0;
    struct opened opened;
    open_model(&opened, path.ptr, precision);
    struct engine_options options = {.context_max = 1024, .memory_bytes = (size_t)512 << 20};
    struct engine *engine = engine_make(&opened, &options);
    for (size_t i = 0; i < n; i++)
        submit_row(engine, &rows[i]);
    assert_true(engine_run(engine, &err));
    for (size_t i = 0; i < n; i++) {
        check_row(&rows[i], gap);
        compared += rows[i].n_compared;
        total += rows[i].n_got;
        json_decref(rows[i].json);
    }
    assert_true(n > 0 && compared > 0);
    print_message("%s %s: %zu of %zu greedy ids as the reference's\n", name,
                  precision_name(precision), compared, total);
    engine_free(engine);
    close_model(&opened);
    buf_release(&path);
}

static void smollm2_continues_as_the_reference_float(void **state)
{
    (void)state;
    check_greedy("smollm2-135m-instruct", "tests/oracle/logits-smollm2.jsonl", PRECISION_FLOAT,
                 0.002);
}

static void smollm2_continues_as_the_reference_fast(void **state)
{
    (void)state;
    check_greedy("smollm2-135m-instruct", "tests/oracle/logits-smollm2.jsonl", PRECISION_FAST, 0.5);
}

static void gemma_continues_as_the_reference_float(void **state)
{
    (void)state;
    check_greedy("gemma-3-270m", "tests/oracle/logits-gemma3.jsonl", PRECISION_FLOAT, 0.002);
}

static void gemma_continues_as_the_reference_fast(void **state)
{
    (void)state;
    check_greedy("gemma-3-270m", "tests/oracle/logits-gemma3.jsonl", PRECISION_FAST, 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_models_answer_alike_however_run),
        cmocka_unit_test(smollm2_continues_as_the_reference_float),
        cmocka_unit_test(smollm2_continues_as_the_reference_fast),
        cmocka_unit_test(gemma_continues_as_the_reference_float),
        cmocka_unit_test(gemma_continues_as_the_reference_fast),
    };
    pool = pool_create(2);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(pool);
    return failed;
}
