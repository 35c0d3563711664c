/* probes_list.c - lem probes list and show: the probes of a file, a line each or in full. */
#include <stdio.h>

#include "cli/exit.h"
#include "cli/probes.h"
#include "cli/probes_sets.h"
#include "probe/shingle.h"
#include "report/table.h"
#include "text/json.h"
#include "text/utf8.h"

enum { EXCERPT_CHARS = 60 };

static const struct flags_usage LIST = {
    .command = "probes list",
    .synopsis = "FILE... [--ids IDS] [--limit N]",
    .about = "One line a probe: id, category, words, how it begins; with --json a line of JSON.",
    .groups = {{"Which probes", FLAGS_PROBE_CHOICE}},
    .args_max = PROBES_FILES_MAX,
};

static const struct flags_usage SHOW = {
    .command = "probes show",
    .synopsis = "FILE... [--ids IDS] [--limit N]",
    .about = "The probes in full; with --json a line of JSON each, with every other field.",
    .groups = {{"Which probes", FLAGS_PROBE_CHOICE}},
    .args_max = PROBES_FILES_MAX,
};

/* One probe as a line of JSON, with or without its prompt and its other fields. */
static void put_probe_json(struct buf *line, const struct probe *probe, bool full)
{
    json_t *row = json_object();
    json_object_set_new(row, "id", json_from_str(probe->id));
    json_object_set_new(row, "category", json_from_str(probe->category));
    if (!full)
        json_object_set_new(row, "words", json_integer((json_int_t)words_count(probe->prompt)));
    if (full && probe->extra)
        json_object_update_missing(row, probe->extra);
    if (full)
        json_object_set_new(row, "prompt", json_from_str(probe->prompt));
    json_format(line, row, (struct json_style){0});
    buf_putc(line, '\n');
    json_decref(row);
}

static void add_row(struct table *table, const struct probe *probe)
{
    struct str prompt = utf8_strip(probe->prompt), line = {0};
    size_t at = 0;
    utf8_line(&line, prompt, &at);
    table_cell(table, "%.*s", STR_ARG(probe->id));
    table_cell(table, "%.*s", STR_ARG(probe->category));
    table_cell(table, "%zu", words_count(prompt));
    table_cell(table, "%.*s", STR_ARG(utf8_cut(line, EXCERPT_CHARS)));
}

static void put_list(struct buf *out, const struct probes_sets *sets)
{
    struct table table = {0};
    table_column(&table, "id", TEXT_LEFT);
    table_column(&table, "category", TEXT_LEFT);
    table_column(&table, "words", TEXT_RIGHT);
    table_column(&table, "prompt", TEXT_LEFT);
    for (size_t i = 0; i < sets->count; i++)
        for (size_t k = 0; k < sets->items[i].count; k++)
            add_row(&table, &sets->items[i].items[k]);
    table_format(out, &table);
    table_release(&table);
}

/* A probe in full, after a blank line unless it is the first; or as a line of JSON. */
static void put_probe(struct buf *out, const struct probe *probe, bool full, bool json)
{
    if (json)
        put_probe_json(out, probe, full);
    else
        buf_printf(out, "%s%.*s (%.*s)\n%.*s\n", out->len ? "\n" : "", STR_ARG(probe->id),
                   STR_ARG(probe->category), STR_ARG(probe->prompt));
}

static int print_sets(const struct flags *flags, struct console *con, bool full)
{
    struct probes_sets sets;
    struct err err = {0};
    struct buf out;
    bool json = flags_bool(flags, "json"), ok = probes_sets_load(&sets, flags, false, &err);
    buf_init(&out, BUF_MAX_DEFAULT);
    if (ok && !full && !json)
        put_list(&out, &sets);
    for (size_t i = 0; ok && (full || json) && i < sets.count; i++)
        for (size_t k = 0; k < sets.items[i].count; k++)
            put_probe(&out, &sets.items[i].items[k], full, json);
    ok = ok && (!out.full || err_set(&err, ERR_LIMIT, "the list is too long to print"));
    if (ok && json)
        fwrite(out.ptr, 1, out.len, stdout);
    else if (ok)
        console_print(con, buf_str(&out));
    buf_release(&out);
    probes_sets_release(&sets);
    return ok ? EXIT_OK : console_fail(con, &err);
}

static int list(const struct flags *flags, struct console *con)
{
    return print_sets(flags, con, false);
}

static int show(const struct flags *flags, struct console *con)
{
    return print_sets(flags, con, true);
}

int probes_list(int argc, char **argv)
{
    return command_run(&LIST, list, argc, argv);
}

int probes_show(int argc, char **argv)
{
    return command_run(&SHOW, show, argc, argv);
}
