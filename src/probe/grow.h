/* grow.h - probes grown from a grammar, as many as are asked for.
 * Does        combines situations, tensions, limits and questions of a domain with a region's
 *             places, people and circumstances and with the voice that asks. The combinations are
 *             gone through in an order that the seed decides, which visits domains evenly and uses
 *             none again before all have been used. No probe is nearly the same as one before it,
 *             by the measure that lint uses (near.h, NEAR_REPEAT): one that would be is made again
 *             with other circumstances, a few times, and then passed over. Every probe says what it
 *             was made of.
 * Lifetime    grow_open borrows the grammar until grow_close; a probe is valid until the next.
 * Threads     one thread at a time; it makes probes ahead with all threads.
 * Limits      GROW_COUNT_MAX probes.
 * Errors      ERR_FORMAT for a grammar that lacks something or names an unknown slot; ERR_USAGE for
 *             regions, voices or domains it does not have; ERR_LIMIT when it has no more to give
 *             that is not nearly said already.
 * See         docs/formats.md, probe grammar. */
#ifndef PROBE_GROW_H
#define PROBE_GROW_H

#include "base/buf.h"
#include "os/threads.h"
#include "probe/draft.h"
#include "probe/grammar.h"
#include "probe/near.h"

enum { GROW_COUNT_MAX = 1000000, GROW_AHEAD = 256 };
#define GROW_MULTILINGUAL "multilingual"

/* Comma-separated names; NULL: all. */
struct grow_options {
    const char *regions, *voices, *domains;
    uint64_t seed;
};

/* A situation and a tension that go together. */
struct grow_pair {
    size_t situation, tension;
};

/* A domain, or a language of its own: what its combinations are made of. */
struct grow_source {
    const struct grammar_block *block;
    const struct grammar_section *situations, *tensions, *limits, *more_limits, *asks;
    struct grow_pair *pairs;
    size_t n_pairs, pairs_cap, n_limits;
    size_t first, count; /* of its combinations among all */
};

struct grow_sources {
    struct grow_source *items;
    size_t count, cap, n_cores; /* n_cores: combinations of all */
};

struct grow_list {
    const struct grammar_block **items;
    size_t count, cap;
};

/* A walk through combinations, with drafts of the next of them. */
struct grow_walk {
    size_t at; /* combinations used or passed over */
    struct draft *drafts;
    size_t first, n_drafts; /* of which combinations they are */
};

struct grow {
    struct grow_options options;
    const struct grammar *grammar;
    const struct grammar_block *common;
    struct grow_sources domains, languages;
    struct grow_list regions, voices;
    bool is_multilingual;      /* the languages take turns as one region more */
    size_t n_given, n_foreign; /* probes given; of them in other languages */
    struct grow_walk english, foreign;
    struct near near;
    struct pool *pool;
    struct draft_desk *desks; /* one a thread */
    struct draft again;       /* a combination made with other circumstances */
    struct buf line;
};

MUST_USE bool grow_open(struct grow *grow, const struct grammar *grammar,
                        const struct grow_options *options, struct err *err);
/* The next probe as a line of JSON, newline included. */
MUST_USE bool grow_next(struct grow *grow, struct str *line, struct err *err);
void grow_close(struct grow *grow);

#endif
