/* condition.h - the arms of a comparison: the bare model, then one kernel each.
 * Does        keeps the arms in the order given; the first is always the baseline, with no kernel.
 *             The placebos of the kernels follow them, each named KERNEL~KIND ("axioms~neutral"); what
 *             tells them from kernels is not the name but placebo_of.
 * Lifetime    conditions_init / conditions_release, which frees the kernels.
 * Limits      CONDITIONS_MAX arms.
 * Errors      conditions_add: as kernel_load; conditions_add_placebos: as placebo_make; both: ERR_USAGE for a name that is taken; ERR_LIMIT. The
 *             set then stays as it was. */
#ifndef EVAL_CONDITION_H
#define EVAL_CONDITION_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "eval/kernel.h"
#include "eval/placebo.h"

enum { CONDITIONS_MAX = 64 };

struct condition {
    struct str name;
    struct kernel kernel; /* all empty for the baseline */
    size_t placebo_of;    /* the arm of the kernel that this is a placebo of; 0: it is none */
    enum placebo_kind placebo;
    uint64_t placebo_seed;
    size_t tokens, kernel_tokens; /* of the placebo, and of its kernel */
};

struct conditions {
    struct condition items[CONDITIONS_MAX];
    size_t count;
};

void conditions_init(struct conditions *set);
void conditions_release(struct conditions *set);
/* Loads the kernel that `spec` ("NAME=PATH" or "PATH") names, and adds its arm. */
MUST_USE bool conditions_add(struct conditions *set, const char *spec, struct err *err);
/* Adds placebos of the wanted kinds for each kernel there is, as long as it is for this tokenizer. */
MUST_USE bool conditions_add_placebos(struct conditions *set, const bool wanted[PLACEBO_KINDS],
                                      const struct tokenizer *tok, uint64_t seed, struct err *err);

/* Appends the names as Python prints a list of strings: ['baseline', 'json']. */
void conditions_list(struct buf *out, const struct conditions *set);

#endif
