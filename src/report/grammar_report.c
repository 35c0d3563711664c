/* grammar_report.c - see grammar_report.h. */
#include "report/grammar_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/tabs.h"
#include "text/json.h"
#include "text/utf8.h"

enum { ID_BYTES = 28, CATEGORY_BYTES = 8 };
#define TABLE_MAX ((size_t)1 << 32)

/* Go's encoding/json: < > & and the line separators are escaped too. */
static void put_string(struct buf *out, struct str s)
{
    buf_putc(out, '"');
    for (size_t at = 0; at < s.len;) {
        size_t start = at;
        uint32_t cp = utf8_next(s, &at);
        if (cp == UTF8_BAD)
            buf_puts(out, "\\ufffd");
        else if (cp == '"' || cp == '\\')
            buf_printf(out, "\\%c", (int)cp);
        else if (cp == '\n' || cp == '\r' || cp == '\t')
            buf_puts(out, cp == '\n' ? "\\n" : cp == '\r' ? "\\r" : "\\t");
        else if (cp < 0x20 || cp == '<' || cp == '>' || cp == '&' || cp == 0x2028 || cp == 0x2029)
            buf_printf(out, "\\u%04x", (unsigned)cp);
        else
            buf_add_str(out, str_sub(s, start, at - start));
    }
    buf_putc(out, '"');
}

/* The shortest digits that read back as x, without a decimal point where there is nothing behind. */
static void put_number(struct buf *out, const char *name, double x)
{
    char text[JSON_REAL_LEN_MAX];
    size_t len = json_format_real(text, x);
    bool whole = len > 2 && strcmp(text + len - 2, ".0") == 0;
    buf_printf(out, "\"%s\":%.*s", name, (int)(whole ? len - 2 : len), text);
}

/* Half away from zero. */
static double round_to(double x, double places)
{
    return round(x * places) / places;
}

static void put_grammar(struct buf *out, const struct grammar_measures *m)
{
    const struct {
        const char *name;
        double value;
    } fields[] = {{"composite", round_to(m->composite, 100)},
                  {"domain_depth", m->domain_depth},
                  {"noun_diversity", m->noun_diversity},
                  {"question_ratio", round_to(m->question_ratio, 10000)},
                  {"tense_entropy", round_to(m->tense_entropy, 10000)},
                  {"verb_diversity", m->verb_diversity},
                  {"vocab_richness", round_to(m->vocab_richness, 10000)}};
    buf_puts(out, "\"grammar\":{");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        buf_puts(out, i ? "," : "");
        put_number(out, fields[i].name, fields[i].value);
    }
    buf_puts(out, "},");
}

static void put_delta(struct buf *out, const struct grammar_record *record)
{
    buf_puts(out, "\"delta\":{");
    put_number(out, "echo", round_to(record->echo, 10000));
    buf_putc(out, ',');
    put_number(out, "enrichment", round_to(record->enrichment, 100));
    buf_putc(out, ',');
    put_number(out, "input_composite", round_to(record->input, 100));
    buf_putc(out, ',');
    put_number(out, "output_composite", round_to(record->text.composite, 100));
    buf_putc(out, ',');
    put_number(out, "uplift", round_to(record->uplift, 100));
    buf_puts(out, "},");
}

void grammar_report_jsonl(struct buf *out, const struct grammar_records *records)
{
    for (size_t i = 0; i < records->n; i++) {
        const struct grammar_record *record = &records->items[i];
        buf_puts(out, "{\"category\":");
        put_string(out, record->category);
        buf_putc(out, ',');
        if (record->has_delta)
            put_delta(out, record);
        put_grammar(out, &record->text);
        buf_puts(out, "\"id\":");
        put_string(out, record->id);
        buf_putc(out, ',');
        put_number(out, "lek_score", record->stored);
        if (record->similarity > 0) {
            buf_putc(out, ',');
            put_number(out, "similarity", round_to(record->similarity, 10000));
        }
        buf_puts(out, "}\n");
    }
}

/* Cut by bytes, as the original does: half a character may stand at the end. */
static struct str cut(struct str s, size_t len)
{
    return str_n(s.ptr, size_min(s.len, len));
}

static void put_names(struct buf *out, const struct grammar_record *record)
{
    buf_add_str(out, cut(record->id, ID_BYTES));
    buf_putc(out, '\t');
    buf_add_str(out, cut(record->category, CATEGORY_BYTES));
    buf_printf(out, "\t%.1f\t", record->stored);
}

static void put_delta_row(struct buf *out, const struct grammar_record *record)
{
    put_names(out, record);
    if (record->has_delta)
        buf_printf(out, "%.1f\t%.1f\t%+.1f\t%.2f\t%+.1f\n", record->input, record->text.composite,
                   record->uplift, record->echo, record->enrichment);
    else
        buf_printf(out, "-\t%.1f\t-\t-\t-\n", record->text.composite);
}

static void put_row(struct buf *out, const struct grammar_record *record, bool has_reference)
{
    const struct grammar_measures *m = &record->text;
    put_names(out, record);
    buf_printf(out, "%.1f\t", m->composite);
    if (has_reference)
        buf_printf(out, "%.3f\t", record->similarity);
    buf_printf(out, "%.0f\t%.0f\t%.2f\t%.0f%%\n", m->verb_diversity, m->noun_diversity,
               m->tense_entropy, m->question_ratio * 100);
}

void grammar_report_table(struct buf *out, const struct grammar_records *records)
{
    struct buf rows;
    buf_init(&rows, TABLE_MAX);
    if (records->wants_delta)
        buf_puts(&rows, "ID\tCat\tLEK\tIn\tOut\tUplift\tEcho\tEnrich\n");
    else
        buf_printf(&rows, "ID\tCat\tLEK\tGrammar\t%sVerbs\tNouns\tTenseH\tQ%%\n",
                   records->has_reference ? "Sim\t" : "");
    for (size_t i = 0; i < records->n; i++) {
        if (records->wants_delta)
            put_delta_row(&rows, &records->items[i]);
        else
            put_row(&rows, &records->items[i], records->has_reference);
    }
    tabs_format(out, buf_str(&rows));
    buf_release(&rows);
}

/* Sums over records; n_deltas of them have a delta. */
struct totals {
    double n, stored, composite, verbs, nouns;
    double n_deltas, uplift, echo, enrichment, positive, sycophantic;
};

static void add(struct totals *t, const struct grammar_record *record)
{
    t->n++;
    t->stored += record->stored;
    t->composite += record->text.composite;
    t->verbs += record->text.verb_diversity;
    t->nouns += record->text.noun_diversity;
    if (!record->has_delta)
        return;
    t->n_deltas++;
    t->uplift += record->uplift;
    t->echo += record->echo;
    t->enrichment += record->enrichment;
    t->positive += record->uplift > 0;
    t->sycophantic += record->is_sycophantic;
}

/* Pearson's r of the stored score with the composite, or with the uplift where there is one; 0
 * under two records or without spread. */
static double correlation(const struct grammar_records *records, bool with_uplift)
{
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < records->n; i++) {
            const struct grammar_record *record = &records->items[i];
            double a = record->stored, b = with_uplift ? record->uplift : record->text.composite;
            if (with_uplift && !record->has_delta)
                continue;
            if (pass == 0) {
                n++;
                x += a;
                y += b;
            } else {
                xx += (a - x / n) * (a - x / n);
                yy += (b - y / n) * (b - y / n);
                xy += (a - x / n) * (b - y / n);
            }
        }
    return n < 2 || xx == 0 || yy == 0 ? 0 : xy / sqrt(xx * yy);
}

static void put_overall(struct buf *out, const struct grammar_records *records,
                        const struct totals *t)
{
    buf_printf(out, "\nOverall:\n  Mean LEK score:      %.2f\n", t->stored / t->n);
    buf_printf(out, "  Mean Grammar score:  %.2f\n", t->composite / t->n);
    buf_printf(out, "  Mean verb diversity: %.1f\n", t->verbs / t->n);
    buf_printf(out, "  Mean noun diversity: %.1f\n", t->nouns / t->n);
    buf_printf(out, "  LEK-Grammar corr:    %.3f\n", correlation(records, false));
}

static void put_part(struct buf *out, const char *name, double part, double whole)
{
    buf_printf(out, "  %-20s %.0f/%.0f (%.0f%%)\n", name, part, whole, part / whole * 100);
}

static void put_delta_summary(struct buf *out, const struct grammar_records *records,
                              const struct totals *t)
{
    buf_puts(out, "\nDelta Analysis (input vs output):\n");
    buf_printf(out, "  Mean uplift:         %+.2f\n", t->uplift / t->n_deltas);
    buf_printf(out, "  Mean echo:           %.3f\n", t->echo / t->n_deltas);
    buf_printf(out, "  Mean enrichment:     %+.2f\n", t->enrichment / t->n_deltas);
    put_part(out, "Positive uplift:", t->positive, t->n_deltas);
    put_part(out, "Negative uplift:", t->n_deltas - t->positive, t->n_deltas);
    put_part(out, "Sycophancy flags:", t->sycophantic, t->n_deltas);
    buf_printf(out, "  LEK-Uplift corr:     %.3f\n", correlation(records, true));
}

static int by_category(const void *a, const void *b)
{
    const struct grammar_record *const *x = a, *const *y = b;
    int order = str_cmp((*x)->category, (*y)->category);
    return order ? order : *x < *y ? -1 : *x > *y;
}

static void put_category(struct buf *out, struct str name, const struct totals *t)
{
    buf_printf(out, "  %.*s\t%.0f\t%.2f\t%.2f", STR_ARG(name), t->n, t->stored / t->n,
               t->composite / t->n);
    if (t->n_deltas > 0)
        buf_printf(out, "\t%+.2f\t%.3f", t->uplift / t->n_deltas, t->echo / t->n_deltas);
    buf_putc(out, '\n');
}

static void put_categories(struct buf *out, const struct grammar_records *records)
{
    struct buf rows;
    const struct grammar_record **sorted = mem_zalloc(records->n + 1, sizeof *sorted);
    for (size_t i = 0; i < records->n; i++)
        sorted[i] = &records->items[i];
    qsort(sorted, records->n, sizeof *sorted, by_category);
    buf_init(&rows, TABLE_MAX);
    buf_printf(&rows, "  Category\tN\tMean LEK\tMean Grammar%s\n",
               records->wants_delta ? "\tMean Uplift\tMean Echo" : "");
    for (size_t i = 0; i < records->n;) {
        struct totals totals = {0};
        struct str name = sorted[i]->category;
        for (; i < records->n && str_eq(sorted[i]->category, name); i++)
            add(&totals, sorted[i]);
        put_category(&rows, name, &totals);
    }
    tabs_format(out, buf_str(&rows));
    buf_release(&rows);
    free(sorted);
}

void grammar_report_summary(struct buf *out, const struct grammar_records *records,
                            const char *const *paths, size_t n_paths)
{
    struct totals totals = {0};
    for (size_t i = 0; i < records->n; i++)
        add(&totals, &records->items[i]);
    buf_puts(out, "Grammar Scorer Summary\nFiles: ");
    for (size_t i = 0; i < n_paths; i++)
        buf_printf(out, "%s%s", i ? ", " : "", paths[i]);
    buf_printf(out, "\nRecords: %zu\n", records->n);
    put_overall(out, records, &totals);
    if (totals.n_deltas > 0)
        put_delta_summary(out, records, &totals);
    buf_puts(out, "\nBy Category:\n");
    put_categories(out, records);
}
