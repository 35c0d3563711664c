/* commands.h - every command: one function in one file cmd_<name>.c, one row in main.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* argv[0] is the command's name; returns the exit status (cli/exit.h). */
typedef int command_fn(int argc, char **argv);

command_fn cmd_bench;
command_fn cmd_benchmark;
command_fn cmd_chat;
command_fn cmd_compare;
command_fn cmd_data;
command_fn cmd_extract;
command_fn cmd_generate;
command_fn cmd_info;
command_fn cmd_kernel;
command_fn cmd_perplexity;
command_fn cmd_probes;
command_fn cmd_report;
command_fn cmd_rescore;
command_fn cmd_score;
command_fn cmd_scorer;
command_fn cmd_stat;
command_fn cmd_summary;
command_fn cmd_template;
command_fn cmd_tokenize;

#endif
