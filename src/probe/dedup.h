/* dedup.h - which texts say again what an earlier one said.
 * Does        exact: the same words in the same order, whatever their case and punctuation. Near:
 *             as sets of three-word runs the texts agree to at least the threshold (Jaccard).
 *             Earlier texts that are themselves no repeats are what later ones are compared with,
 *             so of any family the first stays. Candidates are found by MinHash in bands, then
 *             compared exactly: what is reported is true; a pair at the threshold is missed with a
 *             probability of about 1 % at 0.85, less above.
 * Threads     no state.
 * Limits      a text is compared with at most DEDUP_CANDIDATES_MAX others, the latest first, so
 *             that texts which all share a long passage cannot make the work quadratic.
 * See         Broder 1997, "On the resemblance and containment of documents"; Shrivastava and Li
 *             2014, "Densifying one permutation hashing". */
#ifndef PROBE_DEDUP_H
#define PROBE_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { DEDUP_CANDIDATES_MAX = 96 };
#define DEDUP_NONE      UINT32_MAX
#define DEDUP_THRESHOLD 0.85

struct dedup_twin {
    uint32_t of;       /* index of the text it repeats, or DEDUP_NONE */
    double similarity; /* 1 when exact */
    bool is_exact;
};

/* Fills twins[count], count below DEDUP_NONE; a threshold above 1 finds exact repeats only. Returns
 * how many texts repeat another. */
size_t dedup_find(struct dedup_twin *twins, const struct str *texts, size_t count,
                  double threshold);

#endif
