/* score_table.c - see score_table.h. */
#include "cli/score_table.h"

#include <stdlib.h>

#include "base/vec.h"
#include "text/json.h"
#include "text/utf8.h"

enum { ID_WIDTH = 35, RULE_WIDTH = 70 };

static struct str text_of(struct arena *arena, const json_t *id)
{
    struct buf text;
    if (json_is_string(id))
        return arena_str(arena, json_str(id));
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, id, (struct json_style){0});
    struct str copy = arena_str(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static size_t condition_index(struct score_table *table, struct str name)
{
    size_t i = 0;
    while (i < table->n_conditions && !str_eq(table->conditions[i], name))
        i++;
    if (i == table->n_conditions)
        VEC_PUSH(table->conditions, table->n_conditions, table->cap_conditions,
                 arena_str(&table->arena, name));
    return i;
}

void score_table_add(struct score_table *table, const struct answer *answer,
                     const struct scorer *scorer, const double *values)
{
    double *kept = arena_alloc(&table->arena, scorer->n_fields, sizeof *kept);
    memcpy(kept, values, scorer->n_fields * sizeof *kept);
    struct score_row row = {.id = text_of(&table->arena, answer->id),
                            .line = answer->line,
                            .has_stored = answer->has_stored,
                            .stored = answer->stored,
                            .score = values[scorer->overall],
                            .values = kept};
    if (answer->condition.ptr)
        row.condition = condition_index(table, answer->condition);
    VEC_PUSH(table->rows, table->n_rows, table->cap_rows, row);
}

void score_table_release(struct score_table *table)
{
    free(table->rows);
    free(table->conditions);
    arena_release(&table->arena);
    *table = (struct score_table){0};
}

static void put_repeated(struct buf *out, char c, size_t n)
{
    while (n-- > 0)
        buf_putc(out, c);
}

/* At least ID_WIDTH characters, as Python's format pads. */
static void put_id(struct buf *out, struct str id)
{
    size_t chars = utf8_count(id);
    buf_puts(out, "  ");
    buf_add_str(out, id);
    put_repeated(out, ' ', chars < ID_WIDTH ? ID_WIDTH - chars : 0);
}

/* How many rows from `first` on belong to one probe. */
static size_t rows_of_probe(const struct score_table *table, size_t first)
{
    size_t n = 1;
    while (first + n < table->n_rows && table->rows[first + n].line == table->rows[first].line)
        n++;
    return n;
}

static void put_probe(struct buf *out, const struct score_table *table, size_t first, size_t n)
{
    put_id(out, table->rows[first].id);
    for (size_t c = 0; c < table->n_conditions; c++) {
        const struct score_row *row = NULL;
        for (size_t i = first; i < first + n && !row; i++)
            if (table->rows[i].condition == c)
                row = &table->rows[i];
        if (row)
            buf_printf(out, "  %5.1f %5.1f", row->stored, row->score);
        else
            buf_puts(out, "    n/a   n/a");
    }
    buf_putc(out, '\n');
}

/* Averages over all probes, also where one lacks the condition, as the original's. */
static void put_averages(struct buf *out, const struct score_table *table, size_t n_probes)
{
    for (size_t c = 0; c < table->n_conditions; c++) {
        double stored = 0, score = 0;
        for (size_t i = 0; i < table->n_rows; i++)
            if (table->rows[i].condition == c) {
                stored += table->rows[i].stored;
                score += table->rows[i].score;
            }
        stored /= (double)n_probes;
        score /= (double)n_probes;
        buf_printf(out, "  %-12.*s  v1_avg=%6.2f  v2_avg=%6.2f  spread=%+6.2f\n",
                   STR_ARG(table->conditions[c]), stored, score, score - stored);
    }
}

static void format_ab(struct buf *out, const struct score_table *table, const char *model)
{
    size_t n_probes = 0;
    buf_putc(out, '\n');
    put_repeated(out, '=', RULE_WIDTH);
    buf_printf(out, "\nModel: %s\n", model ? model : "?");
    put_repeated(out, '=', RULE_WIDTH);
    buf_putc(out, '\n');
    put_id(out, str_of("PROBE"));
    for (size_t c = 0; c < table->n_conditions; c++)
        buf_puts(out, "     v1    v2");
    buf_puts(out, "\n  ");
    put_repeated(out, '-', ID_WIDTH);
    for (size_t c = 0; c < table->n_conditions; c++)
        buf_puts(out, "  ----- -----");
    buf_putc(out, '\n');
    for (size_t i = 0; i < table->n_rows; n_probes++) {
        size_t n = rows_of_probe(table, i);
        put_probe(out, table, i, n);
        i += n;
    }
    buf_putc(out, '\n');
    put_averages(out, table, n_probes);
}

/* The signals that are not zero, the sum apart. */
static void put_signals(struct buf *out, const struct scorer *scorer, const double *values)
{
    for (size_t i = 0; i < scorer->n_fields; i++)
        if (i != scorer->overall && values[i] != 0)
            buf_printf(out, "  %s %g", scorer->fields[i].name, values[i]);
}

static void format_plain(struct buf *out, const struct score_table *table,
                         const struct scorer *scorer)
{
    double sum = 0;
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct score_row *row = &table->rows[i];
        put_id(out, row->id);
        buf_printf(out, "  %7.2f", row->score);
        put_signals(out, scorer, row->values);
        buf_putc(out, '\n');
        sum += row->score;
    }
    buf_printf(out, "\n  %zu answers, mean %s %.2f\n", table->n_rows,
               scorer->fields[scorer->overall].name, sum / (double)table->n_rows);
}

void score_table_format(struct buf *out, const struct score_table *table,
                        const struct scorer *scorer, const char *model)
{
    if (table->n_rows == 0)
        return;
    if (table->n_conditions > 0)
        format_ab(out, table, model);
    else
        format_plain(out, table, scorer);
}
