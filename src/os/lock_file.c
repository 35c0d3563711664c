#define _GNU_SOURCE /* flock: unlike fcntl's, its lock is not lost when any descriptor closes */
#include "os/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { NEW_FILE_MODE = 0666, TRIES_MAX = 100 };

static bool report_busy(int fd, const char *path, struct err *err)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    if (pid > 0)
        return err_set(err, ERR_BUSY, "%s is held by process %ld", path, pid);
    return err_set(err, ERR_BUSY, "%s is held by another process", path);
}

/* The holder before us removes the file as it lets go: a lock on a removed file is worth nothing.
 */
static bool is_still_there(int fd, const char *path)
{
    struct stat held, named;
    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

static bool write_pid(int fd)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) == len;
}

bool lock_file_take(struct lock_file *lock, const char *path, struct err *err)
{
    *lock = LOCK_FILE_NONE;
    for (int i = 0; i < TRIES_MAX; i++) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, NEW_FILE_MODE);
        if (fd < 0)
            return err_errno(err, ERR_IO, errno, "cannot create %s", path);
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            bool busy = errno == EWOULDBLOCK;
            bool ok = busy ? report_busy(fd, path, err)
                           : err_errno(err, ERR_IO, errno, "cannot lock %s", path);
            close(fd);
            return ok;
        }
        if (is_still_there(fd, path)) {
            /* The number is for people only: a full disk does not weaken the lock. */
            if (!write_pid(fd))
                errno = 0;
            *lock = (struct lock_file){.fd = fd, .path = mem_strdup(path)};
            return true;
        }
        close(fd);
    }
    return err_set(err, ERR_BUSY, "%s keeps being taken by other processes", path);
}

void lock_file_release(struct lock_file *lock)
{
    if (lock->fd >= 0) {
        unlink(lock->path);
        close(lock->fd);
    }
    free(lock->path);
    *lock = LOCK_FILE_NONE;
}
