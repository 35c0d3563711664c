/* subcommand.c - see subcommand.h. */
#include "cli/subcommand.h"

#include <stdio.h>
#include <string.h>

#include "cli/exit.h"
#include "text/nearest.h"

static void print_help(FILE *to, const char *command, const struct subcommand *list, size_t count)
{
    fprintf(to, "Usage: lem %s SUBCOMMAND [flags]\n\nSubcommands:\n", command);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "  %-12s %s\n", list[i].name, list[i].help);
    fprintf(to, "\n`lem %s SUBCOMMAND --help` says what a subcommand takes.\n", command);
}

static int fail_unknown(const char *command, const char *name, const struct subcommand *list,
                        size_t count)
{
    struct nearest best = {.wanted = name};
    for (size_t i = 0; i < count; i++)
        nearest_offer(&best, list[i].name);
    fprintf(stderr, "lem: %s has no subcommand \"%s\"", command, name);
    if (best.name)
        fprintf(stderr, "; did you mean %s?\n", best.name);
    else
        fprintf(stderr, "; `lem %s --help` lists them\n", command);
    return EXIT_USAGE;
}

int subcommands_main(const struct subcommand *list, size_t count, int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr, argv[0], list, count);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        print_help(stdout, argv[0], list, count);
        return EXIT_OK;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, argv[1]) == 0)
            return list[i].run(argc - 1, argv + 1);
    return fail_unknown(argv[0], argv[1], list, count);
}
