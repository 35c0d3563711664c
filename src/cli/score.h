/* score.h - the subcommands of `lem score`: one function cmd_score_<name> in one file
 * score_<name>.c each, found by cmd_score.c. */
#ifndef CLI_SCORE_H
#define CLI_SCORE_H

#include "cli/commands.h"

command_fn cmd_score_bench;
command_fn cmd_score_list;
command_fn cmd_score_run;

#endif
