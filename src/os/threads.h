/* threads.h - one pool of worker threads, and the loop over items that everything parallel is
 * written as.
 * Does        pool_run calls fn for items 0 .. count-1, each exactly once, spread over the threads
 *             (the caller is one of them), and returns when all are done. Which thread takes which
 *             item is not defined, so fn must give the same bits whoever runs it: every output
 *             element belongs to one item. Waiting spins for some microseconds, then sleeps, and
 *             nobody waits for a thread that has no item, so a busy machine slows us by our share.
 * Lifetime    pool_create / pool_free. NULL is a pool of one thread: pool_run(NULL, ...) runs here.
 * Threads     one pool_run at a time per pool; fn must not call pool_run on its own pool.
 * Limits      THREADS_MAX threads; 2^32 - 1 items a run.
 * See         docs/numerics.md: thread counts never change an answer. */
#ifndef OS_THREADS_H
#define OS_THREADS_H

#include <stddef.h>

#include "base/err.h"

enum { THREADS_MAX = 256 };

struct pool;

/* `index` is the item, `thread` (< pool_threads) names the worker, for per-thread scratch. */
typedef void (*pool_fn)(void *arg, size_t index, size_t thread);

struct pool *pool_create(size_t threads); /* 0: threads_default() */
void pool_free(struct pool *pool);
size_t pool_threads(const struct pool *pool);
void pool_run(struct pool *pool, pool_fn fn, void *arg, size_t count);
/* Seconds that callers of pool_run have waited for other threads' last items. */
double pool_waited_s(const struct pool *pool);

/* CPUs we may use: affinity mask, lowered by a cgroup CPU quota; at least 1. LEM_THREADS overrides.
 */
size_t threads_default(void);

#endif
