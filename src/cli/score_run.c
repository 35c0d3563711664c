/* score_run.c - lem score run: response lines to a scores file. */
#include <stdio.h>
#include <string.h>

#include "cli/command_run.h"
#include "cli/exit.h"
#include "cli/score.h"
#include "eval/score_file.h"
#include "os/clock.h"
#include "os/file.h"
#include "text/json.h"

enum { FILES_MAX = 4096 };
#define OUTPUT_MAX ((size_t)1 << 32)

static const struct flag_spec OWN[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_LIST,
     .value = "FILE",
     .argv_only = true,
     .help = "response lines {id, model, response}, also as arguments"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .preset = "scores.json",
     .argv_only = true,
     .help = "the scores file; - is standard output"},
    {.name = "suites",
     .kind = FLAG_STRING,
     .value = "NAMES",
     .preset = "heuristic,exact",
     .help = "heuristic and exact; the others need a judge, which this command does not ask"},
    {.name = "form",
     .kind = FLAG_STRING,
     .value = "FORM",
     .preset = "go",
     .help = "go, or python: the model is the file's name, signals lie beside the id"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "score run",
    .synopsis = "--input FILE... [--output scores.json] [--suites heuristic,exact] "
                "[--form go|python]",
    .about = "Scores response lines with the first heuristic and, where a right answer is given,\n"
             "exact matching, and writes the averages by model and the scores by answer, as the\n"
             "original's score and lem_scorer.py do. `lem compare --old --new` reads such files.",
    .groups = {{"Scores file", OWN}},
    .args_max = FILES_MAX,
};

static bool choose_form(enum score_form *form, const char *name, struct err *err)
{
    *form = strcmp(name, "python") == 0 ? SCORE_FORM_PYTHON : SCORE_FORM_GO;
    return *form == SCORE_FORM_PYTHON || strcmp(name, "go") == 0 ||
           err_set(err, ERR_USAGE, "--form is \"%s\"; it may be go or python", name);
}

static bool choose_suites(bool *heuristic, bool *exact, const char *names, struct err *err)
{
    struct str rest = str_of(names);
    for (bool more = true; more;) {
        size_t comma = str_find(rest, str_of(","), 0);
        more = comma != (size_t)-1;
        struct str name = str_n(rest.ptr, more ? comma : rest.len);
        if (str_is(name, "heuristic"))
            *heuristic = true;
        else if (str_is(name, "exact"))
            *exact = true;
        else
            return err_set(err, ERR_USAGE,
                           "--suites names \"%.*s\"; without a judge there are heuristic and exact",
                           STR_ARG(name));
        rest = more ? str_from(rest, comma + 1) : rest;
    }
    return true;
}

static bool add_files(struct score_file *file, const struct flags *flags, struct err *err)
{
    size_t n;
    const char *const *inputs = flags_list(flags, "input", &n);
    if (n + flags->n_args == 0)
        return err_set(err, ERR_USAGE, "which responses? lem score run --input FILE");
    for (size_t i = 0; i < n + flags->n_args; i++)
        if (!score_file_add(file, i < n ? inputs[i] : flags->args[i - n], err))
            return false;
    return true;
}

static int deliver(struct score_file *file, const char *output, struct console *con)
{
    struct err err = {0};
    struct buf text;
    char now[CLOCK_ISO_MAX];
    clock_iso(now, clock_unix_us());
    json_t *scores = score_file_take(file, now);
    buf_init(&text, OUTPUT_MAX);
    json_format(&text, scores, (struct json_style){.ascii = true, .indent = 2});
    json_decref(scores);
    if (text.full)
        err_set(&err, ERR_LIMIT, "more scores than can be kept");
    else if (strcmp(output, "-") == 0)
        console_print(con, buf_str(&text));
    else if (file_write_atomic(output, buf_str(&text), &err))
        console_note(con, "scores are in %s", output);
    buf_release(&text);
    if (err.code)
        console_fail(con, &err);
    return err.code ? EXIT_FAILED : EXIT_OK;
}

static int run(const struct flags *flags, struct console *con)
{
    struct score_file file = {0};
    struct err err = {0};
    enum score_form form;
    bool heuristic = false, exact = false;
    bool ok = choose_form(&form, flags_str(flags, "form"), &err) &&
              choose_suites(&heuristic, &exact, flags_str(flags, "suites"), &err);
    if (ok) {
        score_file_init(&file, form, heuristic, exact);
        ok = add_files(&file, flags, &err);
    }
    int status = ok ? deliver(&file, flags_str(flags, "output"), con) : console_fail(con, &err);
    if (heuristic || exact)
        score_file_release(&file);
    return status;
}

int cmd_score_run(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
