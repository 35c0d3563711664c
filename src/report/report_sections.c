/* report_sections.c - see report_sections.h. */
#include "report/report_sections.h"

#include <math.h>
#include <stdio.h>

#include "report/report_cells.h"
#include "report/report_verdict.h"

enum { CELL_MAX = 128 };

/* ---- verdicts ---- */

static void finding_row(struct table *t, const struct analysis *an, const struct contrast *c,
                        const struct finding *f)
{
    name_cell(t, c->name);
    name_cell(t, an->metrics[f->metric].name);
    score_cell(t, f->numbers.mean_a);
    score_cell(t, f->numbers.mean_b);
    difference_cell(t, f->numbers.t.mean);
    range_cell(t, finding_interval(f));
    p_cell(t, f->numbers.sign_flip.p);
    p_cell(t, f->p_adjusted);
    difference_cell(t, f->numbers.hedges_g);
    table_cell(t, "%zu x %zu", c->n_pairs, c->samples);
    table_cell(t, "%s", verdict_name(f->verdict));
}

static void fill_findings(struct table *t, const struct analysis *an, bool primary)
{
    COLUMNS(t, 2, "contrast", "metric", "a", "b", "b - a", "interval", "p", "adjusted p", "g",
            "probes", "verdict");
    for (size_t i = 0; i < an->n_contrasts; i++)
        for (size_t m = 0; m < an->n_metrics; m++)
            if (an->contrasts[i].findings[m].is_primary == primary)
                finding_row(t, an, &an->contrasts[i], &an->contrasts[i].findings[m]);
}

static void fill_primary(struct table *t, const struct analysis *an)
{
    fill_findings(t, an, true);
}

static void fill_exploratory(struct table *t, const struct analysis *an)
{
    fill_findings(t, an, false);
}

static void fill_effects(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "contrast", "d_z", "rank-biserial", "Cliff", "A", "win/tie/loss", "beyond 0.5",
            "Wilcoxon p", "shift", "max-T p");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct finding *f = finding_primary(an, &an->contrasts[i]);
        const struct compare *r = &f->numbers;
        name_cell(t, an->contrasts[i].name);
        difference_cell(t, r->dz);
        difference_cell(t, r->wilcoxon.rank_biserial);
        difference_cell(t, r->cliffs_delta);
        score_cell(t, r->vargha_delaney_a);
        table_cell(t, "%zu/%zu/%zu", r->count.win, r->count.tie, r->count.loss);
        table_cell(t, "%zu/%zu/%zu", f->banded.win, f->banded.tie, f->banded.loss);
        p_cell(t, r->wilcoxon.p);
        difference_cell(t, r->hodges_lehmann);
        p_cell(t, f->p_max_t);
    }
}

static void fill_power(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "contrast", "probes", "would have been found", "probes needed", "margin",
            "equivalence p");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct compare *r = &finding_primary(an, &an->contrasts[i])->numbers;
        double margin = an->options.compare.margin;
        name_cell(t, an->contrasts[i].name);
        count_cell(t, r->t.n);
        score_cell(t, r->minimum_detectable);
        number_cell(t, r->pairs_needed ? (double)r->pairs_needed : (double)NAN, 0);
        score_cell(t, margin > 0 ? margin : (double)NAN);
        p_cell(t, r->tost_p);
    }
}

static void fill_robustness(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "contrast", "mean", "median", "trimmed", "winsorised", "leaving one out",
            "penalty capped", "worst case of missing", "sound pairs", "two-level interval");
    struct interval none = {NAN, NAN};
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct finding *f = finding_primary(an, &an->contrasts[i]);
        const struct compare *r = &f->numbers;
        name_cell(t, an->contrasts[i].name);
        difference_cell(t, r->t.mean);
        difference_cell(t, r->median);
        difference_cell(t, r->trimmed_mean);
        difference_cell(t, r->winsorised_mean);
        range_cell(t, r->leave_one_out);
        difference_cell(t, f->capped_mean);
        range_cell(t, an->contrasts[i].n_incomplete ? f->imputed : none);
        difference_cell(t, an->contrasts[i].sound.mean);
        range_cell(t, an->contrasts[i].samples > 1 ? r->cluster_bootstrap.percentile : none);
    }
}

/* ---- forests ---- */

static void forest_rows(struct table *t, const struct contrast *c, const struct forest *forest,
                        bool shrunk)
{
    for (size_t k = 0; k < forest->n_cells; k++) {
        const struct cell *cell = &forest->cells[k];
        name_cell(t, c->name);
        name_cell(t, cell->name);
        count_cell(t, cell->n);
        score_cell(t, cell->mean_a);
        score_cell(t, cell->mean_b);
        difference_cell(t, cell->mean);
        range_cell(t, cell->interval);
        p_cell(t, cell->q);
        if (shrunk)
            difference_cell(t, cell->shrunk);
        if (shrunk)
            table_cell(t, "%s", cell->is_small ? "too few" : "");
    }
}

static void fill_categories(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 2, "contrast", "category", "n", "a", "b", "b - a", "interval", "q", "shrunk", "");
    for (size_t i = 0; i < an->n_contrasts; i++)
        forest_rows(t, &an->contrasts[i], &an->contrasts[i].categories, true);
}

static void fill_signals(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 2, "contrast", "signal", "n", "a", "b", "b - a", "interval", "q");
    for (size_t i = 0; i < an->n_contrasts; i++)
        forest_rows(t, &an->contrasts[i], &an->contrasts[i].signals, false);
}

static void fill_heterogeneity(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "kernel", "runs", "p: runs differ", "p: run and category differ");
    for (size_t i = 0; i < an->n_interactions; i++) {
        const struct interaction *x = &an->interactions[i];
        name_cell(t, x->kernel);
        count_cell(t, x->runs);
        p_cell(t, x->between_runs.q_p);
        p_cell(t, x->cells_differ_p);
    }
}

/* ---- length and layout ---- */

static void fill_length(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "contrast", "longer by", "interval", "b - a at equal length", "p", "Spearman",
            "cut to 25 %", "50 %", "75 %", "100 %");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast_length *length = &an->contrasts[i].length;
        name_cell(t, an->contrasts[i].name);
        difference_cell(t, length->t.mean);
        range_cell(t, length->t.interval);
        difference_cell(t, length->ancova.intercept);
        p_cell(t, length->ancova.intercept_p);
        difference_cell(t, length->spearman);
        for (size_t k = 0; k < ANALYSIS_CUTS; k++)
            difference_cell(t, length->cut[k].mean);
    }
}

static void fill_arms(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "arm", "probes", "mean", "interval", "length", "per 100", "Spearman",
            "cut to 25 %", "50 %", "75 %", "best of samples", "ICC");
    for (size_t i = 0; i < an->n_arms; i++) {
        const struct arm *arm = &an->arms[i];
        const struct arm_score *score = &arm->scores[an->primary];
        bool many = an->runs[arm->run]->samples > 1;
        name_cell(t, arm->name);
        count_cell(t, arm->n_probes);
        score_cell(t, score->mean);
        range_cell(t, score->interval);
        number_cell(t, arm->length.mean, 0);
        score_cell(t, score->per_100);
        difference_cell(t, score->length_spearman);
        for (size_t k = 0; k + 1 < ANALYSIS_CUTS; k++)
            score_cell(t, arm->length.cut_score[k]);
        score_cell(t, many ? score->best : (double)NAN);
        score_cell(t, score->icc);
    }
}

static void fill_layouts(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 2, "contrast", "change", "answers changed", "b - a", "shift", "p of shift",
            "b changed - a", "");
    for (size_t i = 0; i < an->n_contrasts; i++)
        for (size_t k = 0; k < LAYOUT_KINDS; k++) {
            const struct layout *layout = &an->contrasts[i].layouts[k];
            name_cell(t, an->contrasts[i].name);
            table_cell(t, "%s", layout_name((enum layout_kind)k));
            table_cell(t, "%zu + %zu", layout->changed_a, layout->changed_b);
            difference_cell(t, layout->t.mean);
            difference_cell(t, layout->shift.mean);
            p_cell(t, layout->shift.p);
            difference_cell(t, layout->against_plain.mean);
            table_cell(t, "%s%s", layout->flips ? "turns the sign " : "",
                       layout->wins && k == LAYOUT_SHUFFLED ? "still wins" : "");
        }
}

/* ---- failures, leaks, cost ---- */

static void fill_failures(struct table *t, const struct analysis *an)
{
    table_column(t, "arm", TEXT_LEFT);
    for (size_t k = 0; k < FAILURE_KINDS; k++)
        table_column(t, failure_name((enum failure_kind)k), TEXT_RIGHT);
    for (size_t i = 0; i < an->n_arms; i++) {
        name_cell(t, an->arms[i].name);
        for (size_t k = 0; k < FAILURE_KINDS; k++) {
            const struct failure_count *failure = &an->arms[i].failures[k];
            if (failure->of)
                table_cell(t, "%zu/%zu", failure->count, failure->of);
            else
                table_cell(t, "not recorded");
        }
    }
}

static void fill_failure_pairs(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 2, "contrast", "failure", "only a", "only b", "both", "McNemar p",
            "difference of shares");
    for (size_t i = 0; i < an->n_contrasts; i++)
        for (size_t k = 0; k < FAILURE_KINDS; k++) {
            const struct failure_pair *pair = &an->contrasts[i].failures[k];
            if (!pair->is_known || pair->table.only_a + pair->table.only_b == 0)
                continue;
            name_cell(t, an->contrasts[i].name);
            table_cell(t, "%s", failure_name((enum failure_kind)k));
            count_cell(t, pair->table.only_a);
            count_cell(t, pair->table.only_b);
            count_cell(t, pair->table.both);
            p_cell(t, pair->p);
            range_cell(t, pair->difference);
        }
}

static void fill_leaks(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "arm", "hits", "the kernel's words", "without the kernel",
            "answers sharing 13 words", "probes sharing 13 words");
    for (size_t i = 0; i < an->n_arms; i++) {
        const struct arm_leak *leak = &an->arms[i].leak;
        if (!leak->is_known)
            continue;
        name_cell(t, an->arms[i].name);
        count_cell(t, leak->hits);
        share_cell(t, leak->hit_share);
        share_cell(t, leak->reference_share);
        table_cell(t, "%zu/%zu", leak->copying, leak->answers);
        table_cell(t, "%zu/%zu", leak->overlapping, leak->probes);
    }
}

static void fill_cost(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 1, "arm", "prompt tokens", "answer tokens", "an answer", "time s", "first token ms",
            "95 % ms", "tokens/s");
    for (size_t i = 0; i < an->n_arms; i++) {
        const struct arm_cost *cost = &an->arms[i].cost;
        name_cell(t, an->arms[i].name);
        number_cell(t, cost->prompt_tokens, 0);
        number_cell(t, cost->completion_tokens, 0);
        number_cell(t, cost->completion_mean, 0);
        number_cell(t, cost->time_s, 1);
        number_cell(t, cost->ttft_p50_ms, 0);
        number_cell(t, cost->ttft_p95_ms, 0);
        number_cell(t, cost->tokens_per_s, 1);
    }
}

/* ---- agreement, published, changes, provenance ---- */

static void fill_agreement(struct table *t, const struct analysis *an)
{
    size_t m = an->n_metrics;
    table_column(t, "metric", TEXT_LEFT);
    for (size_t j = 0; j < m; j++)
        table_column(t, an->metrics[j].name.ptr, TEXT_RIGHT);
    for (size_t i = 0; i < m; i++) {
        name_cell(t, an->metrics[i].name);
        for (size_t j = 0; j < m; j++)
            difference_cell(t, an->agreement.rho[i * m + j]);
    }
}

static void fill_published(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 3, "arm", "published as", "what", "published", "ours", "difference", "interval",
            "tolerance", "verdict");
    for (size_t i = 0; i < an->n_published; i++) {
        const struct published_row *row = &an->published[i];
        name_cell(t, an->arms[row->arm].name);
        table_cell(t, "%.*s, %.*s", STR_ARG(row->model), STR_ARG(row->set));
        table_cell(t, an->arms[row->arm].is_baseline ? "mean" : "gain");
        score_cell(t, row->published);
        score_cell(t, row->ours);
        difference_cell(t, row->difference);
        range_cell(t, row->interval);
        score_cell(t, row->tolerance);
        table_cell(t, "%s%s%.*s", published_verdict_name(row->verdict), row->why.ptr ? ": " : "",
                   STR_ARG(row->why));
    }
}

static void add_flags(struct table *t, const struct change *change)
{
    char text[CELL_MAX] = "";
    size_t len = 0;
    for (size_t k = 0; k < FAILURE_KINDS; k++)
        for (int side = 0; side < 2; side++)
            if ((side ? change->failures_b : change->failures_a)[k])
                len += (size_t)snprintf(text + len, sizeof text - len, "%s%s: %s", len ? ", " : "",
                                        side ? "b" : "a", failure_name((enum failure_kind)k));
    table_cell(t, "%s", text);
}

static void change_rows(struct table *t, const struct analysis *an, bool falls)
{
    enum { SHOWN = 10 };
    COLUMNS(t, 3, "contrast", "probe", "category", "b - a", "a", "b", "sample", "failures");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast *c = &an->contrasts[i];
        const struct change_list *list = falls ? &c->regressions : &c->improvements;
        for (size_t k = 0; k < list->count && k < SHOWN; k++) {
            const struct change *change = &list->items[k];
            name_cell(t, c->name);
            name_cell(t, change->probe->id);
            name_cell(t, change->probe->category);
            difference_cell(t, change->mean_d);
            score_cell(t, change->score_a);
            score_cell(t, change->score_b);
            count_cell(t, change->sample);
            add_flags(t, change);
        }
    }
}

static void fill_regressions(struct table *t, const struct analysis *an)
{
    change_rows(t, an, true);
}

static void fill_improvements(struct table *t, const struct analysis *an)
{
    change_rows(t, an, false);
}

static void fact_cell(struct table *t, struct str value)
{
    table_cell_str(t, value.ptr ? value : str_of("not recorded"));
}

static void fill_differences(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 4, "fact", "first", "other", "can change an answer");
    for (size_t i = 0; i < an->n_differences; i++) {
        name_cell(t, an->differences[i].name);
        fact_cell(t, an->differences[i].a);
        fact_cell(t, an->differences[i].b);
        table_cell(t, an->differences[i].is_material ? "yes" : "no");
    }
}

static void fill_provenance(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 3, "run", "fact", "value");
    for (size_t r = 0; r < an->n_runs; r++)
        for (size_t i = 0; i < an->provenance[r].count; i++) {
            count_cell(t, r + 1);
            name_cell(t, an->provenance[r].items[i].name);
            fact_cell(t, an->provenance[r].items[i].value);
        }
}

const struct section *report_sections(size_t *count)
{
    static const struct section sections[] = {
        {"Verdict",
         "The primary metric, declared before the run. b - a over probes; interval: BCa "
         "bootstrap; p: sign flips.",
         SECTION_ALWAYS, fill_primary},
        {"Other metrics", "Exploratory: a p among these is no proof.", SECTION_ALWAYS,
         fill_exploratory},
        {"Effect size", "Of the primary metric.", SECTION_ALWAYS, fill_effects},
        {"Power and equivalence",
         "The least true difference that would have been found 8 times in 10, and how many probes "
         "would find the one seen.",
         SECTION_ALWAYS, fill_power},
        {"Robustness",
         "Does it hang on one probe, one penalty, on what is missing, on answers that are none?",
         SECTION_ALWAYS, fill_robustness},
        {"Categories", "q: Benjamini-Hochberg. Nothing is claimed of fewer than 10 probes.",
         SECTION_CATEGORIES, fill_categories},
        {"Do runs or categories differ?",
         "Cochran's Q of runs, permutation of labels; a large p says: tell no story.",
         SECTION_CATEGORIES, fill_heterogeneity},
        {"Signals", "Counts of the primary scorer's signals; q: Benjamini-Hochberg.",
         SECTION_SIGNALS, fill_signals},
        {"Length", "The difference at equal length, and when all answers are cut.", SECTION_ALWAYS,
         fill_length},
        {"Conditions", NULL, SECTION_ALWAYS, fill_arms},
        {"Layout and order", "Both sides changed in a way that should not matter.", SECTION_ALWAYS,
         fill_layouts},
        {"Failures", NULL, SECTION_ALWAYS, fill_failures},
        {"Failures by probe", "Probes with such an answer on one side alone.", SECTION_ALWAYS,
         fill_failure_pairs},
        {"The kernel's own words",
         "Share of v2-ab's hits that stand in the kernel word for word, with it and without it.",
         SECTION_ALWAYS, fill_leaks},
        {"Cost", "Times of answers overlap in a batch.", SECTION_ALWAYS, fill_cost},
        {"Agreement of scorers", "Spearman's rank correlation over all answers.", SECTION_ALWAYS,
         fill_agreement},
        {"Published values", NULL, SECTION_ALWAYS, fill_published},
        {"Regressions", "The worst first.", SECTION_CHANGES, fill_regressions},
        {"Improvements", "The largest first.", SECTION_CHANGES, fill_improvements},
        {"Differences of provenance", NULL, SECTION_ALWAYS, fill_differences},
        {"Provenance", NULL, SECTION_DETAIL, fill_provenance},
    };
    *count = sizeof sections / sizeof *sections;
    return sections;
}
