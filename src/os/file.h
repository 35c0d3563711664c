/* file.h - whole files, read and written so that a crash leaves the old or the new, never half.
 * Errors      ERR_IO with path and reason; ERR_LIMIT when a file is larger than the caller's
 *             ceiling. */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Appends the file's bytes to `out` (its ceiling applies). "-" is standard input. Regular files and
 * pipes only. */
MUST_USE bool file_read(struct buf *out, const char *path, struct err *err);

/* Temp file in the same folder, write, fsync, rename, fsync the folder. Permissions of an existing
 * file are kept. */
MUST_USE bool file_write_atomic(const char *path, struct str bytes, struct err *err);

bool file_exists(const char *path);
bool file_is_regular(const char *path); /* opening it neither waits nor does anything else */
MUST_USE bool file_make_dirs(const char *dir, struct err *err); /* mkdir -p */

#endif
