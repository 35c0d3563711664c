/* svg.h - a drawing, as a self-contained SVG image or as a part of a page.
 * Does        writes shapes, lines and text with coordinates rounded to hundredths, so that the
 *             same drawing is the same bytes everywhere. What things look like is said by class
 *             names alone: svg_style gives the rules, for light and dark screens, from the one
 *             palette. Nothing here knows what is plotted. No script, no font, no link.
 * Lifetime    writes to the buf it is given.
 * Threads     one thread at a time.
 * Limits      a buf that reaches its ceiling remembers it.
 * See         SVG 1.1, 5.4 (title and desc); WCAG 2.2, 1.4.3 and 1.4.11 (contrast), 1.4.1 (sign is
 *             told by shape as well as by colour). */
#ifndef PLOT_SVG_H
#define PLOT_SVG_H

#include "base/buf.h"
#include "base/str.h"

/* The colours of one kind of screen, as "#rrggbb". Text colours (ink, mute, up, down) have a
 * contrast of at least 4.5 to paper, line colours (axis) of at least 3. */
struct palette {
    const char *paper, *wash; /* behind everything; behind quotations and table heads */
    const char *ink, *mute;   /* text; text that is secondary */
    const char *rule, *axis;  /* lines that may be overlooked, and that may not */
    const char *up, *down;    /* better, worse */
    const char *up_wash, *down_wash;
};
extern const struct palette palette_light, palette_dark;

/* CSS rules of the classes below, for both kinds of screen. */
void svg_style(struct buf *out);

struct svg_head {
    const char *id;         /* letters, digits and "-": unique on the page */
    struct str title, desc; /* what it is, and what it shows, for those who do not see it */
    double width, height;
    bool is_inline; /* in an HTML page that brings svg_style itself */
};

void svg_begin(struct buf *out, const struct svg_head *head);
void svg_end(struct buf *out);

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };
enum svg_shape { SVG_DOT, SVG_UP, SVG_DOWN, SVG_DIAMOND };

/* `class`: one or several of the names in svg_style. */
void svg_line(struct buf *out, const char *class, double x0, double y0, double x1, double y1);
void svg_box(struct buf *out, const char *class, double x, double y, double width, double height);
/* Centred on (x, y), about 2 * r wide. tip: shown under a pointer; ptr NULL for none. */
void svg_mark(struct buf *out, const char *class, enum svg_shape shape, double x, double y,
              double r, struct str tip);
void svg_polyline(struct buf *out, const char *class, const double *x, const double *y, size_t n);
/* One line of text, cut after n_chars characters; then the whole of it is under a pointer. */
void svg_text(struct buf *out, const char *class, enum svg_anchor anchor, double x, double y,
              struct str text, size_t n_chars);
void svg_printf(struct buf *out, const char *class, enum svg_anchor anchor, double x, double y,
                const char *fmt, ...) PRINTF_LIKE(6, 7);

#endif
