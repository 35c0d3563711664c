#include "report/ab_text.h"

#include "base/mem.h"
#include "report/table.h"
#include "text/utf8.h"

enum { ID_WIDTH = 35, SCORE_WIDTH = 10, NAME_WIDTH = 12 };

#define CHANGE_BAND 0.5

/* Columns are as wide as the original's, whatever the names of kernels; those of placebos, which it
 * had not, are wide enough for theirs. */
static size_t score_width(const struct condition *arm)
{
    return arm->placebo_of ? size_max(SCORE_WIDTH, arm->name.len) : SCORE_WIDTH;
}

static size_t name_width(const struct conditions *set)
{
    size_t width = NAME_WIDTH;
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].placebo_of)
            width = size_max(width, set->items[i].name.len);
    return width;
}

void ab_text_begin(struct buf *out, const struct ab_options *options)
{
    const struct conditions *set = options->conditions;
    buf_printf(out, "Loaded %zu probes\n", options->n_probes);
    for (size_t i = 1; i < set->count; i++)
        buf_printf(out, "Kernel '%s': %zu chars\n", set->items[i].kernel.name,
                   set->items[i].kernel.chars);
    buf_puts(out, "Conditions: ");
    conditions_list(out, set);
    buf_printf(out, "\nLoading model: %s\n", options->model);
}

void ab_text_answer(struct buf *out, const struct ab_options *options, const struct ab_event *event)
{
    buf_printf(out, "  [%zu/%zu] ", event->probe + 1, options->n_probes);
    buf_add_str(out, options->probes[event->probe].id);
    buf_puts(out, " / ");
    buf_add_str(out, options->conditions->items[event->condition].name);
    if (options->samples > 1)
        buf_printf(out, " #%zu", event->sample);
    if (event->answer->state == AB_FAILED)
        buf_printf(out, " -> failed: %s\n", event->answer->error);
    else
        buf_printf(out, " -> %zu chars, %.1fs\n", event->answer->chars,
                   event->answer->time_ms / 1000);
}

static void add_cell(struct buf *out, const struct ab *ab, size_t probe, size_t condition)
{
    const struct ab_options *o = ab_options(ab);
    const struct ab_answer *answer = ab_answer(ab, probe, condition, 0);
    const struct ab_answer *baseline = ab_answer(ab, probe, 0, 0);
    int width = (int)score_width(&o->conditions->items[condition]);
    if (answer->state != AB_DONE) {
        buf_printf(out, "  %*s", width, answer->state == AB_FAILED ? "failed" : "-");
        return;
    }
    double score = answer->values[o->scorer->overall];
    if (condition == 0) {
        buf_printf(out, "  %*.1f", width, score);
        return;
    }
    const char *mark = " ";
    if (baseline->state == AB_DONE) {
        double d = score - baseline->values[o->scorer->overall];
        mark = d > CHANGE_BAND ? "+" : d < -CHANGE_BAND ? "-" : " ";
    }
    buf_printf(out, "  %*.1f%s", width - 1, score, mark);
}

static void add_probes(struct buf *out, const struct ab *ab)
{
    const struct ab_options *o = ab_options(ab);
    const struct conditions *set = o->conditions;
    buf_puts(out, "  ");
    text_pad(out, str_of("PROBE"), ID_WIDTH, TEXT_LEFT);
    for (size_t c = 0; c < set->count; c++) {
        buf_puts(out, "  ");
        text_pad(out, set->items[c].name, score_width(&set->items[c]), TEXT_RIGHT);
    }
    buf_puts(out, "\n  ");
    text_fill(out, '-', ID_WIDTH);
    for (size_t c = 0; c < set->count; c++) {
        buf_puts(out, "  ");
        text_fill(out, '-', score_width(&set->items[c]));
    }
    buf_putc(out, '\n');
    for (size_t p = 0; p < o->n_probes; p++) {
        buf_puts(out, "  ");
        text_pad(out, o->probes[p].id, ID_WIDTH, TEXT_LEFT);
        for (size_t c = 0; c < set->count; c++)
            add_cell(out, ab, p, c);
        buf_putc(out, '\n');
    }
}

static void add_averages(struct buf *out, const struct ab_summary *summary,
                         const struct ab_options *options)
{
    size_t samples = options->samples, width = name_width(options->conditions);
    for (size_t c = 0; c < summary->n_rows && summary->n_probes; c++) {
        const struct ab_row *row = &summary->rows[c];
        buf_puts(out, "  ");
        text_pad(out, row->name, width, TEXT_LEFT);
        buf_printf(out, "  avg=%.2f", row->mean);
        if (c)
            buf_printf(out, "  delta=%+.2f  improved=%zu  regressed=%zu  unchanged=%zu", row->delta,
                       row->improved, row->regressed, row->unchanged);
        if (samples > 1)
            buf_printf(out, "  avg_all_samples=%.2f", row->mean_all);
        if (c && samples > 1)
            buf_printf(out, "  delta_all_samples=%+.2f", row->delta_all);
        buf_putc(out, '\n');
    }
    if (summary->n_failed)
        buf_printf(out, "%s  %zu of %zu probes lack an answer and are left out of the averages\n",
                   summary->n_probes ? "\n" : "", summary->n_failed,
                   summary->n_failed + summary->n_probes);
}

void ab_text_results(struct buf *out, const struct ab *ab)
{
    const struct ab_options *o = ab_options(ab);
    struct ab_summary summary;
    ab_summarise(&summary, ab);
    buf_printf(out, "\n=== A/B Test Results ===\nModel:  %s\nProbes: %zu\n\n", o->model,
               o->n_probes);
    add_probes(out, ab);
    buf_putc(out, '\n');
    add_averages(out, &summary, o);
    buf_printf(out, "\nDuration: %.0fs\nOutput:   %s\n", summary.duration_s, o->output);
}
