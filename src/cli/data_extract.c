/* data_extract.c - lem data extract: the training examples of a self-distillation run. */
#include <stdio.h>

#include "cli/data.h"
#include "cli/exit.h"
#include "lesson/extract.h"
#include "os/file.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "what the run wrote; - is standard input",
     .required = true},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the examples there instead of to standard output"},
    {.name = "dedup",
     .kind = FLAG_STRING,
     .value = "WHICH",
     .preset = "best",
     .help = "of each probe the best, the first, or all"},
    {.name = "stats", .kind = FLAG_BOOL, .help = "print counts and scores on standard error"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data extract",
    .synopsis = "--input FILE [--output FILE] [--dedup best|all|first] [--stats]",
    .about =
        "Takes the lines of type \"training\" out of what a distillation run wrote and writes\n"
        "their messages, ordered by probe id. The best answer to a probe is the one with the\n"
        "highest lek_score, the earlier of equals.",
    .groups = {{"Extraction", OWN_FLAGS}},
};

static bool write_examples(struct extract *extract, const struct flags *flags, size_t n_loaded,
                           struct console *con)
{
    const char *input = flags_str(flags, "input"), *output = flags_str(flags, "output");
    struct buf lines, notes;
    buf_init(&lines, BUF_MAX_DEFAULT);
    buf_init(&notes, BUF_MAX_DEFAULT);
    extract_put(&lines, extract);
    bool ok = data_write(output, &lines, con);
    buf_printf(&notes, "Loaded %zu training records from %s\n", n_loaded, input);
    extract_put_source(&notes, extract);
    buf_printf(&notes, "Wrote %zu training examples to %s\n", extract->count,
               output ? output : "standard output");
    if (flags_bool(flags, "stats"))
        extract_put_stats(&notes, extract);
    if (ok && !con->quiet)
        fwrite(buf_str(&notes).ptr, 1, notes.len, stderr);
    buf_release(&lines);
    buf_release(&notes);
    return ok;
}

static int run(const struct flags *flags, struct console *con)
{
    const char *input = flags_str(flags, "input"), *which = flags_str(flags, "dedup");
    enum extract_keep keep;
    struct extract extract = {0};
    struct err err = {0};
    struct buf bytes;
    int status = EXIT_OK;
    buf_init(&bytes, LESSON_FILE_MAX);
    bool ok = extract_keep_of_name(&keep, which) ||
              err_set(&err, ERR_USAGE, "--dedup is best, all or first, not \"%s\"", which);
    ok = ok && file_read(&bytes, input, &err) &&
         extract_read(&extract, buf_str(&bytes), input, &err);
    if (!ok) {
        status = console_fail(con, &err);
    } else {
        size_t n_loaded = extract.count;
        extract_choose(&extract, keep);
        if (!write_examples(&extract, flags, n_loaded, con))
            status = EXIT_FAILED;
    }
    extract_release(&extract);
    buf_release(&bytes);
    return status;
}

int data_extract(int argc, char **argv)
{
    return subcommand_run(&USAGE, run, argc, argv);
}
