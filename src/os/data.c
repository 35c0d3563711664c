#define _XOPEN_SOURCE 700 /* readlink */
#include "os/data.h"

#include <string.h>
#include <unistd.h>

#include "os/file.h"

enum { PROGRAM_PATH_MAX = 4096 };

/* The folder of the running program, without a slash; false where the system does not say. */
static bool program_folder(char folder[PROGRAM_PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", folder, PROGRAM_PATH_MAX - 1);
    if (len <= 0)
        return false;
    folder[len] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

void data_find(struct buf *out, const char *name)
{
    static const char *const places[] = {"", "/../share/lem"};
    char folder[PROGRAM_PATH_MAX];
    bool known =
        name[0] != '/' && strcmp(name, "-") != 0 && !file_exists(name) && program_folder(folder);
    for (size_t i = 0; known && i < sizeof places / sizeof *places; i++) {
        buf_reset(out);
        if (buf_printf(out, "%s%s/%s", folder, places[i], name) && file_exists(out->ptr))
            return;
    }
    buf_reset(out);
    buf_puts(out, name);
}
