/* ticks.h - round numbers for an axis.
 * Does        picks a step of 1, 2 or 5 times a power of ten so that about as many ticks as wanted
 *             fall on the range, and the multiples of it inside. Maps values to places.
 * Threads     no state; the same bits on every machine (no logarithms).
 * Errors      none: a range that is empty, turned round or not finite is widened to one that can
 *             be drawn.
 * See         Heckbert 1990, "Nice numbers for graph labels", Graphics Gems. */
#ifndef PLOT_TICKS_H
#define PLOT_TICKS_H

#include <stddef.h>

struct span {
    double low, high;
};

/* Starts empty; span_add widens it by a finite value, ignores others. */
struct span span_none(void);
void span_add(struct span *span, double x);
/* One that can be divided by its width, around the same values. */
struct span span_usable(struct span span);

struct ticks {
    double first; /* in steps: tick i is (first + i) * step, which keeps 0 exact */
    double step;
    size_t n;
    int decimals; /* that show every tick */
};

struct ticks ticks_nice(struct span span, size_t wanted);
static inline double tick_at(const struct ticks *ticks, size_t i)
{
    return (ticks->first + (double)i) * ticks->step;
}
/* The span widened to whole steps. */
struct span span_nice(struct span span, size_t wanted);

struct scale {
    struct span values;
    double start, end; /* where values.low and .high are drawn */
};

static inline double scale_at(const struct scale *scale, double x)
{
    double share = (x - scale->values.low) / (scale->values.high - scale->values.low);
    return scale->start + share * (scale->end - scale->start);
}

#endif
