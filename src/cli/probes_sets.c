/* probes_sets.c - see probes_sets.h. */
#include "cli/probes_sets.h"

#include <stdlib.h>

#include "base/mem.h"

const struct flag_spec FLAGS_PROBE_CHOICE[] = {
    {.name = "ids",
     .kind = FLAG_STRING,
     .value = "IDS",
     .help = "only these, separated by commas; P07 stands for P07_COMPUTE_VERIFIABLE"},
    {.name = "limit",
     .letter = 'L',
     .kind = FLAG_U64,
     .value = "N",
     .preset = "0",
     .max = PROBES_MAX,
     .help = "only the first N of each file; 0: all"},
    {.name = NULL},
};

bool probes_sets_load(struct probes_sets *out, const struct flags *flags, bool leave_extra,
                      struct err *err)
{
    struct probe_options options = {.ids = flags_str(flags, "ids"),
                                    .limit = (size_t)flags_u64(flags, "limit"),
                                    .leave_extra = leave_extra};
    *out = (struct probes_sets){0};
    if (flags->n_args == 0)
        return err_set(err, ERR_USAGE, "no file of probes is named; - is standard input");
    out->items = mem_zalloc(flags->n_args, sizeof *out->items);
    for (; out->count < flags->n_args; out->count++)
        if (!probe_set_load(&out->items[out->count], flags->args[out->count], &options, err))
            return false;
    return true;
}

void probes_sets_release(struct probes_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++)
        probe_set_release(&sets->items[i]);
    free(sets->items);
    *sets = (struct probes_sets){0};
}
