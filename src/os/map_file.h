/* map_file.h - a regular file as read-only memory.
 * Does        opens (O_NOFOLLOW is not forced: users link models), refuses anything but a regular
 *             file, maps it.
 * Lifetime    map_file_open / map_file_close; bytes are valid in between.
 * Errors      ERR_IO with the path and the reason. */
#ifndef OS_MAP_FILE_H
#define OS_MAP_FILE_H

#include "base/err.h"
#include "base/str.h"

struct map_file {
    struct str bytes;
    void *base; /* what munmap wants; NULL for an empty file */
};

MUST_USE bool map_file_open(struct map_file *map, const char *path, struct err *err);
void map_file_close(struct map_file *map);
/* Drops the pages of bytes [offset, offset + len) from memory; they can be read again, from disk.
 */
void map_file_forget(const struct map_file *map, size_t offset, size_t len);

#endif
