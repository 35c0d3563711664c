/* Memory of a pass: a decode step allocates nothing, working memory is what was announced, and a
 * model whose matrices are stored in different types computes on what it wrote. */
#include "model/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/gguf_requantise.h"
#include "support/open_model.h"

/* ---- counting: the Makefile links this program with --wrap for these ---- */

static atomic_size_t calls, bytes_aligned;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

void *__wrap_malloc(size_t size)
{
    atomic_fetch_add(&calls, 1);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    atomic_fetch_add(&calls, 1);
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    atomic_fetch_add(&calls, 1);
    return __real_realloc(ptr, size);
}

/* What was asked for holds old bytes that no computation may meet. */
void *__wrap_aligned_alloc(size_t align, size_t size)
{
    atomic_fetch_add(&calls, 1);
    atomic_fetch_add(&bytes_aligned, size);
    void *ptr = __real_aligned_alloc(align, size);
    return ptr ? memset(ptr, 0xff, size) : NULL;
}

/* ---- tests ---- */

enum { TIMELINES = 4, PROMPT = 70, STEPS = 8 };

static const char *const GEMMA = "tests/oracle/tiny/gemma3/f32.gguf";
static const char *const SMOLLM = "tests/oracle/tiny/smollm2/f32.gguf";

static void init(struct opened *o, const char *path)
{
    struct err err = {0};
    if (!opened_init(o, path, PRECISION_FAST, 200, &err))
        fail_msg("%s", err.msg);
}

static void fill_prompt(uint32_t tokens[PROMPT])
{
    for (uint32_t i = 0; i < PROMPT; i++)
        tokens[i] = i * 7 % 500;
}

static void counter_counts(void **state)
{
    (void)state;
    size_t before = atomic_load(&calls);
    free(mem_zalloc(2, 8));
    free(mem_try_aligned(64, 64));
    assert_int_equal(atomic_load(&calls) - before, 2);
}

static void decode_allocates_nothing(const char *path)
{
    struct opened o;
    struct kv_seq seq[TIMELINES];
    struct model_span spans[TIMELINES];
    uint32_t tokens[PROMPT];
    init(&o, path);
    fill_prompt(tokens);
    for (size_t i = 0; i < TIMELINES; i++) {
        kv_seq_init(&seq[i], o.cache);
        assert_true(kv_seq_reserve(&seq[i], PROMPT + STEPS));
        spans[i] = (struct model_span){.kv = &seq[i], .tokens = tokens, .count = 12 + i, .n_logits = 1};
    }
    model_forward(o.run, spans, TIMELINES);
    size_t before = atomic_load(&calls);
    for (size_t step = 0; step < STEPS; step++) {
        for (size_t i = 0; i < TIMELINES; i++)
            spans[i] = (struct model_span){
                .kv = &seq[i], .tokens = tokens + step, .count = 1, .best_of = 64};
        model_forward(o.run, spans, TIMELINES);
    }
    assert_int_equal(atomic_load(&calls), before);
    for (size_t i = 0; i < TIMELINES; i++)
        kv_seq_release(&seq[i]);
    opened_release(&o);
}

static void a_decode_step_allocates_nothing(void **state)
{
    (void)state;
    decode_allocates_nothing(GEMMA);
    decode_allocates_nothing(SMOLLM);
}

/* What model_run_bytes says is what is asked of the system, whatever the shape; a greater shape is
 * never smaller. */
static void a_pass_takes_what_was_announced(void **state)
{
    (void)state;
    static const size_t SHAPES[][3] = {{1, 0, 1},    {1, 1, 1},     {4, 4, 100},
                                       {33, 7, 200}, {64, 64, 200}, {65, 64, 5000}};
    struct opened o;
    init(&o, GEMMA);
    size_t least = 0;
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        const size_t *s = SHAPES[i];
        size_t said = model_run_bytes(o.model, pool_threads(o.pool), s[0], s[1], s[2]);
        size_t before = atomic_load(&bytes_aligned);
        struct model_run *run = model_run_create(o.model, o.pool, s[0], s[1], s[2]);
        assert_non_null(run);
        assert_int_equal(atomic_load(&bytes_aligned) - before, said);
        assert_true(said > least);
        least = said;
        model_run_free(run);
    }
    opened_release(&o);
}

/* ---- mixed types ---- */

struct mixture {
    const char *part[4]; /* matrices whose names hold one of these are Q8_0 */
};

static uint32_t store_parts(const void *arg, struct str name)
{
    const struct mixture *m = arg;
    for (size_t i = 0; i < 4 && m->part[i]; i++)
        if (str_find(name, str_of(m->part[i]), 0) != (size_t)-1)
            return 8;
    return 0;
}

static float *last_logits(const struct gguf *gguf, enum precision precision, size_t *vocab)
{
    struct model *model;
    struct model_options options = {.precision = precision};
    struct err err = {0};
    struct kv_seq seq;
    uint32_t tokens[PROMPT];
    fill_prompt(tokens);
    if (!model_open(&model, gguf, &options, &err))
        fail_msg("%s", err.msg);
    struct kv_cache *cache = kv_create(model_kv_layout(model), OPENED_BUDGET);
    struct model_run *run = model_run_create(model, NULL, PROMPT, 1, PROMPT);
    kv_seq_init(&seq, cache);
    assert_true(run && kv_seq_reserve(&seq, PROMPT));
    struct model_span span = {.kv = &seq, .tokens = tokens, .count = PROMPT, .n_logits = 1};
    *vocab = model_info(model)->n_vocab;
    float *logits = mem_alloc(*vocab * sizeof *logits);
    memcpy(logits, model_forward(run, &span, 1), *vocab * sizeof *logits);
    model_run_free(run);
    kv_seq_release(&seq);
    kv_free(cache);
    model_close(model);
    return logits;
}

static void check_mixture(const char *path, const struct mixture *mixture)
{
    struct gguf *file, *gguf;
    struct err err = {0};
    size_t vocab;
    if (!gguf_open(&file, path, &err))
        fail_msg("%s", err.msg);
    struct str copy = gguf_requantise(file, store_parts, mixture);
    if (!gguf_open_memory(&gguf, copy, &err))
        fail_msg("%s", err.msg);
    float *want = last_logits(gguf, PRECISION_FLOAT, &vocab);
    float *got = last_logits(gguf, PRECISION_FAST, &vocab);
    for (size_t i = 0; i < vocab; i++)
        if (!(fabsf(got[i] - want[i]) <= 0.5f))
            fail_msg("%s with %s as Q8_0: logit %zu is %g, in float %g", path, mixture->part[0], i,
                     (double)got[i], (double)want[i]);
    free(want);
    free(got);
    gguf_close(gguf);
    gguf_close(file);
    free((void *)(uintptr_t)copy.ptr);
}

/* Every matrix of one input in turn is the only one that wants int8. */
static void layers_of_mixed_types_stay_near(void **state)
{
    (void)state;
    static const struct mixture MIXTURES[] = {
        {{"attn_q.", NULL}},     {{"attn_k.", NULL}},    {{"attn_v.", NULL}},
        {{"attn_output", NULL}}, {{"ffn_gate", NULL}},   {{"ffn_up", NULL}},
        {{"ffn_down", NULL}},    {{"token_embd", NULL}}, {{"attn_k.", "attn_v.", "ffn_up", NULL}},
    };
    for (size_t i = 0; i < sizeof MIXTURES / sizeof *MIXTURES; i++) {
        check_mixture(GEMMA, &MIXTURES[i]);
        check_mixture(SMOLLM, &MIXTURES[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counter_counts),
        cmocka_unit_test(a_decode_step_allocates_nothing),
        cmocka_unit_test(a_pass_takes_what_was_announced),
        cmocka_unit_test(layers_of_mixed_types_stay_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
