/* cmd_extract.c - lem extract: training lines out of a distillation. */
#include <stdio.h>
#include <string.h>

#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "eval/extract.h"
#include "os/file.h"

#define OUTPUT_MAX ((size_t)1 << 32)

static const struct flag_spec OWN[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .required = true,
     .argv_only = true,
     .help = "a distillation: lines of type training and a summary"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the training lines there instead of to standard output"},
    {.name = "dedup",
     .kind = FLAG_STRING,
     .value = "HOW",
     .preset = "best",
     .help = "of each probe keep the best answer, all or the first"},
    {.name = "stats",
     .kind = FLAG_BOOL,
     .help = "say on standard error what the kept answers' scores are"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "extract",
    .synopsis = "--input FILE [--output FILE] [--dedup best|all|first] [--stats]",
    .about = "Takes the training lines out of a distillation, sorted by probe, as the original's\n"
             "extract_training.py does.",
    .groups = {{"Input and output", OWN}},
};

static bool choose_keep(enum extract_keep *keep, const char *name, struct err *err)
{
    static const char *const names[] = {"best", "all", "first"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *keep = (enum extract_keep)i;
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return err_set(err, ERR_USAGE, "--dedup is \"%s\"; it may be best, all or first", name);
}

/* Names in it come from the file. */
static void put_note(struct str note)
{
    struct buf clean;
    buf_init(&clean, BUF_MAX_DEFAULT);
    console_clean(&clean, note);
    fwrite(buf_str(&clean).ptr, 1, clean.len, stderr);
    buf_release(&clean);
}

/* The lines to where they go, then what there is to say of them. */
static int deliver(const struct extract *extract, const struct flags *flags, struct console *con)
{
    struct buf lines, note;
    const char *output = flags_str(flags, "output");
    buf_init(&lines, OUTPUT_MAX);
    buf_init(&note, BUF_MAX_DEFAULT);
    extract_lines(&lines, extract);
    bool ok = console_deliver(con, output, &lines);
    extract_note(&note, extract, flags_str(flags, "input"));
    if (output)
        buf_printf(&note, "Wrote %zu training examples to %s\n", extract->n, output);
    if (flags_bool(flags, "stats"))
        extract_statistics(&note, extract);
    if (ok && !flags_bool(flags, "quiet"))
        put_note(buf_str(&note));
    buf_release(&lines);
    buf_release(&note);
    return ok ? EXIT_OK : EXIT_FAILED;
}

static int run(const struct flags *flags, struct console *con)
{
    struct extract extract = {0};
    struct err err = {0};
    enum extract_keep keep;
    bool ok = choose_keep(&keep, flags_str(flags, "dedup"), &err) &&
              extract_load(&extract, flags_str(flags, "input"), keep, &err);
    int status = ok ? deliver(&extract, flags, con) : console_fail(con, &err);
    extract_release(&extract);
    return status;
}

int cmd_extract(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
