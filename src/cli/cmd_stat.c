/* cmd_stat.c - lem stat: the statistics of scores that are already there. */
#include <stdio.h>

#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/stat_csv.h"
#include "cli/stat_rows.h"
#include "os/file.h"
#include "text/json.h"
#include "text/jsonl.h"

enum { INPUT_MAX = 1 << 30 };

static const struct flag_spec INPUT[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "JSON lines of kind paired, binary, pvalues, metrics, groups, agreement, pass_at_k"},
    {.name = "csv",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "a CSV file with a heading; - reads standard input"},
    {.name = "a",
     .kind = FLAG_LIST,
     .value = "COL",
     .argv_only = true,
     .help = "column of scores without the treatment"},
    {.name = "b",
     .kind = FLAG_LIST,
     .value = "COL",
     .argv_only = true,
     .help = "column of scores with it, one for each --a"},
    {.name = "length-a",
     .kind = FLAG_STRING,
     .value = "COL",
     .argv_only = true,
     .help = "column of answer lengths, for the difference at equal length"},
    {.name = "length-b",
     .kind = FLAG_STRING,
     .value = "COL",
     .argv_only = true,
     .help = "the same under b"},
    {.name = "cluster",
     .kind = FLAG_STRING,
     .value = "COL",
     .argv_only = true,
     .help = "column that names the item when one has several rows (samples)"},
    {.name = NULL},
};

static const struct flag_spec METHOD[] = {
    {.name = "margin",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .max = STAT_NUMBER_MAX,
     .help = "differences below this count as equivalent; a row's own margin goes first"},
    {.name = "bootstrap",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "10000",
     .min = 100,
     .max = RESAMPLES_MAX,
     .help = "resamples of bootstrap and permutation"},
    {.name = "seed",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "0",
     .max = 9007199254740992.0,
     .help = "of the resampling"},
    {.name = "threads",
     .letter = 't',
     .kind = FLAG_U64,
     .value = "N",
     .max = THREADS_MAX,
     .help = "threads (default: all processors); changes no number"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "stat",
    .synopsis = "--input FILE | --csv FILE --a COL --b COL",
    .about = "Paired statistics with intervals, tests, effect sizes, equivalence and power.\n"
             "JSON lines give one line of results each; a CSV file gives a table, or with\n"
             "--json one object a pair of columns.",
    .groups = {{"Input", INPUT}, {"Method", METHOD}},
};

static void print(struct buf *out)
{
    fwrite(buf_str(out).ptr, 1, out->len, stdout);
    buf_reset(out);
}

static bool answer_line(struct buf *out, const struct jsonl *in, struct str line,
                        const struct compare_options *options, struct err *err)
{
    json_t *row, *answer = NULL;
    if (!jsonl_parse(&row, in, line, err))
        return false;
    bool ok = json_is_object(row) || err_set(err, ERR_FORMAT, "not a JSON object");
    ok = ok && stat_row_answer(&answer, row, options, err);
    if (ok) {
        json_format(out, answer, (struct json_style){.ascii = true});
        buf_putc(out, '\n');
    } else {
        err_in(err, "%s: line %zu", in->name, in->line);
    }
    json_decref(answer);
    json_decref(row);
    return ok;
}

/* What was answered before a faulty row is shown. */
static bool answer_rows(const char *path, const struct compare_options *options, struct err *err)
{
    struct buf bytes, out;
    struct jsonl in;
    struct str line;
    buf_init(&bytes, INPUT_MAX);
    buf_init(&out, INPUT_MAX);
    bool ok = file_read(&bytes, path, err);
    jsonl_init(&in, buf_str(&bytes), path);
    while (ok && jsonl_next(&in, &line)) {
        ok = answer_line(&out, &in, line, options, err);
        print(&out);
    }
    buf_release(&out);
    buf_release(&bytes);
    return ok;
}

static bool choose_columns(struct stat_csv_columns *out, const struct flags *flags, struct err *err)
{
    size_t n_b;
    out->a = flags_list(flags, "a", &out->pairs);
    out->b = flags_list(flags, "b", &n_b);
    out->length_a = flags_str(flags, "length-a");
    out->length_b = flags_str(flags, "length-b");
    out->cluster = flags_str(flags, "cluster");
    if (out->pairs == 0 || out->pairs != n_b)
        return err_set(err, ERR_USAGE, "--csv needs as many --a as --b, and at least one");
    if (out->pairs > STAT_CSV_PAIRS_MAX)
        return err_set(err, ERR_USAGE, "more than %d pairs of columns", STAT_CSV_PAIRS_MAX);
    if (!out->length_a != !out->length_b)
        return err_set(err, ERR_USAGE, "--length-a and --length-b go together");
    return true;
}

static bool answer_csv(const struct flags *flags, const struct console *con,
                       const struct compare_options *options, struct err *err)
{
    struct stat_csv_columns columns;
    struct stat_csv csv = {0};
    struct buf out;
    bool ok = choose_columns(&columns, flags, err) &&
              stat_csv_load(&csv, &columns, flags_str(flags, "csv"), err);
    buf_init(&out, INPUT_MAX);
    if (ok) {
        stat_csv_format(&out, &csv, options, flags_bool(flags, "json"));
        console_print(con, buf_str(&out));
    }
    buf_release(&out);
    stat_csv_release(&csv);
    return ok;
}

static bool answer(const struct flags *flags, const struct console *con, struct err *err)
{
    const char *input = flags_str(flags, "input");
    struct compare_options options = {
        .margin = flags_double(flags, "margin"),
        .alpha = 0.05,
        .power = 0.8,
        .resample = {.seed = flags_u64(flags, "seed"), .resamples = flags_u64(flags, "bootstrap")}};
    if (!input == !flags_str(flags, "csv"))
        return err_set(err, ERR_USAGE, "either --input or --csv; `lem stat --help` says what for");
    options.resample.pool = pool_create(flags_u64(flags, "threads"));
    bool ok = input ? answer_rows(input, &options, err) : answer_csv(flags, con, &options, err);
    pool_free(options.resample.pool);
    return ok;
}

static int run(const struct flags *flags, struct console *con)
{
    struct err err = {0};
    return answer(flags, con, &err) ? EXIT_OK : console_fail(con, &err);
}

int cmd_stat(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
