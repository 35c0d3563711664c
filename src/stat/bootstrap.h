/* bootstrap.h - intervals by drawing the sample again from itself.
 * Does        resamples units with replacement, computes any statistic of them, and gives the
 *             percentile and the bias-corrected accelerated (BCa) interval. Clusters: whole groups
 *             of units are drawn, and within each drawn group its units once more when asked (a
 *             probe, then its samples).
 * Assumes     units (or clusters) independent and alike; enough of them (below about 20 the
 *             percentile interval is too short). The statistic is smooth: a median or a maximum
 *             needs more units than a mean.
 * Threads     bootstrap_run uses the pool it is given; the statistic is called from its threads.
 * Limits      VALUES_MAX units; RESAMPLES_MAX draws. An index is the upper half of a 32-bit draw
 *             times n, which favours none by more than n / 2^32.
 * Errors      none. Draws whose statistic is NaN are left out and counted; BCa is NaN when all
 *             draws lie on one side of the estimate; everything is NaN without units.
 * See         Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13-14; Efron 1987,
 *             JASA 82 (BCa); Davison & Hinkley 1997, Bootstrap Methods, 3.8 (hierarchies). */
#ifndef STAT_BOOTSTRAP_H
#define STAT_BOOTSTRAP_H

#include <stdbool.h>

#include "stat/resample.h"
#include "stat/values.h"

/* The statistic of the units data[index[0]], ..., of which one may come more than once. */
typedef double (*bootstrap_fn)(const void *data, const uint32_t *index, size_t count);

/* Which units belong together: cluster c holds member[start[c]] .. member[start[c + 1] - 1]. */
struct clusters {
    size_t count, units, largest;
    uint32_t *start, *member;
};

/* From one label a unit; labels are 0 .. count - 1 and each occurs. Free with clusters_release. */
void clusters_init(struct clusters *out, const uint32_t *label, size_t units, size_t count);
void clusters_release(struct clusters *clusters);

struct bootstrap_source {
    bootstrap_fn statistic;
    const void *data;
    size_t units;
    const struct clusters *clusters; /* NULL: each unit for itself */
    bool two_level;                  /* also draw within each drawn cluster */
};

struct bootstrap {
    double estimate, se;
    struct interval percentile, bca;
    size_t resamples, undefined; /* draws made; draws left out */
};

struct bootstrap bootstrap_run(const struct bootstrap_source *source, double level,
                               const struct resample_options *options);

/* Statistics of a plain array of doubles. */
double bootstrap_mean(const void *data, const uint32_t *index, size_t count);

struct weighted {
    double value, weight;
};
double bootstrap_weighted_mean(const void *data, const uint32_t *index, size_t count);

#endif
