/* near.h - texts that are nearly the same, found as they come.
 * Does        a text is the set of its runs of NEAR_RUN words; two are near when the likeness of
 *             their sets, |A and B| / |A or B| (Jaccard), is at least the threshold. Texts are kept
 *             one after another, and near_find gives the kept one that is most like a new one. Up
 *             to NEAR_ALL kept texts every one is looked at, and nothing is missed. Beyond that,
 *             only those are whose MinHash sketch agrees with the new one's in a whole band; the
 *             bands are cut so that a pair at the threshold is missed with a probability of about
 *             NEAR_MISS, and one above it with less. What is reported was compared in full.
 * Lifetime    near_init / near_release; a set is released by near_set_release unless it was kept.
 * Threads     near_set_make, near_find and near_find_before change nothing: any number of threads
 *             may call them at a time, while none keeps. What is found depends on the order of
 *             keeping only.
 * Limits      2^32 - 2 kept texts. A text is compared with no more than NEAR_CANDIDATES_MAX others,
 *             the latest of each band first, so that texts which all share a passage cannot make
 *             the work quadratic.
 * See         Broder 1997, "On the resemblance and containment of documents"; Shrivastava and Li
 *             2014, "Densifying one permutation hashing"; Leskovec, Rajaraman, Ullman, "Mining of
 *             massive datasets", ch. 3 (bands); Sandes, Teodoro, Melo 2020, "Bitmap filter". */
#ifndef PROBE_NEAR_H
#define PROBE_NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "probe/shingle.h"

enum { NEAR_RUN = 3, NEAR_ALL = 2048, NEAR_CANDIDATES_MAX = 4096, NEAR_PARITY = 7 };
#define NEAR_NONE UINT32_MAX
#define NEAR_MISS 0.01
/* From here on a probe is a repeat to lint, and grow does not give it. */
#define NEAR_REPEAT 0.5

/* What is looked at first of a set; one line of a processor's cache. */
struct near_digest {
    uint32_t id, count;
    uint64_t parity[NEAR_PARITY]; /* bit i: is an odd number of members i modulo the bits? */
};

struct near_set {
    struct near_digest digest;
    uint32_t *members; /* digest.count hashes of runs, ascending, each once */
    uint32_t *bands;   /* of the sketch; in the same allocation */
};

/* A kept set in the chain of those that have a band's slot in common: the one before it, as its
 * place in `kept` + 1, and its own band. */
struct near_link {
    uint32_t before, band;
};

struct near {
    double threshold;
    size_t rows, n_bands;     /* of the sketch */
    struct near_digest *kept; /* in the order of keeping */
    uint32_t **members;       /* likewise */
    struct near_link *links;  /* by kept set and band */
    size_t count, cap, members_cap;
    uint32_t *heads; /* a table of `slots` for each band: place in kept + 1 of the latest */
    size_t slots;
};

struct near_match {
    uint32_t id; /* or NEAR_NONE */
    double likeness;
};

void near_init(struct near *near, double threshold); /* above 0, at most 1 */
void near_reserve(struct near *near, size_t count);  /* room for so many before tables grow */
void near_release(struct near *near);

/* A text without words is an empty set, and near to none. */
void near_set_make(struct near_set *out, const struct near *near, const struct word_list *words);
void near_set_release(struct near_set *set);

void near_keep(struct near *near, struct near_set *set, uint32_t id); /* takes the set */
/* The most alike kept set, of several the one kept first. */
struct near_match near_find(const struct near *near, const struct near_set *set);
/* The same for the set that was kept as number `at` (from 0), among those kept before it: what
 * near_find found, or would have, just before. */
struct near_match near_find_before(const struct near *near, size_t at);

#endif
