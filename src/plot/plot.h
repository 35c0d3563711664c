/* plot.h - the plots of a report, each from plain numbers and names.
 * Does        draws; every statistic shown comes in computed. One drawing is PLOT_WIDTH wide, so
 *             that two stand side by side on a desk and one fills a telephone, with text of a
 *             size that can be read on both.
 * Lifetime    borrows everything for the length of the call; writes to the buf it is given.
 * Threads     no state.
 * Limits      of more than PLOT_POINTS_MAX probes every n-th is drawn, evenly over the run, and the
 *             drawing says so; differences become bars. So a drawing does not grow with the run.
 * Errors      none. What is not finite is not drawn; without any point there are axes only.
 * See         Tufte 1983, The Visual Display of Quantitative Information (little but data); Wilkinson
 *             1999, "Dot plots", The American Statistician 53; Lewis & Clarke 2001, "Forest plots",
 *             BMJ 322. */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include "plot/svg.h"

enum { PLOT_WIDTH = 440, PLOT_POINTS_MAX = 1000 };

/* A plot's place among others. */
struct plot {
    const char *id; /* unique on the page: letters, digits and "-" */
    bool is_inline; /* within a page that brings svg_style */
    int decimals;   /* of values of the metric */
};

/* What a rise of the metric means, in colour and words; 0: neither better nor worse. */
enum plot_direction { PLOT_LESS_IS_BETTER = -1, PLOT_NEUTRAL, PLOT_MORE_IS_BETTER };

/* One item under two conditions. */
struct plot_pair {
    struct str name;
    double a, b;
};

struct plot_interval {
    double at, low, high;
};

/* Differences b - a, one dot a probe, with their mean below: where does the mean come from? Beyond
 * what fits as dots, bars. */
struct plot_differences {
    struct str a, b; /* the conditions */
    struct str metric;
    const struct plot_pair *pairs;
    size_t n_pairs;
    double band; /* differences up to this are ties */
    enum plot_direction direction;
    struct plot_interval mean;
};
void plot_differences(struct buf *out, const struct plot *plot, const struct plot_differences *in);

/* Each probe's score under a and under b, joined: do those low under a gain, those high lose? */
struct plot_slope {
    struct str a, b, metric;
    const struct plot_pair *pairs;
    size_t n_pairs;
    double band;
    enum plot_direction direction;
    double mean_a, mean_b;
};
void plot_slope(struct buf *out, const struct plot *plot, const struct plot_slope *in);

/* Intervals of one quantity in several groups, one a row. */
struct plot_row {
    struct str name;
    size_t n;                     /* items in it; 0: not shown */
    struct plot_interval measure; /* as measured */
    double shrunk;                /* a better guess, as a tick; NaN: none */
    enum plot_direction direction;
    bool is_small; /* too few to claim anything: drawn hollow and muted */
    bool is_total; /* a diamond, under a line: all rows together */
};
struct plot_forest {
    struct str title, rows_are;    /* "Difference by category", "category" */
    enum plot_direction direction; /* named over the axis */
    const struct plot_row *rows;
    size_t n_rows;
};
void plot_forest(struct buf *out, const struct plot *plot, const struct plot_forest *in);

/* Score against length, both conditions: does b win by writing more? */
struct plot_point {
    struct str name;
    double length, score;
};
struct plot_arm {
    struct str name, note; /* note: behind the name, e.g. a correlation; may be empty */
    const struct plot_point *points;
    size_t n_points;
};
struct plot_length {
    struct str unit, metric; /* "tokens" */
    struct plot_arm a, b;
};
void plot_length(struct buf *out, const struct plot *plot, const struct plot_length *in);

/* Means of answers cut to a share of their length: are the conditions apart before the end? */
struct plot_curve_arm {
    struct str name;
    const struct plot_interval *at; /* (n_shares); low and high may be NaN */
};
struct plot_curve {
    struct str metric;
    const double *shares; /* (n_shares), rising, 0 .. 1 */
    size_t n_shares;
    const struct plot_curve_arm *arms; /* the first is the baseline */
    size_t n_arms;
};
void plot_curve(struct buf *out, const struct plot *plot, const struct plot_curve *in);

#endif
