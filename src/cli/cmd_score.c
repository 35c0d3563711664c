/* cmd_score.c - lem score: scores the answers in a file. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/score.h"
#include "cli/score_job.h"
#include "os/file.h"

static const struct flag_spec FILES[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .required = true,
     .help = "A/B results, responses, training lines, distillations or plain text lines; - reads "
             "standard input"},
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

static const struct flag_spec SCORING[] = {
    {.name = "scorer",
     .letter = 's',
     .kind = FLAG_STRING,
     .value = "NAMES",
     .help = "scorers or groups of them, separated by commas; all, the default for JSONL, is every "
             "one but exact and capability, which need correct_answer or probe_id; a table shows "
             "the first, v2-ab by default"},
    {.name = "explain",
     .kind = FLAG_BOOL,
     .argv_only = true,
     .help = "list every hit: place, rule, matched text and points, which add up to the score"},
    {.name = "ref",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "a grammar imprint in JSON; adds how near each answer is to it, from 0 to 1"},
    {.name = "threads",
     .letter = 't',
     .kind = FLAG_U64,
     .value = "N",
     .max = THREADS_MAX,
     .help = "threads (default: all processors); changes no number and no order"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "score",
    .synopsis = "--input FILE [--scorer NAMES] [--explain] [--output FILE] [--format table|jsonl]\n"
                "       lem score run --input FILE... [--output scores.json]\n"
                "       lem score compare --old FILE --new FILE\n"
                "       lem score list\n"
                "       lem score bench --input FILE",
    .about =
        "Scores every answer in a file. A/B results are scored anew under every condition. Each\n"
        "JSONL line holds the record's id, its condition if it has one, the numbers of each "
        "scorer\n"
        "under the scorer's name (null where the record lacks what it needs), and what the record\n"
        "stored of earlier scores: as v1 where the first A/B scorer made them, which is lost.\n"
        "A line that cannot be read or scored is named on standard error and passed over; the\n"
        "exit status is then 5.\n"
        "`run` writes a scores file as the original's score does, `compare` shows two of them,\n"
        "`list` names all scorers and their versions; `bench` times them. Of the original's score "
        "probe (asks a "
        "model,\n"
        "then a judge), score tier (a database) and score agent (a fleet of machines) nothing is\n"
        "here; tier 1 itself is the scorer tier1.",
    .groups = {{"Input and output", FILES}, {"Scoring", SCORING}},
};

static bool choose_view(struct score_job *job, const struct flags *flags, struct err *err)
{
    const char *format = flags_str(flags, "format");
    bool to_stdout = !flags_str(flags, "output"), explain = flags_bool(flags, "explain");
    bool as_table = to_stdout && !flags_bool(flags, "json") && isatty(STDOUT_FILENO);
    if (format && strcmp(format, "table") != 0 && strcmp(format, "jsonl") != 0)
        return err_set(err, ERR_USAGE, "--format is \"%s\"; it may be table or jsonl", format);
    if (format)
        as_table = strcmp(format, "table") == 0;
    job->view = explain    ? as_table ? SCORE_AS_HIT_TABLE : SCORE_AS_HITS
                : as_table ? SCORE_AS_TABLE
                           : SCORE_AS_JSONL;
    job->streams = to_stdout;
    return true;
}

static bool prepare(struct score_job *job, const struct flags *flags, struct err *err)
{
    const char *scorers = flags_str(flags, "scorer"), *ref = flags_str(flags, "ref");
    if (!choose_view(job, flags, err))
        return false;
    if (!scorers)
        scorers = job->view == SCORE_AS_JSONL ? "all" : "v2-ab";
    return score_job_choose(job, scorers, err) && (!ref || score_job_reference(job, ref, err));
}

/* What was scored before a failure is shown; a file is written only when all lines were seen. */
static int deliver(struct score_job *job, struct console *con, const struct flags *flags, bool ok,
                   const struct err *err)
{
    struct err write_err = {0};
    const char *output = flags_str(flags, "output");
    if (job->streams)
        console_print(con, buf_str(&job->out));
    if (!ok)
        return console_fail(con, err);
    if (output && (job->n_answers > 0 || job->n_failed == 0) &&
        !file_write_atomic(output, buf_str(&job->out), &write_err)) {
        console_fail(con, &write_err);
        return EXIT_FAILED;
    }
    return job->n_failed == 0 ? EXIT_OK : job->n_answers > 0 ? EXIT_PARTIAL : EXIT_INPUT;
}

static int run(const struct flags *flags, struct console *con)
{
    struct score_job job;
    struct err err = {0};
    score_job_init(&job);
    bool ok = prepare(&job, flags, &err) && score_job_run(&job, flags_str(flags, "input"),
                                                          flags_u64(flags, "threads"), con, &err);
    int status = deliver(&job, con, flags, ok, &err);
    score_job_release(&job);
    return status;
}

int cmd_score(int argc, char **argv)
{
    static const struct {
        const char *name;
        command_fn *run;
    } subcommands[] = {{"bench", cmd_score_bench},
                       {"list", cmd_score_list},
                       {"run", cmd_score_run},
                       {"compare", cmd_compare}};
    if (argc < 2 || argv[1][0] == '-')
        return command_run(&USAGE, run, argc, argv);
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "lem: score has no subcommand \"%s\"; `lem score --help` says what it has\n",
            argv[1]);
    return EXIT_USAGE;
}
