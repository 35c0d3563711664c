/* curve.c - mean scores of answers cut short. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "plot/plot_int.h"

enum { HEIGHT = 252, TOP = 32, BASE = 212, ARMS_MAX = 8, NAME_CHARS = 18 };

static const double LEFT = 40, RIGHT = 308, SIDESTEP = 3;

/* How lines of the arms differ, beside their labels. Orange would say "worse". */
static const char *const line_class[] = {"line mute", "line up", "line", "line mute"};
static const char *const mark_class[] = {"open mute", "full up", "full", "full mute"};
static const char *const text_class[] = {"mute", "up", "", "mute"};
static const enum svg_shape mark_shape[] = {SVG_DOT, SVG_DOT, SVG_DIAMOND, SVG_UP};

static size_t look(size_t arm)
{
    return arm < 4 ? arm : 3;
}

static struct span means_span(const struct plot_curve *in, size_t n_arms)
{
    struct span span = span_none();
    for (size_t arm = 0; arm < n_arms; arm++) {
        for (size_t i = 0; i < in->n_shares; i++) {
            span_add(&span, in->arms[arm].at[i].at);
            span_add(&span, in->arms[arm].at[i].low);
            span_add(&span, in->arms[arm].at[i].high);
        }
    }
    return span_nice(span, 5);
}

/* Intervals of the arms stand beside each other, not on each other. */
static double arm_x(const struct scale *x, double share, size_t arm, size_t n_arms)
{
    return scale_at(x, share) + SIDESTEP * ((double)arm - ((double)n_arms - 1) / 2);
}

static void draw_arm(struct buf *out, const struct plot_curve *in, size_t arm, size_t n_arms,
                     const struct scale *x, const struct scale *y)
{
    double *line_x = mem_alloc(2 * (in->n_shares + 1) * sizeof *line_x);
    double *line_y = line_x + in->n_shares + 1;
    size_t n = 0;
    for (size_t i = 0; i < in->n_shares; i++) {
        struct plot_interval mean = in->arms[arm].at[i];
        double at = arm_x(x, in->shares[i], arm, n_arms);
        if (!isfinite(mean.at))
            continue;
        if (isfinite(mean.low) && isfinite(mean.high))
            svg_line(out, line_class[look(arm)], at, scale_at(y, mean.low), at,
                     scale_at(y, mean.high));
        line_x[n] = at;
        line_y[n++] = scale_at(y, mean.at);
    }
    svg_polyline(out, line_class[look(arm)], line_x, line_y, n);
    for (size_t i = 0; i < n; i++)
        svg_mark(out, mark_class[look(arm)], mark_shape[look(arm)], line_x[i], line_y[i], 3.5,
                 str_n(NULL, 0));
    free(line_x);
}

struct label {
    double y;
    size_t arm;
};

static int by_y(const void *a, const void *b)
{
    const struct label *x = a, *y = b;
    return x->y != y->y ? (x->y > y->y) - (x->y < y->y) : (x->arm > y->arm) - (x->arm < y->arm);
}

static void draw_labels(struct buf *out, const struct plot *plot, const struct plot_curve *in,
                        size_t n_arms, const struct scale *y)
{
    struct label labels[ARMS_MAX];
    double at[ARMS_MAX];
    size_t n = 0;
    for (size_t arm = 0; arm < n_arms; arm++) {
        if (in->n_shares == 0)
            continue;
        double last = in->arms[arm].at[in->n_shares - 1].at;
        if (isfinite(last))
            labels[n++] = (struct label){scale_at(y, last), arm};
    }
    qsort(labels, n, sizeof *labels, by_y);
    for (size_t i = 0; i < n; i++)
        at[i] = labels[i].y;
    labels_spread(at, n, 15, TOP, BASE);
    for (size_t i = 0; i < n; i++) {
        char text[256];
        const struct plot_curve_arm *arm = &in->arms[labels[i].arm];
        snprintf(text, sizeof text, "%s %.*s",
                 numeral_fixed(arm->at[in->n_shares - 1].at, plot->decimals).text,
                 STR_ARG(arm->name));
        svg_text(out, text_class[look(labels[i].arm)], SVG_START, RIGHT + 18, at[i] + 4,
                 str_of(text), NAME_CHARS);
    }
}

void plot_curve(struct buf *out, const struct plot *plot, const struct plot_curve *in)
{
    size_t n_arms = size_min(in->n_arms, ARMS_MAX);
    struct scale x = {{0, 1}, LEFT, RIGHT}, y = {means_span(in, n_arms), BASE, TOP};
    char desc[512];
    snprintf(desc, sizeof desc, "Mean %.*s of answers cut to a share of their length.",
             STR_ARG(in->metric));
    plot_begin(out, plot, str_of("Score of answers cut short"), str_of(desc), HEIGHT);
    axis_beside(out, &y, LEFT, RIGHT, 5);
    svg_line(out, "axis", LEFT, BASE, RIGHT, BASE);
    for (size_t i = 0; i < in->n_shares; i++) {
        double at = scale_at(&x, in->shares[i]);
        svg_line(out, "axis", at, BASE, at, BASE + 4);
        svg_printf(out, "mute small", SVG_MIDDLE, at, BASE + 16, "%s",
                   numeral_percent(in->shares[i], 0).text);
    }
    svg_printf(out, "mute small", SVG_END, RIGHT, BASE + 31, "of each answer");
    for (size_t arm = 0; arm < n_arms; arm++)
        draw_arm(out, in, arm, n_arms, &x, &y);
    draw_labels(out, plot, in, n_arms, &y);
    svg_end(out);
}
