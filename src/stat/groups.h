/* groups.h - groups of items: how alike members are, and what to believe of small groups.
 * Does        the share of variance that lies between clusters (repeated samples of one item), and
 *             means of groups (categories) pulled towards their common mean by as much as chance
 *             alone would spread them, with a test of whether they differ at all.
 * Assumes     clusters: members alike, one common spread within. Groups: independent, their means
 *             nearly normal with known standard errors.
 * Threads     no state; group_permutation_p uses the pool it is given.
 * Errors      none; NaN where one cluster, or no repeated member, leaves nothing to compare.
 * See         Fisher 1925, Statistical Methods for Research Workers, VII; Donner 1986, Int. Stat.
 *             Rev. 54 (unequal clusters); Cochran 1954, Biometrics 10 (Q); DerSimonian & Laird
 *             1986, Controlled Clinical Trials 7; Morris 1983, JASA 78 (empirical Bayes). */
#ifndef STAT_GROUPS_H
#define STAT_GROUPS_H

#include "stat/bootstrap.h"
#include "stat/resample.h"

/* One-way intraclass correlation of x (clusters->units): 1 when members of a cluster are equal, 0
 * when they are like any others; below 0 by chance. */
double intraclass_correlation(const double *x, const struct clusters *clusters);

struct group_pool {
    double mean;        /* common, each group weighing by how well it is known */
    double between_var; /* variance of the groups' true means; 0: all spread may be chance */
    double q, q_p;      /* Cochran's Q and its p: do the groups differ? */
};

/* shrunk (m): the best guess of each mean given all; it may be `se` (m) itself, each above 0. */
struct group_pool group_shrink(double *shrunk, const double *mean, const double *se, size_t m);

/* Do groups differ in their means, whatever the shape of x? The share of ways to hand out the same
 * labels (drawn, with the (b + 1) / (m + 1) rule) that spreads the groups' means at least as far.
 * label (n) is 0 .. groups - 1, each occurring. NaN with one group. Assumes that under the null
 * all x are exchangeable. Pitman 1938, Biometrika 29 (analysis of variance by permutation). */
double group_permutation_p(const double *x, const uint32_t *label, size_t n, size_t groups,
                           const struct resample_options *options);

#endif
