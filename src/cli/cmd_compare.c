/* cmd_compare.c - lem compare: what changed between two files.
 *
 * With --old and --new both are score files, and what is printed is the original's comparison. */
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "cli/flags.h"
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

static const struct flags_usage USAGE = {
    .command = "compare",
    .synopsis = "--old FILE --new FILE",
    .about = "Prints the averages of two score files side by side, model by model and metric by\n"
             "metric; what one of them lacks counts as 0.",
    .groups = {{"Score files", SCORE_FILES}},
};

static int compare_score_files(const struct flags *flags, struct console *con)
{
    struct err err = {0};
    struct buf out;
    json_t *old = NULL, *new = NULL;
    const char *old_path = flags_str(flags, "old"), *new_path = flags_str(flags, "new");
    buf_init(&out, BUF_MAX_DEFAULT);
    if (!old_path || !new_path)
        err_set(&err, ERR_USAGE, "which files? lem compare --old FILE --new FILE");
    else if (averages_load(&old, old_path, &err) && averages_load(&new, new_path, &err))
        averages_compare(&out, old, new);
    console_print(con, buf_str(&out));
    buf_release(&out);
    json_decref(old);
    json_decref(new);
    return err.code ? console_fail(con, &err) : EXIT_OK;
}

int cmd_compare(int argc, char **argv)
{
    struct flags flags;
    int status;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    status = compare_score_files(&flags, &con);
    flags_release(&flags);
    return status;
}
