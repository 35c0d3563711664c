/* phrases.h - counts occurrences of many lists of phrases in one pass over a text.
 * Does        each list stands for the expression \b(one|two|three)\b and is counted as
 *             len(re.findall(...)) counts: leftmost, alternatives in order, not overlapping, each
 *             list for itself. A phrase is literal text beginning with two characters of which
 *             the first is a letter; it may hold groups, `i (must|should) (note|say)`, and one
 *             `.{m,n}`, which backs off from the longest. That is all the grammar there is, and
 *             what makes the pass linear: the first three symbols choose the few worth comparing. A
 *             list may also go without the \b, and is then counted inside words too.
 * Lifetime    phrases_create / phrases_free; pattern strings are copied.
 * Threads     immutable after create, share freely.
 * Limits      PHRASES_MAX phrases in PHRASE_LISTS_MAX lists; a pattern that breaks the grammar is
 *             a BUG, for patterns are ours.
 * See         tests/unit/score/phrases.c compares it with PCRE2 on random texts. */
#ifndef SCORE_PHRASES_H
#define SCORE_PHRASES_H

#include "score/hits.h"

enum { PHRASES_MAX = 1024, PHRASE_LISTS_MAX = 64 };

struct phrase_list {
    const char *phrases; /* "trade-off|both .{3,30} and", lower case unless exact_case; or NULL */
    bool exact_case;     /* otherwise case is ignored as the text's dialect does */
    bool anywhere;       /* one|two|three without the \b */
};

struct phrases;

struct phrases *phrases_create(const struct phrase_list *lists, size_t n_lists);
void phrases_free(struct phrases *phrases);

/* `text` has its blocks. counts[i] = occurrences of lists[i]; each is also a hit of index i, in symbols, unless `hits` is
 * NULL. */
void phrases_count(size_t *counts, const struct phrases *phrases, const struct symbols *text,
                   struct hits *hits);

#endif
