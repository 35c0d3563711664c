/* draft.h - one combination of a grammar, made into a probe.
 * Does        number `at` of the walk through the combinations decides the sentences, the voice and
 *             the region; random numbers of (seed, number, attempt) decide place, person and
 *             circumstances. Nothing depends on other probes, so drafts can be made ahead, by any
 *             thread; grow.h decides which of them are given.
 * Lifetime    a draft and a desk belong to the caller; the set is his to keep (near_keep).
 * Threads     a desk belongs to one thread; the grammar and `grow` are only read.
 * See         grow.h. */
#ifndef PROBE_DRAFT_H
#define PROBE_DRAFT_H

#include "base/buf.h"
#include "probe/near.h"

struct grow;

struct draft {
    struct buf rest; /* the line of JSON from behind the number in its id on, newline included */
    struct near_set set;
};

/* What a thread writes on. */
struct draft_desk {
    struct buf prompt, prompt_en;
    struct word_list words;
};

struct draft_number {
    bool is_foreign; /* of the languages' walk, rather than of the domains' */
    size_t at;
    uint64_t attempt;
};

void draft_init(struct draft *draft);
void draft_release(struct draft *draft);
void draft_desk_init(struct draft_desk *desk);
void draft_desk_release(struct draft_desk *desk);

/* Replaces the draft, whose set must be empty: not made yet, kept or released. */
void draft_make(struct draft *out, struct draft_desk *desk, const struct grow *grow,
                struct draft_number number);

#endif
