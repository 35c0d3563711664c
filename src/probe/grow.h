/* grow.h - probes grown from a grammar, as many as are asked for.
 * Does        combines situations, tensions, limits and questions of a domain with a region's
 *             places, people and circumstances and with the voice that asks. The combinations are
 *             gone through in an order that the seed decides, which visits domains evenly and uses
 *             no combination of situation, tension, limit and question again before all have been
 *             used. Every probe differs from all before it and says what it was made of.
 * Lifetime    grow_open borrows the grammar until grow_close; a probe is valid until the next.
 * Threads     one thread at a time.
 * Limits      GROW_COUNT_MAX probes.
 * Errors      ERR_FORMAT for a grammar that lacks something or names an unknown slot; ERR_USAGE for
 *             regions, voices or domains it does not have; ERR_LIMIT when it has no more to give.
 * See         docs/formats.md, probe grammar. */
#ifndef PROBE_GROW_H
#define PROBE_GROW_H

#include "base/buf.h"
#include "base/map.h"
#include "probe/grammar.h"

enum { GROW_COUNT_MAX = 1000000 };
#define GROW_MULTILINGUAL "multilingual"

/* Comma-separated names; NULL: all. */
struct grow_options {
    const char *regions, *voices, *domains;
    uint64_t seed;
};

struct grow_domain {
    const struct grammar_block *block;
    const struct grammar_section *situations, *tensions, *limits;
    size_t first, count; /* of its combinations among all */
};

struct grow_list {
    const struct grammar_block **items;
    size_t count, cap;
};

struct grow {
    struct grow_options options;
    const struct grammar *grammar;
    const struct grammar_block *common;
    struct grow_domain *domains;
    size_t n_domains, domains_cap, n_cores;
    struct grow_list regions, voices, languages;
    bool is_multilingual; /* the languages take turns as one region more */
    size_t n_given, n_english, n_foreign;
    struct map seen; /* digests of prompts */
    struct arena arena;
    struct buf prompt, prompt_en, line;
};

MUST_USE bool grow_open(struct grow *grow, const struct grammar *grammar,
                        const struct grow_options *options, struct err *err);
/* The next probe as a line of JSON, newline included. */
MUST_USE bool grow_next(struct grow *grow, struct str *line, struct err *err);
void grow_close(struct grow *grow);

#endif
