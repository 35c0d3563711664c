/* commands.h - every command: one function in one file cmd_<name>.c, one row in main.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* argv[0] is the command's name; returns the exit status (cli/exit.h). */
typedef int command_fn(int argc, char **argv);

command_fn cmd_info;
command_fn cmd_tokenize;

#endif
