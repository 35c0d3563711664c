/* probes.h - the subcommands of `lem probes`: one function in one file probes_<name>.c each, one
 * row in cmd_probes.c; and what they share. */
#ifndef CLI_PROBES_H
#define CLI_PROBES_H

#include <jansson.h>

#include "base/buf.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/flags.h"
#include "probe/import.h"

command_fn probes_rephrase;

/* Runs a subcommand: parses its flags, opens the console, and gives the exit status of `body`. */
typedef int probes_body(const struct flags *flags, struct console *con);
int probes_run(const struct flags_usage *usage, probes_body *body, int argc, char **argv);

/* Reads --input, or every positional argument; `name` is "-" for standard input. Says on stderr
 * what had to be refused. */
MUST_USE bool probes_read(struct import *in, const struct flags *flags, struct console *con,
                          struct err *err);
/* A warning for each reason for which records were refused, with the first place. */
void probes_warn_refused(const struct import *in, struct console *con);
/* Writes to --output, or to standard output when there is none. */
MUST_USE bool probes_write(const struct flags *flags, struct str bytes, struct err *err);
/* Appends a record as a line of JSON. */
void probes_add_line(struct buf *out, const json_t *record);

/* Appends the list as a JSON array, indented by two; without a newline at its end. */
void probes_add_array(struct buf *out, const json_t *list);

#endif
