/* score_job.h - a file of answers through a set of scorers, on many threads.
 * Does        reads lines in batches, scores each line's answers on whichever thread is free, and
 *             hands out what came of them in the order of the file: so the output does not depend
 *             on the threads. A line that cannot be read or scored is reported and passed over.
 * Lifetime    score_job_init, then scorers and reference, then one score_job_run;
 *             score_job_release.
 * Threads     called from one; uses those asked for.
 * Limits      SCORE_JOB_SCORERS_MAX scorers; OUTPUT_MAX bytes of output that is kept for a file.
 * Errors      ERR_IO, ERR_LIMIT for the file as a whole; lines are counted in n_failed. */
#ifndef CLI_SCORE_JOB_H
#define CLI_SCORE_JOB_H

#include "cli/console.h"
#include "cli/score_table.h"
#include "eval/answers.h"
#include "grammar/imprint.h"
#include "os/threads.h"
#include "score/score.h"

enum { SCORE_JOB_SCORERS_MAX = 32 };
#define SCORE_JOB_OUTPUT_MAX ((size_t)1 << 32)

enum score_view {
    SCORE_AS_JSONL,
    SCORE_AS_TABLE,
    SCORE_AS_HITS, /* every hit as a line of JSON */
    SCORE_AS_HIT_TABLE
};

/* What one thread scores with. */
struct score_worker {
    struct score *scores[SCORE_JOB_SCORERS_MAX];
    struct answer_record record;
    struct imprint text;
    struct hits hits;
};

/* One line of the batch, and what came of it. */
struct score_slot {
    struct str line;
    size_t number, n_answers;
    struct buf out;
    struct err err;
};

struct score_job {
    const struct scorer *scorers[SCORE_JOB_SCORERS_MAX];
    size_t n_scorers;
    enum score_view view;
    bool streams; /* output goes to standard output as it comes; else it is kept in `out` */
    struct answers in;
    struct pool *pool;
    struct score_worker *workers;
    struct score_slot *slots;
    size_t n_answers;               /* scored */
    size_t n_failed, n_passed_over; /* lines that could not be read or scored; with unknown types */
    struct score_table table;
    struct lexicon *lexicon;
    struct imprint reference;
    bool has_reference;
    struct buf out;
};

void score_job_init(struct score_job *job);
void score_job_release(struct score_job *job);
/* By name, key or group, separated by commas; "all" is all but those that are apart. */
MUST_USE bool score_job_choose(struct score_job *job, const char *names, struct err *err);
MUST_USE bool score_job_reference(struct score_job *job, const char *path, struct err *err);
/* threads: 0 for all there are. */
MUST_USE bool score_job_run(struct score_job *job, const char *path, size_t threads,
                            struct console *con, struct err *err);

#endif
