/* run.h - a finished A/B run, read back from its result file: ours or the original's.
 * Does        reads every probe line and the last summary of OUT.jsonl, and, where it lies beside
 *             the file, what OUT.jsonl.journal alone knows (seeds, time to first token). Nothing
 *             is left out: an answer that failed or is absent has its place and says so.
 * Lifetime    run_load / run_free; everything in the struct borrows from it.
 * Threads     immutable once loaded.
 * Limits      RUN_BYTES_MAX a file, RUN_CELLS_MAX answers.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming file and line; ERR_USAGE for a file without
 *             probes.
 * See         docs/formats.md, A/B results. */
#ifndef ANALYSIS_RUN_H
#define ANALYSIS_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum { RUN_BYTES_MAX = 1 << 30, RUN_CELLS_MAX = 1 << 22, RUN_ARMS_MAX = 256 };

enum run_state { RUN_ABSENT, RUN_ANSWERED, RUN_FAILED };

struct run_answer {
    enum run_state state;
    struct str text;              /* empty unless answered */
    struct str error;             /* why it failed */
    struct str finish;            /* "stop", "length"; ptr NULL: not recorded */
    double stored;                /* the lek_score that the file holds; NaN: none */
    double tokens, prompt_tokens; /* NaN: not recorded */
    double time_ms, ttft_ms;      /* NaN: not recorded */
    size_t chars, words;          /* code points; runs between white space */
    struct str seed;              /* of its random numbers, in digits; ptr NULL: not recorded */
};

struct run_probe {
    struct str id, category, prompt; /* empty where the file has none */
};

struct run_arm {
    struct str name;                       /* "baseline", or a kernel's */
    struct str kernel_path, kernel_sha256; /* ptr NULL: not recorded */
    size_t kernel_bytes;
    bool is_placebo;       /* the run says that this text was made to mean nothing */
    struct str placebo_of; /* in the place of this kernel; ptr NULL: none, or not said */
    struct str placebo;    /* how: "neutral", "shuffled" */
    json_int_t placebo_seed;
};

struct run {
    const char *path;
    struct str model;         /* as the run names it; empty: not recorded */
    struct run_probe *probes; /* (n_probes) in file order */
    size_t n_probes;
    struct run_arm *arms; /* (n_arms) in file order */
    size_t n_arms;
    size_t samples;             /* the most that any probe has under any arm, at least 1 */
    struct run_answer *answers; /* (n_probes, n_arms, samples) */
    size_t n_foreign;           /* lines that are neither probe nor summary */
    const json_t *summary;      /* NULL: the run was not finished */
    const json_t *provenance;   /* NULL: the original's, which records none */
    struct run_memory *memory;
};

MUST_USE bool run_load(struct run **out, const char *path, struct err *err);
/* The same of a text, called `name`; without a journal. */
MUST_USE bool run_parse(struct run **out, struct str text, const char *name, struct err *err);
void run_free(struct run *run);

const struct run_answer *run_answer(const struct run *run, size_t probe, size_t arm, size_t sample);
/* The place of an arm of that name, or (size_t)-1. */
size_t run_find_arm(const struct run *run, struct str name);

#endif
