/* realpath is in the XSI part of POSIX. */
#define _XOPEN_SOURCE 700

#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { READ_CHUNK = 64 * 1024, TEMP_NAMES_MAX = 100, NEW_FILE_MODE = 0666, NEW_DIR_MODE = 0777 };

/* read(2), again when a signal came between; -1 with errno. */
static ssize_t read_some(int fd, void *to, size_t len)
{
    ssize_t n;
    do
        n = read(fd, to, len);
    while (n < 0 && errno == EINTR);
    return n;
}

static bool read_to_end(struct buf *out, int fd, const char *name, struct err *err)
{
    for (;;) {
        size_t want = size_min(READ_CHUNK, out->max - out->len);
        char past_ceiling = 0; /* a full buffer is only wrong when there is more to read */
        char *to = want ? buf_room(out, want) : &past_ceiling;
        ssize_t n = read_some(fd, to, want ? want : 1);
        if (n < 0)
            return err_errno(err, ERR_IO, errno, "cannot read %s", name);
        if (n == 0)
            return buf_add(out, "", 0); /* the NUL that buffers end in */
        if (!want)
            return err_set(err, ERR_LIMIT, "%s is larger than the limit of %zu bytes", name,
                           out->max);
        out->len += (size_t)n;
    }
}

static bool read_descriptor(struct buf *out, int fd, const char *path, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_errno(err, ERR_IO, errno, "cannot inspect %s", path);
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
        return err_set(err, ERR_IO, "%s is neither a regular file nor a pipe", path);
    if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > out->max - out->len)
        return err_set(err, ERR_LIMIT, "%s is larger than the limit of %zu bytes", path, out->max);
    if (S_ISREG(st.st_mode))
        (void)buf_room(out, (size_t)st.st_size); /* fits, as just checked; saves growing in steps */
    return read_to_end(out, fd, path, err);
}

bool file_read(struct buf *out, const char *path, struct err *err)
{
    size_t before = out->len;
    bool ok;
    if (path[0] == '-' && path[1] == '\0') {
        ok = read_to_end(out, STDIN_FILENO, "standard input", err);
    } else {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
            return err_errno(err, ERR_IO, errno, "cannot open %s", path);
        ok = read_descriptor(out, fd, path, err);
        close(fd);
    }
    if (!ok) {
        out->len = before;
        if (out->ptr)
            out->ptr[before] = '\0';
    }
    return ok;
}

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

/* Creates an empty file beside `target` under a name nobody else holds; -1 with errno. */
static int create_temp(char **temp, const char *target)
{
    size_t cap = strlen(target) + 48;
    *temp = mem_alloc(cap);
    int fd = -1;
    for (unsigned i = 0; i < TEMP_NAMES_MAX; i++) {
        snprintf(*temp, cap, "%s.tmp-%ld-%u", target, (long)getpid(), i);
        fd = open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    return fd;
}

/* Writes, syncs and closes `fd`; false with errno. */
static bool fill_temp(int fd, const struct stat *old, struct str bytes)
{
    bool ok =
        write_all(fd, bytes) && (!old || fchmod(fd, old->st_mode & 07777) == 0) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    errno = why;
    return ok;
}

/* Makes a rename in the folder of `path` durable; false with errno. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = mem_strdup(slash ? path : ".");
    if (slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return false;
    /* Some file systems cannot sync a folder and say EINVAL; there the rename is as durable as it
     * gets. */
    bool ok = fsync(fd) == 0 || errno == EINVAL;
    int why = errno;
    close(fd);
    errno = why;
    return ok;
}

static bool replace(const char *target, const struct stat *old, struct str bytes, struct err *err)
{
    char *temp = NULL;
    bool ok = false;
    int fd = create_temp(&temp, target);
    if (fd < 0)
        err_errno(err, ERR_IO, errno, "cannot create %s", temp);
    else if (!fill_temp(fd, old, bytes) || rename(temp, target) != 0)
        err_errno(err, ERR_IO, errno, "cannot write %s", target);
    else if (!sync_folder(target))
        ok = err_errno(err, ERR_IO, errno, "cannot sync the folder of %s", target);
    else
        ok = true;
    if (fd >= 0 && !ok)
        unlink(temp); /* gone already when only the sync failed */
    free(temp);
    return ok;
}

bool file_write_atomic(const char *path, struct str bytes, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno != ENOENT)
            return err_errno(err, ERR_IO, errno, "cannot inspect %s", path);
        return replace(path, NULL, bytes, err);
    }
    if (!S_ISREG(st.st_mode)) /* renaming over /dev/null would destroy it */
        return err_set(err, ERR_IO, "%s is not a regular file", path);
    char *target = realpath(path, NULL); /* a link stays a link; what it names is replaced */
    if (!target)
        return err_errno(err, ERR_IO, errno, "cannot resolve %s", path);
    bool ok = replace(target, &st, bytes, err);
    free(target);
    return ok;
}

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool file_is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool make_dir(const char *dir, struct err *err)
{
    if (mkdir(dir, NEW_DIR_MODE) == 0)
        return true;
    int why = errno;
    struct stat st;
    if (stat(dir, &st) ==
        0) /* also on read-only file systems, which answer EROFS for what exists */
        return S_ISDIR(st.st_mode) || err_set(err, ERR_IO, "%s is not a folder", dir);
    return err_errno(err, ERR_IO, why, "cannot create the folder %s", dir);
}

bool file_make_dirs(const char *dir, struct err *err)
{
    char *path = mem_strdup(dir);
    bool ok = true;
    for (char *slash = strchr(path + (*path == '/'), '/'); slash && ok;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ok = make_dir(path, err);
        *slash = '/';
    }
    ok = ok && make_dir(path, err);
    free(path);
    return ok;
}
