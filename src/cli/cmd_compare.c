/* cmd_compare.c - lem compare: what changed between two files.
 *
 * Two runs are paired probe by probe and reported on as `lem report` does; with --old and --new both
 * are score files, and what is printed is the original's comparison. */
#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/report_run.h"
#include "report/averages.h"

static const struct flag_spec SCORE_FILES[] = {
    {.name = "old",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "a score file with \"model_averages\""},
    {.name = "new",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "the same, scored later or otherwise"},
    {.name = NULL},
};

static const struct flag_spec RUNS[] = {
    {.name = "force",
     .kind = FLAG_BOOL,
     .argv_only = true,
     .help = "compare runs that differ in more than what is compared, and list it"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "compare",
    .synopsis = "A.jsonl B.jsonl [flags] | --old FILE --new FILE",
    .about =
        "Pairs two A/B runs by probe id and prompt, condition by condition, and says what B has\n"
        "over A, as `lem report` does. Runs of another model, kernel, sampling or template are\n"
        "refused without --force, with a list of what differs.\n"
        "With --old and --new: prints the averages of two score files side by side, model by\n"
        "model and metric by metric; what one of them lacks counts as 0.",
    .groups = {{"Runs", RUNS},
               {"Method", FLAGS_REPORT_METHOD},
               {"Forms", FLAGS_REPORT_FORMS},
               {"Score files", SCORE_FILES}},
    .args_max = 2,
};

static int compare_score_files(const struct flags *flags, struct console *con)
{
    struct err err = {0};
    struct buf out;
    json_t *old = NULL, *new = NULL;
    const char *old_path = flags_str(flags, "old"), *new_path = flags_str(flags, "new");
    buf_init(&out, BUF_MAX_DEFAULT);
    if (!old_path || !new_path || flags->n_args)
        err_set(&err, ERR_USAGE,
                "which files? lem compare A.jsonl B.jsonl, or lem compare --old FILE --new FILE");
    else if (averages_load(&old, old_path, &err) && averages_load(&new, new_path, &err))
        averages_compare(&out, old, new);
    console_print(con, buf_str(&out));
    buf_release(&out);
    json_decref(old);
    json_decref(new);
    return err.code ? console_fail(con, &err) : EXIT_OK;
}

static int run(const struct flags *flags, struct console *con)
{
    bool score_files = flags_given(flags, "old") || flags_given(flags, "new");
    if (flags->n_args == 2 && !score_files)
        return report_run(flags, con, true, flags_bool(flags, "force"));
    return compare_score_files(flags, con);
}

int cmd_compare(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
