/* kernel_placebo.h - the subcommand `lem kernel placebo`. */
#ifndef CLI_KERNEL_PLACEBO_H
#define CLI_KERNEL_PLACEBO_H

#include "cli/commands.h"

command_fn kernel_placebo;

#endif
