/* cmd_data.c - lem data: finds the subcommand and runs it. */
#include "cli/data.h"
#include "cli/subcommand.h"

static const struct subcommand subcommands[] = {
    {"build", "the training phases out of their sources", data_build},
    {"check", "what is wrong with lessons: roles, repeats, secrets, kernel leaks, lengths",
     data_check},
    {"stats", "how long lessons are, in characters and in a model's tokens", data_stats},
    {"dedup", "leave out lessons that repeat an earlier one, exactly or nearly", data_dedup},
    {"split", "deal lessons out to training, validation and test files", data_split},
    {"contam", "which lessons hold probes that are meant for testing", data_contam},
    {"card", "a dataset card for a folder of lessons", data_card},
    {"sandwich", "lessons of probes and answers, kernel and signature around the probe",
     data_sandwich},
    {"freeflow", "lessons of bare probes and answers", data_freeflow},
    {"conv", "conversation lessons out of passages and reflections", data_conv},
    {"composure", "lessons out of numbered texts", data_composure},
    {"extract", "the training lines of a self-distillation (lem extract)", cmd_extract},
};
enum { N_SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

int cmd_data(int argc, char **argv)
{
    return subcommands_main(subcommands, N_SUBCOMMANDS, argc, argv);
}
