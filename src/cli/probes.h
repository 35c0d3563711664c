/* probes.h - the subcommands of `lem probes`: one function in one file probes_<name>.c each, one
 * row in cmd_probes.c; and what they share. */
#ifndef CLI_PROBES_H
#define CLI_PROBES_H

#include <jansson.h>

#include "base/buf.h"
#include "cli/command_run.h"
#include "cli/commands.h"
#include "probe/import.h"

command_fn probes_coverage;
command_fn probes_dedup;
command_fn probes_grow;
command_fn probes_import;
command_fn probes_lint;
command_fn probes_list;
command_fn probes_normalize;
command_fn probes_rephrase;
command_fn probes_show;
command_fn probes_split;

/* --input and --output. */
extern const struct flag_spec PROBES_FILES[];

/* Reads --input, or every positional argument; "-" is standard input. Says on stderr what had to be
 * refused; no record at all is a failure. */
MUST_USE bool probes_read(struct import *in, const struct flags *flags, struct console *con,
                          struct err *err);

/* Writes the records to `path`, or to standard output when it is NULL: as an indented JSON array
 * when the name ends in .json, as JSON lines otherwise. Prints its own failure. */
MUST_USE bool probes_write(const char *path, json_t *list, struct console *con);
MUST_USE bool probes_write_records(const char *path, const struct import_record *const *records,
                                   size_t count, struct console *con);

#endif
