/* cmd_probes.c - lem probes: finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/exit.h"
#include "cli/probes.h"
#include "text/nearest.h"

static const struct {
    const char *name, *help;
    command_fn *run;
} subcommands[] = {
    {"lint", "what is wrong with them: ids, categories, near-duplicates, kernel words",
     probes_lint},
    {"list", "a line a probe", probes_list},
    {"show", "the probes in full", probes_show},
    {"import", "probe files of every shape, made regular; says what was mended and refused",
     probes_import},
    {"normalize", "distinct prompts as seed lines, the rarest domains first", probes_normalize},
    {"dedup", "leave out what repeats an earlier probe, exactly or nearly", probes_dedup},
    {"coverage", "how many probes each region and domain has", probes_coverage},
    {"split", "deal probes out to training, validation and test files", probes_split},
    {"grow", "new probes out of a grammar, as many as are asked for", probes_grow},
    {"rephrase", "each probe from three further sides", probes_rephrase},
};
enum { N_SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

static void print_help(FILE *to)
{
    fprintf(to, "Usage: lem probes SUBCOMMAND [flags]\n\nSubcommands:\n");
    for (size_t i = 0; i < N_SUBCOMMANDS; i++)
        fprintf(to, "  %-12s %s\n", subcommands[i].name, subcommands[i].help);
    fprintf(to, "\n`lem probes SUBCOMMAND --help` says what a subcommand takes.\n");
}

static int fail_unknown(const char *name)
{
    struct nearest best = {.wanted = name};
    for (size_t i = 0; i < N_SUBCOMMANDS; i++)
        nearest_offer(&best, subcommands[i].name);
    fprintf(stderr, "lem: probes has no subcommand \"%s\"", name);
    if (best.name)
        fprintf(stderr, "; did you mean %s?\n", best.name);
    else
        fprintf(stderr, "; `lem probes --help` lists them\n");
    return EXIT_USAGE;
}

int cmd_probes(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return EXIT_OK;
    }
    for (size_t i = 0; i < N_SUBCOMMANDS; i++)
        if (strcmp(subcommands[i].name, argv[1]) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    return fail_unknown(argv[1]);
}
