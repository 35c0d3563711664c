/* main.c - finds the command and runs it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/version.h"
#include "os/signals.h"
#include "text/nearest.h"

struct command {
    const char *name, *alias; /* alias may be NULL */
    const char *help;
    command_fn *run;
};

static const struct command commands[] = {
    {"info", NULL, "version, processor, threads, models in the cache, self-check", cmd_info},
    {"benchmark", "ab", "answer probes with and without kernels, and compare the scores",
     cmd_benchmark},
    {"score", NULL, "score the answers in a file", cmd_score},
    {"rescore", NULL, "stored scores of A/B results beside new ones", cmd_rescore},
    {"scorer", NULL, "the grammar of answers, as the original's lem-scorer prints it", cmd_scorer},
    {"extract", NULL, "training lines out of a distillation", cmd_extract},
    {"report", NULL, "what finished runs come to: verdicts, and what they rest on", cmd_report},
    {"compare", NULL, "two runs paired by probe, or two score files side by side", cmd_compare},
    {"stat", NULL, "statistics of paired scores: intervals, tests, effect sizes", cmd_stat},
    {"summary", NULL, "finished benchmark runs in one table", cmd_summary},
    {"probes", NULL, "probe files: lint, list, import, dedup, coverage, split, rephrase, grow",
     cmd_probes},
    {"data", NULL, "lessons: build phases, check, dedup, split, statistics, cards", cmd_data},
    {"kernel", NULL, "look at kernels; write them with an axiom alone, removed, or as placebos",
     cmd_kernel},
    {"generate", "run", "answer one prompt", cmd_generate},
    {"chat", NULL, "talk with a model", cmd_chat},
    {"template", NULL, "messages to the text a chat template makes of them", cmd_template},
    {"tokenize", NULL, "texts to token ids, and back", cmd_tokenize},
    {"perplexity", NULL, "how surprised a model is by given texts", cmd_perplexity},
    {"bench", NULL, "tokens a second of a model on this machine", cmd_bench},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *c = &commands[i];
        if (strcmp(c->name, name) == 0 || (c->alias && strcmp(c->alias, name) == 0))
            return c;
    }
    return NULL;
}

static int print_help(void)
{
    printf("lem measures what a system prompt does to a language model's ethical reasoning.\n\n"
           "Usage: lem COMMAND [flags]\n\nCommands:\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    printf("\n`lem help COMMAND` says what a command takes; `lem --version` says which build this "
           "is.\n");
    return EXIT_OK;
}

static int fail_unknown(const char *name)
{
    struct nearest best = {.wanted = name};
    for (size_t i = 0; i < N_COMMANDS; i++) {
        nearest_offer(&best, commands[i].name);
        if (commands[i].alias)
            nearest_offer(&best, commands[i].alias);
    }
    fprintf(stderr, "lem: there is no command \"%s\"", name);
    if (best.name)
        fprintf(stderr, "; did you mean %s?\n", best.name);
    else
        fprintf(stderr, "; `lem --help` lists them\n");
    return EXIT_USAGE;
}

/* Data that did not reach standard output must not look like success. */
static int finish_output(int status)
{
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (!lost)
        return status;
    fprintf(stderr, "lem: standard output could not be written\n");
    return status == EXIT_OK ? EXIT_FAILED : status;
}

static int run_command(const char *name, int argc, char **argv)
{
    const struct command *command = command_find(name);
    if (!command)
        return fail_unknown(name);
    return finish_output(command->run(argc, argv));
}

static int run_help(int argc, char **argv)
{
    if (argc < 3)
        return finish_output(print_help());
    char flag[] = "--help";
    char *args[] = {argv[2], flag, NULL};
    return run_command(argv[2], 2, args);
}

/* Moves the first argument that is not a flag to the front: `lem --quiet info` is `lem info
 * --quiet`. Returns false when there is none. */
static bool command_to_front(int argc, char **argv)
{
    int at = 1;
    while (at < argc && argv[at][0] == '-')
        at++;
    if (at == argc)
        return false;
    char *name = argv[at];
    memmove(&argv[2], &argv[1], (size_t)(at - 1) * sizeof *argv);
    argv[1] = name;
    return true;
}

/* Names of the original's programs: a link to lem of such a name behaves like it. */
static const struct {
    const char *called, *command;
} links[] = {
    {"ab_test.py", "benchmark"},        {"ab_test", "benchmark"}, {"rescore.py", "rescore"},
    {"extract_training.py", "extract"}, {"lem-scorer", "scorer"},
};

static bool is_called(const char *argv0, const char *name)
{
    const char *slash = strrchr(argv0, '/');
    return strcmp(slash ? slash + 1 : argv0, name) == 0;
}

int main(int argc, char **argv)
{
    signals_init();
    for (size_t i = 0; argc > 0 && i < sizeof links / sizeof *links; i++)
        if (is_called(argv[0], links[i].called))
            return run_command(links[i].command, argc, argv);
    if (argc < 2) {
        print_help();
        return finish_output(EXIT_USAGE);
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
        return finish_output(print_help());
    if (strcmp(argv[1], "--version") == 0) {
        printf("lem %s\n", version_string());
        return finish_output(EXIT_OK);
    }
    if (!command_to_front(argc, argv)) {
        fprintf(stderr, "lem: which command? `lem --help` lists them\n");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "help") == 0)
        return run_help(argc, argv);
    return run_command(argv[1], argc - 1, argv + 1);
}
