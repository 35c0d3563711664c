/* ab.h - the A/B run: every probe under every condition, answered, scored, and on disk at once.
 * Does        journals each answer before anything else happens to it (OUT.jsonl.journal), writes
 *             a probe's line to OUT.jsonl when all its answers are in, in probe order, and the
 *             summary last. Takes up a run where the journal ends; an answer depends on its probe,
 *             condition and sample number alone, so the files of a run that was killed and resumed
 *             are those of one that was not, times apart. A journal may be continued by a run that
 *             asks for more (probes, conditions, samples), never by one that asks for something
 *             else.
 * Lifetime    ab_open / ab_close; borrows everything in its options, and the source during ab_run.
 * Threads     one thread.
 * Limits      AB_ANSWERS_MAX answers a run; AB_BATCH_MAX are handed to the source at a time.
 * Errors      ab_open: ERR_USAGE names what differs from the run on disk; ERR_BUSY when another
 *             process writes it; ERR_IO, ERR_FORMAT. ab_run: ERR_CANCELLED when stopped; ERR_IO
 *             when the disk is full, and what was journaled before is safe. An answer that fails
 *             alone is journaled with its error, counted, and tried again by the next run.
 * See         docs/formats.md; tests/oracle/README.md, ab-golden. */
#ifndef EVAL_AB_H
#define EVAL_AB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "eval/condition.h"
#include "infer/sample.h"
#include "infer/source.h"
#include "probe/probe.h"
#include "score/score.h"

enum { AB_ANSWERS_MAX = 1 << 22, AB_BATCH_MAX = 4096 };

enum ab_state { AB_WANTED, AB_DONE, AB_FAILED };

struct ab_answer {
    enum ab_state state;
    bool saved;      /* in the journal */
    struct str text; /* empty once its probe's line is written */
    char *memory;    /* what text borrows from, malloc'ed */
    char *error;     /* malloc'ed sentence when AB_FAILED */
    double *values;  /* the scorer's, AB_DONE only */
    size_t chars;    /* code points of the text */
    size_t prompt_tokens, completion_tokens;
    double time_ms, ttft_ms;
    int64_t at_us; /* wall clock when it was done */
    char finish[12];
    char prompt_sha256[SHA256_HEX_LEN + 1];
};

/* What a listener is told: this answer has just come in (AB_DONE or AB_FAILED). */
struct ab_event {
    size_t probe, condition, sample;
    const struct ab_answer *answer;
};

struct ab_options {
    const struct probe *probes;
    size_t n_probes;
    const char *probes_path, *probes_sha256; /* of their file, for the record */
    const struct conditions *conditions;
    size_t samples; /* of each probe under each condition, at least 1 */
    const struct scorer *scorer;
    struct sample_params params;
    const char *model;  /* as the user named it */
    const char *output; /* OUT.jsonl */
    /* What decides an answer besides conditions and sampling (model digest, precision, template): a
     * run is continued only where this is equal. Values are scalars. */
    json_t *identity;
    json_t *facts; /* what else is worth recording (program version, probe file ...) */
    void (*listen)(void *arg, const struct ab_event *event); /* may be NULL */
    void *listen_arg;
};

struct ab;

/* Locks OUT.jsonl, reads what is there and checks that it can be continued. When no answer is
 * wanted any more, the files are made complete at once: ab_is_finished. */
MUST_USE bool ab_open(struct ab **out, const struct ab_options *options, struct err *err);
void ab_close(struct ab *ab);

/* Moves an older OUT.jsonl and its journal to OUT.jsonl.N; `moved_to` receives that name, or
 * nothing. */
MUST_USE bool ab_set_aside(struct buf *moved_to, const char *output, struct err *err);

/* Gets every wanted answer from `source`. true also when some failed: ab_progress counts them. */
MUST_USE bool ab_run(struct ab *ab, const struct source *source, struct err *err);
/* Whether the run must end, because an answer could not be written: for the source's stop question.
 */
bool ab_is_broken(const struct ab *ab);

bool ab_is_finished(const struct ab *ab);  /* every answer is there, OUT.jsonl is complete */
bool ab_is_new(const struct ab *ab);       /* there is no journal yet; ab_run begins it */
bool ab_was_complete(const struct ab *ab); /* and was before ab_open */
int64_t
ab_started_us(const struct ab *ab); /* wall clock of the journal's first line, or of ab_open */

struct ab_progress {
    size_t total, resumed, done, failed; /* answers; `resumed` of `done` came from the journal */
    size_t damaged_lines, torn_bytes;    /* of the journal */
};
struct ab_progress ab_progress(const struct ab *ab);

const struct ab_options *ab_options(const struct ab *ab);
const struct ab_answer *ab_answer(const struct ab *ab, size_t probe, size_t condition,
                                  size_t sample);

/* A condition over the probes of which every answer is in. */
struct ab_row {
    struct str name;
    double mean, delta;         /* of sample 0; delta against the baseline; not rounded */
    double mean_all, delta_all; /* over all samples */
    size_t improved, regressed, unchanged; /* sample 0, by more than half a point */
};

struct ab_summary {
    struct ab_row rows[CONDITIONS_MAX];
    size_t n_rows;
    size_t n_probes;   /* counted: all their answers are in */
    size_t n_failed;   /* probes that lack an answer, or have one that failed */
    double duration_s; /* of work, pauses between sessions left out */
};
void ab_summarise(struct ab_summary *out, const struct ab *ab);
/* The same as the last line of OUT.jsonl; a new reference. */
json_t *ab_summary_json(struct ab *ab);

#endif
