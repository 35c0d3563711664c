/* plot_int.h - what the plots share: sign, axes, and labels that keep their distance. */
#ifndef PLOT_PLOT_INT_H
#define PLOT_PLOT_INT_H

#include "plot/numeral.h"
#include "plot/plot.h"
#include "plot/ticks.h"

/* Signs of a difference; the order of symbol and class tables. */
enum sign { SIGN_DOWN, SIGN_NONE, SIGN_UP };
enum sign sign_of(double difference, double band);
enum sign sign_of_interval(struct plot_interval range); /* by the side of 0 it lies on */
/* The class of its colour: "down" for worse, "up" for better, "mute" or "" for neither. */
const char *sign_class(enum sign sign, enum plot_direction direction);
const char *sign_word(enum sign sign, enum plot_direction direction); /* "worse", "lower" */
extern const char *const sign_symbol[];                               /* for text */
extern const enum svg_shape sign_shape[];

/* Begins the drawing, with its title as the first line of text at PLOT_TITLE_Y. */
void plot_begin(struct buf *out, const struct plot *plot, struct str title, struct str desc,
                double height);
enum { PLOT_TITLE_Y = 14 };

/* Of n points every how-manieth is drawn; says so, when it is not each. */
size_t plot_stride(struct buf *out, size_t n);

/* Axes with tick labels and, at the end of the axis, what they measure. */
void axis_below(struct buf *out, const struct scale *x, double y, size_t wanted, struct str label);
void axis_beside(struct buf *out, const struct scale *y, double x, double grid_to, size_t wanted);

/* Places for labels in one column, given in rising order of y: moves them apart to at least
 * `distance`, as little as may be, within low .. high. */
void labels_spread(double *y, size_t n, double distance, double low, double high);

#endif
