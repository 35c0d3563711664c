/* The pool: workers wait for a new epoch, then everybody takes items from one shared counter.
 *
 *   pool_run      publishes fn, arg, count; resets the counter; epoch += 1; wakes sleepers; works;
 * waits for `busy` to reach 0 worker        waits for epoch to move; works; busy -= 1
 *
 * Invariants
 *   1. fn, arg, count and next are written only while busy == 0, before the epoch moves
 * (release/acquire on epoch).
 *   2. busy == number of workers that have not finished the present epoch.
 *   3. A waiter spins SPIN_ROUNDS times, then sleeps on a condition variable; whoever moves the
 * awaited value takes the lock to signal only if somebody sleeps. With more threads than CPUs (or a
 * busy neighbour) spinning would burn the time slice that the last worker needs, so the spin is
 * short: a few microseconds, the price of one sleep. */
#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "os/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "base/mem.h"

enum { SPIN_ROUNDS = 2000 };

struct pool {
    size_t threads; /* workers + the caller */
    pthread_t *worker;
    size_t started;
    pool_fn fn;
    void *arg;
    size_t count;
    _Alignas(64) atomic_size_t next;
    _Alignas(64) atomic_uint epoch;
    _Alignas(64) atomic_uint busy;
    atomic_uint sleepers;
    atomic_bool quit;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* epoch or busy changed */
};

struct worker_arg {
    struct pool *pool;
    size_t thread;
};

static inline void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wake_sleepers(struct pool *pool)
{
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->moved);
    pthread_mutex_unlock(&pool->lock);
}

/* Waits until *value != old (`until_zero` false) or *value == 0 (true). */
static void wait_for(struct pool *pool, atomic_uint *value, unsigned old, bool until_zero)
{
    for (int i = 0; i < SPIN_ROUNDS; i++) {
        unsigned now = atomic_load_explicit(value, memory_order_acquire);
        if (until_zero ? now == 0 : now != old)
            return;
        spin_pause();
    }
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    for (;;) {
        unsigned now = atomic_load(value);
        if (until_zero ? now == 0 : now != old)
            break;
        pthread_cond_wait(&pool->moved, &pool->lock);
    }
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

static void take_items(struct pool *pool, size_t thread)
{
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (i >= pool->count)
            return;
        pool->fn(pool->arg, i, thread);
    }
}

static void *worker_main(void *p)
{
    struct worker_arg arg = *(struct worker_arg *)p;
    free(p);
    struct pool *pool = arg.pool;
    for (unsigned seen = 0;; seen++) {
        wait_for(pool, &pool->epoch, seen, false);
        if (atomic_load(&pool->quit))
            return NULL;
        take_items(pool, arg.thread);
        if (atomic_fetch_sub(&pool->busy, 1) == 1)
            wake_sleepers(pool);
    }
}

struct pool *pool_create(size_t threads)
{
    struct pool *pool = mem_try_aligned(sizeof *pool, 64);
    if (!pool)
        BUG("no memory for a thread pool");
    pool->threads = size_min(threads ? threads : threads_default(), THREADS_MAX);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->moved, NULL);
    pool->worker = mem_zalloc(pool->threads, sizeof *pool->worker);
    for (size_t i = 1; i < pool->threads; i++) {
        struct worker_arg *arg = mem_alloc(sizeof *arg);
        *arg = (struct worker_arg){pool, i};
        if (pthread_create(&pool->worker[i], NULL, worker_main, arg) != 0) {
            free(arg); /* fewer threads than asked for: slower, never wrong */
            pool->threads = i;
            break;
        }
    }
    return pool;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    atomic_store(&pool->quit, true);
    atomic_fetch_add(&pool->epoch, 1);
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->moved);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 1; i < pool->threads; i++)
        pthread_join(pool->worker[i], NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->moved);
    free(pool->worker);
    free(pool);
}

size_t pool_threads(const struct pool *pool)
{
    return pool ? pool->threads : 1;
}

void pool_run(struct pool *pool, pool_fn fn, void *arg, size_t count)
{
    if (!pool || pool->threads == 1 || count <= 1) {
        for (size_t i = 0; i < count; i++)
            fn(arg, i, 0);
        return;
    }
    pool->fn = fn;
    pool->arg = arg;
    pool->count = count;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_store(&pool->busy, (unsigned)(pool->threads - 1));
    atomic_fetch_add(&pool->epoch, 1);
    wake_sleepers(pool);
    take_items(pool, 0);
    wait_for(pool, &pool->busy, 0, true);
}

#ifdef __linux__

static size_t affinity_cpus(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (size_t)CPU_COUNT(&set);
    return 0;
}

/* CPUs' worth of time that a cgroup allows, rounded up; 0 when there is no limit. */
static size_t cgroup_cpus(void)
{
    char quota[32];
    long long period;
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (f) {
        int n = fscanf(f, "%31s %lld", quota, &period);
        fclose(f);
        long long q = n == 2 ? strtoll(quota, NULL, 10) : 0; /* "max" reads as 0: no limit */
        return n == 2 && q > 0 && period > 0 ? (size_t)((q + period - 1) / period) : 0;
    }
    long long q = 0;
    f = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re");
    if (!f)
        return 0;
    int n = fscanf(f, "%lld", &q);
    fclose(f);
    period = 100000;
    f = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
    if (f) {
        if (fscanf(f, "%lld", &period) != 1)
            period = 100000;
        fclose(f);
    }
    return n == 1 && q > 0 && period > 0 ? (size_t)((q + period - 1) / period) : 0;
}

#else

static size_t affinity_cpus(void)
{
    return 0;
}

static size_t cgroup_cpus(void)
{
    return 0;
}

#endif

size_t threads_default(void)
{
    const char *asked = getenv("LEM_THREADS");
    long n = asked ? strtol(asked, NULL, 10) : 0;
    if (n > 0)
        return size_min((size_t)n, THREADS_MAX);
    size_t cpus = affinity_cpus();
    if (cpus == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        cpus = online > 0 ? (size_t)online : 1;
    }
    size_t limit = cgroup_cpus();
    return size_max(limit ? size_min(cpus, limit) : cpus, 1);
}
