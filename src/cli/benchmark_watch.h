/* benchmark_watch.h - what one sees of an A/B run while it goes on.
 * Does        a line for each answer, as the original printed it, or on a terminal one line that
 *             is redrawn: answers done, time left, tokens a second, and how far each kernel is
 *             from the baseline so far. That is no verdict, so it carries no p-value.
 * Lifetime    watch_init; borrows console, run and source while it is in use.
 * Threads     one thread. */
#ifndef CLI_BENCHMARK_WATCH_H
#define CLI_BENCHMARK_WATCH_H

#include "cli/console.h"
#include "eval/ab.h"

struct watch {
    struct console *con;
    const struct ab *ab;
    const struct source *source;
    double sum[CONDITIONS_MAX]; /* of paired differences, sample 0 */
    size_t pairs[CONDITIONS_MAX];
};

/* Counts what is there already. */
void watch_init(struct watch *watch, struct console *con, const struct ab *ab,
                const struct source *source);
void watch_answer(void *watch, const struct ab_event *event); /* for ab_options.listen */
void watch_tick(struct watch *watch);                         /* redraws, when it is time */

#endif
