/* lint.h - what is wrong with a set of probes, each fault with the probe it is in.
 * Does        finds ids that are missing or given twice, categories that are missing or spelt in
 *             two ways, prompts that are empty, too short, too long, the same as another or nearly
 *             so (near.h: each is told once, with the earlier one that is most like it), and
 *             prompts that speak the kernel's language: the words it has made its own, or
 *             LINT_RUN_WORDS words of a given kernel's text in a row, or 13 words that stand in a
 *             training file (overlap.h). A probe that leaks tells the model what is looked for; one
 *             that was trained on measures memory. Also counts categories and lengths. Ids are compared as
 *             written, in all items together.
 * Lifetime    lint_run fills a struct that lint_release frees; it borrows from the items.
 * Threads     one call at a time; it reads the prompts with all threads.
 * Limits      near.h's; LINT_KERNELS_MAX kernels.
 * Errors      none: faults in the probes are findings. */
#ifndef PROBE_LINT_H
#define PROBE_LINT_H

#include "probe/near.h"
#include "probe/overlap.h"
#include "probe/probe.h"

enum { LINT_RUN_WORDS = 6, LINT_KERNELS_MAX = 16 };

enum lint_kind {
    LINT_ID_MISSING,
    LINT_ID_TWICE,
    LINT_CATEGORY_MISSING,
    LINT_CATEGORY_SPELLING,
    LINT_PROMPT_EMPTY,
    LINT_PROMPT_SHORT,
    LINT_PROMPT_LONG,
    LINT_PROMPT_TWICE,
    LINT_PROMPT_NEAR,
    LINT_KERNEL_WORD,
    LINT_KERNEL_RUN,
    LINT_TRAINING,
    LINT_KINDS
};

struct lint_item {
    const struct probe *probe;
    const char *file;
};

struct lint_kernel {
    const char *name; /* as it shall be called in findings */
    struct str text;
};

struct lint_options {
    double near;                 /* likeness from which prompts are nearly the same: 0 .. 1 */
    size_t words_min, words_max; /* of a prompt (words_count); both allowed */
    const struct lint_kernel *kernels;
    size_t n_kernels;
    const struct overlap *training; /* of the items' prompts with training files; NULL: not asked */
    const char *const *training_files; /* by the sources of `training` */
};

#define LINT_NO_ITEM ((size_t)-1)

struct lint_finding {
    enum lint_kind kind;
    size_t item, other; /* other: the earlier item it clashes with, or LINT_NO_ITEM */
    double value;       /* words, likeness, or the part of its runs that was trained on */
    struct str text;    /* the category, the stem of the word, the kernel's name, or the file's */
};

struct lint_category {
    struct str name;
    size_t count;
};

struct lint {
    struct lint_finding *findings; /* by item, then kind */
    size_t n_findings, cap_findings;
    struct lint_category *categories; /* in order of first appearance */
    size_t n_categories, cap_categories;
    size_t words_min, words_p10, words_median, words_p90, words_max; /* of the prompts */
};

void lint_run(struct lint *out, const struct lint_item *items, size_t n_items,
              const struct lint_options *options);
void lint_release(struct lint *lint);

const char *lint_kind_name(enum lint_kind kind); /* "id-twice" */
/* Appends the finding as a sentence without the probe's own id. */
void lint_describe(struct buf *out, const struct lint_finding *finding,
                   const struct lint_item *items);
/* The beginnings by which words of the kernels' language are told, ended by NULL. */
extern const char *const LINT_KERNEL_STEMS[];

#endif
