/* lock_file.h - one writer at a time.
 * Does        holds an advisory lock on a file that also names the holder's process. The lock dies
 *             with the process; the file that a crash leaves behind is no obstacle.
 * Lifetime    lock_file_take / lock_file_release, which removes the file.
 * Errors      ERR_BUSY names the process that holds it; ERR_IO.
 * Limits      network file systems may not honour it. */
#ifndef OS_LOCK_FILE_H
#define OS_LOCK_FILE_H

#include "base/err.h"

struct lock_file {
    int fd; /* -1: not held */
    char *path;
};

#define LOCK_FILE_NONE ((struct lock_file){.fd = -1})

MUST_USE bool lock_file_take(struct lock_file *lock, const char *path, struct err *err);
void lock_file_release(struct lock_file *lock); /* safe when not held */

#endif
