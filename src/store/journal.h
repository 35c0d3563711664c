/* journal.h - every generated answer of a run, one line each, safe before the next begins.
 * Does        keeps a JSON Lines file whose first line is a header and whose further lines are
 *             records that may carry a "key". Opening it again gives the records back: of those
 *             with the same key the first that succeeded (no "error", or null), failures not at
 *             all. What a record means is the caller's business.
 * Lifetime    journal_open / journal_close. Values handed to the visitor are borrowed for the
 *             call.
 * Threads     one thread; one process: the caller holds the run's lock_file.
 * Limits      JOURNAL_MAX bytes when read back.
 * Errors      ERR_IO; ERR_FORMAT when the header cannot be read, naming file and line. A later
 *             line that is damaged is passed over and counted: its answer is simply made again.
 * See         docs/formats.md, OUT.jsonl.journal. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { JOURNAL_VERSION = 1 };
#define JOURNAL_MAX ((size_t)1 << 32)

struct journal;

/* A file that is absent is created by the first journal_add. Records come with journal_replay. */
MUST_USE bool journal_open(struct journal **out, const char *path, struct err *err);
void journal_close(struct journal *journal);

/* NULL for a new journal: the caller's next journal_add is the header. */
json_t *journal_header(const struct journal *journal);

/* Takes one record. *counts is true at first; false makes way for a later record of the same key.
 * The result false ends the replay with its error. */
typedef bool (*journal_visit)(void *arg, const json_t *record, bool *counts, struct err *err);

/* Hands every record that counts to `visit`, in file order. */
MUST_USE bool journal_replay(struct journal *journal, journal_visit visit, void *arg,
                             struct err *err);

/* One line, one write. `record` stays the caller's. */
MUST_USE bool journal_add(struct journal *journal, const json_t *record, struct err *err);
MUST_USE bool journal_sync(struct journal *journal, struct err *err);

size_t journal_damaged(const struct journal *journal); /* lines passed over by journal_replay */
size_t
journal_torn_bytes(const struct journal *journal); /* moved to PATH.torn when it was opened */

/* The dotted name of the first member in which two JSON objects differ, or false when they are
 * equal. For messages: `name` is cut to fit. */
bool json_difference(char *name, size_t name_size, json_t *a, json_t *b);

#endif
