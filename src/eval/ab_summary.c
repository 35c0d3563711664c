/* ab_summary.c - what an A/B run comes to, in the original's terms. */
#include "eval/ab_int.h"

/* A change of half a point or less is none. */
#define CHANGE_BAND 0.5

bool ab_probe_is_counted(const struct ab *ab, size_t probe)
{
    size_t first = ab_index(ab, probe, 0, 0), end = ab_index(ab, probe + 1, 0, 0);
    for (size_t i = first; i < end; i++)
        if (ab->answers[i].state != AB_DONE)
            return false;
    return true;
}

static void count_change(struct ab_row *row, double difference)
{
    if (difference > CHANGE_BAND)
        row->improved++;
    else if (difference < -CHANGE_BAND)
        row->regressed++;
    else
        row->unchanged++;
}

/* Sums into the rows' means, for the probes that are counted. */
static void add_probe(struct ab_summary *out, const struct ab *ab, size_t probe)
{
    double baseline = 0;
    for (size_t c = 0; c < out->n_rows; c++) {
        struct ab_row *row = &out->rows[c];
        const struct ab_answer *answers = &ab->answers[ab_index(ab, probe, c, 0)];
        double score = ab_score_of(ab, &answers[0]);
        row->mean += score;
        for (size_t k = 0; k < ab->options->samples; k++)
            row->mean_all += ab_score_of(ab, &answers[k]);
        if (c == 0)
            baseline = score;
        else
            count_change(row, score - baseline);
    }
    out->n_probes++;
}

void ab_summarise(struct ab_summary *out, const struct ab *ab)
{
    *out = (struct ab_summary){.n_rows = ab->options->conditions->count};
    for (size_t c = 0; c < out->n_rows; c++)
        out->rows[c].name = ab->options->conditions->items[c].name;
    for (size_t p = 0; p < ab->options->n_probes; p++) {
        if (ab_probe_is_counted(ab, p))
            add_probe(out, ab, p);
        else
            out->n_failed++;
    }
    for (size_t c = 0; c < out->n_rows && out->n_probes; c++) {
        struct ab_row *row = &out->rows[c];
        row->mean /= (double)out->n_probes;
        row->mean_all /= (double)out->n_probes * (double)ab->options->samples;
        row->delta = row->mean - out->rows[0].mean;
        row->delta_all = row->mean_all - out->rows[0].mean_all;
    }
    out->duration_s = (double)(ab->worked_us + ab->last_us - ab->session_us) * 1e-6;
}
