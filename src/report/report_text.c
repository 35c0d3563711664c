#include "report/report_text.h"

#include "report/report_rows.h"
#include "report/report_sections.h"
#include "report/report_verdict.h"
#include "text/diff.h"

static bool is_wanted(const struct section *section, struct report_style style)
{
    switch (section->kind) {
    case SECTION_ALWAYS:
    case SECTION_CHANGES: return true;
    case SECTION_CATEGORIES: return style.categories;
    case SECTION_SIGNALS: return style.signals;
    case SECTION_DETAIL: return style.detail;
    }
    return true;
}

static void add_method(struct buf *out, const struct analysis *an)
{
    static const char *const how[] = {[ADJUST_HOLM] = "adjusted by Holm within each family",
                                      [ADJUST_BH] =
                                          "adjusted by Benjamini-Hochberg within each family",
                                      [ADJUST_NONE] = "not adjusted"};
    const struct compare_options *o = &an->options.compare;
    buf_printf(out,
               "Primary metric %s. p values are %s: declared %zu, exploratory %zu. Intervals at %g "
               "%%, %zu resamples, seed %llu, length in %s.\n",
               an->metrics[an->primary].name.ptr, how[an->options.adjust], an->n_declared,
               an->n_exploratory, 100 * (1 - o->alpha), o->resample.resamples,
               (unsigned long long)o->resample.seed, length_unit_name(an->length_unit));
}

static void add_runs(struct buf *out, const struct analysis *an)
{
    for (size_t r = 0; r < an->n_runs; r++) {
        const struct run *run = an->runs[r];
        buf_printf(out, "Run %zu: %s", r + 1, run->path);
        if (run->model.len) {
            buf_puts(out, ", model ");
            buf_add_str(out, run->model);
        }
        buf_printf(out, ", %zu probes x %zu, conditions", run->n_probes, run->samples);
        for (size_t c = 0; c < run->n_arms; c++) {
            buf_puts(out, c ? ", " : " ");
            buf_add_str(out, run->arms[c].name);
        }
        buf_puts(out, ".\n");
    }
}

void report_text(struct buf *out, const struct analysis *an, struct report_style style)
{
    size_t n;
    const struct section *sections = report_sections(&n);
    add_runs(out, an);
    add_method(out, an);
    buf_putc(out, '\n');
    for (size_t i = 0; i < an->n_contrasts; i++)
        report_verdict(out, an, &an->contrasts[i]);
    if (an->n_notes)
        buf_puts(out, "\nBefore you believe it:\n");
    for (size_t i = 0; i < an->n_notes; i++) {
        buf_puts(out, "- ");
        buf_add_str(out, an->notes[i]);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < n; i++) {
        struct table table = {0};
        if (is_wanted(&sections[i], style))
            sections[i].fill(&table, an);
        if (table_rows(&table)) {
            buf_printf(out, "\n%s\n", sections[i].title);
            if (sections[i].about)
                buf_printf(out, "%s\n", sections[i].about);
            table_format(out, &table);
        }
        table_release(&table);
    }
}

/* ---- Markdown ---- */

/* A fence longer than any run of backticks in the text. */
static void add_fenced(struct buf *out, struct str text, const char *kind)
{
    size_t longest = 2, run = 0;
    for (size_t i = 0; i < text.len; i++) {
        run = text.ptr[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    text_fill(out, '`', longest + 1);
    buf_printf(out, "%s\n", kind);
    buf_add_str(out, text);
    if (text.len && text.ptr[text.len - 1] != '\n')
        buf_putc(out, '\n');
    text_fill(out, '`', longest + 1);
    buf_putc(out, '\n');
}

/* One line of text as one cell would be: no markup of its own. */
static void add_inline(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '<' || c == '&')
            buf_puts(out, c == '<' ? "&lt;" : "&amp;");
        else if (c == '\n' || c == '\r')
            buf_putc(out, ' ');
        else {
            if (c && strchr("|\\`*_[]#", c))
                buf_putc(out, '\\');
            buf_putc(out, c);
        }
    }
}

/* What went, [-so-], and what came, {+so+}. */
static void add_diff(struct buf *out, struct str a, struct str b)
{
    struct diff diff;
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    diff_readable(&diff, a, b);
    for (size_t i = 0; i < diff.n_runs; i++) {
        enum diff_op op = diff.runs[i].op;
        buf_puts(&text, op == DIFF_DELETE ? "[-" : op == DIFF_INSERT ? "{+" : "");
        buf_add_str(&text, diff_run_text(&diff.runs[i]));
        buf_puts(&text, op == DIFF_DELETE ? "-]" : op == DIFF_INSERT ? "+}" : "");
    }
    buf_printf(out, "\nFrom a to b %zu words stay, %zu go, %zu come.\n\n", diff.words_same,
               diff.words_deleted, diff.words_inserted);
    add_fenced(out, buf_str(&text), "text diff");
    diff_release(&diff);
    buf_release(&text);
}

static void add_change(struct buf *out, const struct analysis *an, const struct change *change)
{
    buf_puts(out, "\n#### ");
    add_inline(out, change->probe->id);
    buf_printf(out, ": %+.2f\n\n", change->mean_d);
    add_fenced(out, change->probe->prompt, "text");
    buf_printf(out, "\nSample %zu, a scores %.2f, b scores %.2f.", change->sample, change->score_a,
               change->score_b);
    for (size_t s = 0; s < an->n_signals; s++)
        if (change->signals_a[s] != change->signals_b[s])
            buf_printf(out, " %s %g -> %g.", an->signals[s].ptr, change->signals_a[s],
                       change->signals_b[s]);
    buf_puts(out, "\n\n");
    add_fenced(out, change->a->text, "text a");
    buf_putc(out, '\n');
    add_fenced(out, change->b->text, "text b");
    add_diff(out, change->a->text, change->b->text);
    if (change->rerun.ptr) {
        buf_puts(out, "\nAgain:\n\n");
        add_fenced(out, change->rerun, "sh");
    }
}

static void add_changes(struct buf *out, const struct analysis *an, const struct contrast *c,
                        bool falls)
{
    const struct change_list *list = falls ? &c->regressions : &c->improvements;
    if (list->count == 0)
        return;
    buf_printf(out, "\n### %s, ", falls ? "Regressions" : "Improvements");
    add_inline(out, c->name);
    buf_printf(out, ": %zu of %zu shown\n", list->count, list->total);
    for (size_t i = 0; i < list->count; i++)
        add_change(out, an, &list->items[i]);
}

void report_markdown(struct buf *out, const struct analysis *an)
{
    size_t n;
    const struct section *sections = report_sections(&n);
    struct buf plain;
    buf_init(&plain, BUF_MAX_DEFAULT);
    buf_puts(out, "# Report\n\n");
    add_runs(&plain, an);
    add_inline(out, buf_str(&plain));
    buf_puts(out, "\n\n");
    add_method(out, an);
    buf_puts(out, "\n## What it comes to\n\n");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        buf_reset(&plain);
        report_verdict(&plain, an, &an->contrasts[i]);
        buf_puts(out, "- ");
        add_inline(out, buf_str(&plain));
        buf_putc(out, '\n');
    }
    if (an->n_notes)
        buf_puts(out, "\n## Before you believe it\n\n");
    for (size_t i = 0; i < an->n_notes; i++) {
        buf_puts(out, "- ");
        add_inline(out, an->notes[i]);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < n; i++) {
        struct table table = {0};
        sections[i].fill(&table, an);
        if (table_rows(&table)) {
            buf_printf(out, "\n## %s\n\n", sections[i].title);
            if (sections[i].about)
                buf_printf(out, "%s\n\n", sections[i].about);
            table_markdown(out, &table);
        }
        table_release(&table);
    }
    buf_puts(out, "\n## Texts\n");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        add_changes(out, an, &an->contrasts[i], true);
        add_changes(out, an, &an->contrasts[i], false);
    }
    buf_release(&plain);
}

void report_csv(struct buf *out, const struct analysis *an)
{
    struct table table = {0};
    report_rows(&table, an);
    table_csv(out, &table);
    table_release(&table);
}
