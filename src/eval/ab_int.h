/* ab_int.h - what ab.c, ab_record.c and ab_summary.c share. */
#ifndef EVAL_AB_INT_H
#define EVAL_AB_INT_H

#include "base/arena.h"
#include "base/map.h"
#include "eval/ab.h"
#include "os/lock_file.h"
#include "store/journal.h"
#include "store/result.h"

#define AB_JOURNAL_SUFFIX ".journal"
/* Microseconds since 1970 that a journal may name: the year 2255. */
#define AB_TIME_MAX ((int64_t)9000000000 * 1000000)

enum { AB_KEY_LEN = 16, AB_RUN_LEN = 16 };

struct ab {
    const struct ab_options *options;
    struct lock_file lock;
    struct journal *journal;
    struct result *result;
    struct score *score;
    struct ab_answer *answers; /* by probe, condition, sample */
    double *values;            /* their scores */
    size_t n_answers;
    size_t *twin; /* how many probes before this one have the same id and prompt */
    char (*keys)[AB_KEY_LEN + 1];
    struct map by_key;
    size_t next_line;   /* the first probe whose line OUT.jsonl lacks */
    json_t *provenance; /* of the header: the summary repeats it */
    char params_sha256[SHA256_HEX_LEN + 1];
    bool is_new; /* there was no journal */
    bool complete, was_complete;
    int64_t started_us;
    int64_t session_us, last_us,
        worked_us; /* this session's start, the last answer, sessions before */
    struct ab_progress progress;
    struct err broken; /* why nothing more can be written; code ERR_NONE while all is well */
};

static inline size_t ab_index(const struct ab *ab, size_t probe, size_t condition, size_t sample)
{
    return (probe * ab->options->conditions->count + condition) * ab->options->samples + sample;
}

/* Where answer `index` belongs. */
struct ab_event ab_place(const struct ab *ab, size_t index);

/* The names of answer `index`: of its record, and of its random stream. */
void ab_key(char key[AB_KEY_LEN + 1], const struct ab *ab, size_t index);
uint64_t ab_stream(const struct ab *ab, size_t index);

/* What decides the answers, and its digest into ab->params_sha256. A new reference. */
json_t *ab_params(struct ab *ab);
json_t *ab_kernels(const struct ab *ab); /* {name: digest}, a new reference */

/* Lines of the journal; new references. `type` is "header" or "resume". */
json_t *ab_session_record(struct ab *ab, const char *type, json_t *provenance);
json_t *ab_answer_record(const struct ab *ab, size_t index);
/* Fills an answer from its record, but for its time; false when the record lacks something. The
 * text is borrowed. */
MUST_USE bool ab_answer_read(struct ab_answer *answer, const json_t *record);

void ab_answer_keep(struct ab_answer *answer, struct str text); /* a copy of its own */

/* Reads the journal into the answers; false when it belongs to another run. */
MUST_USE bool ab_take_up(struct ab *ab, struct err *err);
void ab_begin_session(struct ab *ab, int64_t at_us);
void ab_note_time(struct ab *ab, int64_t at_us); /* work went on until then */

/* Lines of OUT.jsonl; new references. */
json_t *ab_probe_line(const struct ab *ab, size_t probe);

/* Python's round(x, digits). */
double ab_round(double x, int digits);
double ab_score_of(const struct ab *ab, const struct ab_answer *answer);
bool ab_probe_is_counted(const struct ab *ab, size_t probe);

#endif
