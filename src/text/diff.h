/* diff.h - what one text has to lose and to gain to become another, word by word.
 * Does        splits both texts into words, runs of white space and single other characters (as
 *             readers see them: a letter with its accents is one), and finds the fewest of these
 *             to delete and to insert. Two words are the same when their bytes are.
 * Lifetime    spans borrow from the texts given; diff_release.
 * Threads     no state.
 * Limits      texts that are further apart than DIFF_EDITS_MAX tokens, or take more than
 *             DIFF_STEPS_MAX comparisons, are not worth reading as a diff: what lies between their
 *             common beginning and end is then one deletion and one insertion, and is_minimal is
 *             false. Memory: under 100 bytes a token. Time grows with the texts besides: a
 *             second for two of 3 MB, 3.5 s for two of 12 MB without a word in common.
 * Errors      none; bytes that are not UTF-8 are tokens of their own.
 * See         Myers 1986, "An O(ND) difference algorithm and its variations", Algorithmica 1, with
 *             the refinement of section 4b (linear space). */
#ifndef TEXT_DIFF_H
#define TEXT_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { DIFF_EDITS_MAX = 16384, DIFF_STEPS_MAX = 1 << 26 };

enum diff_op { DIFF_SAME, DIFF_DELETE, DIFF_INSERT };

/* SAME: equal bytes of both; DELETE: a span of a, with b empty where it would stand; INSERT: the
 * other way round. */
struct diff_run {
    enum diff_op op;
    struct str a, b;
};

struct diff {
    /* In reading order, none empty: a deletion stands before the insertion that replaces it, and
     * between two changes is always something that stayed. */
    struct diff_run *runs;
    size_t n_runs, cap;
    size_t words_same, words_deleted, words_inserted;
    bool is_minimal; /* false: a limit was met */
};

/* The fewest tokens deleted and inserted. */
void diff_minimal(struct diff *out, struct str a, struct str b);

/* The same, made fit to read: what stayed between two changes counts as changed, too, when it is no
 * longer than either of them, so that texts on different subjects do not come out as confetti of
 * "the" and "of". After Fraser 2006, "Writing: diff strategies" (semantic cleanup). */
void diff_readable(struct diff *out, struct str a, struct str b);

/* The text of one run, from the side it is on. */
static inline struct str diff_run_text(const struct diff_run *run)
{
    return run->op == DIFF_INSERT ? run->b : run->a;
}

void diff_release(struct diff *diff);

#endif
