/* report_run.h - what `lem report` and `lem compare` share: their flags, and the way from runs to
 * forms and exit status.
 * Does        loads the runs, analyses them, prints the report on standard output, writes the
 *             forms that were asked for, and answers --fail-on.
 * Errors      usage and unreadable runs as everywhere; nothing is written unless the analysis is
 *             whole, and never over one of its own runs. */
#ifndef CLI_REPORT_RUN_H
#define CLI_REPORT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/console.h"
#include "cli/flags.h"

extern const struct flag_spec FLAGS_REPORT_METHOD[], FLAGS_REPORT_FORMS[];

/* The exit status. as_pair: the second run against the first; `force`: however unlike they are. */
int report_run(const struct flags *flags, struct console *con, bool as_pair, bool force);

#endif
