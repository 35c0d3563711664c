/* cmd_summary.c - lem summary: finished A/B runs in one table. */
#include <stdio.h>

#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "report/run_summary.h"
#include "text/json.h"

enum { FILES_MAX = 4096 };

static const struct flag_spec OWN[] = {{0}};

static const struct flags_usage USAGE = {
    .command = "summary",
    .synopsis = "RESULTS.jsonl...",
    .about = "Prints the averages of finished `lem benchmark` runs in one table, or their summary\n"
             "lines with --json.",
    .groups = {{"Summary", OWN}},
    .args_max = FILES_MAX,
};

static void print_json(const json_t *summary)
{
    struct buf line;
    buf_init(&line, BUF_MAX_DEFAULT);
    json_format(&line, summary, (struct json_style){.ascii = true});
    printf("%s\n", line.ptr);
    buf_release(&line);
}

static bool print_summaries(const struct flags *flags, struct console *con, struct err *err)
{
    struct table table = {0};
    struct buf text;
    bool ok = true, json = flags_bool(flags, "json");
    run_summary_columns(&table);
    for (size_t i = 0; ok && i < flags->n_args; i++) {
        json_t *summary;
        ok = run_summary_load(&summary, flags->args[i], err);
        if (ok && json)
            print_json(summary);
        else if (ok)
            run_summary_rows(&table, summary);
        json_decref(summary);
    }
    buf_init(&text, BUF_MAX_DEFAULT);
    table_format(&text, &table);
    if (ok && !json)
        console_print(con, buf_str(&text));
    buf_release(&text);
    table_release(&table);
    return ok;
}

static int run(const struct flags *flags, struct console *con)
{
    struct err err = {0};
    if (flags->n_args == 0)
        err_set(&err, ERR_USAGE, "which results? lem summary RESULTS.jsonl...");
    return !err.code && print_summaries(flags, con, &err) ? EXIT_OK : console_fail(con, &err);
}

int cmd_summary(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
