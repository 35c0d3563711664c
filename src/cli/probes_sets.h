/* probes_sets.h - the probes that a subcommand's arguments name, as a benchmark would read them.
 * Lifetime    probes_sets_load fills a struct that probes_sets_release frees, also after a failure.
 * Threads     one thread.
 * Errors      as probe_set_load; ERR_USAGE when no file is named. */
#ifndef CLI_PROBES_SETS_H
#define CLI_PROBES_SETS_H

#include "cli/flags.h"
#include "probe/probe.h"

enum { PROBES_FILES_MAX = 4096 };

struct probes_sets {
    struct probe_set *items; /* one an argument */
    size_t count;
};

/* `leave_extra`: see probe.h. */
MUST_USE bool probes_sets_load(struct probes_sets *out, const struct flags *flags, bool leave_extra,
                               struct err *err);
void probes_sets_release(struct probes_sets *sets);

/* The flags that probes_sets_load reads: --ids, --limit. */
extern const struct flag_spec FLAGS_PROBE_CHOICE[];

#endif
