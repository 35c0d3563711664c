/* axis.c - what the plots share. */
#include <math.h>

#include "plot/plot_int.h"

enum { LABEL_CHARS = 36 }; /* leaves room for a note at the other end */

const char *const sign_symbol[] = {"\xE2\x96\xBC", "\xE2\x97\x8B", "\xE2\x96\xB2"};
const enum svg_shape sign_shape[] = {SVG_DOWN, SVG_DOT, SVG_UP};

const char *sign_class(enum sign sign, enum plot_direction direction)
{
    static const char *const classes[] = {"down", "mute", "up"};
    if (direction == PLOT_NEUTRAL)
        return sign == SIGN_NONE ? "mute" : "";
    return classes[1 + (int)direction * ((int)sign - 1)];
}

const char *sign_word(enum sign sign, enum plot_direction direction)
{
    static const char *const words[] = {"worse", "level", "better"};
    static const char *const neutral[] = {"lower", "level", "higher"};
    return direction == PLOT_NEUTRAL ? neutral[sign] : words[1 + (int)direction * ((int)sign - 1)];
}

enum sign sign_of(double difference, double band)
{
    return difference > band ? SIGN_UP : difference < -band ? SIGN_DOWN : SIGN_NONE;
}

enum sign sign_of_interval(struct plot_interval range)
{
    return range.low > 0 ? SIGN_UP : range.high < 0 ? SIGN_DOWN : SIGN_NONE;
}

void plot_begin(struct buf *out, const struct plot *plot, struct str title, struct str desc,
                double height)
{
    struct svg_head head = {.id = plot->id,
                            .title = title,
                            .desc = desc,
                            .width = PLOT_WIDTH,
                            .height = height,
                            .is_inline = plot->is_inline};
    svg_begin(out, &head);
    svg_text(out, "strong", SVG_START, 0, PLOT_TITLE_Y, title, 60);
}

size_t plot_stride(struct buf *out, size_t n)
{
    size_t stride = (n + PLOT_POINTS_MAX - 1) / PLOT_POINTS_MAX;
    if (stride > 1)
        svg_printf(out, "mute small", SVG_END, PLOT_WIDTH, PLOT_TITLE_Y, "1 probe in %zu is drawn",
                   stride);
    return stride > 1 ? stride : 1;
}

void axis_below(struct buf *out, const struct scale *x, double y, size_t wanted, struct str label)
{
    struct ticks ticks = ticks_nice(x->values, wanted);
    svg_line(out, "axis", x->start, y, x->end, y);
    for (size_t i = 0; i < ticks.n; i++) {
        double at = scale_at(x, tick_at(&ticks, i));
        svg_line(out, "axis", at, y, at, y + 4);
        svg_printf(out, "mute small", SVG_MIDDLE, at, y + 16, "%s",
                   numeral_fixed(tick_at(&ticks, i), ticks.decimals).text);
    }
    svg_text(out, "mute small", SVG_END, x->end, y + 31, label, LABEL_CHARS);
}

void axis_beside(struct buf *out, const struct scale *y, double x, double grid_to, size_t wanted)
{
    struct ticks ticks = ticks_nice(y->values, wanted);
    for (size_t i = 0; i < ticks.n; i++) {
        double at = scale_at(y, tick_at(&ticks, i));
        svg_line(out, "grid", x, at, grid_to, at);
        svg_printf(out, "mute small", SVG_END, x - 6, at + 4, "%s",
                   numeral_fixed(tick_at(&ticks, i), ticks.decimals).text);
    }
}

void labels_spread(double *y, size_t n, double distance, double low, double high)
{
    /* Down once, so that none is too near the one above; up once, where that ran over the edge. */
    for (size_t i = 0; i < n; i++)
        y[i] = fmax(y[i], i ? y[i - 1] + distance : low);
    for (size_t i = n; i-- > 0;)
        y[i] = fmin(y[i], i + 1 < n ? y[i + 1] - distance : high);
}
