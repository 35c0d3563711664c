/* repeats.h - whether a text says the same thing five times running.
 * Does        answers what re.search(r"(.{10,}?)\1{4,}", text, re.DOTALL) answers: is there a run
 *             of at least ten characters that stands there five times without a gap?
 * Threads     no state.
 * Limits      REPEATS_STEPS_PER_BYTE comparisons, ten times what any text not made for the purpose
 *             takes; the expression itself takes quadratic time.
 * Errors      ERR_LIMIT when that is not enough to tell.
 * See         tests/unit/score/repeats.c compares it with the plain quadratic way. */
#ifndef SCORE_REPEATS_H
#define SCORE_REPEATS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum { REPEATS_STEPS_PER_BYTE = 200 };

/* `text` is valid UTF-8; *copies gets the five copies that were found, a part of it. */
MUST_USE bool repeats_find(bool *found, struct str *copies, struct str text, struct err *err);

#endif
