/* bench_job.h - an A/B run of made-up prompts, and where its time goes. */
#ifndef CLI_BENCH_JOB_H
#define CLI_BENCH_JOB_H

#include <stdbool.h>

#include "base/vec.h"
#include "cli/open_model.h"

/* Where prompts come from. */
struct bench_ids {
    const struct tokenizer *tok;
    struct ids text; /* empty: random ids */
};

/* The ids of a text file, or with path NULL random ones. ERR_FORMAT when the file is empty. */
MUST_USE bool bench_ids_open(struct bench_ids *ids, const struct tokenizer *tok, const char *path,
                             struct err *err);
void bench_ids_release(struct bench_ids *ids);

/* Appends `count` ordinary ids of the stream, of a text from somewhere within it, around its end to
 * its beginning. No two streams begin alike, so that nothing is known of them from before. */
void bench_draw_ids(struct ids *out, const struct bench_ids *ids, size_t count, uint64_t stream);

/* 20 prompts, each alone and after each of two prefixes of `prefix` tokens; `gen` tokens an answer,
 * always the likeliest, with `drafts` guessed ahead where it repeats itself. Prints a table or JSON.
 * ERR_LIMIT, ERR_CANCELLED. */
MUST_USE bool bench_job(struct open_model *model, const struct bench_ids *ids, size_t prefix,
                        size_t gen, bool drafts, bool as_json, struct err *err);

#endif
