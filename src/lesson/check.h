/* check.h - what is wrong with lessons, each fault with the lesson it is in.
 * Does        finds roles out of order, empty turns, lessons that are there twice (also in another
 *             file, as when training and validation share one), answers that nearly repeat an
 *             earlier one, answers that are failures or too short, lessons that are too long,
 *             secrets, control tokens of models as text, characters that were lost, and kernels
 *             that leak: LINT_RUN_WORDS words of one in a row in what the assistant says. Also
 *             measures turns and lengths.
 * Lifetime    lesson_check fills a struct that lesson_check_release frees; it borrows the lessons.
 * Threads     the pool's, inside the call; the findings do not depend on how many.
 * Limits      dedup.h's.
 * Errors      ERR_LIMIT; the struct is then empty. Faults of lessons are findings, not errors. */
#ifndef LESSON_CHECK_H
#define LESSON_CHECK_H

#include "lesson/lengths.h"
#include "os/threads.h"
#include "probe/lint.h"

enum lesson_fault {
    LESSON_FAULT_ORDER,     /* text: what was expected; turn */
    LESSON_FAULT_EMPTY,     /* turn */
    LESSON_FAULT_NO_ANSWER, /* nobody answers */
    LESSON_FAULT_TWICE,     /* other */
    LESSON_FAULT_NEAR,      /* other, value: likeness */
    LESSON_FAULT_FAILED,    /* an answer that is "ERROR: ..." */
    LESSON_FAULT_SHORT,     /* value: characters of the answers */
    LESSON_FAULT_LONG,      /* value: characters of all turns */
    LESSON_FAULT_SECRET,    /* text: what kind; turn */
    LESSON_FAULT_MARKER,    /* text: the token; turn */
    LESSON_FAULT_LOST,      /* U+FFFD, or control characters; turn */
    LESSON_FAULT_KERNEL,    /* text: the kernel's name; turn, value: the first word's number */
    N_LESSON_FAULTS
};

#define LESSON_NONE ((size_t)-1)

struct lesson_finding {
    enum lesson_fault kind;
    size_t lesson, turn, other; /* turn, other: LESSON_NONE where there is none */
    double value;
    struct str text;
};

struct lesson_check_options {
    double near;                 /* likeness from which answers nearly repeat; above 1: not asked */
    size_t chars_min, chars_max; /* of answers, of lessons; chars_max 0: any */
    const struct lint_kernel *kernels;
    size_t n_kernels;
};

struct lesson_check {
    struct lesson_finding *findings; /* by lesson, then kind */
    size_t n_findings, cap_findings;
    size_t by_fault[N_LESSON_FAULTS], n_faulty; /* lessons that have any */
    struct lesson_spread turns, user_chars, answer_chars;
};

MUST_USE bool lesson_check(struct lesson_check *out, const struct lesson_set *set,
                           const struct lesson_check_options *options, struct pool *pool,
                           struct err *err);
void lesson_check_release(struct lesson_check *check);

const char *lesson_fault_name(enum lesson_fault fault); /* "role-order" */
/* Appends the finding as a sentence without the lesson's own place. */
void lesson_describe(struct buf *out, const struct lesson_finding *finding,
                     const struct lesson_set *set);
#endif
