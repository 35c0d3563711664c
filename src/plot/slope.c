/* slope.c - each probe's score under both conditions, joined. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "plot/plot_int.h"

enum { HEIGHT = 300, TOP = 48, BASE = 284, N_NAMED = 3, LABEL_HEIGHT = 14, NAME_CHARS = 19 };

static const double LEFT = 52, RIGHT = 292;

static bool is_drawn(const struct plot_pair *pair)
{
    return isfinite(pair->a) && isfinite(pair->b);
}

static struct span scores_span(const struct plot_slope *in)
{
    struct span span = span_none();
    for (size_t i = 0; i < in->n_pairs; i++) {
        if (!is_drawn(&in->pairs[i]))
            continue;
        span_add(&span, in->pairs[i].a);
        span_add(&span, in->pairs[i].b);
    }
    return span_nice(span, 6);
}

static void draw_pair(struct buf *out, const struct plot_pair *pair, const struct plot_slope *in,
                      const struct scale *y)
{
    char class[32];
    snprintf(class, sizeof class, "line thin %s",
             sign_class(sign_of(pair->b - pair->a, in->band), in->direction));
    svg_line(out, class, LEFT, scale_at(y, pair->a), RIGHT, scale_at(y, pair->b));
}

/* A name at the right end of a line. */
struct label {
    double y;
    const struct plot_pair *pair; /* NULL: the mean */
};

static int by_y(const void *a, const void *b)
{
    const struct label *x = a, *y = b;
    return (x->y > y->y) - (x->y < y->y);
}

/* Indices of the pairs with the largest |b - a| of one sign, at most N_NAMED. Ties by position. */
static size_t find_extremes(const struct plot_slope *in, double direction, size_t *best)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n_pairs; i++) {
        double d = direction * (in->pairs[i].b - in->pairs[i].a);
        size_t at = n;
        if (!(d > in->band) || !isfinite(d))
            continue;
        while (at > 0 && d > direction * (in->pairs[best[at - 1]].b - in->pairs[best[at - 1]].a))
            at--;
        if (at == N_NAMED)
            continue;
        n = size_min(n + 1, N_NAMED);
        for (size_t j = n - 1; j > at; j--)
            best[j] = best[j - 1];
        best[at] = i;
    }
    return n;
}

static void draw_labels(struct buf *out, const struct plot *plot, const struct plot_slope *in,
                        const struct scale *y)
{
    struct label labels[2 * N_NAMED + 1];
    double at[2 * N_NAMED + 1];
    size_t n = 0, best[N_NAMED];
    for (int direction = -1; direction <= 1; direction += 2) {
        size_t found = find_extremes(in, direction, best);
        for (size_t i = 0; i < found; i++) {
            const struct plot_pair *pair = &in->pairs[best[i]];
            labels[n++] = (struct label){scale_at(y, pair->b), pair};
        }
    }
    if (isfinite(in->mean_b))
        labels[n++] = (struct label){scale_at(y, in->mean_b), NULL};
    qsort(labels, n, sizeof *labels, by_y);
    for (size_t i = 0; i < n; i++)
        at[i] = labels[i].y;
    labels_spread(at, n, LABEL_HEIGHT, TOP, BASE);
    for (size_t i = 0; i < n; i++) {
        const struct plot_pair *pair = labels[i].pair;
        enum sign sign = pair ? sign_of(pair->b - pair->a, in->band) : SIGN_NONE;
        svg_line(out, "grid", RIGHT + 4, labels[i].y, RIGHT + 10, at[i]);
        if (!pair) {
            svg_printf(out, "strong", SVG_START, RIGHT + 13, at[i] + 4, "mean %s",
                       numeral_fixed(in->mean_b, plot->decimals).text);
            continue;
        }
        char text[256];
        snprintf(text, sizeof text, "%s %.*s", sign_symbol[sign], STR_ARG(pair->name));
        char class[32];
        snprintf(class, sizeof class, "small %s", sign_class(sign, in->direction));
        svg_text(out, class, SVG_START, RIGHT + 13, at[i] + 4, str_of(text), NAME_CHARS);
    }
}

void plot_slope(struct buf *out, const struct plot *plot, const struct plot_slope *in)
{
    struct scale y = {scores_span(in), BASE, TOP};
    char title[256], desc[512];
    snprintf(title, sizeof title, "%.*s of each probe", STR_ARG(in->metric));
    snprintf(desc, sizeof desc, "The mean goes from %s under %.*s to %s under %.*s.",
             numeral_fixed(in->mean_a, plot->decimals).text, STR_ARG(in->a),
             numeral_fixed(in->mean_b, plot->decimals).text, STR_ARG(in->b));
    plot_begin(out, plot, str_of(title), str_of(desc), HEIGHT);
    svg_text(out, "mute", SVG_MIDDLE, LEFT, 36, in->a, 16);
    svg_text(out, "mute", SVG_MIDDLE, RIGHT, 36, in->b, 24);
    axis_beside(out, &y, LEFT, RIGHT, 6);
    svg_line(out, "axis", LEFT, TOP, LEFT, BASE);
    svg_line(out, "axis", RIGHT, TOP, RIGHT, BASE);
    size_t stride = plot_stride(out, in->n_pairs);
    for (size_t i = 0; i < in->n_pairs; i += stride)
        if (is_drawn(&in->pairs[i]))
            draw_pair(out, &in->pairs[i], in, &y);
    if (isfinite(in->mean_a) && isfinite(in->mean_b)) {
        svg_line(out, "line wide", LEFT, scale_at(&y, in->mean_a), RIGHT, scale_at(&y, in->mean_b));
        svg_mark(out, "full", SVG_DOT, LEFT, scale_at(&y, in->mean_a), 4, str_n(NULL, 0));
        svg_mark(out, "full", SVG_DOT, RIGHT, scale_at(&y, in->mean_b), 4, str_n(NULL, 0));
    }
    draw_labels(out, plot, in, &y);
    svg_end(out);
}
