#include "report/report_plots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "os/file.h"
#include "plot/numeral.h"
#include "plot/plot.h"
#include "report/report_verdict.h"

enum { DECIMALS = 2, ID_MAX = 64, SLUG_MAX = 40, PLOT_BYTES_MAX = 1 << 28 };

static const double CUT_SHARES[ANALYSIS_CUTS] = {0.25, 0.5, 0.75, 1};

static const char *const names[REPORT_PLOTS] = {
    "differences", "slope", "categories", "signals", "length", "curve",
};

/* One contrast under the primary metric. */
struct view {
    const struct analysis *an;
    const struct contrast *c;
    const struct finding *primary;
    struct str metric, a, b;
    enum plot_direction direction;
    struct plot plot;
};

static struct plot_interval interval(double at, struct interval range)
{
    return (struct plot_interval){at, range.low, range.high};
}

static enum plot_direction direction_of(int direction)
{
    return direction > 0 ? PLOT_MORE_IS_BETTER : direction < 0 ? PLOT_LESS_IS_BETTER : PLOT_NEUTRAL;
}

/* Scores of every pair under both arms, with its probe's name; free(). */
static struct plot_pair *pairs_of(const struct view *v)
{
    const struct run *run = v->an->runs[v->an->arms[v->c->a].run];
    struct plot_pair *pairs = mem_alloc((v->c->n_pairs + 1) * sizeof *pairs);
    for (size_t i = 0; i < v->c->n_pairs; i++)
        pairs[i] = (struct plot_pair){run->probes[v->c->pairs[i].probe_a].id, v->primary->a[i],
                                      v->primary->b[i]};
    return pairs;
}

static bool draw_differences(struct buf *out, const struct view *v)
{
    struct plot_pair *pairs = pairs_of(v);
    struct plot_differences in = {
        .a = v->a,
        .b = v->b,
        .metric = v->metric,
        .pairs = pairs,
        .n_pairs = v->c->n_pairs,
        .band = ANALYSIS_BAND,
        .direction = v->direction,
        .mean = interval(v->primary->numbers.t.mean, finding_interval(v->primary))};
    plot_differences(out, &v->plot, &in);
    free(pairs);
    return true;
}

static bool draw_slope(struct buf *out, const struct view *v)
{
    struct plot_pair *pairs = pairs_of(v);
    struct plot_slope in = {.a = v->a,
                            .b = v->b,
                            .metric = v->metric,
                            .pairs = pairs,
                            .n_pairs = v->c->n_pairs,
                            .band = ANALYSIS_BAND,
                            .direction = v->direction,
                            .mean_a = v->primary->numbers.mean_a,
                            .mean_b = v->primary->numbers.mean_b};
    plot_slope(out, &v->plot, &in);
    free(pairs);
    return true;
}

static struct plot_row row_of(const struct cell *cell)
{
    return (struct plot_row){.name = cell->name.len ? cell->name : str_of("(none)"),
                             .n = cell->n,
                             .measure = interval(cell->mean, cell->interval),
                             .shrunk = cell->shrunk,
                             .direction = direction_of(cell->direction),
                             .is_small = cell->is_small};
}

static bool draw_categories(struct buf *out, const struct view *v)
{
    const struct forest *forest = &v->c->categories;
    if (forest->n_cells < 2)
        return false;
    struct plot_row *rows = mem_alloc((forest->n_cells + 1) * sizeof *rows);
    for (size_t i = 0; i < forest->n_cells; i++)
        rows[i] = row_of(&forest->cells[i]);
    rows[forest->n_cells] = (struct plot_row){
        .name = str_of("all probes"),
        .n = v->c->n_pairs,
        .measure = interval(v->primary->numbers.t.mean, finding_interval(v->primary)),
        .shrunk = NAN,
        .direction = v->direction,
        .is_total = true};
    struct plot_forest in = {.title = str_of("Difference by category"),
                             .rows_are = str_of("category"),
                             .direction = v->direction,
                             .rows = rows,
                             .n_rows = forest->n_cells + 1};
    plot_forest(out, &v->plot, &in);
    free(rows);
    return true;
}

static bool draw_signals(struct buf *out, const struct view *v)
{
    const struct forest *forest = &v->c->signals;
    if (forest->n_cells == 0)
        return false;
    struct plot_row *rows = mem_alloc(forest->n_cells * sizeof *rows);
    for (size_t i = 0; i < forest->n_cells; i++) {
        rows[i] = row_of(&forest->cells[i]);
        rows[i].n = 0; /* the same for all */
    }
    struct plot_forest in = {.title = str_of("Difference by signal, hits an answer"),
                             .rows_are = str_of("signal"),
                             .direction = PLOT_NEUTRAL,
                             .rows = rows,
                             .n_rows = forest->n_cells};
    plot_forest(out, &v->plot, &in);
    free(rows);
    return true;
}

static struct plot_point *points_of(const struct view *v, const double *length, const double *score)
{
    const struct run *run = v->an->runs[v->an->arms[v->c->a].run];
    struct plot_point *points = mem_alloc((v->c->n_pairs + 1) * sizeof *points);
    for (size_t i = 0; i < v->c->n_pairs; i++)
        points[i] =
            (struct plot_point){run->probes[v->c->pairs[i].probe_a].id, length[i], score[i]};
    return points;
}

static bool draw_length(struct buf *out, const struct view *v)
{
    char notes[2][NUMERAL_MAX + 8];
    const size_t arms[2] = {v->c->a, v->c->b};
    if (v->c->n_pairs == 0)
        return false;
    for (size_t i = 0; i < 2; i++) {
        double rho = v->an->arms[arms[i]].scores[v->an->primary].length_spearman;
        snprintf(notes[i], sizeof notes[i], "\xCF\x81 %s", numeral_fixed(rho, DECIMALS).text);
    }
    struct plot_point *a = points_of(v, v->c->length.a, v->primary->a);
    struct plot_point *b = points_of(v, v->c->length.b, v->primary->b);
    struct plot_length in = {.unit = str_of(length_unit_name(v->an->length_unit)),
                             .metric = v->metric,
                             .a = {v->a, str_of(notes[0]), a, v->c->n_pairs},
                             .b = {v->b, str_of(notes[1]), b, v->c->n_pairs}};
    plot_length(out, &v->plot, &in);
    free(a);
    free(b);
    return true;
}

static bool draw_curve(struct buf *out, const struct view *v)
{
    struct plot_interval at[2][ANALYSIS_CUTS];
    const size_t arms[2] = {v->c->a, v->c->b};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < ANALYSIS_CUTS; k++)
            at[i][k] = (struct plot_interval){v->an->arms[arms[i]].length.cut_score[k], NAN, NAN};
    const struct plot_curve_arm curves[] = {{v->a, at[0]}, {v->b, at[1]}};
    struct plot_curve in = {v->metric, CUT_SHARES, ANALYSIS_CUTS, curves, 2};
    if (!isfinite(at[0][ANALYSIS_CUTS - 1].at) || !isfinite(at[1][ANALYSIS_CUTS - 1].at))
        return false;
    plot_curve(out, &v->plot, &in);
    return true;
}

bool report_plot(struct buf *out, const struct analysis *an, size_t contrast,
                 enum report_plot which, bool is_inline)
{
    static bool (*const draw[REPORT_PLOTS])(struct buf *, const struct view *) = {
        draw_differences, draw_slope, draw_categories, draw_signals, draw_length, draw_curve,
    };
    const struct contrast *c = &an->contrasts[contrast];
    char id[ID_MAX];
    snprintf(id, sizeof id, "plot-%zu-%s", contrast + 1, names[which]);
    struct view view = {.an = an,
                        .c = c,
                        .primary = &c->findings[an->primary],
                        .metric = an->metrics[an->primary].name,
                        .a = an->arms[c->a].name,
                        .b = an->arms[c->b].name,
                        .direction = direction_of(an->metrics[an->primary].direction),
                        .plot = {id, is_inline, DECIMALS}};
    return c->n_pairs > 0 && draw[which](out, &view);
}

bool report_plot_contrasts(struct buf *out, const struct analysis *an, bool is_inline)
{
    if (an->n_contrasts < 2)
        return false;
    enum plot_direction direction = direction_of(an->metrics[an->primary].direction);
    struct plot plot = {"plot-contrasts", is_inline, DECIMALS};
    struct plot_row *rows = mem_alloc(an->n_contrasts * sizeof *rows);
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct finding *f = &an->contrasts[i].findings[an->primary];
        rows[i] = (struct plot_row){.name = an->contrasts[i].name,
                                    .n = an->contrasts[i].n_pairs,
                                    .measure = interval(f->numbers.t.mean, finding_interval(f)),
                                    .shrunk = NAN,
                                    .direction = direction};
    }
    struct plot_forest in = {.title = str_of("Difference of each contrast"),
                             .rows_are = str_of("contrast"),
                             .direction = direction,
                             .rows = rows,
                             .n_rows = an->n_contrasts};
    plot_forest(out, &plot, &in);
    free(rows);
    return true;
}

/* ---- files ---- */

/* What of a name may stand in a file's: a name cannot leave the folder or hide. */
static void slug_of(char out[SLUG_MAX + 1], struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < SLUG_MAX; i++) {
        char c = name.ptr[i];
        bool is_kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_kept)
            out[n++] = c;
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = 0;
}

static bool save(const char *dir, const char *name, const struct buf *drawing, struct err *err)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_printf(&path, "%s/%s.svg", dir, name);
    bool ok = !drawing->full ||
              err_set(err, ERR_LIMIT, "%s: larger than %d bytes", path.ptr, PLOT_BYTES_MAX);
    ok = ok && file_write_atomic(path.ptr, buf_str(drawing), err);
    buf_release(&path);
    return ok;
}

bool report_plots_save(const struct analysis *an, const char *dir, struct err *err)
{
    struct buf drawing;
    buf_init(&drawing, PLOT_BYTES_MAX);
    bool ok = file_make_dirs(dir, err);
    if (ok && report_plot_contrasts(&drawing, an, false))
        ok = save(dir, "contrasts", &drawing, err);
    for (size_t i = 0; ok && i < an->n_contrasts; i++) {
        char slug[SLUG_MAX + 1], name[SLUG_MAX + ID_MAX];
        slug_of(slug, an->contrasts[i].name);
        for (size_t k = 0; ok && k < REPORT_PLOTS; k++) {
            buf_reset(&drawing);
            snprintf(name, sizeof name, "%zu-%s-%s", i + 1, slug, names[k]);
            if (report_plot(&drawing, an, i, (enum report_plot)k, false))
                ok = save(dir, name, &drawing, err);
        }
    }
    buf_release(&drawing);
    return ok;
}
