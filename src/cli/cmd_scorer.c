/* cmd_scorer.c - lem scorer: the grammar of answers, as the original's lem-scorer prints it. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "report/grammar_report.h"

enum { FILES_MAX = 4096 };
#define OUTPUT_MAX ((size_t)1 << 32)

static const struct flag_spec OWN[] = {
    {.name = "format",
     .kind = FLAG_STRING,
     .value = "FORMAT",
     .preset = "ab",
     .argv_only = true,
     .help = "what the files are: ab results, training distillations or text lines"},
    {.name = "condition",
     .kind = FLAG_STRING,
     .value = "NAME",
     .preset = "baseline",
     .argv_only = true,
     .help = "the condition of A/B results whose answers are measured"},
    {.name = "ref",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "an imprint in JSON; how near each answer is to it is shown"},
    {.name = "output",
     .kind = FLAG_STRING,
     .value = "FORM",
     .preset = "table",
     .argv_only = true,
     .help = "table, jsonl or summary"},
    {.name = "delta",
     .kind = FLAG_BOOL,
     .argv_only = true,
     .help = "what each answer adds to its prompt"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "scorer",
    .synopsis = "[-format ab|training|text] [-output table|jsonl|summary] [-delta] [-ref FILE] "
                "FILE...",
    .about = "Measures the grammar of answers (bare: see `lem score`) and prints it byte for byte\n"
             "as the original's lem-scorer does; LEK is the score stored in the file. A link to\n"
             "lem of the name lem-scorer does the same. Flags may be written with one hyphen.\n"
             "Exit status: 1 when there is no record, as there.",
    .groups = {{"Scorer", OWN}},
    .args_max = FILES_MAX,
};

static void complain(void *user, const char *path, size_t line, const char *what)
{
    console_warn(user, "%s:%zu: %s", path, line, what);
}

/* The index of a name in a list that ends in NULL; the list's length when it is not there. */
static size_t choice(const char *const *names, const char *name)
{
    size_t i = 0;
    while (names[i] && strcmp(names[i], name) != 0)
        i++;
    return i;
}

static bool read_files(struct grammar_records *records, const struct flags *flags,
                       enum records_format format, struct console *con, struct err *err)
{
    if (flags_str(flags, "ref") &&
        !grammar_records_reference(records, flags_str(flags, "ref"), err))
        return false;
    for (size_t i = 0; i < flags->n_args; i++) {
        struct err own = {0};
        if (!grammar_records_read(records, flags->args[i], format, &own))
            console_warn(con, "%s", own.msg);
    }
    return records->n > 0 || err_set(err, ERR_FORMAT, "no records in what was named");
}

static bool report(struct buf *out, const struct grammar_records *records,
                   const struct flags *flags, size_t form)
{
    if (form == 0)
        grammar_report_table(out, records);
    else if (form == 1)
        grammar_report_jsonl(out, records);
    else
        grammar_report_summary(out, records, flags->args, flags->n_args);
    return !out->full;
}

static int run(const struct flags *flags, struct console *con)
{
    static const char *const formats[] = {"ab", "training", "text", NULL};
    static const char *const forms[] = {"table", "jsonl", "summary", NULL};
    size_t format = choice(formats, flags_str(flags, "format"));
    size_t form = choice(forms, flags_str(flags, "output"));
    struct grammar_records records;
    struct err err = {0};
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    grammar_records_init(&records, flags_str(flags, "condition"), complain, con);
    records.wants_delta = flags_bool(flags, "delta");
    if (flags->n_args == 0)
        err_set(&err, ERR_USAGE, "which files? lem scorer FILE...");
    else if (!formats[format])
        err_set(&err, ERR_FORMAT, "-format is \"%s\"; it may be ab, training or text",
                flags_str(flags, "format"));
    else if (!forms[form])
        err_set(&err, ERR_FORMAT, "-output is \"%s\"; it may be table, jsonl or summary",
                flags_str(flags, "output"));
    else if (read_files(&records, flags, (enum records_format)format, con, &err) &&
             !report(&out, &records, flags, form))
        err_set(&err, ERR_LIMIT, "more output than can be kept");
    console_print(con, buf_str(&out));
    buf_release(&out);
    grammar_records_release(&records);
    if (err.code)
        console_fail(con, &err);
    return err.code ? EXIT_FAILED : EXIT_OK;
}

/* Go's flags take one hyphen for a name of any length: -delta is --delta. */
static char **lengthen(struct arena *arena, int argc, char **argv)
{
    char **out = arena_alloc(arena, (size_t)argc + 1, sizeof *out);
    for (int i = 0; i < argc; i++) {
        size_t len = strlen(argv[i]);
        bool one = i > 0 && len > 2 && argv[i][0] == '-' && argv[i][1] != '-';
        out[i] = arena_alloc(arena, len + 2, 1);
        snprintf(out[i], len + 2, "%s%s", one ? "-" : "", argv[i]);
    }
    return out;
}

int cmd_scorer(int argc, char **argv)
{
    struct arena arena = {0};
    int status = command_run(&USAGE, run, argc, lengthen(&arena, argc, argv));
    arena_release(&arena);
    return status;
}
