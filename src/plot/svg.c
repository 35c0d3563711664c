#include "plot/svg.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "plot/markup.h"
#include "text/utf8.h"

enum { TEXT_MAX = 512, PAD = 12 /* around a drawing that stands alone */ };

/* Blue and orange are told apart by every kind of colour vision (Okabe & Ito 2008). */
const struct palette palette_light = {
    .paper = "#ffffff",
    .wash = "#f5f6f8",
    .ink = "#1b1f24",
    .mute = "#59636e",
    .rule = "#dde1e6",
    .axis = "#8a939d",
    .up = "#0b5fa5",
    .down = "#a8430a",
    .up_wash = "#dcebf9",
    .down_wash = "#fbe5d8",
};
const struct palette palette_dark = {
    .paper = "#12161b",
    .wash = "#1b2027",
    .ink = "#e6e9ed",
    .mute = "#9ba5b0",
    .rule = "#2c333b",
    .axis = "#6f7985",
    .up = "#74b9f5",
    .down = "#f5a26c",
    .up_wash = "#16324b",
    .down_wash = "#482a18",
};

static void style_colours(struct buf *out, const struct palette *p)
{
    buf_printf(out, ".plot .paper{fill:%s}\n", p->paper);
    buf_printf(out, ".plot text{fill:%s}\n", p->ink);
    buf_printf(out, ".plot text.mute{fill:%s}\n", p->mute);
    buf_printf(out, ".plot text.up{fill:%s}\n.plot text.down{fill:%s}\n", p->up, p->down);
    buf_printf(out, ".plot .grid{stroke:%s}\n.plot .axis{stroke:%s}\n", p->rule, p->axis);
    buf_printf(out, ".plot .zero,.plot .bar{stroke:%s}\n", p->ink);
    buf_printf(out, ".plot .full{fill:%s;stroke:%s}\n", p->ink, p->ink);
    buf_printf(out, ".plot .full.up{fill:%s;stroke:%s}\n", p->up, p->up);
    buf_printf(out, ".plot .full.down{fill:%s;stroke:%s}\n", p->down, p->down);
    buf_printf(out, ".plot .full.mute{fill:%s;stroke:%s}\n", p->axis, p->axis);
    buf_printf(out, ".plot .open{fill:%s;stroke:%s}\n", p->paper, p->ink);
    buf_printf(out, ".plot .open.up{stroke:%s}\n.plot .open.down{stroke:%s}\n", p->up, p->down);
    buf_printf(out, ".plot .open.mute{stroke:%s}\n", p->axis);
    buf_printf(out, ".plot .line{stroke:%s}\n.plot .line.mute{stroke:%s}\n", p->ink, p->axis);
    buf_printf(out, ".plot .line.up{stroke:%s}\n.plot .line.down{stroke:%s}\n", p->up, p->down);
}

void svg_style(struct buf *out)
{
    buf_puts(out, ".plot{font:12px/1 system-ui,-apple-system,\"Segoe UI\",Roboto,"
                  "\"Liberation Sans\",Arial,sans-serif;font-variant-numeric:tabular-nums;"
                  "max-width:100%;height:auto}\n"
                  ".plot .small{font-size:11px}\n"
                  ".plot .strong{font-weight:600}\n"
                  ".plot .line{fill:none;stroke-width:1.5}\n"
                  ".plot .thin{stroke-width:1;stroke-opacity:.5}\n"
                  ".plot .wide{stroke-width:2.5}\n"
                  ".plot .open{stroke-width:1.25}\n"
                  ".plot .see-through{fill-opacity:.7}\n");
    style_colours(out, &palette_light);
    buf_puts(out, "@media (prefers-color-scheme:dark){\n");
    style_colours(out, &palette_dark);
    buf_puts(out, "}\n");
}

/* A coordinate: at most two decimals, no zeros at the end. */
struct coord {
    char text[32];
};

static struct coord coord(double x)
{
    struct coord out;
    x = isfinite(x) ? fmin(fmax(x, -1e6), 1e6) : 0;
    int n = snprintf(out.text, sizeof out.text, "%.2f", x);
    while (n > 1 && out.text[n - 1] == '0')
        out.text[--n] = 0;
    if (out.text[n - 1] == '.')
        out.text[--n] = 0;
    if (str_is(str_of(out.text), "-0"))
        out = (struct coord){"0"};
    return out;
}

void svg_begin(struct buf *out, const struct svg_head *head)
{
    double pad = head->is_inline ? 0 : PAD;
    double width = head->width + 2 * pad, height = head->height + 2 * pad;
    buf_puts(out, "<svg class=\"plot\" role=\"img\"");
    if (!head->is_inline)
        buf_puts(out, " xmlns=\"http://www.w3.org/2000/svg\"");
    buf_printf(out, " aria-labelledby=\"%s-title %s-desc\"", head->id, head->id);
    buf_printf(out, " width=\"%s\" height=\"%s\"", coord(width).text, coord(height).text);
    buf_printf(out, " viewBox=\"%s %s %s %s\">\n", coord(-pad).text, coord(-pad).text,
               coord(width).text, coord(height).text);
    buf_printf(out, "<title id=\"%s-title\">", head->id);
    markup_text(out, head->title);
    buf_printf(out, "</title>\n<desc id=\"%s-desc\">", head->id);
    markup_text(out, head->desc);
    buf_puts(out, "</desc>\n");
    if (head->is_inline)
        return;
    buf_puts(out, "<style>\n");
    svg_style(out);
    buf_puts(out, "</style>\n");
    svg_box(out, "paper", -pad, -pad, width, height);
}

void svg_end(struct buf *out)
{
    buf_puts(out, "</svg>\n");
}

void svg_line(struct buf *out, const char *class, double x0, double y0, double x1, double y1)
{
    buf_printf(out, "<path class=\"%s\" d=\"M%s %sL%s %s\"/>\n", class, coord(x0).text,
               coord(y0).text, coord(x1).text, coord(y1).text);
}

void svg_box(struct buf *out, const char *class, double x, double y, double width, double height)
{
    buf_printf(out, "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>\n", class,
               coord(x).text, coord(y).text, coord(fmax(width, 0)).text,
               coord(fmax(height, 0)).text);
}

/* Ends an element that was left open before its ">". */
static void close_with_tip(struct buf *out, const char *element, struct str tip)
{
    if (!tip.ptr) {
        buf_puts(out, "/>\n");
        return;
    }
    buf_puts(out, "><title>");
    markup_line(out, tip, TEXT_MAX);
    buf_printf(out, "</title></%s>\n", element);
}

/* Corners of the shapes, from the centre, in units of r. A triangle has its centroid there. */
static const double corners[][4][2] = {
    [SVG_UP] = {{-1.1, 0.8}, {0, -1.2}, {1.1, 0.8}, {0, 0.8}},
    [SVG_DOWN] = {{-1.1, -0.8}, {0, 1.2}, {1.1, -0.8}, {0, -0.8}},
    [SVG_DIAMOND] = {{-1.2, 0}, {0, -1.2}, {1.2, 0}, {0, 1.2}},
};

void svg_mark(struct buf *out, const char *class, enum svg_shape shape, double x, double y,
              double r, struct str tip)
{
    if (shape == SVG_DOT) {
        buf_printf(out, "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"", class, coord(x).text,
                   coord(y).text, coord(r).text);
        close_with_tip(out, "circle", tip);
        return;
    }
    buf_printf(out, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < 4; i++)
        buf_printf(out, "%c%s %s", i ? 'L' : 'M', coord(x + r * corners[shape][i][0]).text,
                   coord(y + r * corners[shape][i][1]).text);
    buf_puts(out, "Z\"");
    close_with_tip(out, "path", tip);
}

void svg_polyline(struct buf *out, const char *class, const double *x, const double *y, size_t n)
{
    if (n == 0)
        return;
    buf_printf(out, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%c%s %s", i ? 'L' : 'M', coord(x[i]).text, coord(y[i]).text);
    buf_puts(out, "\"/>\n");
}

void svg_text(struct buf *out, const char *class, enum svg_anchor anchor, double x, double y,
              struct str text, size_t n_chars)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    buf_printf(out, "<text class=\"%s\"%s x=\"%s\" y=\"%s\">", class, anchors[anchor],
               coord(x).text, coord(y).text);
    markup_line(out, text, n_chars);
    if (utf8_offset(text, n_chars) < text.len) {
        buf_puts(out, "<title>");
        markup_line(out, text, TEXT_MAX);
        buf_puts(out, "</title>");
    }
    buf_puts(out, "</text>\n");
}

void svg_printf(struct buf *out, const char *class, enum svg_anchor anchor, double x, double y,
                const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    svg_text(out, class, anchor, x, y, str_of(text), TEXT_MAX);
}
