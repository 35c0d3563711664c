/* near.h - all pairs of sets that are nearly the same, found exactly.
 * Does        gives every pair whose Jaccard likeness |A and B| / |A or B| is at least `at_least`,
 *             without comparing all with all. Members are ordered by how rare they are; two sets
 *             that are alike enough must share one of the first |A| - ceil(at_least |A|) + 1 of
 *             either (prefix filtering), so only sets that meet there are compared in full.
 * Lifetime    the pairs are the caller's, to free().
 * Threads     no state.
 * Limits      NEAR_MEMBERS_MAX members in all, NEAR_PAIRS_MAX pairs.
 * Errors      ERR_LIMIT when there are more; no pairs then.
 * See         Chaudhuri, Ganti, Kaushik, "A primitive operator for similarity joins" (2006);
 *             Bayardo, Ma, Srikant, "Scaling up all pairs similarity search" (2007). */
#ifndef PROBE_NEAR_H
#define PROBE_NEAR_H

#include "base/err.h"
#include "probe/shingle.h"

enum { NEAR_MEMBERS_MAX = 1 << 28, NEAR_PAIRS_MAX = 1 << 20 };

struct near_pair {
    size_t a, b; /* a < b */
    double likeness;
};

/* By a, then b. An empty set is like no other. at_least is above 0, at most 1. */
MUST_USE bool near_find(struct near_pair **pairs, size_t *n_pairs, const struct shingle_set *sets,
                        size_t n_sets, double at_least, struct err *err);

/* The same, but only pairs of one of the first n_first sets with one of the others. */
MUST_USE bool near_between(struct near_pair **pairs, size_t *n_pairs,
                           const struct shingle_set *sets, size_t n_sets, size_t n_first,
                           double at_least, struct err *err);

#endif
