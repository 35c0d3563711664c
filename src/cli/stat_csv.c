/* stat_csv.c - columns of a CSV file to numbers, and numbers to tables. */
#include "cli/stat_csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "cli/stat_rows.h"
#include "os/file.h"
#include "report/compare_json.h"
#include "report/compare_table.h"
#include "stat/max_t.h"
#include "stat/multiple.h"
#include "text/csv.h"
#include "text/json.h"

enum { NUMBER_LEN_MAX = 64, COLUMNS_MAX = 2 * STAT_CSV_PAIRS_MAX + 3 };

/* One column that is wanted: where it stands, and where its numbers go. */
struct column {
    const char *name;
    size_t at;
    double **values; /* NULL for labels */
};

struct reader {
    struct csv in;
    struct column columns[COLUMNS_MAX];
    size_t n_columns, cap;
    struct map labels;
    struct arena names;
    double *length_a, *length_b;
};

static bool find_column(struct column *column, const struct csv *in, struct err *err)
{
    struct buf names;
    for (size_t i = 0; i < in->n_fields; i++)
        if (str_is(in->field[i], column->name)) {
            column->at = i;
            return true;
        }
    buf_init(&names, ERR_MSG_MAX);
    for (size_t i = 0; i < in->n_fields; i++)
        buf_printf(&names, "%s%.*s", i ? ", " : "", STR_ARG(in->field[i]));
    err_set(err, ERR_USAGE, "%s has no column \"%s\"; it has: %s", in->name, column->name,
            names.ptr ? names.ptr : "");
    buf_release(&names);
    return false;
}

/* Decimal notation only: strtod would also take hexadecimal, infinities and NaN. */
static bool parse_number(double *out, struct str s)
{
    char text[NUMBER_LEN_MAX + 1], *end;
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = str_from(s, 1);
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    if (s.len == 0 || s.len > NUMBER_LEN_MAX)
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = 0;
    if (strspn(text, "0123456789+-.eE") != s.len)
        return false;
    *out = strtod(text, &end);
    return *end == 0 && fabs(*out) <= STAT_NUMBER_MAX;
}

static uint32_t label_of(struct reader *reader, struct str name)
{
    uint32_t label = map_get(&reader->labels, name);
    if (label == MAP_NONE) {
        label = (uint32_t)reader->labels.count;
        map_add(&reader->labels, arena_str(&reader->names, name), label);
    }
    return label;
}

static bool read_cell(struct stat_csv *out, struct reader *reader, const struct column *column,
                      struct err *err)
{
    const struct csv *in = &reader->in;
    if (column->at >= in->n_fields)
        return err_set(err, ERR_FORMAT, "%s: line %zu: %zu fields, none for column \"%s\"",
                       in->name, in->line, in->n_fields, column->name);
    struct str field = in->field[column->at];
    if (!column->values)
        out->cluster[out->rows] = label_of(reader, field);
    else if (!parse_number(&(*column->values)[out->rows], field))
        return err_set(err, ERR_FORMAT,
                       "%s: line %zu, column \"%s\": \"%.*s\" is not a number within +-%g",
                       in->name, in->line, column->name, (int)size_min(field.len, NUMBER_LEN_MAX),
                       field.ptr, STAT_NUMBER_MAX);
    return true;
}

static void grow(struct stat_csv *out, struct reader *reader)
{
    reader->cap = reader->cap ? 2 * reader->cap : 256;
    for (size_t i = 0; i < reader->n_columns; i++) {
        double **values = reader->columns[i].values;
        if (values)
            *values = mem_realloc(*values, reader->cap, sizeof **values);
        else
            out->cluster = mem_realloc(out->cluster, reader->cap, sizeof *out->cluster);
    }
}

static bool read_rows(struct stat_csv *out, struct reader *reader, struct err *err)
{
    bool more;
    while (csv_next(&reader->in, &more, err)) {
        if (!more)
            return out->rows > 0 ||
                   err_set(err, ERR_FORMAT, "%s has a heading but no rows", reader->in.name);
        if (out->rows == VALUES_MAX)
            return err_set(err, ERR_LIMIT, "%s has more than %d rows", reader->in.name, VALUES_MAX);
        if (out->rows == reader->cap)
            grow(out, reader);
        for (size_t i = 0; i < reader->n_columns; i++)
            if (!read_cell(out, reader, &reader->columns[i], err))
                return false;
        out->rows++;
    }
    return false;
}

static void want(struct reader *reader, const char *name, double **values)
{
    if (name)
        reader->columns[reader->n_columns++] = (struct column){.name = name, .values = values};
}

static bool read_heading(struct reader *reader, struct err *err)
{
    bool more;
    if (!csv_next(&reader->in, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_FORMAT, "%s is empty", reader->in.name);
    for (size_t i = 0; i < reader->n_columns; i++)
        if (!find_column(&reader->columns[i], &reader->in, err))
            return false;
    return true;
}

bool stat_csv_load(struct stat_csv *out, const struct stat_csv_columns *columns, const char *path,
                   struct err *err)
{
    struct reader reader = {0};
    struct buf bytes;
    *out = (struct stat_csv){.columns = columns};
    for (size_t i = 0; i < columns->pairs; i++) {
        want(&reader, columns->a[i], &out->a[i]);
        want(&reader, columns->b[i], &out->b[i]);
    }
    want(&reader, columns->length_a, &reader.length_a);
    want(&reader, columns->length_b, &reader.length_b);
    want(&reader, columns->cluster, NULL);
    buf_init(&bytes, STAT_CSV_BYTES_MAX);
    bool ok = file_read(&bytes, path, err);
    if (ok) {
        csv_init(&reader.in, buf_str(&bytes), path, ',');
        ok = read_heading(&reader, err) && read_rows(out, &reader, err);
        csv_release(&reader.in);
    }
    for (size_t i = 0; ok && reader.length_a && i < out->rows; i++)
        reader.length_b[i] -= reader.length_a[i];
    out->length_difference = reader.length_b;
    out->n_clusters = reader.labels.count;
    free(reader.length_a);
    map_release(&reader.labels);
    arena_release(&reader.names);
    buf_release(&bytes);
    return ok;
}

void stat_csv_release(struct stat_csv *csv)
{
    for (size_t i = 0; i < STAT_CSV_PAIRS_MAX; i++) {
        free(csv->a[i]);
        free(csv->b[i]);
    }
    free(csv->length_difference);
    free(csv->cluster);
    *csv = (struct stat_csv){0};
}

struct adjusted {
    double p[STAT_CSV_PAIRS_MAX], holm[STAT_CSV_PAIRS_MAX], bh[STAT_CSV_PAIRS_MAX],
        max_t[STAT_CSV_PAIRS_MAX];
};

static struct compare_input input_of(const struct stat_csv *csv, size_t pair)
{
    return (struct compare_input){.a = csv->a[pair],
                                  .b = csv->b[pair],
                                  .n = csv->rows,
                                  .length_difference = csv->length_difference,
                                  .cluster = csv->cluster,
                                  .n_clusters = csv->n_clusters};
}

static void adjust(struct adjusted *out, const struct stat_csv *csv, const struct compare *results,
                   const struct compare_options *options)
{
    size_t pairs = csv->columns->pairs, units = results[0].t.n;
    double *d = mem_zalloc(pairs * units + csv->rows, sizeof *d);
    for (size_t i = 0; i < pairs; i++) {
        struct compare_input input = input_of(csv, i);
        out->p[i] = results[i].sign_flip.p;
        compare_differences(d + i * units, &input);
    }
    holm_adjust(out->holm, out->p, pairs);
    bh_adjust(out->bh, out->p, pairs);
    max_t_adjust(out->max_t, d, pairs, units, &options->resample);
    free(d);
}

static bool is_binary(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0 && x[i] != 1)
            return false;
    return true;
}

static void format_json(struct buf *out, const struct stat_csv *csv, size_t pair,
                        const struct compare *result, const struct compare_options *options,
                        const struct pair_table *binary, const struct adjusted *adjusted)
{
    json_t *line = json_object();
    json_object_set_new(line, "a", json_from_str(str_of(csv->columns->a[pair])));
    json_object_set_new(line, "b", json_from_str(str_of(csv->columns->b[pair])));
    compare_to_json(line, result, options);
    if (binary) {
        json_t *object = json_object();
        binary_to_json(object, binary);
        json_object_set_new(line, "binary", object);
    }
    if (csv->columns->pairs > 1) {
        json_object_set_new(line, "holm_p", number_to_json(adjusted->holm[pair]));
        json_object_set_new(line, "bh_p", number_to_json(adjusted->bh[pair]));
        json_object_set_new(line, "max_t_p", number_to_json(adjusted->max_t[pair]));
    }
    enum verdict verdict =
        verdict_of(result->t.mean, adjusted->holm[pair], result->tost_p, options->alpha);
    json_object_set_new(line, "verdict", json_string(verdict_name(verdict)));
    json_format(out, line, (struct json_style){.ascii = true});
    buf_putc(out, '\n');
    json_decref(line);
}

static void format_table(struct buf *out, const struct stat_csv *csv, size_t pair,
                         const struct compare *result, const struct compare_options *options,
                         const struct pair_table *binary, const struct adjusted *adjusted)
{
    struct compare_names names = {csv->columns->a[pair], csv->columns->b[pair]};
    bool several = csv->columns->pairs > 1;
    if (pair > 0)
        buf_putc(out, '\n');
    compare_table(out, result, options, binary, names);
    if (several)
        buf_printf(out,
                   "Adjusted for %zu comparisons: Holm %.3g, Benjamini-Hochberg %.3g, "
                   "max-T %.3g\n",
                   csv->columns->pairs, adjusted->holm[pair], adjusted->bh[pair],
                   adjusted->max_t[pair]);
    compare_verdict(out, result, options, adjusted->holm[pair], several ? "Holm" : NULL);
}

void stat_csv_format(struct buf *out, const struct stat_csv *csv,
                     const struct compare_options *options, bool as_json)
{
    size_t pairs = csv->columns->pairs;
    struct compare *results = mem_zalloc(pairs, sizeof *results);
    struct adjusted adjusted;
    for (size_t i = 0; i < pairs; i++) {
        struct compare_input input = input_of(csv, i);
        compare_run(&results[i], &input, options);
    }
    adjust(&adjusted, csv, results, options);
    for (size_t i = 0; i < pairs; i++) {
        bool binary = is_binary(csv->a[i], csv->rows) && is_binary(csv->b[i], csv->rows);
        struct pair_table table = pair_table(csv->a[i], csv->b[i], csv->rows);
        (as_json ? format_json : format_table)(out, csv, i, &results[i], options,
                                               binary && !csv->cluster ? &table : NULL, &adjusted);
    }
    free(results);
}
