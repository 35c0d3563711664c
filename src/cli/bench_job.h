/* bench_job.h - an A/B run of random prompts, and where its time goes. */
#ifndef CLI_BENCH_JOB_H
#define CLI_BENCH_JOB_H

#include <stdbool.h>

#include "base/vec.h"
#include "cli/open_model.h"

/* Appends `count` ordinary ids of the stream: no two streams begin alike, so nothing is known of
 * them from before. */
void bench_draw_ids(struct ids *out, const struct tokenizer *tok, size_t count, uint64_t stream);

/* 20 prompts, each alone and after each of two prefixes of `prefix` tokens; `gen` tokens an answer,
 * always the likeliest. Prints a table or JSON. ERR_LIMIT, ERR_CANCELLED. */
MUST_USE bool bench_job(struct open_model *model, size_t prefix, size_t gen, bool as_json,
                        struct err *err);

#endif
