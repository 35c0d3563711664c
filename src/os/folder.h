/* folder.h - the files below a folder.
 * Does        lists the regular files whose names end in a given way, in the folder and in those
 *             below it, in the order of their paths' bytes. Hidden files and folders (".x") are
 *             passed over; links to folders are not followed, so that there are no circles.
 * Lifetime    `{0}` is an empty list; folder_release. Paths begin with the folder as given.
 * Threads     a list belongs to one thread.
 * Limits      FOLDER_FILES_MAX files, FOLDER_DEPTH_MAX folders deep.
 * Errors      ERR_IO with path and reason; ERR_LIMIT. */
#ifndef OS_FOLDER_H
#define OS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum { FOLDER_FILES_MAX = 1 << 16, FOLDER_DEPTH_MAX = 16 };

struct folder {
    const char **paths;
    size_t count, cap;
    struct arena arena;
};

/* Adds the files whose names end in `ending` ("" for all). */
MUST_USE bool folder_list(struct folder *out, const char *path, const char *ending,
                          struct err *err);
void folder_add(struct folder *out, const char *path); /* a copy of a path, whatever it names */
void folder_release(struct folder *folder);
bool folder_exists(const char *path);

#endif
