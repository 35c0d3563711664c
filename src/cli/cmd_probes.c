/* cmd_probes.c - lem probes: finds the subcommand and runs it. */
#include "cli/probes.h"
#include "cli/subcommand.h"

static const struct subcommand subcommands[] = {
    {"lint", "what is wrong with them: ids, categories, near-duplicates, kernel words",
     probes_lint},
    {"list", "a line a probe", probes_list},
    {"show", "the probes in full", probes_show},
    {"import", "probe files of every shape, made regular; says what was mended and refused",
     probes_import},
    {"normalize", "distinct prompts as seed lines, the rarest domains first", probes_normalize},
    {"dedup", "leave out what repeats an earlier probe, exactly or nearly", probes_dedup},
    {"coverage", "how many probes each region and domain has", probes_coverage},
    {"split", "deal probes out to training, validation and test files", probes_split},
    {"grow", "new probes out of a grammar, as many as are asked for", probes_grow},
    {"rephrase", "each probe from three further sides", probes_rephrase},
};
enum { N_SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

int cmd_probes(int argc, char **argv)
{
    return subcommands_main(subcommands, N_SUBCOMMANDS, argc, argv);
}
