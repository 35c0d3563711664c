/* result.h - OUT.jsonl: the finished probes in order, and the summary as its last line.
 * Does        takes the lines that the file should hold, in order. Lines that are there already
 *             stay as they are; new ones are appended, each with one write. When the file holds
 *             something else (the summary of a shorter run, a probe that lacked an answer), it is
 *             left alone until result_finish, which replaces it as a whole: a finished result is
 *             never cut, and never half. Where an older line, other than a summary, would go, the
 *             older file is kept as PATH.1 (PATH.2, ...).
 * Lifetime    result_open / result_close. Closing without finishing leaves what was appended.
 * Threads     one thread; one process: the caller holds the run's lock_file.
 * Errors      ERR_IO. */
#ifndef STORE_RESULT_H
#define STORE_RESULT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct result;

/* Nothing is created before the first line that must be written. */
MUST_USE bool result_open(struct result **out, const char *path, struct err *err);
void result_close(struct result *result);

MUST_USE bool result_add(struct result *result, struct str line, struct err *err);
/* No further line follows: what is left of an older file goes, and everything is on disk. */
MUST_USE bool result_finish(struct result *result, struct err *err);

bool result_was_empty(const struct result *result); /* absent or empty when opened */
bool result_changed(const struct result *result);   /* something was written since */

#endif
