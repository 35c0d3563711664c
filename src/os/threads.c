/* The pool: everybody takes items from one ticket until it is empty.
 *
 *   pool_run   writes fn, arg, count, left; publishes the ticket; wakes sleepers; works; waits for
 *              left == 0
 *   worker     waits for a ticket with items; works
 *
 * The ticket is (run number, items not yet taken) in one atomic word. Items are taken by compare
 * and swap, so a worker that comes late finds an empty ticket, or that of a newer run, and never
 * takes an item of a run that is over.
 *
 * Invariants
 *   1. left counts the items that are not known to be finished; a thread subtracts what it did when
 *      it finds the ticket empty.
 *   2. fn, arg and count are read only by a thread that took an item and has not subtracted it, and
 *      written only while left == 0.
 *   3. The caller waits for items, not for workers: a worker that the system does not run, because
 * a neighbour has its processor, costs nothing unless it was stopped in the middle of its items.
 *   4. A waiter spins for SPIN_SECONDS, about the price of a sleep, then sleeps; with more threads
 *      than processors it sleeps at once. Whoever moves the awaited value looks for sleepers
 *      afterwards, whoever sleeps looks at the value after it said so (both sequentially
 *      consistent), so no wake-up is lost. */
#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "os/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "base/mem.h"
#include "os/clock.h"

static const double SPIN_SECONDS = 30e-6;
enum { SPIN_ROUNDS = 32 /* between looks at the clock */ };

/* ---- how many ---- */

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

/* At least 1. */
static size_t cpus_allowed(void)
{
    size_t cpus = affinity_cpus(), limit = cgroup_cpus();
    if (cpus == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        cpus = online > 0 ? (size_t)online : 1;
    }
    return size_max(limit ? size_min(cpus, limit) : cpus, 1);
}

size_t threads_default(void)
{
    const char *asked = getenv("LEM_THREADS");
    long n = asked ? strtol(asked, NULL, 10) : 0;
    return n > 0 ? size_min((size_t)n, THREADS_MAX) : cpus_allowed();
}

/* ---- the pool ---- */

/* Sleepers of one kind. */
struct bed {
    pthread_cond_t moved;
    atomic_size_t sleepers;
};

struct pool {
    size_t threads; /* workers + the caller */
    pthread_t *worker;
    bool spins;
    double waited_s; /* the caller's */
    pool_fn fn;
    void *arg;
    size_t count;
    _Alignas(64) atomic_ullong ticket; /* run number << 32 | items not taken */
    _Alignas(64) atomic_size_t left;
    atomic_bool quit;
    pthread_mutex_t lock;
    struct bed workers, caller;
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

static bool has_items(struct pool *pool)
{
    return (uint32_t)atomic_load(&pool->ticket) != 0 || atomic_load(&pool->quit);
}

static bool is_finished(struct pool *pool)
{
    return atomic_load(&pool->left) == 0;
}

static void wait_until(struct pool *pool, struct bed *bed, bool (*holds)(struct pool *pool))
{
    if (holds(pool))
        return;
    for (double end = pool->spins ? clock_seconds() + SPIN_SECONDS : 0; end > 0;) {
        for (int i = 0; i < SPIN_ROUNDS; i++) {
            if (holds(pool))
                return;
            spin_pause();
        }
        if (clock_seconds() > end)
            break;
    }
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&bed->sleepers, 1);
    while (!holds(pool))
        pthread_cond_wait(&bed->moved, &pool->lock);
    atomic_fetch_sub(&bed->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

/* Wakes up to `most` of those who sleep. */
static void wake(struct pool *pool, struct bed *bed, size_t most)
{
    if (atomic_load(&bed->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    size_t n = size_min(atomic_load(&bed->sleepers), most);
    while (n--)
        pthread_cond_signal(&bed->moved);
    pthread_mutex_unlock(&pool->lock);
}

/* Takes the right to the next items of the present run; returns how many, 0 when none are left. Many
 * at first, since neighbours read on where the last one stopped, and at last one by one, so that
 * all threads end together (guided self-scheduling, Polychronopoulos and Kuck 1987). */
static size_t take_items(struct pool *pool, size_t *first)
{
    unsigned long long ticket = atomic_load(&pool->ticket);
    size_t left, count;
    do {
        left = (uint32_t)ticket;
        if (left == 0)
            return 0;
        count = size_max(1, left / (2 * pool->threads));
    } while (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - count));
    *first = pool->count - left;
    return count;
}

static void work(struct pool *pool, size_t thread)
{
    size_t first, count, done = 0;
    for (; (count = take_items(pool, &first)) > 0; done += count)
        for (size_t i = first; i < first + count; i++)
            pool->fn(pool->arg, i, thread);
    if (done && atomic_fetch_sub(&pool->left, done) == done)
        wake(pool, &pool->caller, 1);
}

static void *worker_main(void *p)
{
    struct worker_arg arg = *(struct worker_arg *)p;
    free(p);
    for (;;) {
        wait_until(arg.pool, &arg.pool->workers, has_items);
        if (atomic_load(&arg.pool->quit))
            return NULL;
        work(arg.pool, arg.thread);
    }
}

struct pool *pool_create(size_t threads)
{
    struct pool *pool = mem_try_aligned(sizeof *pool, 64);
    if (!pool)
        BUG("no memory for a thread pool");
    pool->threads = size_min(threads ? threads : threads_default(), THREADS_MAX);
    pool->spins = pool->threads <= cpus_allowed();
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->workers.moved, NULL);
    pthread_cond_init(&pool->caller.moved, NULL);
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
    wake(pool, &pool->workers, THREADS_MAX);
    for (size_t i = 1; i < pool->threads; i++)
        pthread_join(pool->worker[i], NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->workers.moved);
    pthread_cond_destroy(&pool->caller.moved);
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
    if (count > UINT32_MAX)
        BUG("a run of %zu items", count);
    pool->fn = fn;
    pool->arg = arg;
    pool->count = count;
    atomic_store(&pool->left, count);
    unsigned long long run = (atomic_load(&pool->ticket) >> 32) + 1;
    atomic_store(&pool->ticket, run << 32 | count);
    wake(pool, &pool->workers, count - 1);
    work(pool, 0);
    if (is_finished(pool))
        return;
    double start = clock_seconds();
    wait_until(pool, &pool->caller, is_finished);
    pool->waited_s += clock_seconds() - start;
}

double pool_waited_s(const struct pool *pool)
{
    return pool ? pool->waited_s : 0;
}
