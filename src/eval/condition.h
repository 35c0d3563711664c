/* condition.h - the arms of a comparison: the bare model, then one kernel each.
 * Does        keeps the arms in the order given; the first is always the baseline, with no kernel.
 * Lifetime    conditions_init / conditions_release, which frees the kernels.
 * Limits      CONDITIONS_MAX arms.
 * Errors      conditions_add: as kernel_load; ERR_USAGE for a name that is taken; ERR_LIMIT. The
 *             set then stays as it was. */
#ifndef EVAL_CONDITION_H
#define EVAL_CONDITION_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "eval/kernel.h"

enum { CONDITIONS_MAX = 64 };

struct condition {
    struct str name;
    struct kernel kernel; /* all empty for the baseline */
};

struct conditions {
    struct condition items[CONDITIONS_MAX];
    size_t count;
};

void conditions_init(struct conditions *set);
void conditions_release(struct conditions *set);
/* Loads the kernel that `spec` ("NAME=PATH" or "PATH") names, and adds its arm. */
MUST_USE bool conditions_add(struct conditions *set, const char *spec, struct err *err);

/* Appends the names as Python prints a list of strings: ['baseline', 'json']. */
void conditions_list(struct buf *out, const struct conditions *set);

#endif
