/* report_rows.c - see report_rows.h. */
#include "report/report_rows.h"

#include <math.h>

#include "report/report_cells.h"
#include "report/report_verdict.h"

static void cell_rows(struct table *t, const struct contrast *c, const struct forest *forest,
                      const char *kind)
{
    for (size_t k = 0; k < forest->n_cells; k++) {
        const struct cell *cell = &forest->cells[k];
        table_cell(t, "%s", kind);
        name_cell(t, c->name);
        name_cell(t, cell->name);
        count_cell(t, cell->n);
        exact_cell(t, cell->mean_a);
        exact_cell(t, cell->mean_b);
        exact_cell(t, cell->mean);
        exact_cell(t, cell->interval.low);
        exact_cell(t, cell->interval.high);
        exact_cell(t, cell->p);
        exact_cell(t, cell->q);
        exact_cell(t, cell->sd > 0 ? cell->mean / cell->sd : (double)NAN);
        table_cell(t, "%s", "");
    }
}

static void probe_rows(struct table *t, const struct analysis *an, const struct contrast *c)
{
    const struct finding *f = finding_primary(an, c);
    for (size_t i = 0; i < c->n_pairs; i++) {
        const struct run *run = an->runs[an->arms[c->a].run];
        table_cell(t, "probe");
        name_cell(t, c->name);
        name_cell(t, run->probes[c->pairs[i].probe_a].id);
        count_cell(t, c->samples);
        exact_cell(t, f->a[i]);
        exact_cell(t, f->b[i]);
        exact_cell(t, f->b[i] - f->a[i]);
        for (size_t k = 0; k < 6; k++)
            table_cell(t, "%s", "");
    }
}

void report_rows(struct table *t, const struct analysis *an)
{
    COLUMNS(t, 3, "kind", "contrast", "name", "n", "mean_a", "mean_b", "difference", "low", "high",
            "p", "p_adjusted", "dz", "verdict");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast *c = &an->contrasts[i];
        for (size_t m = 0; m < an->n_metrics; m++) {
            const struct finding *f = &c->findings[m];
            table_cell(t, f->is_primary ? "primary" : "exploratory");
            name_cell(t, c->name);
            name_cell(t, an->metrics[m].name);
            count_cell(t, f->numbers.t.n);
            exact_cell(t, f->numbers.mean_a);
            exact_cell(t, f->numbers.mean_b);
            exact_cell(t, f->numbers.t.mean);
            exact_cell(t, finding_interval(f).low);
            exact_cell(t, finding_interval(f).high);
            exact_cell(t, f->numbers.sign_flip.p);
            exact_cell(t, f->p_adjusted);
            exact_cell(t, f->numbers.dz);
            table_cell(t, "%s", verdict_name(f->verdict));
        }
        cell_rows(t, c, &c->categories, "category");
        cell_rows(t, c, &c->signals, "signal");
        probe_rows(t, an, c);
    }
}
