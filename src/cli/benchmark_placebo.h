/* benchmark_placebo.h - the placebo arms of a benchmark, as --placebo and --placebo-seed ask for them.
 * Does        opens the tokenizer of the run's model, makes the placebos of all kernels, says how
 *             long each came out, and closes it again: weights are not needed.
 * Errors      ERR_USAGE for a kind that is unknown, or no kernel; those of placebo_make and of the
 *             model. */
#ifndef CLI_BENCHMARK_PLACEBO_H
#define CLI_BENCHMARK_PLACEBO_H

#include "cli/console.h"
#include "cli/flags.h"
#include "eval/condition.h"

/* Does nothing without --placebo. */
MUST_USE bool benchmark_add_placebos(struct conditions *set, const struct flags *flags,
                                     const char *model_path, struct console *con, struct err *err);

#endif
