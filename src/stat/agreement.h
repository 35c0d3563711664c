/* agreement.h - how far raters agree beyond chance.
 * Does        Krippendorff's alpha at four levels of measurement, Cohen's kappa plain and with
 *             quadratic weights, and Gwet's AC1, from one table of ratings.
 * Assumes     items independent; raters judged on their own; missing ratings missing at random
 *             (alpha and AC1 use what is there, kappa wants complete pairs). Kappa falls when one
 *             category is common however well raters agree; AC1 does not: read them together.
 * Lifetime    agreement_init / agreement_release (safe on {0}).
 * Threads     immutable after agreement_init: share freely.
 * Limits      VALUES_MAX ratings, AGREEMENT_CATEGORIES_MAX different ones: alpha compares each with
 *             each.
 * Errors      ERR_LIMIT from agreement_init. A coefficient without any expected disagreement (one
 *             category only) or without two ratings of one item is NaN.
 * See         Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; Cohen 1960, Educ.
 *             Psychol. Meas. 20, and 1968, Psychological Bulletin 70; Gwet 2008, Brit. J. Math.
 *             Stat. Psychol. 61. */
#ifndef STAT_AGREEMENT_H
#define STAT_AGREEMENT_H

#include <stdint.h>

#include "base/err.h"
#include "stat/values.h"

enum { AGREEMENT_CATEGORIES_MAX = 4096 };
#define AGREEMENT_MISSING UINT32_MAX

enum agreement_level { LEVEL_NOMINAL, LEVEL_ORDINAL, LEVEL_INTERVAL, LEVEL_RATIO };

struct agreement {
    size_t raters, items, categories;
    uint32_t *code; /* (raters, items) row-major: the rating's category, or AGREEMENT_MISSING */
    double *value;  /* of each category, ascending */
};

/* ratings (raters, items) row-major; NaN is a missing one. */
MUST_USE bool agreement_init(struct agreement *out, const double *ratings, size_t raters,
                             size_t items, struct err *err);
void agreement_release(struct agreement *table);
bool agreement_is_complete(const struct agreement *table);

double krippendorff_alpha(const struct agreement *table, enum agreement_level level);
/* Two complete raters, else NaN. Quadratic weights are of the places of categories in ascending
 * order, among those that occur. */
double cohen_kappa(const struct agreement *table);
double quadratic_kappa(const struct agreement *table);
double gwet_ac1(const struct agreement *table);

#endif
