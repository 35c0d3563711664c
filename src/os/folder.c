/* folder.c - see folder.h. */
#include "os/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/vec.h"

struct walk {
    struct folder *out;
    const char *ending;
};

void folder_add(struct folder *out, const char *path)
{
    const char *copy = arena_str(&out->arena, str_of(path)).ptr;
    VEC_PUSH(out->paths, out->count, out->cap, copy);
}

static bool add_file(struct walk *walk, const char *path, struct err *err)
{
    struct folder *out = walk->out;
    if (!str_ends(str_of(path), str_of(walk->ending)))
        return true;
    if (out->count == FOLDER_FILES_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d files", path, FOLDER_FILES_MAX);
    folder_add(out, path);
    return true;
}

static bool walk_folder(struct walk *walk, const char *path, int depth, struct err *err);

static bool walk_entry(struct walk *walk, const char *path, int depth, struct err *err)
{
    struct stat st, link;
    if (stat(path, &st) != 0)
        return true; /* a link to nothing, or gone meanwhile */
    if (S_ISREG(st.st_mode))
        return add_file(walk, path, err);
    if (!S_ISDIR(st.st_mode) || lstat(path, &link) != 0 || S_ISLNK(link.st_mode))
        return true;
    return walk_folder(walk, path, depth + 1, err);
}

static bool walk_folder(struct walk *walk, const char *path, int depth, struct err *err)
{
    const struct dirent *entry;
    struct buf child;
    bool ok = true;
    if (depth > FOLDER_DEPTH_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d folders deep", path, FOLDER_DEPTH_MAX);
    DIR *dir = opendir(path);
    if (!dir)
        return err_errno(err, ERR_IO, errno, "%s: cannot be listed", path);
    buf_init(&child, BUF_MAX_DEFAULT);
    while (ok && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        buf_reset(&child);
        buf_printf(&child, "%s%s%s", path, str_ends(str_of(path), str_of("/")) ? "" : "/",
                   entry->d_name);
        ok = walk_entry(walk, child.ptr, depth, err);
    }
    buf_release(&child);
    closedir(dir);
    return ok;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool folder_list(struct folder *out, const char *path, const char *ending, struct err *err)
{
    struct walk walk = {out, ending};
    size_t first = out->count;
    if (!walk_folder(&walk, path, 0, err))
        return false;
    if (out->count > first)
        qsort(out->paths + first, out->count - first, sizeof *out->paths, compare_paths);
    return true;
}

void folder_release(struct folder *folder)
{
    free(folder->paths);
    arena_release(&folder->arena);
    *folder = (struct folder){0};
}

bool folder_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
