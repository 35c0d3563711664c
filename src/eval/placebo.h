/* placebo.h - a text that a kernel must beat before its words can be given the credit.
 * Does        makes the placebo of a kernel for a model's tokenizer: neutral, prose about nothing in
 *             particular (neutral.h), which tells this kernel from any long prompt; or shuffled, the
 *             kernel's own words in its own form without its sense (shuffle.h), which tells what it
 *             says from the words it says it with. Either is as many tokens long as the kernel,
 *             encoded by itself: neutral text by choice of sentences; shuffled text by taking the
 *             first of PLACEBO_TRIES_MAX shuffles that comes out even, or else the nearest. Nothing
 *             is padded or cut. What is left of the difference is told (tokens, kernel_tokens).
 *             Equal kernel, tokenizer and seed give equal bytes.
 * Lifetime    placebo_make fills a struct that placebo_release frees.
 * Threads     no state.
 * Limits      kernels of PLACEBO_KERNEL_MAX bytes.
 * Errors      ERR_UNSUPPORTED, ERR_FORMAT and ERR_LIMIT, each with one sentence that names the
 *             kernel's file.
 * See         docs/statistics.md, placebos; docs/formats.md for how a run records them. */
#ifndef EVAL_PLACEBO_H
#define EVAL_PLACEBO_H

#include <stdint.h>

#include "base/err.h"
#include "eval/kernel.h"
#include "token/tokenizer.h"

enum { PLACEBO_KERNEL_MAX = 1 << 20, PLACEBO_TRIES_MAX = 64 };

enum placebo_kind { PLACEBO_NEUTRAL, PLACEBO_SHUFFLED, PLACEBO_KINDS };

const char *placebo_kind_name(enum placebo_kind kind); /* "neutral" */

/* The kinds that a list such as "neutral,shuffled" names: wanted[kind] for each. */
MUST_USE bool placebo_kinds_parse(bool wanted[PLACEBO_KINDS], const char *list, struct err *err);

struct placebo {
    struct str text; /* in `memory` */
    size_t tokens, kernel_tokens;
    char *memory;
};

MUST_USE bool placebo_make(struct placebo *out, const struct kernel *kernel, enum placebo_kind kind,
                           const struct tokenizer *tok, uint64_t seed, struct err *err);
void placebo_release(struct placebo *placebo);

#endif
