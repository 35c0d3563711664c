/* The pool: every item once, at any count of threads and items, and no collapse when the machine is
 * busy. */
#define _GNU_SOURCE /* sched_setaffinity, CPU_SET */
#include "os/threads.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "os/clock.h"

enum { THREADS_TRIED = 8, ITEMS_MAX = 3000 };

struct marks {
    size_t threads;
    atomic_int seen[ITEMS_MAX];
    atomic_size_t bad_thread;
    size_t plain[THREADS_MAX]; /* written without a lock: each by its own thread only */
};

static void mark_item(void *arg, size_t index, size_t thread)
{
    struct marks *marks = arg;
    atomic_fetch_add_explicit(&marks->seen[index], 1, memory_order_relaxed);
    if (thread >= marks->threads)
        atomic_fetch_add(&marks->bad_thread, 1);
    else
        marks->plain[thread]++;
}

static void check_run(struct pool *pool, struct marks *marks, size_t count)
{
    memset(marks, 0, sizeof *marks);
    marks->threads = pool_threads(pool);
    pool_run(pool, mark_item, marks, count);
    size_t done = 0;
    for (size_t i = 0; i < ITEMS_MAX; i++)
        if (atomic_load(&marks->seen[i]) != (i < count))
            fail_msg("%zu threads, %zu items: item %zu was run %d times", marks->threads, count, i,
                     atomic_load(&marks->seen[i]));
    for (size_t t = 0; t < THREADS_MAX; t++)
        done += marks->plain[t];
    assert_int_equal(done, count);
    assert_int_equal(atomic_load(&marks->bad_thread), 0);
}

static void each_item_is_run_once(void **state)
{
    (void)state;
    static struct marks marks;
    static const size_t COUNTS[] = {0, 1, 2, 3, 7, 8, 9, 64, 1000, ITEMS_MAX};
    for (size_t threads = 1; threads <= THREADS_TRIED; threads++) {
        struct pool *pool = pool_create(threads);
        assert_int_equal(pool_threads(pool), threads);
        for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++)
            check_run(pool, &marks, COUNTS[i]);
        for (uint64_t i = 0; i < 20; i++)
            check_run(pool, &marks, (size_t)(rng_uniform(1, threads, i) * 40));
        pool_free(pool);
    }
}

static void no_pool_runs_here(void **state)
{
    (void)state;
    static struct marks marks;
    assert_int_equal(pool_threads(NULL), 1);
    check_run(NULL, &marks, 0);
    check_run(NULL, &marks, 100);
    pool_free(NULL);
}

struct chain {
    uint64_t value[16], next[16];
};

static void chain_item(void *arg, size_t index, size_t thread)
{
    struct chain *c = arg;
    (void)thread;
    c->next[index] = c->value[index] * 3 + c->value[(index + 1) % 16] + index;
}

/* Each run reads, without a lock, what other threads wrote in the run before. */
static void runs_see_what_earlier_runs_wrote(void **state)
{
    (void)state;
    struct chain want = {{0}, {0}}, got = {{0}, {0}};
    struct pool *pool = pool_create(4);
    for (int run = 0; run < 3000; run++) {
        pool_run(pool, chain_item, &got, 16);
        memcpy(got.value, got.next, sizeof got.value);
        pool_run(NULL, chain_item, &want, 16);
        memcpy(want.value, want.next, sizeof want.value);
    }
    pool_free(pool);
    assert_memory_equal(&got.value, &want.value, sizeof want.value);
}

static void pools_come_and_go(void **state)
{
    (void)state;
    static struct marks marks;
    for (size_t i = 0; i < 100; i++) {
        struct pool *pool = pool_create(1 + i % 5);
        if (i % 3)
            check_run(pool, &marks, i);
        pool_free(pool);
    }
}

static void count_is_bounded(void **state)
{
    (void)state;
    struct pool *pool = pool_create(THREADS_MAX + 50);
    assert_in_range(pool_threads(pool), 1, THREADS_MAX);
    pool_free(pool);
}

/* ---- how many ---- */

static void variable_decides(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        size_t want; /* 0: what it is without the variable */
    } CASES[] = {{"1", 1},
                 {"3", 3},
                 {"100000", THREADS_MAX},
                 {"0", 0},
                 {"-4", 0},
                 {"many", 0},
                 {"", 0},
                 {"99999999999999999999", THREADS_MAX}};
    unsetenv("LEM_THREADS");
    size_t otherwise = threads_default();
    assert_in_range(otherwise, 1, THREADS_MAX);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        setenv("LEM_THREADS", CASES[i].value, 1);
        assert_int_equal(threads_default(), CASES[i].want ? CASES[i].want : otherwise);
    }
    setenv("LEM_THREADS", "3", 1);
    struct pool *pool = pool_create(0);
    assert_int_equal(pool_threads(pool), 3);
    pool_free(pool);
    unsetenv("LEM_THREADS");
}

static void affinity_is_honoured(void **state)
{
    (void)state;
    cpu_set_t before, one;
    unsetenv("LEM_THREADS");
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_in_range(threads_default(), 1, CPU_COUNT(&before));
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &before))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    size_t alone = threads_default();
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_int_equal(alone, 1);
}

/* ---- beside busy neighbours ---- */

enum { SMALL_RUNS = 4000, SMALL_ITEMS = 4, ROUNDS_PER_ITEM = 6000, NEIGHBOURS = 2 };

static void work_item(void *arg, size_t index, size_t thread)
{
    volatile uint64_t *out = arg;
    uint64_t x = index + 1;
    (void)thread;
    for (int i = 0; i < ROUNDS_PER_ITEM; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    out[index] = x;
}

static double time_small_runs(struct pool *pool)
{
    uint64_t out[SMALL_ITEMS];
    double begun = clock_seconds();
    for (int i = 0; i < SMALL_RUNS; i++)
        pool_run(pool, work_item, out, SMALL_ITEMS);
    return clock_seconds() - begun;
}

static void *burn(void *stop)
{
    while (!atomic_load_explicit((atomic_bool *)stop, memory_order_relaxed))
        continue;
    return NULL;
}

/* Two threads beside two busy neighbours on two processors get half of the machine: a factor of 2.
 * A pool that spins away the time slice its last worker needs loses a factor of hundreds. */
static void neighbours_take_only_their_share(void **state)
{
    (void)state;
    pthread_t neighbour[NEIGHBOURS];
    atomic_bool stop = false;
    struct pool *pool = pool_create(2);
    double alone = time_small_runs(pool), again = time_small_runs(pool);
    alone = again < alone ? again : alone;
    for (size_t i = 0; i < NEIGHBOURS; i++)
        assert_int_equal(pthread_create(&neighbour[i], NULL, burn, &stop), 0);
    double beside = time_small_runs(pool);
    atomic_store(&stop, true);
    for (size_t i = 0; i < NEIGHBOURS; i++)
        pthread_join(neighbour[i], NULL);
    double one = time_small_runs(NULL);
    print_message("%d runs of %d items: 1 thread %.3f s, 2 threads %.3f s, beside %d busy loops "
                  "%.3f s, %.2f times as long\n",
                  SMALL_RUNS, SMALL_ITEMS, one, alone, NEIGHBOURS, beside, beside / alone);
    pool_free(pool);
    assert_true(beside < 6 * (alone > one ? alone : one)); /* others may run tests here too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_run_once),
        cmocka_unit_test(no_pool_runs_here),
        cmocka_unit_test(runs_see_what_earlier_runs_wrote),
        cmocka_unit_test(pools_come_and_go),
        cmocka_unit_test(count_is_bounded),
        cmocka_unit_test(variable_decides),
        cmocka_unit_test(affinity_is_honoured),
        cmocka_unit_test(neighbours_take_only_their_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
