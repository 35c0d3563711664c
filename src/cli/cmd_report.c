/* cmd_report.c - lem report: what finished runs come to. */
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

int cmd_report(int argc, char **argv)
{
    struct flags flags;
    struct err err = {0};
    int status;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    if (flags.n_args == 0) {
        err_set(&err, ERR_USAGE, "which runs? lem report RUN.jsonl...");
        status = console_fail(&con, &err);
    } else {
        status = report_run(&flags, &con, false, true);
    }
    flags_release(&flags);
    return status;
}
