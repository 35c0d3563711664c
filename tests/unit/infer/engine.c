/* Tests of the engine over a small model (support/fake_model.h). The judge is a plain loop: one
 * session at a time, without pages. */
#include "infer/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "support/fake_model.h"

enum { SESSIONS = 14, PROMPT_MAX = 420 };

struct sample {
    uint32_t prompt[PROMPT_MAX];
    struct session session;
    uint32_t want_ids[CONTEXT], got_ids[CONTEXT];
    size_t want_n, got_n, streamed_n;
    enum finish want_finish, got_finish;
    struct buf want_text, got_text, streamed;
    size_t n_done;
};

static bool on_token(void *user, uint32_t id, struct str piece)
{
    struct sample *sample = user;
    (void)id;
    sample->streamed_n++;
    buf_add_str(&sample->streamed, piece);
    return true;
}

static void on_done(void *user, const struct session_result *result)
{
    struct sample *sample = user;
    memcpy(sample->got_ids, result->ids, result->n_ids * sizeof *result->ids);
    sample->got_n = result->n_ids;
    sample->got_finish = result->finish;
    buf_add_str(&sample->got_text, result->text);
    assert_int_equal(result->n_prompt, sample->session.n_prompt);
    assert_true(result->n_prompt_shared < result->n_prompt);
    sample->n_done++;
}

/* Offset of the stop string that is complete first, (size_t)-1 when none is. */
static size_t plain_stop(struct str text, const struct sample_params *params)
{
    for (size_t end = 1; end <= text.len; end++)
        for (size_t start = 0; start < end; start++)
            for (size_t i = 0; i < params->n_stops; i++)
                if (str_eq(str_sub(text, start, end - start), params->stop[i]))
                    return start;
    return (size_t)-1;
}

static void plain_text(struct buf *out, const uint32_t *ids, size_t n, bool end)
{
    struct token_stream stream;
    token_stream_init(&stream, &TOK);
    buf_reset(out);
    for (size_t i = 0; i < n; i++)
        if (ids[i] != END)
            token_stream_push(&stream, out, ids[i]);
    if (end)
        token_stream_end(&stream, out);
}

static void plain_answer(struct sample *sample)
{
    const struct session *session = &sample->session;
    const struct sample_params *params = &session->params;
    struct sample_scratch *scratch = sample_scratch_create(VOCAB);
    uint32_t ids[CONTEXT];
    size_t n = session->n_prompt, stop = (size_t)-1;
    memcpy(ids, session->prompt, n * sizeof *ids);
    sample->want_finish = FINISH_LENGTH;
    for (bool end = false; !end;) {
        float logits[VOCAB];
        fake_logits(logits, ids, n);
        ids[n] = sample_pick(scratch, logits, VOCAB, TOKENS, params, ids, n, session->key);
        bool eos = ids[n++] == END && !params->ignore_eos;
        end = eos || n - session->n_prompt == params->max_tokens;
        plain_text(&sample->want_text, ids + session->n_prompt, n - session->n_prompt, end);
        stop = plain_stop(buf_str(&sample->want_text), params);
        if (eos || stop != (size_t)-1)
            sample->want_finish = FINISH_STOP;
        end |= stop != (size_t)-1;
    }
    if (stop != (size_t)-1)
        sample->want_text.len = stop;
    sample->want_n = n - session->n_prompt;
    memcpy(sample->want_ids, ids + session->n_prompt, sample->want_n * sizeof *ids);
    sample_scratch_free(scratch);
}

static size_t below(uint64_t seed, uint64_t n, size_t limit)
{
    return (size_t)(rng_uniform(seed, 11, n) * (double)limit);
}

/* Prompts that share long beginnings, some of them wholly, with all kinds of parameters. */
static void sample_make(struct sample *sample, uint64_t seed, size_t index)
{
    static const size_t kernels[] = {0, 45, 130, 300};
    uint64_t key = seed * 100 + index;
    size_t kernel = below(key, 0, 4), probe = below(key, 1, 4), tail = 1 + below(key, 2, 100);
    size_t n = 0;
    for (; n < kernels[kernel]; n++)
        sample->prompt[n] = (uint32_t)below(seed + 1000 + (n >= 45), n, TOKENS);
    if (kernel == 3 && probe == 0)
        sample->prompt[200] = 7; /* parts from its kernel in the middle */
    for (size_t i = 0; i < tail; i++)
        sample->prompt[n++] = (uint32_t)below(seed + 2000 + probe, i, TOKENS);
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    params.max_tokens = 1 + below(key, 3, 3) * below(key, 4, 130);
    params.ignore_eos = below(key, 5, 3) == 0;
    params.temperature = below(key, 6, 2) ? 0.8 : 0;
    params.top_k = (uint32_t)below(key, 7, 20);
    params.repetition_penalty = below(key, 8, 3) ? 1 : 1.3;
    params.seed = seed;
    static const char *const stops[] = {"aabc", "bcd", "eab", "\xC3\xA9", "ddeeaabbc"};
    params.n_stops = below(key, 9, 3);
    for (size_t i = 0; i < params.n_stops; i++)
        params.stop[i] = str_of(stops[below(key, 10 + i, 5)]);
    sample->session = (struct session){.prompt = sample->prompt,
                                       .n_prompt = n,
                                       .params = params,
                                       .key = key,
                                       .user = sample,
                                       .token = on_token,
                                       .done = on_done};
}

static struct sample *samples_make(uint64_t seed, size_t n)
{
    struct sample *samples = mem_zalloc(n, sizeof *samples);
    for (size_t i = 0; i < n; i++) {
        buf_init(&samples[i].want_text, 1 << 20);
        buf_init(&samples[i].got_text, 1 << 20);
        buf_init(&samples[i].streamed, 1 << 20);
        sample_make(&samples[i], seed, i);
        plain_answer(&samples[i]);
    }
    return samples;
}

static void samples_reset(struct sample *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_reset(&samples[i].got_text);
        buf_reset(&samples[i].streamed);
        samples[i].got_n = samples[i].streamed_n = samples[i].n_done = 0;
    }
}

static void samples_free(struct sample *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_release(&samples[i].want_text);
        buf_release(&samples[i].got_text);
        buf_release(&samples[i].streamed);
    }
    free(samples);
}

static void check_sample(const struct sample *s)
{
    assert_int_equal(s->n_done, 1);
    assert_int_equal(s->got_n, s->want_n);
    assert_memory_equal(s->got_ids, s->want_ids, s->want_n * sizeof *s->want_ids);
    assert_int_equal(s->got_finish, s->want_finish);
    assert_true(str_eq(buf_str(&s->got_text), buf_str(&s->want_text)));
    assert_int_equal(s->streamed_n, s->want_n);
    assert_true(str_eq(buf_str(&s->streamed), buf_str(&s->want_text)));
}

static struct engine *engine_make(const struct engine_options *options, struct pool *pool)
{
    struct err err = {0};
    struct engine *engine = NULL;
    if (!engine_create(&engine, &MODEL, &TOK, pool, options, &err))
        fail_msg("%s", err.msg);
    return engine;
}

static void submit(struct engine *engine, struct sample *sample)
{
    struct err err = {0};
    if (!engine_submit(engine, &sample->session, &err))
        fail_msg("%s", err.msg);
}

static void run(struct engine *engine)
{
    struct err err = {0};
    if (!engine_run(engine, &err))
        fail_msg("%s", err.msg);
}

enum { ROOMY = 1 << 22, LONGEST = PROMPT_MAX + 300 };

/* Just enough for one longest timeline, so that two at once must quarrel. */
static size_t tight_budget(size_t chunk)
{
    return kv_bytes_for(&LAYOUT, LONGEST, 0) + (chunk / KV_PAGE_TOK + 1) * 2 * PAGE;
}

static void answers_do_not_depend_on_how_they_are_computed(void **state)
{
    (void)state;
    static const size_t slots[] = {1, 2, 5, 16}, chunks[] = {1, 7, 64};
    struct pool *pools[] = {NULL, pool_create(3)};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct sample *samples = samples_make(seed, SESSIONS);
        for (size_t c = 0; c < 4 * 3 * 2 * 3 * 2; c++) {
            size_t chunk = chunks[c / 4 % 3], tightness = c / 24 % 3;
            struct engine_options options = {
                .slots = slots[c % 4],
                .chunk = chunk,
                .context_max = LONGEST,
                .no_prefix_cache = c / 12 % 2,
                .no_drafts = c / 72,
                .memory_bytes = tightness == 0   ? ROOMY
                                : tightness == 1 ? tight_budget(chunk) * 5 / 2
                                                 : tight_budget(chunk),
            };
            struct engine *engine = engine_make(&options, pools[c % 2]);
            for (size_t i = 0; i < SESSIONS; i++)
                submit(engine, &samples[i]);
            run(engine);
            for (size_t i = 0; i < SESSIONS; i++)
                check_sample(&samples[i]);
            struct engine_stats stats = engine_stats(engine);
            assert_true(stats.done == SESSIONS);
            if (options.no_drafts)
                assert_true(stats.drafted_tokens == 0 && stats.drafts_standing == 0);
            engine_free(engine);
            samples_reset(samples, SESSIONS);
        }
        samples_free(samples, SESSIONS);
    }
    pool_free(pools[1]);
}

/* A greedy answer that repeats itself takes fewer passes, and fewer rows than if guesses were made
 * at random; and nothing is computed for more ids than it may have. */
static void repeated_ids_are_guessed(void **state)
{
    (void)state;
    struct sample *samples = samples_make(4, 1);
    struct sample *sample = &samples[0];
    sample->session.params =
        (struct sample_params){.top_p = 1, .repetition_penalty = 1, .max_tokens = 280};
    sample->session.params.ignore_eos = true;
    plain_answer(sample);
    size_t steps[2];
    for (int no_drafts = 0; no_drafts < 2; no_drafts++) {
        struct engine_options options = {
            .context_max = LONGEST, .memory_bytes = ROOMY, .no_drafts = no_drafts};
        struct engine *engine = engine_make(&options, NULL);
        rows_computed = 0;
        submit(engine, sample);
        run(engine);
        check_sample(sample);
        struct engine_stats stats = engine_stats(engine);
        steps[no_drafts] = stats.steps;
        assert_int_equal(rows_computed, sample->session.n_prompt + 280 - 1 + stats.drafted_tokens -
                                            stats.drafts_standing);
        if (!no_drafts) {
            assert_true(stats.drafts_standing * 4 > stats.drafted_tokens * 3);
            assert_true(stats.drafts_standing < stats.drafted_tokens);
        }
        engine_free(engine);
        samples_reset(samples, 1);
    }
    assert_true(steps[0] * 2 < steps[1]);
    samples_free(samples, 1);
}

/* `n` sessions of one kernel, 2 samples of each probe; long answers when asked. */
static struct sample *shared_samples(size_t n, size_t kernel, size_t max_tokens)
{
    struct sample *samples = mem_zalloc(n, sizeof *samples);
    for (size_t i = 0; i < n; i++) {
        struct sample *s = &samples[i];
        buf_init(&s->want_text, 1 << 20);
        buf_init(&s->got_text, 1 << 20);
        buf_init(&s->streamed, 1 << 20);
        for (size_t j = 0; j < kernel + 40; j++)
            s->prompt[j] = (uint32_t)below(j < kernel ? 5 : 6 + i / 2, j, TOKENS);
        struct sample_params params = SAMPLE_PARAMS_DEFAULT;
        params.max_tokens = max_tokens;
        params.ignore_eos = true;
        params.temperature = 1;
        s->session = (struct session){.prompt = s->prompt,
                                      .n_prompt = kernel + 40,
                                      .params = params,
                                      .key = i,
                                      .user = s,
                                      .token = on_token,
                                      .done = on_done};
        plain_answer(s);
    }
    return samples;
}

static void shared_prefixes_are_computed_once(void **state)
{
    (void)state;
    enum { N = 12, KERNEL = 300, ANSWER = 3 };
    struct sample *samples = shared_samples(N, KERNEL, ANSWER);
    struct engine_options options = {.slots = N, .chunk = 64, .memory_bytes = ROOMY};
    struct engine *engine = engine_make(&options, NULL);
    for (size_t i = 0; i < N; i++)
        submit(engine, &samples[i]);
    rows_computed = 0;
    run(engine);
    /* The kernel once, 39 tokens of each probe once, and of each sample the last prompt token and
     * all answer tokens but the last. */
    assert_int_equal(rows_computed, KERNEL + N / 2 * 39 + N * ANSWER);
    struct engine_stats stats = engine_stats(engine);
    assert_int_equal(stats.prompt_tokens, N * (KERNEL + 40));
    assert_int_equal(stats.prompt_tokens - stats.prompt_tokens_shared, KERNEL + N / 2 * 39 + N);
    assert_int_equal(stats.generated_tokens, N * ANSWER);
    for (size_t i = 0; i < N; i++)
        check_sample(&samples[i]);
    engine_free(engine);
    samples_free(samples, N);
}

static void the_next_turn_finds_the_last_one(void **state)
{
    (void)state;
    struct sample *s = shared_samples(1, 200, 80);
    struct engine_options options = {.memory_bytes = ROOMY};
    struct engine *engine = engine_make(&options, NULL);
    submit(engine, s);
    run(engine);
    check_sample(s);
    struct sample *next = mem_zalloc(1, sizeof *next);
    *next = *s;
    next->session.user = next;
    next->session.prompt = next->prompt;
    next->session.n_prompt = 240 + 80 + 10;
    next->session.params.max_tokens = 5;
    memcpy(next->prompt + 240, s->got_ids, 80 * sizeof *s->got_ids);
    for (size_t i = 0; i < 10; i++)
        next->prompt[320 + i] = (uint32_t)i + 3;
    samples_reset(next, 1);
    plain_answer(next);
    submit(engine, next);
    rows_computed = 0;
    run(engine);
    check_sample(next);
    assert_int_equal(rows_computed, 1 + 10 + 4); /* the turn's last token had not been computed */
    engine_free(engine);
    *s = *next; /* the buffers may have moved */
    free(next);
    samples_free(s, 1);
}

static void one_turn_keeps_nothing_of_an_answer(void **state)
{
    (void)state;
    struct sample *s = shared_samples(1, 200, 80);
    struct engine_options options = {.memory_bytes = ROOMY, .one_turn = true};
    struct engine *engine = engine_make(&options, NULL);
    submit(engine, s);
    run(engine);
    check_sample(s);
    assert_int_equal(engine_stats(engine).kv_bytes, 0);
    engine_free(engine);
    samples_free(s, 1);
}

static void memory_that_runs_out_is_taken_from_the_youngest(void **state)
{
    (void)state;
    enum { N = 6, ANSWER = 800 };
    struct sample *samples = shared_samples(N, 64, ANSWER);
    struct engine_options options = {
        .slots = N,
        .chunk = 64,
        .context_max = 64 + 40 + ANSWER,
        .memory_bytes = kv_bytes_for(&LAYOUT, 64 + 40 + ANSWER, 0) * 2,
    };
    struct engine *engine = engine_make(&options, NULL);
    for (size_t i = 0; i < N; i++)
        submit(engine, &samples[i]);
    rows_computed = 0;
    run(engine);
    assert_true(rows_computed > 64 + N * (40 + ANSWER - 1)); /* something was computed twice */
    assert_int_equal(engine_stats(engine).generated_tokens, N * ANSWER);
    for (size_t i = 0; i < N; i++)
        check_sample(&samples[i]);
    engine_free(engine);
    samples_free(samples, N);
}

static void a_snapshot_somebody_waits_for_goes_last(void **state)
{
    (void)state;
    enum { KERNEL = 330, LONG = 975 };
    struct sample *first = shared_samples(1, 0, 1), *pair = shared_samples(2, KERNEL, 1);
    pair[1].session.params.max_tokens = 500; /* too much to be admitted beside the first */
    plain_answer(&pair[1]);
    struct engine_options options = {
        .slots = 3, .chunk = 64, .context_max = CONTEXT - 1, .memory_bytes = 31 * PAGE};
    first->session.n_prompt = 20;
    first->session.params.max_tokens = LONG;
    plain_answer(first);
    struct engine *engine = engine_make(&options, NULL);
    submit(engine, first);
    submit(engine, &pair[0]);
    submit(engine, &pair[1]);
    rows_computed = 0;
    run(engine);
    check_sample(first);
    check_sample(&pair[0]);
    check_sample(&pair[1]);
    /* The pair's prompt was computed for the first of them, given up, and computed again. */
    assert_int_equal(rows_computed, 20 + LONG - 1 + 2 * (KERNEL + 40) + 499);
    engine_free(engine);
    samples_free(first, 1);
    samples_free(pair, 2);
}

struct stopper {
    size_t calls, at;
};

static bool stop_at(void *arg)
{
    struct stopper *stopper = arg;
    return ++stopper->calls >= stopper->at;
}

static void a_stop_finishes_the_one_nearest_its_end(void **state)
{
    (void)state;
    enum { N = 8 };
    struct sample *samples = shared_samples(N, 64, 50);
    samples[2].session.params.max_tokens = 20;
    buf_reset(&samples[2].want_text);
    plain_answer(&samples[2]);
    struct stopper stopper = {.at = 10};
    struct engine_options options = {
        .slots = 4, .memory_bytes = ROOMY, .stop = stop_at, .stop_arg = &stopper};
    struct engine *engine = engine_make(&options, NULL);
    for (size_t i = 0; i < N; i++)
        submit(engine, &samples[i]);
    struct err err = {0};
    assert_false(engine_run(engine, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    check_sample(&samples[2]);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(samples[i].n_done, 1);
        assert_true(i == 2 || samples[i].got_finish == FINISH_CANCELLED);
    }
    stopper = (struct stopper){.at = SIZE_MAX};
    samples_reset(samples, N);
    for (size_t i = 0; i < N; i++)
        submit(engine, &samples[i]);
    run(engine);
    for (size_t i = 0; i < N; i++)
        check_sample(&samples[i]);
    engine_free(engine);
    samples_free(samples, N);
}

static bool refuse_third(void *user, uint32_t id, struct str piece)
{
    return on_token(user, id, piece) && ((struct sample *)user)->streamed_n < 3;
}

static void a_callback_ends_its_own_session_only(void **state)
{
    (void)state;
    struct sample *samples = shared_samples(3, 40, 10);
    samples[1].session.token = refuse_third;
    struct engine_options options = {.memory_bytes = ROOMY};
    struct engine *engine = engine_make(&options, NULL);
    for (size_t i = 0; i < 3; i++)
        submit(engine, &samples[i]);
    run(engine);
    check_sample(&samples[0]);
    check_sample(&samples[2]);
    assert_int_equal(samples[1].got_finish, FINISH_CANCELLED);
    assert_int_equal(samples[1].got_n, 3);
    assert_memory_equal(samples[1].got_ids, samples[1].want_ids, 3 * sizeof(uint32_t));
    engine_free(engine);
    samples_free(samples, 3);
}

struct chain {
    struct engine *engine;
    struct sample *samples;
    size_t next, n;
};

static struct chain chain; /* the callback's only way to its test */

static void done_and_submit_next(void *user, const struct session_result *result)
{
    on_done(user, result);
    if (chain.next < chain.n)
        submit(chain.engine, &chain.samples[chain.next++]);
}

static void callbacks_may_submit(void **state)
{
    (void)state;
    enum { N = 9 };
    struct sample *samples = samples_make(8, N);
    struct engine_options options = {.slots = 2, .chunk = 32, .memory_bytes = ROOMY};
    chain = (struct chain){engine_make(&options, NULL), samples, 1, N};
    for (size_t i = 0; i < N; i++)
        samples[i].session.done = done_and_submit_next;
    submit(chain.engine, &samples[0]);
    run(chain.engine);
    for (size_t i = 0; i < N; i++)
        check_sample(&samples[i]);
    engine_free(chain.engine);
    samples_free(samples, N);
}

static void what_can_never_fit_is_refused(void **state)
{
    (void)state;
    struct sample *s = shared_samples(1, 40, 10);
    struct engine_options options = {.context_max = 100, .memory_bytes = ROOMY};
    struct engine *engine = engine_make(&options, NULL);
    struct err err = {0};
    s->session.params.max_tokens = 21;
    assert_false(engine_submit(engine, &s->session, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.msg, "a prompt of 80 tokens and up to 21 tokens of answer do not fit "
                                 "into the context of 100 tokens");
    s->session.params.max_tokens = SIZE_MAX;
    assert_false(engine_submit(engine, &s->session, &err));
    s->session.params.max_tokens = 20;
    assert_true(engine_submit(engine, &s->session, &err));
    s->prompt[3] = VOCAB;
    assert_false(engine_submit(engine, &s->session, &err));
    assert_int_equal(err.code, ERR_USAGE);
    s->session.n_prompt = 0;
    assert_false(engine_submit(engine, &s->session, &err));
    assert_int_equal(err.code, ERR_USAGE);
    engine_free(engine); /* with one session never run */
    assert_int_equal(s->n_done, 0);

    options.memory_bytes = POSITION_PAGES;
    assert_false(engine_create(&engine, &MODEL, &TOK, NULL, &options, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    options.context_max = CONTEXT + 1;
    assert_false(engine_create(&engine, &MODEL, &TOK, NULL, &options, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    samples_free(s, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_do_not_depend_on_how_they_are_computed),
        cmocka_unit_test(repeated_ids_are_guessed),
        cmocka_unit_test(shared_prefixes_are_computed_once),
        cmocka_unit_test(the_next_turn_finds_the_last_one),
        cmocka_unit_test(one_turn_keeps_nothing_of_an_answer),
        cmocka_unit_test(memory_that_runs_out_is_taken_from_the_youngest),
        cmocka_unit_test(a_snapshot_somebody_waits_for_goes_last),
        cmocka_unit_test(a_stop_finishes_the_one_nearest_its_end),
        cmocka_unit_test(a_callback_ends_its_own_session_only),
        cmocka_unit_test(callbacks_may_submit),
        cmocka_unit_test(what_can_never_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
