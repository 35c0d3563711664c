/* subcommand.h - commands that have commands of their own: `lem probes lint`, `lem data check`.
 * Does        finds the one that is named and runs it; prints the list for --help; suggests a name
 *             for one that is not there.
 * Threads     no state. */
#ifndef CLI_SUBCOMMAND_H
#define CLI_SUBCOMMAND_H

#include <stddef.h>

#include "cli/commands.h"

struct subcommand {
    const char *name, *help;
    command_fn *run;
};

/* argv[0] is the command's name, argv[1] the subcommand's. Returns the exit status. */
int subcommands_main(const struct subcommand *list, size_t count, int argc, char **argv);

#endif
