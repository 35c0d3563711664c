/* compare.h - everything that is said of one metric under two conditions, and the verdict.
 * Does        runs every paired statistic of this room on scores a and b of the same items. With
 *             cluster labels the unit is the cluster: scores are averaged within each first, all
 *             tests are over clusters, and one more interval draws clusters and their items. A
 *             bootstrap of repeated samples without them would count each sample as news.
 * Lifetime    a value; borrows nothing after compare_run.
 * Threads     uses the pool it is given; the same bits with any.
 * Limits      VALUES_MAX items.
 * Errors      none; what n or the spread leaves undefined is NaN (see each statistic).
 * See         docs/statistics.md. */
#ifndef STAT_COMPARE_H
#define STAT_COMPARE_H

#include <stdbool.h>

#include "stat/bootstrap.h"
#include "stat/effect.h"
#include "stat/groups.h"
#include "stat/length.h"
#include "stat/paired.h"
#include "stat/permutation.h"
#include "stat/robust.h"
#include "stat/wilcoxon.h"

struct compare_input {
    const double *a, *b; /* (n) scores of the same items */
    size_t n;
    const double *length_difference; /* (n) length under b minus under a; NULL: not known */
    const uint32_t *cluster;         /* (n) labels 0 .. n_clusters - 1, each occurring; or NULL */
    size_t n_clusters;
};

struct compare_options {
    double margin; /* of equivalence; 0: none declared */
    double alpha;  /* 0.05; intervals are at 1 - alpha */
    double power;  /* 0.8, for the minimum detectable effect */
    double band;   /* differences up to this are ties; 0 */
    struct resample_options resample;
};

/* How d = b - a came out. */
struct compare {
    size_t items; /* rows given; t.n is the number of units */
    double mean_a, mean_b, median;
    struct t_test t;
    double dz, hedges_g, cliffs_delta, vargha_delaney_a;
    struct win_tie_loss count;
    struct wilcoxon wilcoxon;
    double hodges_lehmann;
    double trimmed_mean, winsorised_mean; /* COMPARE_TRIM at each end */
    struct interval leave_one_out;
    bool rests_on_one;
    double tost_p; /* NaN without a margin */
    struct sign_flip sign_flip;
    struct bootstrap bootstrap;
    struct bootstrap cluster_bootstrap; /* NaN without clusters */
    double icc;                         /* of d within clusters; NaN without */
    bool has_length;
    struct ancova ancova;
    double length_spearman;
    double minimum_detectable; /* in the metric's units */
    size_t pairs_needed;       /* to find the mean seen with this power; 0: hopeless */
};

#define COMPARE_TRIM 0.2

void compare_run(struct compare *out, const struct compare_input *input,
                 const struct compare_options *options);

/* The units' differences, for statistics over several metrics of the same items: d (input->n) is
 * filled up to the number of units, which is returned. */
size_t compare_differences(double *d, const struct compare_input *input);

enum verdict { VERDICT_BETTER, VERDICT_WORSE, VERDICT_EQUIVALENT, VERDICT_INCONCLUSIVE };

/* Better or worse when p, adjusted for what else was asked, is at most alpha; otherwise equivalent
 * when tost_p is; otherwise inconclusive, which is not "no difference". NaN decides nothing. */
enum verdict verdict_of(double mean, double p, double tost_p, double alpha);
const char *verdict_name(enum verdict verdict); /* "better" */

#endif
