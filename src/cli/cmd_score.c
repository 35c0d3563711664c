/* cmd_score.c - lem score: scores the answers in a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "cli/flags.h"
#include "cli/score_table.h"
#include "eval/answers.h"
#include "os/file.h"
#include "score/score.h"
#include "text/json.h"

enum { SCORERS_MAX = 16, FLUSH_BYTES = 1 << 20 };
#define OUTPUT_MAX ((size_t)1 << 32)

static const struct flag_spec FLAGS[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .required = true,
     .help = "A/B results, response JSONL or plain text lines; - reads standard input"},
    {.name = "scorer",
     .kind = FLAG_STRING,
     .value = "NAMES",
     .preset = "v2-ab",
     .help = "scorers or groups of them, separated by commas; all is every one but exact and "
             "capability, which need correct_answer or probe_id"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write JSONL there instead of to standard output"},
    {.name = "format",
     .kind = FLAG_STRING,
     .value = "FORMAT",
     .help = "table or jsonl; without it a table on a terminal, JSONL elsewhere"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "score",
    .synopsis = "--input FILE [--scorer NAMES] [--output FILE] [--format table|jsonl]",
    .about = "Scores every answer in a file. A/B results are scored anew under every condition;\n"
             "each JSONL line holds the record's id, its condition if it has one, and the\n"
             "numbers of each scorer under the scorer's name, null where the record lacks what it "
             "needs.",
    .groups = {{"Input and output", FLAGS}},
};

struct job {
    const struct scorer *scorers[SCORERS_MAX];
    struct score *scores[SCORERS_MAX];
    size_t n_scorers;
    bool as_table, to_stdout;
    struct score_table table;
    struct buf out;
};

static bool fail_unknown(struct str name, struct err *err)
{
    struct buf names;
    size_t count;
    const struct scorer *const *all = scorer_list(&count);
    buf_init(&names, ERR_MSG_MAX);
    for (size_t i = 0; i < count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", all[i]->name);
    err_set(err, ERR_USAGE, "there is no scorer \"%.*s\"; there are: %s", STR_ARG(name), names.ptr);
    buf_release(&names);
    return false;
}

static bool is_named(const struct scorer *scorer, struct str name)
{
    return (str_is(name, "all") && !scorer->is_apart) || str_is(name, scorer->name) ||
           str_is(name, scorer->key) || (scorer->group && str_is(name, scorer->group));
}

/* Adds the scorers of that name; asking for one twice gives it once. */
static bool add_scorers(struct job *job, struct str name, struct err *err)
{
    size_t count, found = 0;
    const struct scorer *const *all = scorer_list(&count);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        if (!is_named(all[i], name))
            continue;
        found++;
        while (k < job->n_scorers && job->scorers[k] != all[i])
            k++;
        if (k < job->n_scorers)
            continue;
        if (job->n_scorers == SCORERS_MAX)
            BUG("more than %d scorers", SCORERS_MAX);
        job->scorers[k] = all[i];
        job->scores[k] = score_create(all[i]);
        job->n_scorers++;
    }
    return found > 0 || fail_unknown(name, err);
}

static bool choose_scorers(struct job *job, const char *names, struct err *err)
{
    struct str rest = str_of(names);
    for (bool more = true; more;) {
        size_t comma = str_find(rest, str_of(","), 0);
        more = comma != (size_t)-1;
        if (!add_scorers(job, str_n(rest.ptr, more ? comma : rest.len), err))
            return false;
        rest = more ? str_from(rest, comma + 1) : rest;
    }
    return true;
}

static bool choose_format(struct job *job, const struct flags *flags, struct err *err)
{
    const char *format = flags_str(flags, "format");
    job->to_stdout = !flags_str(flags, "output");
    if (format && strcmp(format, "table") != 0 && strcmp(format, "jsonl") != 0)
        return err_set(err, ERR_USAGE, "--format is \"%s\"; it may be table or jsonl", format);
    if (format)
        job->as_table = strcmp(format, "table") == 0;
    else
        job->as_table = job->to_stdout && !flags_bool(flags, "json") && isatty(STDOUT_FILENO);
    return true;
}

static bool score_answer(struct job *job, const char *path, const struct answer *answer,
                         struct err *err)
{
    struct score_result result;
    struct score_item item = {.text = answer->text,
                              .prompt = answer->prompt,
                              .expected = answer->expected,
                              .probe = answer->probe};
    json_t *line = job->as_table ? NULL : json_object();
    if (line) {
        json_object_set(line, "id", answer->id);
        if (answer->condition.ptr)
            json_object_set_new(line, "condition", json_from_str(answer->condition));
    }
    bool ok = true;
    for (size_t i = 0; ok && i < job->n_scorers; i++) {
        const struct scorer *scorer = job->scorers[i];
        ok = score_item(job->scores[i], &result, &item, err) ||
             err_in(err, "%s: line %zu", path, answer->line);
        if (ok && line)
            json_object_set_new(line, scorer->key, score_result_to_json(scorer, &result));
        if (ok && !line && i == 0 && result.is_scored)
            score_table_add(&job->table, answer, scorer, result.values);
    }
    if (ok && line) {
        json_format(&job->out, line, (struct json_style){.ascii = true});
        buf_putc(&job->out, '\n');
    }
    json_decref(line);
    return ok;
}

static void flush(struct job *job)
{
    fwrite(buf_str(&job->out).ptr, 1, job->out.len, stdout);
    buf_reset(&job->out);
}

static bool score_file(struct job *job, const char *path, struct err *err)
{
    struct answers in;
    struct answer answer;
    bool more = true;
    if (!answers_open(&in, path, err))
        return false;
    bool ok = true;
    while (ok && (ok = answers_next(&in, &answer, &more, err)) && more) {
        ok = score_answer(job, path, &answer, err);
        if (job->to_stdout && !job->as_table && job->out.len >= FLUSH_BYTES)
            flush(job);
    }
    if (ok && job->as_table)
        score_table_format(&job->out, &job->table, job->scorers[0], in.model);
    if (ok && job->out.full)
        ok = err_set(err, ERR_LIMIT, "%s gives more output than can be kept", path);
    answers_close(&in);
    return ok;
}

/* What was scored before a failure is shown; a file is written only when it is whole. */
static int deliver(struct job *job, struct console *con, const char *output, bool ok,
                   const struct err *err)
{
    struct err write_err = {0};
    int status = EXIT_OK;
    if (job->to_stdout && job->as_table)
        console_print(con, buf_str(&job->out));
    else if (job->to_stdout)
        flush(job);
    else if (ok && !file_write_atomic(output, buf_str(&job->out), &write_err)) {
        console_fail(con, &write_err);
        status = EXIT_FAILED;
    }
    return ok ? status : console_fail(con, err);
}

static int run(const struct flags *flags, struct console *con)
{
    struct job job = {0};
    struct err err = {0};
    int status;
    buf_init(&job.out, OUTPUT_MAX);
    if (choose_scorers(&job, flags_str(flags, "scorer"), &err) &&
        choose_format(&job, flags, &err)) {
        bool ok = score_file(&job, flags_str(flags, "input"), &err);
        status = deliver(&job, con, flags_str(flags, "output"), ok, &err);
    } else {
        status = console_fail(con, &err);
    }
    for (size_t i = 0; i < job.n_scorers; i++)
        score_free(job.scores[i]);
    score_table_release(&job.table);
    buf_release(&job.out);
    return status;
}

int cmd_score(int argc, char **argv)
{
    struct flags flags;
    int status = EXIT_OK;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    status = run(&flags, &con);
    flags_release(&flags);
    return status;
}
