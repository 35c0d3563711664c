/* log_file.h - a text file that only grows, one whole line at a time.
 * Does        opens or creates, gives back the whole lines that are there, and appends each
 *             further line with one write. A last line without its newline is what a crash left:
 *             it is moved to PATH.torn, never kept and never thrown away.
 * Lifetime    log_file_open / log_file_close.
 * Threads     one thread at a time, and one process at a time: hold a lock_file.
 * Errors      ERR_IO with path and reason. After a failed log_file_add the file ends in the line
 *             before it.
 * See         docs/formats.md, durable files. */
#ifndef OS_LOG_FILE_H
#define OS_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct log_file {
    int fd; /* -1: closed */
    char *path;
    size_t size;     /* bytes, all of them whole lines */
    size_t unsynced; /* lines written since the last sync */
    double synced_at;
};

#define LOG_FILE_CLOSED ((struct log_file){.fd = -1})

/* `lines` receives what the file holds, torn tail excluded (its ceiling applies); *torn is that
 * tail's length. Nothing is created when the file is absent and `create` is false: *log stays
 * closed. */
MUST_USE bool log_file_open(struct log_file *log, struct buf *lines, size_t *torn, const char *path,
                            bool create, struct err *err);
/* Appends `line`, which holds no newline, and the newline. On disk within LOG_FILE_SYNC_LINES lines
 * or LOG_FILE_SYNC_S seconds of the next call. */
MUST_USE bool log_file_add(struct log_file *log, struct str line, struct err *err);
MUST_USE bool log_file_sync(struct log_file *log, struct err *err);
/* Closes without a word; log_file_sync first where its failure matters. Safe on a closed one. */
void log_file_close(struct log_file *log);

enum { LOG_FILE_SYNC_LINES = 16 };
#define LOG_FILE_SYNC_S 1.0

/* The first PATH.N for which neither PATH.N nor PATH.N+suffix exists. */
MUST_USE bool file_free_name(struct buf *out, const char *path, const char *suffix,
                             struct err *err);
/* Renames PATH and PATH+suffix to that; what does not exist is passed over. `out` receives PATH.N,
 * or nothing when there was nothing to move. */
MUST_USE bool file_set_aside(struct buf *out, const char *path, const char *suffix,
                             struct err *err);

#endif
