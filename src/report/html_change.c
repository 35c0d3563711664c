#include "report/html_change.h"

#include <math.h>

#include "base/mem.h"
#include "plot/markup.h"
#include "plot/numeral.h"
#include "report/html.h"
#include "text/diff.h"

/* Below this share of common words two answers are different texts, not versions of one. */
static const double SHARE_MIN = 0.25;
/* A longer hit is about the text as a whole; marking it would hide the others. */
enum { HIT_BYTES_MAX = 200 };

void change_view_init(struct change_view *view, const struct analysis *an)
{
    const struct scorer *scorer = an->metrics[an->primary].scorer;
    *view = (struct change_view){.analysis = an};
    view->score = scorer ? score_create(scorer) : NULL;
    hits_init(&view->hits[0]);
    hits_init(&view->hits[1]);
}

void change_view_release(struct change_view *view)
{
    score_free(view->score);
    hits_release(&view->hits[0]);
    hits_release(&view->hits[1]);
}

static void explain(struct change_view *view, const struct change *change)
{
    const struct run_answer *answers[2] = {change->a, change->b};
    for (size_t side = 0; side < 2; side++) {
        struct score_item item = {.text = answers[side]->text,
                                  .prompt = change->probe->prompt,
                                  .probe = change->probe->id};
        struct score_result result;
        struct err err = {0};
        hits_reset(&view->hits[side]);
        if (view->score && !score_explain(view->score, &result, &view->hits[side], &item, &err))
            hits_reset(&view->hits[side]);
    }
}

/* --- texts --- */

static void add_hit(struct buf *out, const struct hit *hit, struct str text)
{
    buf_printf(out, "<mark%s title=\"", hit->points < 0 ? " class=\"down\"" : "");
    markup_line(out, str_of(hit->rule), 60);
    if (hit->detail[0]) {
        buf_puts(out, ": ");
        markup_line(out, str_of(hit->detail), 120);
    }
    buf_printf(out, ", %s\">", numeral_signed(hit->points, 2).text);
    markup_text(out, text);
    buf_puts(out, "</mark>");
}

/* A span of `text`, its hits marked; *next is the first hit that may lie in it. A hit that crosses
 * the span's end goes on in the next; of hits that overlap, the first to begin is marked. */
static void add_span(struct buf *out, struct str text, struct str span, const struct hits *hits,
                     size_t *next)
{
    size_t at = (size_t)(span.ptr - text.ptr), end = at + span.len;
    for (; *next < hits->n; ++*next) {
        const struct hit *hit = &hits->items[*next];
        size_t from = size_max(hit->start, at), to = size_min(hit->end, end);
        if (hit->start >= end)
            break;
        if (hit->in_prompt || from >= to || hit->end - hit->start > HIT_BYTES_MAX)
            continue;
        markup_text(out, str_sub(text, at, from - at));
        add_hit(out, hit, str_sub(text, from, to - from));
        at = to;
        if (hit->end > end)
            break;
    }
    markup_text(out, str_sub(text, at, end - at));
}

static void add_answer(struct buf *out, const struct change_view *view, const struct diff *diff,
                       struct str text, size_t side)
{
    static const char *const open[] = {"<del>", "<ins>"}, *const close[] = {"</del>", "</ins>"};
    const enum diff_op other = side == 0 ? DIFF_INSERT : DIFF_DELETE;
    size_t next = 0;
    buf_puts(out, "<div class=\"answer\">");
    for (size_t i = 0; i < diff->n_runs; i++) {
        const struct diff_run *run = &diff->runs[i];
        if (run->op == other)
            continue;
        buf_puts(out, run->op == DIFF_SAME ? "" : open[side]);
        add_span(out, text, side == 0 ? run->a : run->b, &view->hits[side], &next);
        buf_puts(out, run->op == DIFF_SAME ? "" : close[side]);
    }
    buf_puts(out, "</div>\n");
}

static void add_side(struct buf *out, const struct change_view *view, const struct change *change,
                     const struct diff *diff, size_t side)
{
    const struct contrast *c = view->contrast;
    const struct run_answer *answer = side == 0 ? change->a : change->b;
    buf_puts(out, "<div>\n<h4>");
    markup_line(out, view->analysis->arms[side == 0 ? c->a : c->b].name, 60);
    buf_printf(out, " <span class=\"mute\">%s, %s words</span></h4>\n",
               numeral_fixed(side == 0 ? change->score_a : change->score_b, 2).text,
               numeral_count(answer->words).text);
    add_answer(out, view, diff, answer->text, side);
    buf_puts(out, "</div>\n");
}

static void add_texts(struct buf *out, struct change_view *view, const struct change *change)
{
    struct diff diff;
    diff_readable(&diff, change->a->text, change->b->text);
    double words = (double)(2 * diff.words_same + diff.words_deleted + diff.words_inserted);
    double share = words > 0 ? (double)(2 * diff.words_same) / words : 1;
    buf_printf(out, "<p class=\"about\">%s of the words stay where they are%s. ",
               numeral_percent(share, 0).text,
               share < SHARE_MIN ? ": these are two texts rather than two versions of one" : "");
    buf_puts(out, "Shaded: in one answer only.");
    if (view->score)
        buf_puts(out, " Underlined: what the scorer counted, dashed where it took points away; the "
                      "rule and its points are under the pointer.");
    buf_puts(out, "</p>\n<div class=\"texts\">\n");
    add_side(out, view, change, &diff, 0);
    add_side(out, view, change, &diff, 1);
    buf_puts(out, "</div>\n");
    diff_release(&diff);
}

/* --- the rest --- */

static void add_signals(struct buf *out, const struct analysis *an, const struct change *change)
{
    bool any = false;
    for (size_t s = 0; s < an->n_signals; s++) {
        double a = change->signals_a[s], b = change->signals_b[s];
        int decimals = a == floor(a) && b == floor(b) ? 0 : 2;
        if (!(a != b))
            continue;
        buf_puts(out, any ? "" : "<ul class=\"signals\">\n");
        any = true;
        buf_puts(out, "<li>");
        markup_line(out, an->signals[s], 60);
        buf_printf(out, " %s\xE2\x80\x89\xE2\x86\x92\xE2\x80\x89%s</li>\n",
                   numeral_fixed(a, decimals).text, numeral_fixed(b, decimals).text);
    }
    if (any)
        buf_puts(out, "</ul>\n");
}

/* Failures on one side alone, or on both: a change may be no more than that. */
static void add_failures(struct buf *out, const struct change_view *view,
                         const struct change *change)
{
    bool any = false;
    for (size_t k = 0; k < FAILURE_KINDS; k++)
        for (size_t side = 0; side < 2; side++) {
            if (!(side == 0 ? change->failures_a : change->failures_b)[k])
                continue;
            const struct contrast *c = view->contrast;
            buf_puts(out, any ? ", " : "");
            markup_line(out, view->analysis->arms[side == 0 ? c->a : c->b].name, 24);
            buf_printf(out, " %s", failure_name((enum failure_kind)k));
            any = true;
        }
}

static void add_summary(struct buf *out, const struct change_view *view,
                        const struct change *change)
{
    int direction = view->analysis->metrics[view->analysis->primary].direction;
    bool rises = change->mean_d > 0, is_better = rises == (direction >= 0);
    buf_printf(out, "<summary><span class=\"size %s\">%s\xC2\xA0%s</span><span>",
               is_better ? "up" : "down", rises ? "\xE2\x96\xB2" : "\xE2\x96\xBC",
               numeral_signed(change->mean_d, 2).text);
    markup_line(out, change->probe->id, 120);
    buf_puts(out, "</span><span class=\"mute where\">");
    markup_line(out, change->probe->category, 60);
    buf_puts(out, change->probe->category.len ? " \xC2\xB7 " : "");
    buf_printf(out, "sample %zu", change->sample);
    size_t len = out->len;
    buf_puts(out, " \xC2\xB7 ");
    size_t failures = out->len;
    add_failures(out, view, change);
    if (out->len == failures)
        out->len = len;
    buf_puts(out, "</span></summary>\n");
}

void html_change(struct buf *out, struct change_view *view, const char *id,
                 const struct contrast *contrast, const struct change *change)
{
    view->contrast = contrast;
    explain(view, change);
    buf_printf(out, "<details class=\"change\" id=\"%s\">\n", id);
    add_summary(out, view, change);
    buf_puts(out, "<div class=\"body\">\n<blockquote class=\"prompt\">");
    markup_text(out, change->probe->prompt);
    buf_puts(out, "</blockquote>\n");
    add_signals(out, view->analysis, change);
    add_texts(out, view, change);
    if (change->rerun.ptr) {
        buf_puts(out, "<p class=\"about\">Make these answers again:</p>\n<pre><code>");
        markup_text(out, change->rerun);
        buf_puts(out, "</code></pre>\n");
    }
    buf_puts(out, "</div>\n</details>\n");
}
