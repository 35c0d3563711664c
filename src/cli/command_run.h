/* command_run.h - what most commands begin and end with.
 * Does        parses the flags, opens the console, runs the body, releases the flags. --help and a
 *             usage error end it before the body.
 * Threads     no state. */
#ifndef CLI_COMMAND_RUN_H
#define CLI_COMMAND_RUN_H

#include "cli/console.h"
#include "cli/flags.h"

/* Gives an exit status; what failed it has printed. */
typedef int command_body(const struct flags *flags, struct console *con);

/* Returns the body's exit status, or what flags_begin made of the arguments. */
int command_run(const struct flags_usage *usage, command_body *body, int argc, char **argv);

#endif
