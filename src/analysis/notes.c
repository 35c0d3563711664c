/* notes.c - what a reader must know before believing a number, in sentences. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "analysis/changed_text.h"
#include "base/mem.h"
#include "base/vec.h"

enum { FEW_PAIRS = 6, USUAL_PAIRS = 20 };

static void note(struct analysis *an, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void note(struct analysis *an, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    char *text = mem_alloc((size_t)(len > 0 ? len : 0) + 1);
    text[0] = '\0';
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(args);
    struct str sentence = arena_str(&an->memory->arena, str_of(text));
    VEC_PUSH(an->notes, an->n_notes, an->memory->cap_notes, sentence);
    free(text);
}

static void note_runs(struct analysis *an)
{
    for (size_t r = 0; r < an->n_runs; r++) {
        const struct run *run = an->runs[r];
        if (!run->summary)
            note(an, "%s has no summary line: the run was not finished when this was made.",
                 run->path);
        if (!run->provenance)
            note(an,
                 "%s records no provenance: which model, kernels and sampling made it cannot be "
                 "checked.",
                 run->path);
        if (run->n_foreign)
            note(an, "%s: lines that are neither probe nor summary: %zu.", run->path,
                 run->n_foreign);
        if (arms_find(an, r, str_of("baseline")) == an->n_arms)
            note(an, "%s has no condition named baseline; %.*s stands in for it.", run->path,
                 STR_ARG(run->arms[0].name));
    }
    if (an->n_contrasts == 0)
        note(an, "There is one condition only: nothing is compared.");
}

static void note_stored(struct analysis *an)
{
    if (an->stored_equal < an->stored_total)
        note(an,
             "Of %zu stored scores %zu are what v2-ab gives today; the others are of an earlier "
             "scorer, and verdicts go by the new ones unless --primary stored.",
             an->stored_total, an->stored_equal);
}

static void note_pairs(struct analysis *an, const struct contrast *c)
{
    const struct t_test *t = &c->findings[an->primary].numbers.t;
    if (c->n_pairs < FEW_PAIRS)
        note(an, "%.*s: %zu pairs cannot give a p below %.2g, whatever happened.", STR_ARG(c->name),
             c->n_pairs, 2.0 / (double)(1u << c->n_pairs));
    else if (c->n_pairs < USUAL_PAIRS)
        note(an,
             "%.*s: with %zu pairs bootstrap intervals come out too short; Student's is %+.2f .. "
             "%+.2f.",
             STR_ARG(c->name), c->n_pairs, t->interval.low, t->interval.high);
    if (c->n_incomplete)
        note(an,
             "%.*s: probes that lack an answer on one side: %zu. They are not among the %zu pairs; "
             "see the worst case of missing.",
             STR_ARG(c->name), c->n_incomplete, c->n_pairs);
    if (c->n_alone)
        note(an, "%.*s: probes that only one of the runs has: %zu.", STR_ARG(c->name), c->n_alone);
}

static void note_robustness(struct analysis *an, const struct contrast *c)
{
    const struct finding *primary = &c->findings[an->primary];
    if (primary->numbers.rests_on_one)
        note(an, "%.*s: leaving one probe out turns the sign of the difference.", STR_ARG(c->name));
    if (primary->imputed_verdict != primary->verdict)
        note(an, "%.*s: the verdict would not survive the worst case of the missing answers.",
             STR_ARG(c->name));
    if (primary->capped_mean * primary->numbers.t.mean < 0)
        note(an, "%.*s: capping the unbounded penalty turns the sign of the difference.",
             STR_ARG(c->name));
    if (c->signs_disagree)
        note(an, "%.*s: one scorer says better, another worse.", STR_ARG(c->name));
}

static void note_failures(struct analysis *an, const struct contrast *c)
{
    for (size_t k = 0; k < FAILURE_KINDS; k++) {
        const struct failure_pair *pair = &c->failures[k];
        if (pair->is_known && pair->p <= an->options.compare.alpha)
            note(an,
                 "%.*s: answers fail otherwise (%s: %zu probes on one side, %zu on the other "
                 "alone), "
                 "so the scores may tell of failing rather than of reasoning.",
                 STR_ARG(c->name), failure_name((enum failure_kind)k), pair->table.only_a,
                 pair->table.only_b);
    }
    if (c->sound.n < c->n_pairs && c->sound.n > 0)
        note(an,
             "%.*s: over the %zu of %zu pairs without an empty, degenerate or refusing answer the "
             "difference is %+.2f.",
             STR_ARG(c->name), c->sound.n, c->n_pairs, c->sound.mean);
}

static void note_length(struct analysis *an, const struct contrast *c)
{
    const struct finding *primary = &c->findings[an->primary];
    const struct ancova *fit = &c->length.ancova;
    bool decided = primary->verdict == VERDICT_BETTER || primary->verdict == VERDICT_WORSE;
    if (decided && fit->intercept_p > an->options.compare.alpha)
        note(an, "%.*s: at equal length the difference is not distinguishable from none.",
             STR_ARG(c->name));
    for (size_t k = 0; k < LAYOUT_KINDS; k++)
        if (c->layouts[k].flips && c->layouts[k].changed_a + c->layouts[k].changed_b > 0)
            note(an, "%.*s: a change of layout alone (%s) turns the sign of the difference.",
                 STR_ARG(c->name), layout_name((enum layout_kind)k));
    if (c->layouts[LAYOUT_SHUFFLED].wins)
        note(an,
             "%.*s: its answers beat the other side even with their sentences in random order: "
             "this metric does not see reasoning.",
             STR_ARG(c->name));
}

/* A kernel that changes something, and not more than its placebo does. */
static void note_placebo(struct analysis *an, const struct contrast *over)
{
    enum verdict against = over->findings[an->primary].verdict;
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast *c = &an->contrasts[i];
        enum verdict verdict = c->findings[an->primary].verdict;
        bool decided = verdict == VERDICT_BETTER || verdict == VERDICT_WORSE;
        if (c->kind == CONTRAST_KERNEL && c->b == over->b && decided && verdict != against)
            note(an,
                 "%.*s: %s than the baseline, but %s against its placebo %.*s, so it is not shown "
                 "that its message did it.",
                 STR_ARG(c->name), verdict_name(verdict), verdict_name(against),
                 STR_ARG(an->arms[over->a].name));
    }
}

static void note_salad(struct analysis *an)
{
    if (an->salad.wins)
        note(an,
             "A salad of key words without a sentence scores %.1f in %s, above the best arm's mean "
             "of %.1f: this metric can be won without an answer.",
             an->salad.score, an->metrics[an->primary].name.ptr, an->salad.best_mean);
}

static void note_differences(struct analysis *an)
{
    size_t n = 0;
    for (size_t i = 0; i < an->n_differences; i++)
        n += an->differences[i].is_material;
    if (n)
        note(an, "Facts in which the runs differ and that can change an answer: %zu, listed below.",
             n);
}

void notes_write(struct analysis *an)
{
    note_runs(an);
    note_differences(an);
    note_stored(an);
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast *c = &an->contrasts[i];
        note_pairs(an, c);
        if (c->n_pairs == 0)
            continue;
        note_robustness(an, c);
        note_failures(an, c);
        note_length(an, c);
        if (c->kind == CONTRAST_OVER_PLACEBO)
            note_placebo(an, c);
    }
    note_salad(an);
}
