/* Memory during a run: a decoding step takes none but for new pages, and what the system refuses
 * ends the run properly. The house allocates through base/mem only, so this program brings its own
 * and counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "infer/engine.h"
#include "support/fake_model.h"

static size_t allocations, pages, pages_left = SIZE_MAX; /* that the system still gives */

static void *counted(void *ptr)
{
    allocations++;
    assert_non_null(ptr);
    return ptr;
}

void *mem_alloc(size_t size)
{
    return counted(malloc(size ? size : 1));
}

void *mem_zalloc(size_t count, size_t size)
{
    return counted(calloc(count ? count : 1, size ? size : 1));
}

void *mem_realloc(void *ptr, size_t count, size_t size)
{
    return counted(realloc(ptr, size_max(count * size, 1)));
}

char *mem_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(mem_alloc(n), s, n);
}

void *mem_try_aligned(size_t size, size_t align)
{
    if (pages_left == 0)
        return NULL;
    pages_left--;
    pages++;
    void *ptr = aligned_alloc(align, size_round_up(size, align));
    return ptr ? memset(ptr, 0, size) : NULL;
}

enum { SESSIONS = 4, PROMPT = 70, ANSWER = 120 };

static size_t tokens, steps_with_allocations, steps_with_pages;

static bool on_token(void *user, uint32_t id, struct str piece)
{
    (void)user, (void)id, (void)piece;
    tokens++;
    return true;
}

/* Called between steps, where the counters are compared with those of the last step. */
static bool look(void *arg)
{
    (void)arg;
    bool under_way = tokens > SESSIONS && tokens < (size_t)SESSIONS * ANSWER;
    steps_with_allocations += under_way && allocations > 0 && pages == 0;
    steps_with_pages += under_way && pages > 0;
    allocations = pages = 0;
    return false;
}

static size_t cancelled;

static void on_done(void *user, const struct session_result *result)
{
    (void)user;
    cancelled += result->finish == FINISH_CANCELLED;
}

/* An engine with some sessions submitted. */
static struct engine *engine_make(void)
{
    struct err err = {0};
    struct engine *engine;
    struct engine_options options = {
        .chunk = SESSIONS * PROMPT, .memory_bytes = 1 << 22, .stop = look}; /* all begin together */
    assert_true(engine_create(&engine, &MODEL, &TOK, NULL, &options, &err));
    struct session session = {.n_prompt = PROMPT, .token = on_token, .done = on_done};
    session.params = SAMPLE_PARAMS_DEFAULT;
    session.params.max_tokens = ANSWER;
    session.params.ignore_eos = true;
    session.params.temperature = 1;
    session.params.n_stops = 1;
    session.params.stop[0] = str_of("never seen");
    uint32_t prompt[PROMPT] = {0};
    for (size_t i = 0; i < SESSIONS; i++) {
        prompt[0] = (uint32_t)i;
        session.prompt = prompt;
        session.key = i;
        assert_true(engine_submit(engine, &session, &err));
    }
    return engine;
}

static void a_decoding_step_allocates_nothing(void **state)
{
    (void)state;
    struct err err = {0};
    struct engine *engine = engine_make();
    assert_true(engine_run(engine, &err));
    assert_int_equal(tokens, SESSIONS * ANSWER);
    assert_true(steps_with_pages > 0 && steps_with_pages <= 4);
    assert_int_equal(steps_with_allocations, 0);
    engine_free(engine);
}

/* The budget allows more than the system has. */
static void a_system_without_memory_ends_the_run(void **state)
{
    (void)state;
    struct err err = {0};
    struct engine *engine = engine_make();
    pages_left = 5;
    assert_false(engine_run(engine, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(cancelled, SESSIONS);
    pages_left = SIZE_MAX;
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decoding_step_allocates_nothing),
        cmocka_unit_test(a_system_without_memory_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
