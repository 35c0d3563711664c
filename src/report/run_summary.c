#include "report/run_summary.h"

#include <string.h>

#include "os/file.h"
#include "text/jsonl.h"

/* Lines are parsed only where they may be what is looked for: probes' lines are long. */
static bool find_summary(json_t **out, struct str text, const char *path, struct err *err)
{
    static const char mark[] = "\"summary\"";
    struct jsonl in;
    struct str line;
    jsonl_init(&in, text, path);
    while (jsonl_next(&in, &line)) {
        json_t *value;
        if (str_find(line, str_of(mark), 0) == (size_t)-1)
            continue;
        if (!jsonl_parse(&value, &in, line, err))
            return false;
        if (str_is(json_get_str(value, "type"), "summary")) {
            json_decref(*out);
            *out = json_incref(value);
        }
        json_decref(value);
    }
    return true;
}

bool run_summary_load(json_t **out, const char *path, struct err *err)
{
    struct buf text;
    *out = NULL;
    buf_init(&text, RUN_FILE_MAX);
    bool ok = file_read(&text, path, err) && find_summary(out, buf_str(&text), path, err);
    buf_release(&text);
    if (ok && !*out)
        return err_set(err, ERR_USAGE, "%s has no summary: the run is not finished", path);
    if (ok && json_is_array(json_object_get(*out, "conditions")))
        return true;
    if (ok)
        err_set(err, ERR_FORMAT, "%s: the summary has no list of conditions", path);
    json_decref(*out);
    *out = NULL;
    return false;
}

void run_summary_columns(struct table *table)
{
    static const char *const right[] = {"PROBES",    "MEAN",      "DELTA", "IMPROVED",
                                        "REGRESSED", "UNCHANGED", "TIME"};
    table_column(table, "MODEL", TEXT_LEFT);
    table_column(table, "CONDITION", TEXT_LEFT);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        table_column(table, right[i], TEXT_RIGHT);
}

static void add_count(struct table *table, const json_t *row, const char *name)
{
    table_cell(table, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, name)));
}

static void add_text(struct table *table, struct str s)
{
    table_cell(table, "%.*s", STR_ARG(s));
}

/* What belongs to the run stands in its first row alone. */
void run_summary_rows(struct table *table, const json_t *summary)
{
    const json_t *rows = json_object_get(summary, "conditions");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *delta = json_object_get(row, "delta_vs_baseline");
        struct str none = str_of("");
        add_text(table, i ? none : json_get_str(summary, "model"));
        add_text(table, json_get_str(row, "name"));
        if (i)
            add_text(table, none);
        else
            add_count(table, summary, "total_probes");
        if (json_is_number(json_object_get(row, "avg_lek")))
            table_cell(table, "%.2f", json_number_value(json_object_get(row, "avg_lek")));
        else
            add_text(table, str_of("none"));
        if (json_is_number(delta)) {
            table_cell(table, "%+.2f", json_number_value(delta));
            add_count(table, row, "improved");
            add_count(table, row, "regressed");
            add_count(table, row, "unchanged");
        } else {
            for (int c = 0; c < 4; c++)
                add_text(table, none);
        }
        add_text(table, i ? none : json_get_str(summary, "duration"));
    }
}
