#include "report/report_html.h"

#include <math.h>
#include <stdio.h>

#include "plot/markup.h"
#include "plot/numeral.h"
#include "report/html.h"
#include "report/html_change.h"
#include "report/report_plots.h"
#include "report/report_sections.h"
#include "report/report_verdict.h"

enum { DECIMALS = 2, NAME_CHARS = 80, ID_MAX = 64 };

static const struct finding *primary_of(const struct analysis *an, const struct contrast *c)
{
    return &c->findings[an->primary];
}

/* --- the verdict --- */

static const struct {
    const char *class, *symbol;
} looks[] = {
    [VERDICT_BETTER] = {"up", "\xE2\x96\xB2"},
    [VERDICT_WORSE] = {"down", "\xE2\x96\xBC"},
    [VERDICT_EQUIVALENT] = {"level", "="},
    [VERDICT_INCONCLUSIVE] = {"open", "?"},
};

static void add_p(struct buf *out, const char *before, double p)
{
    struct numeral text = numeral_p(p);
    buf_printf(out, "%s<i>p</i>%s", before, text.text[0] == '<' ? "\xC2\xA0" : "\xC2\xA0=\xC2\xA0");
    markup_text(out, str_of(text.text));
}

static void add_sentence(struct buf *out, const struct analysis *an, const struct contrast *c)
{
    const struct finding *f = primary_of(an, c);
    struct interval range = finding_interval(f);
    if (c->n_pairs == 0) {
        buf_puts(out, ": no probe was answered on both sides.");
        return;
    }
    buf_puts(out, ": ");
    markup_line(out, an->metrics[f->metric].name, NAME_CHARS);
    buf_printf(out, " goes from %s to %s", numeral_fixed(f->numbers.mean_a, DECIMALS).text,
               numeral_fixed(f->numbers.mean_b, DECIMALS).text);
    if (isfinite(range.low) && isfinite(range.high))
        buf_printf(out, ", a difference of %s (%s interval %s)",
                   numeral_signed(f->numbers.t.mean, DECIMALS).text,
                   numeral_percent(1 - an->options.compare.alpha, 0).text,
                   numeral_range(range.low, range.high, DECIMALS).text);
    add_p(out, "; ", f->numbers.sign_flip.p);
    if (an->n_declared > 1 && an->options.adjust != ADJUST_NONE) {
        add_p(out, ", ", f->p_adjusted);
        buf_printf(out, " adjusted for %zu comparisons", an->n_declared);
    }
    buf_printf(out, "; %s probes", numeral_count(c->n_pairs).text);
    if (c->samples > 1)
        buf_printf(out, " of %zu samples", c->samples);
    buf_putc(out, '.');
    if (f->verdict == VERDICT_INCONCLUSIVE && isfinite(f->numbers.minimum_detectable))
        buf_printf(out, " A difference of %s would have been found %g times in 10.",
                   numeral_fixed(f->numbers.minimum_detectable, DECIMALS).text,
                   10 * an->options.compare.power);
}

static void add_verdicts(struct buf *out, const struct analysis *an)
{
    buf_puts(out, "<ol class=\"verdicts\">\n");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast *c = &an->contrasts[i];
        const struct finding *f = primary_of(an, c);
        buf_printf(out,
                   "<li><span class=\"word %s\">%s\xC2\xA0%s</span>\n<span class=\"size\">%s</span>"
                   "\n<p><strong>",
                   looks[f->verdict].class, looks[f->verdict].symbol, verdict_name(f->verdict),
                   numeral_signed(f->numbers.t.mean, DECIMALS).text);
        markup_line(out, c->name, NAME_CHARS);
        buf_puts(out, "</strong>");
        add_sentence(out, an, c);
        buf_puts(out, "</p></li>\n");
    }
    buf_puts(out, "</ol>\n");
}

static void add_notes(struct buf *out, const struct analysis *an)
{
    if (an->n_notes == 0)
        return;
    buf_puts(out, "<section class=\"notes\">\n<h2>Before you believe it</h2>\n<ul>\n");
    for (size_t i = 0; i < an->n_notes; i++) {
        buf_puts(out, "<li>");
        html_typeset(out, an->notes[i]);
        buf_puts(out, "</li>\n");
    }
    buf_puts(out, "</ul>\n</section>\n");
}

/* --- what was compared --- */

static void add_title(struct buf *out, const struct analysis *an)
{
    bool is_one_model = true;
    for (size_t r = 1; r < an->n_runs; r++)
        is_one_model = is_one_model && str_eq(an->runs[r]->model, an->runs[0]->model);
    if (is_one_model && an->runs[0]->model.len)
        markup_line(out, an->runs[0]->model, NAME_CHARS);
    else
        buf_printf(out, "%zu runs", an->n_runs);
}

static void add_runs(struct buf *out, const struct analysis *an)
{
    buf_puts(out, "<p class=\"mute\">");
    for (size_t r = 0; r < an->n_runs; r++) {
        const struct run *run = an->runs[r];
        buf_puts(out, r ? "<br/>" : "");
        markup_line(out, str_of(run->path), 200);
        buf_printf(out, ": %s probes", numeral_count(run->n_probes).text);
        if (run->samples > 1)
            buf_printf(out, " of %zu samples", run->samples);
        buf_puts(out, " under ");
        for (size_t c = 0; c < run->n_arms; c++) {
            buf_puts(out, c == 0 ? "" : c + 1 == run->n_arms ? " and " : ", ");
            markup_line(out, run->arms[c].name, NAME_CHARS);
        }
        buf_putc(out, '.');
    }
    buf_puts(out, "</p>\n");
}

static void add_method(struct buf *out, const struct analysis *an)
{
    const struct compare_options *o = &an->options.compare;
    static const char *const methods[] = {
        [ADJUST_HOLM] = "Holm", [ADJUST_BH] = "Benjamini-Hochberg", [ADJUST_NONE] = "nothing"};
    buf_puts(out, "<p class=\"about\">The primary metric, declared beforehand, is ");
    markup_line(out, an->metrics[an->primary].name, NAME_CHARS);
    buf_printf(out,
               ". %zu declared and %zu exploratory comparisons, each family adjusted by %s. "
               "Significance level %g; %s resamples, seed %llu; length in %s.</p>\n",
               an->n_declared, an->n_exploratory, methods[an->options.adjust], o->alpha,
               numeral_count(o->resample.resamples).text, (unsigned long long)o->resample.seed,
               length_unit_name(an->length_unit));
}

/* --- contrasts: plots and texts --- */

static void add_figures(struct buf *out, const struct analysis *an, size_t contrast)
{
    buf_puts(out, "<div class=\"figures\">\n");
    for (size_t k = 0; k < REPORT_PLOTS; k++) {
        size_t before = out->len;
        buf_puts(out, "<figure>\n");
        if (report_plot(out, an, contrast, (enum report_plot)k, true))
            buf_puts(out, "</figure>\n");
        else
            out->len = before;
    }
    buf_puts(out, "</div>\n");
}

static void add_changes(struct buf *out, struct change_view *view, const struct contrast *c,
                        const struct change_list *list, const char *title)
{
    size_t contrast = (size_t)(c - view->analysis->contrasts);
    if (list->count == 0)
        return;
    buf_printf(out, "<h3>%s</h3>\n<p class=\"about\">", title);
    if (list->count < list->total)
        buf_printf(out, "The %zu largest of %zu", list->count, list->total);
    else
        buf_printf(out, "%zu in all", list->total);
    buf_puts(out, "; open one to read both answers.</p>\n");
    for (size_t i = 0; i < list->count; i++) {
        char id[ID_MAX];
        snprintf(id, sizeof id, "contrast-%zu-%s-%zu", contrast + 1, title, i + 1);
        html_change(out, view, id, c, &list->items[i]);
    }
}

static void add_contrast(struct buf *out, struct change_view *view, size_t i)
{
    const struct analysis *an = view->analysis;
    const struct contrast *c = &an->contrasts[i];
    buf_printf(out, "<section id=\"contrast-%zu\">\n<h2>", i + 1);
    markup_line(out, c->name, NAME_CHARS);
    buf_puts(out, "</h2>\n<p class=\"about\">");
    markup_line(out, an->arms[c->b].name, NAME_CHARS);
    buf_puts(out, " against ");
    markup_line(out, an->arms[c->a].name, NAME_CHARS);
    buf_printf(out, ", paired by probe: %s pairs", numeral_count(c->n_pairs).text);
    if (c->n_incomplete)
        buf_printf(out, "; %zu left out that lack an answer", c->n_incomplete);
    if (c->n_alone)
        buf_printf(out, "; %zu that only one side has", c->n_alone);
    buf_puts(out, ".</p>\n");
    add_figures(out, an, i);
    add_changes(out, view, c, &c->regressions, "Regressions");
    add_changes(out, view, c, &c->improvements, "Improvements");
    buf_puts(out, "</section>\n");
}

/* --- the tables --- */

/* Those whose content the page shows in a better form. */
static bool is_shown(const struct section *section)
{
    return section->kind != SECTION_CHANGES;
}

static void add_section(struct buf *out, const struct analysis *an, size_t i,
                        const struct section *section)
{
    struct table table = {0};
    bool is_open = section->kind == SECTION_ALWAYS; /* the others are long, or in the plots */
    if (is_shown(section))
        section->fill(&table, an);
    if (table_rows(&table)) {
        buf_printf(out, "<section id=\"table-%zu\">\n<h2>%s</h2>\n", i + 1, section->title);
        if (section->about) {
            buf_puts(out, "<p class=\"about\">");
            html_typeset(out, str_of(section->about));
            buf_puts(out, "</p>\n");
        }
        if (!is_open)
            buf_printf(out, "<details class=\"rows\">\n<summary>%zu rows</summary>\n",
                       table_rows(&table));
        html_table(out, &table, section->title);
        buf_puts(out, is_open ? "</section>\n" : "</details>\n</section>\n");
    }
    table_release(&table);
}

static void add_contents(struct buf *out, const struct analysis *an)
{
    size_t n;
    const struct section *sections = report_sections(&n);
    buf_puts(out, "<nav aria-label=\"Contents\">\n<ul>\n");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        buf_printf(out, "<li><a href=\"#contrast-%zu\">", i + 1);
        markup_line(out, an->contrasts[i].name, 40);
        buf_puts(out, "</a></li>\n");
    }
    for (size_t i = 0; i < n; i++) {
        struct table table = {0};
        if (is_shown(&sections[i]))
            sections[i].fill(&table, an);
        if (table_rows(&table))
            buf_printf(out, "<li><a href=\"#table-%zu\">%s</a></li>\n", i + 1, sections[i].title);
        table_release(&table);
    }
    buf_puts(out, "</ul>\n</nav>\n");
}

static void add_header(struct buf *out, const struct analysis *an)
{
    struct buf title;
    buf_init(&title, BUF_MAX_DEFAULT);
    buf_puts(&title, "Report");
    if (an->runs[0]->model.len) {
        buf_puts(&title, ": ");
        buf_add_str(&title, an->runs[0]->model);
    }
    html_begin(out, buf_str(&title));
    buf_release(&title);
    buf_puts(out, "<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n<header>\n"
                  "<p class=\"eyebrow\">A/B report</p>\n<h1>");
    add_title(out, an);
    buf_puts(out, "</h1>\n");
    add_runs(out, an);
    buf_puts(out, "</header>\n");
}

void report_html(struct buf *out, const struct analysis *an, const char *program)
{
    size_t n;
    const struct section *sections = report_sections(&n);
    struct change_view view;
    add_header(out, an);
    buf_puts(out, "<main id=\"main\">\n");
    add_verdicts(out, an);
    add_method(out, an);
    add_notes(out, an);
    if (an->n_contrasts > 1) {
        buf_puts(out, "<div class=\"figures\">\n<figure>\n");
        report_plot_contrasts(out, an, true);
        buf_puts(out, "</figure>\n</div>\n");
    }
    add_contents(out, an);
    change_view_init(&view, an);
    for (size_t i = 0; i < an->n_contrasts; i++)
        add_contrast(out, &view, i);
    change_view_release(&view);
    for (size_t i = 0; i < n; i++)
        add_section(out, an, i, &sections[i]);
    buf_puts(out, "</main>\n<footer>Written by lem ");
    markup_text(out, str_of(program));
    buf_puts(out, ".</footer>\n");
    html_end(out);
}
