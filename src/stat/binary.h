/* binary.h - proportions, alone and paired.
 * Does        Wilson's interval of one proportion, McNemar's exact test and Newcombe's interval of
 *             two proportions seen on the same items.
 * Assumes     items independent of each other; the two answers to an item need not be.
 * Threads     no state.
 * Errors      none; NaN when there are no items.
 * See         Wilson 1927, JASA 22; Brown, Cai & DasGupta 2001, Statistical Science 16; McNemar
 *             1947, Psychometrika 12; Newcombe 1998, Statistics in Medicine 17, 2635 (method 10).
 */
#ifndef STAT_BINARY_H
#define STAT_BINARY_H

#include "stat/values.h"

struct pair_table {
    size_t both, only_a, only_b, neither;
};

struct pair_table pair_table(const double *a, const double *b, size_t n); /* other than 0: yes */

struct interval wilson(double successes, double n, double level);

/* Two-sided: twice the smaller binomial tail of the items on which a and b differ, at most 1; 1
 * when they differ on none. */
double mcnemar_exact(const struct pair_table *table);

double paired_difference(const struct pair_table *table); /* p_b - p_a */
struct interval newcombe(const struct pair_table *table, double level);

#endif
