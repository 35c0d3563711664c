/* benchmark_plan.h - what an A/B run would ask, before it asks.
 * Does        counts answers and prompt tokens for each condition, finds prompts that do not fit,
 *             and says what memory the engine would take. Prints to stdout, as text or JSON.
 * Errors      those of the template, the tokenizer and the engine. */
#ifndef CLI_BENCHMARK_PLAN_H
#define CLI_BENCHMARK_PLAN_H

#include "cli/open_model.h"
#include "eval/ab.h"
#include "infer/engine.h"

struct benchmark_plan {
    const struct ab_options *options;
    const struct open_model *model; /* with weights */
    struct engine_options engine;
    bool json;
};

MUST_USE bool benchmark_plan_print(const struct benchmark_plan *plan, struct err *err);

#endif
