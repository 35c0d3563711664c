/* forest.c - intervals, one a row. */
#include <math.h>
#include <stdio.h>

#include "plot/plot_int.h"
#include "text/utf8.h"

enum { ROW_HEIGHT = 20, HEAD_Y = 36, FIRST_Y = 58, NAME_CHARS = 18, RANGE_CHARS = 16 };

static const double COUNT_X = 150, LEFT = 162, RIGHT = 282, ESTIMATE_X = 336;

/* The axis covers every estimate, and intervals as far as they are of use: one row of three items
 * must not squeeze all others. Longer ones end in an arrow. */
static struct span rows_span(const struct plot_forest *in)
{
    struct span estimates = span_none(), all = span_none();
    for (size_t i = 0; i < in->n_rows; i++) {
        const struct plot_row *row = &in->rows[i];
        span_add(&estimates, row->measure.at);
        span_add(row->is_small ? &estimates : &all, row->measure.at);
        if (!row->is_small) {
            span_add(&all, row->measure.low);
            span_add(&all, row->measure.high);
        }
    }
    span_add(&all, 0);
    span_add(&all, estimates.low);
    span_add(&all, estimates.high);
    all = span_usable(all);
    double margin = 0.12 * (all.high - all.low);
    return (struct span){all.low - margin, all.high + margin};
}

static void draw_interval(struct buf *out, const struct plot_row *row, const struct scale *x,
                          double y, const char *class)
{
    double low = row->measure.low, high = row->measure.high;
    if (!isfinite(low) || !isfinite(high))
        return;
    double from = scale_at(x, fmax(low, x->values.low)),
           to = scale_at(x, fmin(high, x->values.high));
    if (from > to)
        return;
    svg_line(out, class, from, y, to, y);
    if (low < x->values.low) {
        double ax[] = {from + 4, from, from + 4}, ay[] = {y - 3, y, y + 3};
        svg_polyline(out, class, ax, ay, 3);
    }
    if (high > x->values.high) {
        double ax[] = {to - 4, to, to - 4}, ay[] = {y - 3, y, y + 3};
        svg_polyline(out, class, ax, ay, 3);
    }
}

/* How a row is told apart: by the side of zero it lies on, or by being too small to say. */
struct look {
    enum sign sign;
    const char *colour; /* class */
    bool is_small, is_total;
};

static struct look look_of(const struct plot_row *row)
{
    enum sign sign = row->is_small ? SIGN_NONE : sign_of_interval(row->measure);
    const char *colour = row->is_small       ? "mute"
                         : sign == SIGN_NONE ? ""
                                             : sign_class(sign, row->direction);
    return (struct look){sign, colour, row->is_small, row->is_total};
}

static void draw_mark(struct buf *out, struct look look, double x, double y)
{
    char class[32];
    bool is_large = look.is_total || look.sign != SIGN_NONE;
    snprintf(class, sizeof class, "%s %s", look.is_small ? "open" : "full", look.colour);
    svg_mark(out, class, look.is_total ? SVG_DIAMOND : sign_shape[look.sign], x, y,
             is_large ? 5 : 3.5, str_n(NULL, 0));
}

/* As many decimals as leave room for a row's numbers in their columns. */
static int range_decimals(struct plot_interval range, int decimals)
{
    for (; decimals > 0; decimals--) {
        struct numeral text = numeral_range(range.low, range.high, decimals);
        bool fits = fabs(range.at) < 100 || decimals < 2;
        if (fits && utf8_count(str_of(text.text)) <= RANGE_CHARS)
            break;
    }
    return decimals;
}

static void draw_numbers(struct buf *out, const struct plot *plot, const struct plot_row *row,
                         struct look look, double y)
{
    if (row->n)
        svg_printf(out, "mute small", SVG_END, COUNT_X, y, "%s", numeral_count(row->n).text);
    int decimals = range_decimals(row->measure, plot->decimals);
    svg_printf(out, look.is_total ? "strong" : look.colour, SVG_END, ESTIMATE_X, y, "%s",
               numeral_signed(row->measure.at, decimals).text);
    svg_text(out, "mute small", SVG_END, PLOT_WIDTH, y,
             str_of(numeral_range(row->measure.low, row->measure.high, decimals).text),
             RANGE_CHARS);
}

static void draw_row(struct buf *out, const struct plot *plot, const struct plot_row *row,
                     const struct scale *x, double y)
{
    struct look look = look_of(row);
    char class[32];
    svg_text(out,
             look.is_total   ? "strong"
             : look.is_small ? "mute"
                             : "",
             SVG_START, 0, y + 4, row->name, NAME_CHARS);
    draw_numbers(out, plot, row, look, y + 4);
    if (!isfinite(row->measure.at))
        return;
    snprintf(class, sizeof class, "line %s", look.colour);
    draw_interval(out, row, x, y, class);
    if (isfinite(row->shrunk)) {
        double at = scale_at(x, fmin(fmax(row->shrunk, x->values.low), x->values.high));
        svg_line(out, "line", at, y - 5, at, y + 5);
    }
    draw_mark(out, look, scale_at(x, row->measure.at), y);
}

/* What occurs among the rows. */
struct marks {
    bool any_count, any_small, any_shrunk;
};

static struct marks marks_of(const struct plot_forest *in)
{
    struct marks marks = {0};
    for (size_t i = 0; i < in->n_rows; i++) {
        marks.any_count = marks.any_count || in->rows[i].n > 0;
        marks.any_small = marks.any_small || in->rows[i].is_small;
        marks.any_shrunk = marks.any_shrunk || isfinite(in->rows[i].shrunk);
    }
    return marks;
}

static void draw_heads(struct buf *out, const struct plot_forest *in, const struct scale *x,
                       struct marks marks)
{
    double zero = scale_at(x, 0);
    svg_text(out, "mute small", SVG_START, 0, HEAD_Y, in->rows_are, NAME_CHARS);
    if (marks.any_count)
        svg_printf(out, "mute small", SVG_END, COUNT_X, HEAD_Y, "n");
    if (zero - LEFT > 40)
        svg_printf(out, "mute small", SVG_END, zero - 5, HEAD_Y, "\xE2\x97\x80 %s",
                   sign_word(SIGN_DOWN, in->direction));
    if (RIGHT - zero > 40)
        svg_printf(out, "mute small", SVG_START, zero + 5, HEAD_Y, "%s \xE2\x96\xB6",
                   sign_word(SIGN_UP, in->direction));
    svg_printf(out, "mute small", SVG_END, PLOT_WIDTH, HEAD_Y, "95 %% interval");
}

static void describe(char *desc, size_t size, const struct plot_forest *in)
{
    size_t above = 0, below = 0, n = 0;
    for (size_t i = 0; i < in->n_rows; i++) {
        if (in->rows[i].is_total || in->rows[i].is_small)
            continue;
        enum sign sign = sign_of_interval(in->rows[i].measure);
        n++;
        above += sign == SIGN_UP;
        below += sign == SIGN_DOWN;
    }
    snprintf(desc, size,
             "Of %zu rows with enough probes, the interval of %zu lies wholly above zero, of %zu "
             "wholly below.",
             n, above, below);
}

void plot_forest(struct buf *out, const struct plot *plot, const struct plot_forest *in)
{
    struct scale x = {rows_span(in), LEFT, RIGHT};
    double axis_y = FIRST_Y + ROW_HEIGHT * (double)in->n_rows - 6;
    char desc[256];
    struct marks marks = marks_of(in);
    describe(desc, sizeof desc, in);
    plot_begin(out, plot, in->title, str_of(desc), axis_y + 36);
    draw_heads(out, in, &x, marks);
    svg_line(out, "zero", scale_at(&x, 0), HEAD_Y + 6, scale_at(&x, 0), axis_y);
    for (size_t i = 0; i < in->n_rows; i++) {
        double y = FIRST_Y + ROW_HEIGHT * (double)i;
        if (in->rows[i].is_total && i > 0)
            svg_line(out, "grid", 0, y - ROW_HEIGHT / 2.0, PLOT_WIDTH, y - ROW_HEIGHT / 2.0);
        draw_row(out, plot, &in->rows[i], &x, y);
    }
    axis_below(out, &x, axis_y, 4, str_n("", 0));
    if (marks.any_small)
        svg_printf(out, "mute small", SVG_START, 0, axis_y + 31,
                   "\xE2\x97\x8B too few probes for a claim");
    if (marks.any_shrunk)
        svg_printf(out, "mute small", SVG_END, PLOT_WIDTH, axis_y + 31,
                   "| best guess, given all rows");
    svg_end(out);
}
