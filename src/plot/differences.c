/* differences.c - paired differences, as dots while dots fit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "plot/plot_int.h"

enum { HEIGHT = 236, TOP = 44, BASE = 172, MEAN_Y = 186, AXIS_Y = 200, BINS = 45 };

static const double DOT_PITCH = 8.8, DOT_R = 3.6;

/* Bins of one width, one of which is centred on zero so that ties stand over it. */
struct bins {
    double width;
    int first;     /* the bin whose centre is first * width */
    double unit;   /* height of one difference */
    bool dots_fit; /* otherwise they are drawn as bars */
    size_t count[BINS + 2], total[3];
};

/* One difference, and the probe it is of. */
struct drop {
    double d;
    struct str name;
};

static int by_difference(const void *a, const void *b)
{
    const struct drop *x = a, *y = b;
    return x->d != y->d ? (x->d > y->d) - (x->d < y->d) : str_cmp(x->name, y->name);
}

/* Those that are finite, in rising order; free(). */
static struct drop *sorted_drops(const struct plot_differences *in, size_t *n)
{
    struct drop *drops = mem_alloc((in->n_pairs + 1) * sizeof *drops);
    *n = 0;
    for (size_t i = 0; i < in->n_pairs; i++) {
        struct drop drop = {in->pairs[i].b - in->pairs[i].a, in->pairs[i].name};
        if (isfinite(drop.d))
            drops[(*n)++] = drop;
    }
    qsort(drops, *n, sizeof *drops, by_difference);
    return drops;
}

static struct span differences_span(const struct plot_differences *in)
{
    struct span span = span_none();
    for (size_t i = 0; i < in->n_pairs; i++)
        span_add(&span, in->pairs[i].b - in->pairs[i].a);
    span_add(&span, in->mean.low);
    span_add(&span, in->mean.high);
    span_add(&span, 0);
    return span_usable(span);
}

/* The ends hold what a plot's span leaves out. */
static size_t bin_of(const struct bins *bins, double d)
{
    double bin = floor(d / bins->width + 0.5) - bins->first;
    return (size_t)fmin(fmax(bin, 0), BINS + 1);
}

static void bins_fill(struct bins *bins, const struct drop *drops, size_t n,
                      const struct plot_differences *in, struct span span)
{
    size_t highest = 1;
    *bins = (struct bins){.width = (span.high - span.low) / (BINS - 1)};
    bins->first = (int)floor(span.low / bins->width + 0.5);
    for (size_t i = 0; i < n; i++) {
        size_t count = ++bins->count[bin_of(bins, drops[i].d)];
        highest = size_max(highest, count);
        bins->total[sign_of(drops[i].d, in->band)]++;
    }
    bins->unit = fmin(DOT_PITCH, (BASE - TOP) / (double)highest);
    bins->dots_fit = bins->unit >= DOT_PITCH;
}

static double bin_x(const struct bins *bins, const struct scale *x, size_t bin)
{
    return scale_at(x, (bins->first + (double)bin) * bins->width);
}

/* Rises are full and falls are open, whatever they mean. */
static const char *fill_class(char class[32], enum sign sign, enum plot_direction direction)
{
    snprintf(class, 32, "%s %s", sign == SIGN_UP ? "full" : "open", sign_class(sign, direction));
    return class;
}

static void draw_dots(struct buf *out, const struct bins *bins, const struct drop *drops, size_t n,
                      const struct plot_differences *in, const struct scale *x)
{
    char class[32];
    size_t bin = 0, height = 0;
    for (size_t i = 0; i < n; i++, height++) {
        if (bin != bin_of(bins, drops[i].d))
            height = 0;
        bin = bin_of(bins, drops[i].d);
        svg_mark(out, fill_class(class, sign_of(drops[i].d, in->band), in->direction), SVG_DOT,
                 bin_x(bins, x, bin), BASE - DOT_PITCH * ((double)height + 0.5), DOT_R,
                 drops[i].name);
    }
}

/* A bar for each run of one sign within a bin. */
static void draw_bars(struct buf *out, const struct bins *bins, const struct drop *drops, size_t n,
                      const struct plot_differences *in, const struct scale *x)
{
    char class[32];
    double y = BASE;
    for (size_t i = 0, end; i < n; i = end) {
        size_t bin = bin_of(bins, drops[i].d);
        enum sign sign = sign_of(drops[i].d, in->band);
        if (i == 0 || bin != bin_of(bins, drops[i - 1].d))
            y = BASE;
        for (end = i; end < n && bin_of(bins, drops[end].d) == bin &&
                      sign_of(drops[end].d, in->band) == sign;)
            end++;
        double height = bins->unit * (double)(end - i);
        svg_box(out, fill_class(class, sign, in->direction), bin_x(bins, x, bin) - DOT_R,
                y - height, 2 * DOT_R, height);
        y -= height;
    }
}

static void draw_mean(struct buf *out, const struct plot_differences *in, const struct scale *x)
{
    const struct plot_interval *mean = &in->mean;
    if (isfinite(mean->low) && isfinite(mean->high))
        svg_line(out, "line wide", scale_at(x, mean->low), MEAN_Y, scale_at(x, mean->high), MEAN_Y);
    if (isfinite(mean->at))
        svg_mark(out, "full", SVG_DIAMOND, scale_at(x, mean->at), MEAN_Y, 5, str_n(NULL, 0));
}

static void draw_counts(struct buf *out, const struct bins *bins, enum plot_direction direction)
{
    for (size_t sign = 0; sign < 3; sign++) {
        static const enum svg_anchor anchors[] = {SVG_START, SVG_MIDDLE, SVG_END};
        svg_printf(out, sign_class((enum sign)sign, direction), anchors[sign],
                   PLOT_WIDTH / 2.0 + (PLOT_WIDTH / 2.0 - 2) * ((double)sign - 1), 34, "%s %s %s",
                   sign_symbol[sign], numeral_count(bins->total[sign]).text,
                   sign_word((enum sign)sign, direction));
    }
}

void plot_differences(struct buf *out, const struct plot *plot, const struct plot_differences *in)
{
    struct span span = differences_span(in);
    struct bins bins;
    size_t n;
    struct drop *drops = sorted_drops(in, &n);
    bins_fill(&bins, drops, n, in, span);
    struct scale x = {{span.low - bins.width, span.high + bins.width}, 8, PLOT_WIDTH - 8};
    char desc[512], label[256];
    snprintf(desc, sizeof desc,
             "%zu probes %s, %zu %s, %zu level; the mean difference is %s, its 95 %% interval %s.",
             bins.total[SIGN_UP], sign_word(SIGN_UP, in->direction), bins.total[SIGN_DOWN],
             sign_word(SIGN_DOWN, in->direction), bins.total[SIGN_NONE],
             numeral_signed(in->mean.at, plot->decimals).text,
             numeral_range(in->mean.low, in->mean.high, plot->decimals).text);
    plot_begin(out, plot, str_of("Difference on each probe"), str_of(desc), HEIGHT);
    draw_counts(out, &bins, in->direction);
    svg_line(out, "zero", scale_at(&x, 0), TOP, scale_at(&x, 0), AXIS_Y);
    (bins.dots_fit ? draw_dots : draw_bars)(out, &bins, drops, n, in, &x);
    draw_mean(out, in, &x);
    snprintf(label, sizeof label, "%.*s: %.*s minus %.*s", STR_ARG(in->metric), STR_ARG(in->b),
             STR_ARG(in->a));
    axis_below(out, &x, AXIS_Y, 7, str_of(label));
    svg_printf(out, "small", SVG_START, 0, AXIS_Y + 31, "\xE2\x97\x86 mean %s, 95 %% %s",
               numeral_signed(in->mean.at, plot->decimals).text,
               numeral_range(in->mean.low, in->mean.high, plot->decimals).text);
    svg_end(out);
    free(drops);
}
