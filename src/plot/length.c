/* length.c - score against length, two conditions in one field. */
#include <math.h>
#include <stdio.h>

#include "plot/plot_int.h"

enum { HEIGHT = 300, TOP = 48, BASE = 260 };

static const double LEFT = 40, DOT_R = 3.2;

static void add_arm(const struct plot_arm *arm, struct span *lengths, struct span *scores)
{
    for (size_t i = 0; i < arm->n_points; i++) {
        span_add(lengths, arm->points[i].length);
        span_add(scores, arm->points[i].score);
    }
}

static void draw_arm(struct buf *out, const char *class, const struct plot_arm *arm,
                     const struct scale *x, const struct scale *y)
{
    size_t stride = plot_stride(out, arm->n_points);
    for (size_t i = 0; i < arm->n_points; i += stride) {
        const struct plot_point *point = &arm->points[i];
        if (isfinite(point->length) && isfinite(point->score))
            svg_mark(out, class, SVG_DOT, scale_at(x, point->length), scale_at(y, point->score),
                     DOT_R, point->name);
    }
}

static void draw_key(struct buf *out, const struct plot_arm *arm, const char *mark, double x)
{
    char text[256];
    svg_mark(out, mark, SVG_DOT, x + 4, 32, 3.6, str_n(NULL, 0));
    snprintf(text, sizeof text, "%.*s%s%.*s", STR_ARG(arm->name), arm->note.len ? ", " : "",
             STR_ARG(arm->note));
    svg_text(out, "", SVG_START, x + 13, 36, str_of(text), 32);
}

void plot_length(struct buf *out, const struct plot *plot, const struct plot_length *in)
{
    struct span lengths = span_none(), scores = span_none();
    char desc[512], label[128];
    add_arm(&in->a, &lengths, &scores);
    add_arm(&in->b, &lengths, &scores);
    span_add(&lengths, 0);
    struct scale x = {span_nice(lengths, 6), LEFT, PLOT_WIDTH - 16};
    struct scale y = {span_nice(scores, 6), BASE, TOP};
    snprintf(desc, sizeof desc,
             "%.*s against length in %.*s, %zu answers of %.*s%s%.*s and %zu of "
             "%.*s%s%.*s.",
             STR_ARG(in->metric), STR_ARG(in->unit), in->a.n_points, STR_ARG(in->a.name),
             in->a.note.len ? ", " : "", STR_ARG(in->a.note), in->b.n_points, STR_ARG(in->b.name),
             in->b.note.len ? ", " : "", STR_ARG(in->b.note));
    plot_begin(out, plot, str_of("Score and length"), str_of(desc), HEIGHT);
    draw_key(out, &in->a, "open mute", 0);
    draw_key(out, &in->b, "full up", PLOT_WIDTH / 2.0);
    axis_beside(out, &y, LEFT, x.end, 6);
    snprintf(label, sizeof label, "length in %.*s", STR_ARG(in->unit));
    axis_below(out, &x, BASE, 6, str_of(label));
    draw_arm(out, "open mute", &in->a, &x, &y);
    draw_arm(out, "full up see-through", &in->b, &x, &y);
    svg_end(out);
}
