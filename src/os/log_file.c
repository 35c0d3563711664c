#include "os/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"

enum { NEW_FILE_MODE = 0666, ASIDE_MAX = 10000 };

static bool write_all(int fd, struct str bytes)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = str_from(bytes, (size_t)n);
    }
    return true;
}

/* The tail goes to PATH.torn, and is safe there, before it leaves PATH. */
static bool save_torn(const char *path, struct str tail, struct err *err)
{
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    buf_printf(&name, "%s.torn", path);
    int fd = open(name.ptr, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, NEW_FILE_MODE);
    bool ok = fd >= 0 && write_all(fd, tail) && write_all(fd, str_n("\n", 1)) && fsync(fd) == 0;
    if (!ok)
        err_errno(err, ERR_IO, errno, "cannot write %s", name.ptr);
    if (fd >= 0)
        close(fd);
    buf_release(&name);
    return ok;
}

static bool cut_torn_tail(struct log_file *log, struct buf *lines, size_t start, size_t *torn,
                          struct err *err)
{
    size_t end = lines->len;
    while (end > start && lines->ptr[end - 1] != '\n')
        end--;
    *torn = lines->len - end;
    log->size = end - start;
    if (*torn == 0)
        return true;
    if (!save_torn(log->path, str_n(lines->ptr + end, *torn), err))
        return false;
    if (ftruncate(log->fd, (off_t)log->size) != 0)
        return err_errno(err, ERR_IO, errno, "cannot cut the unfinished last line of %s",
                         log->path);
    lines->len = end;
    lines->ptr[end] = '\0';
    return true;
}

bool log_file_open(struct log_file *log, struct buf *lines, size_t *torn, const char *path,
                   bool create, struct err *err)
{
    *log = LOG_FILE_CLOSED;
    *torn = 0;
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | (create ? O_CREAT : 0),
                  NEW_FILE_MODE);
    if (fd < 0 && errno == ENOENT && !create)
        return true;
    if (fd < 0)
        return err_errno(err, ERR_IO, errno, "cannot open %s for writing", path);
    struct stat st;
    *log = (struct log_file){.fd = fd, .path = mem_strdup(path), .synced_at = clock_seconds()};
    bool ok = true;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        ok = err_set(err, ERR_IO, "%s is not a regular file", path);
    size_t start = lines->len;
    ok = ok && file_read(lines, path, err) && cut_torn_tail(log, lines, start, torn, err);
    if (!ok)
        log_file_close(log);
    return ok;
}

/* One buffer, one write: a reader, or a crash, sees the line whole or not at all. */
bool log_file_add(struct log_file *log, struct str line, struct err *err)
{
    size_t len = line.len + 1;
    char *bytes = mem_alloc(len);
    memcpy(bytes, line.ptr, line.len);
    bytes[line.len] = '\n';
    bool ok = write_all(log->fd, str_n(bytes, len));
    int why = errno;
    free(bytes);
    if (!ok) {
        /* A full disk takes part of a line. Should this fail too, the next open cuts the tail. */
        if (ftruncate(log->fd, (off_t)log->size) != 0)
            log->unsynced++;
        return err_errno(err, ERR_IO, why, "cannot write %s", log->path);
    }
    log->size += len;
    log->unsynced++;
    if (log->unsynced < LOG_FILE_SYNC_LINES && clock_seconds() - log->synced_at < LOG_FILE_SYNC_S)
        return true;
    return log_file_sync(log, err);
}

bool log_file_sync(struct log_file *log, struct err *err)
{
    if (log->unsynced && fdatasync(log->fd) != 0)
        return err_errno(err, ERR_IO, errno, "cannot write %s to disk", log->path);
    log->unsynced = 0;
    log->synced_at = clock_seconds();
    return true;
}

void log_file_close(struct log_file *log)
{
    if (log->fd >= 0)
        close(log->fd);
    free(log->path);
    *log = LOG_FILE_CLOSED;
}

bool file_free_name(struct buf *out, const char *path, const char *suffix, struct err *err)
{
    size_t start = out->len;
    for (unsigned i = 1; i <= ASIDE_MAX; i++) {
        out->len = start;
        buf_printf(out, "%s.%u%s", path, i, suffix);
        bool taken = file_exists(out->ptr + start);
        out->len -= strlen(suffix);
        out->ptr[out->len] = '\0';
        if (!taken && !file_exists(out->ptr + start))
            return true;
    }
    out->len = start;
    return err_set(err, ERR_LIMIT, "%s: %d older files stand beside it; move some away", path,
                   ASIDE_MAX);
}

static bool rename_if_there(const char *from, const char *to, struct err *err)
{
    if (rename(from, to) == 0 || errno == ENOENT)
        return true;
    return err_errno(err, ERR_IO, errno, "cannot rename %s to %s", from, to);
}

bool file_set_aside(struct buf *out, const char *path, const char *suffix, struct err *err)
{
    size_t start = out->len;
    struct buf from, to;
    buf_init(&from, BUF_MAX_DEFAULT);
    buf_init(&to, BUF_MAX_DEFAULT);
    buf_printf(&from, "%s%s", path, suffix);
    bool ok = true;
    if (file_exists(path) || file_exists(from.ptr)) {
        ok = file_free_name(out, path, suffix, err) &&
             buf_printf(&to, "%s%s", out->ptr + start, suffix) &&
             rename_if_there(path, out->ptr + start, err) && rename_if_there(from.ptr, to.ptr, err);
    }
    buf_release(&from);
    buf_release(&to);
    return ok;
}
