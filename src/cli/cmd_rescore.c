/* cmd_rescore.c - lem rescore: stored scores of A/B results beside new ones. */
#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/score_table.h"

enum { FILES_MAX = 4096 };

static const struct flag_spec OWN[] = {
    {.name = "scorer",
     .kind = FLAG_STRING,
     .value = "NAME",
     .preset = "v2-ab",
     .help = "what scores them anew"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "rescore",
    .synopsis = "RESULTS.jsonl... [--scorer NAME]",
    .about = "Scores A/B results anew and prints each answer's stored score (v1) beside the new\n"
             "one (v2), as the original's rescore.py does. The files are only read;\n"
             "`lem score --input FILE --output FILE` writes the new scores.",
    .groups = {{"Scores", OWN}},
    .args_max = FILES_MAX,
};

/* Prints the table of one file; nothing where it holds no A/B results. */
static bool rescore(struct score *score, const struct scorer *scorer, const char *path,
                    struct console *con, struct err *err)
{
    struct score_table table = {0};
    struct answers in;
    struct answer answer;
    struct score_result result;
    struct buf out;
    bool more = true, ok;
    if (!answers_open(&in, path, err))
        return false;
    while ((ok = answers_next(&in, &answer, &more, err)) && more) {
        struct score_item item = {.text = answer.text, .prompt = answer.prompt};
        if (!answer.condition.ptr)
            continue;
        ok = score_item(score, &result, &item, err) ||
             err_in(err, "%s: line %zu", path, answer.line);
        if (!ok)
            break;
        score_table_add(&table, &answer, scorer, result.values);
    }
    buf_init(&out, BUF_MAX_DEFAULT);
    if (ok && table.n_rows > 0)
        score_table_format(&out, &table, scorer, in.model);
    console_print(con, buf_str(&out));
    buf_release(&out);
    score_table_release(&table);
    answers_close(&in);
    return ok;
}

static bool rescore_all(const struct flags *flags, struct console *con, struct err *err)
{
    const char *name = flags_str(flags, "scorer");
    const struct scorer *scorer = scorer_find(str_of(name));
    if (!scorer || scorer->is_apart)
        return err_set(err, ERR_USAGE, "there is no scorer \"%s\" for A/B results", name);
    if (flags->n_args == 0)
        return err_set(err, ERR_USAGE, "which results? lem rescore RESULTS.jsonl...");
    struct score *score = score_create(scorer);
    bool ok = true;
    for (size_t i = 0; ok && i < flags->n_args; i++)
        ok = rescore(score, scorer, flags->args[i], con, err);
    score_free(score);
    return ok;
}

static int run(const struct flags *flags, struct console *con)
{
    struct err err = {0};
    return rescore_all(flags, con, &err) ? EXIT_OK : console_fail(con, &err);
}

int cmd_rescore(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
