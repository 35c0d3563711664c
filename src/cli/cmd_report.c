/* cmd_report.c - lem report: what finished runs come to. */
#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/report_run.h"

enum { RUNS_MAX = 256 };

static const struct flags_usage USAGE = {
    .command = "report",
    .synopsis = "RUN.jsonl... [flags]",
    .about =
        "Says what the kernels of finished A/B runs changed, and how surely: paired intervals,\n"
        "tests, effect sizes, length and layout controls, failures, cost, provenance. Reads the\n"
        "results of `lem benchmark` and of the original program; several runs are reported side\n"
        "by side. `lem compare` pairs two runs with each other.",
    .groups = {{"Method", FLAGS_REPORT_METHOD}, {"Forms", FLAGS_REPORT_FORMS}},
    .args_max = RUNS_MAX,
};

static int run(const struct flags *flags, struct console *con)
{
    struct err err = {0};
    if (flags->n_args > 0)
        return report_run(flags, con, false, true);
    err_set(&err, ERR_USAGE, "which runs? lem report RUN.jsonl...");
    return console_fail(con, &err);
}

int cmd_report(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
