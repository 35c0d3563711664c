/* MAP_PRIVATE is POSIX, but dropping pages is not: posix_madvise(DONTNEED) does nothing in glibc.
 */
#define _DEFAULT_SOURCE

#include "os/map_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool map_descriptor(struct map_file *map, int fd, const char *path, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_errno(err, ERR_IO, errno, "cannot inspect %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "%s is not a regular file", path);
    if ((uintmax_t)st.st_size > SIZE_MAX / 2)
        return err_set(err, ERR_IO, "%s is too large for this machine's address space", path);
    if (st.st_size == 0)
        return true;
    void *base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (base == MAP_FAILED)
        return err_errno(err, ERR_IO, errno, "cannot map %s", path);
    *map = (struct map_file){str_n(base, (size_t)st.st_size), base};
    return true;
}

bool map_file_open(struct map_file *map, const char *path, struct err *err)
{
    *map = (struct map_file){STR(""), NULL};
    /* O_NONBLOCK: a named pipe without a writer is refused below instead of waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_errno(err, ERR_IO, errno, "cannot open %s", path);
    bool ok = map_descriptor(map, fd, path, err);
    close(fd);
    return ok;
}

void map_file_close(struct map_file *map)
{
    if (map->base)
        munmap(map->base, map->bytes.len);
    *map = (struct map_file){STR(""), NULL};
}

void map_file_forget(const struct map_file *map, size_t offset, size_t len)
{
    if (!map->base || offset >= map->bytes.len)
        return;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t start = offset / page * page;
    size_t end = len < map->bytes.len - offset ? offset + len : map->bytes.len;
    /* Whole pages around the range: neighbours come back from the file like everything else. A
     * refusal costs memory, not correctness, and nobody could act on it. */
    (void)madvise((char *)map->base + start, end - start, MADV_DONTNEED);
}
