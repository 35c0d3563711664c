#include "cli/benchmark_watch.h"

#include "report/ab_text.h"

enum { NOTE_MAX = 1024 };

static bool pair_difference(double *difference, const struct ab *ab, size_t probe, size_t condition)
{
    const struct ab_answer *a = ab_answer(ab, probe, 0, 0);
    const struct ab_answer *b = ab_answer(ab, probe, condition, 0);
    size_t overall = ab_options(ab)->scorer->overall;
    if (a->state != AB_DONE || b->state != AB_DONE)
        return false;
    *difference = b->values[overall] - a->values[overall];
    return true;
}

static void count_pair(struct watch *watch, size_t probe, size_t condition)
{
    double difference;
    if (condition == 0 || !pair_difference(&difference, watch->ab, probe, condition))
        return;
    watch->sum[condition] += difference;
    watch->pairs[condition]++;
}

void watch_init(struct watch *watch, struct console *con, const struct ab *ab,
                const struct source *source)
{
    *watch = (struct watch){.con = con, .ab = ab, .source = source};
    const struct ab_options *o = ab_options(ab);
    for (size_t p = 0; p < o->n_probes; p++)
        for (size_t c = 1; c < o->conditions->count; c++)
            count_pair(watch, p, c);
}

void watch_tick(struct watch *watch)
{
    const struct ab_options *o = ab_options(watch->ab);
    struct ab_progress p = ab_progress(watch->ab);
    struct buf note;
    size_t tokens = 0;
    double speed = 0;
    if (!watch->con->progress)
        return;
    buf_init(&note, NOTE_MAX);
    if (watch->source->ops->progress)
        watch->source->ops->progress(watch->source->self, &tokens, &speed);
    buf_printf(&note, "%.1f tok/s", speed);
    for (size_t c = 1; c < o->conditions->count; c++)
        if (watch->pairs[c])
            buf_printf(&note, "  %s %+.2f", o->conditions->items[c].kernel.name,
                       watch->sum[c] / (double)watch->pairs[c]);
    console_progress(watch->con, "answers", p.done + p.failed - p.resumed, p.total - p.resumed,
                     note.ptr);
    buf_release(&note);
}

void watch_answer(void *arg, const struct ab_event *event)
{
    struct watch *watch = arg;
    const struct ab_options *o = ab_options(watch->ab);
    if (event->sample == 0 && event->condition > 0)
        count_pair(watch, event->probe, event->condition);
    for (size_t c = 1; event->sample == 0 && event->condition == 0 && c < o->conditions->count; c++)
        count_pair(watch, event->probe, c);
    if (watch->con->progress && event->answer->state == AB_DONE) {
        watch_tick(watch);
        return;
    }
    struct buf line, clean;
    buf_init(&line, BUF_MAX_DEFAULT);
    buf_init(&clean, BUF_MAX_DEFAULT);
    ab_text_answer(&line, o, event);
    line.len--; /* console_note ends the line itself */
    console_clean(&clean, buf_str(&line));
    console_note(watch->con, "%s", clean.ptr);
    buf_release(&line);
    buf_release(&clean);
}
