/* model_name.c - from what the user calls a model to the file that holds it. */
#include "cli/model_name.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "os/file.h"
#include "text/nearest.h"

static const char SUFFIX[] = ".gguf";
/* What tools/fetch-model knows to fetch. */
static const char *const FETCHABLE[] = {"gemma-3-270m", "smollm2-135m-instruct"};
enum { N_FETCHABLE = sizeof FETCHABLE / sizeof *FETCHABLE };

bool cache_dir(struct buf *out, struct err *err)
{
    const char *cache = getenv("LEM_CACHE");
    const char *home = getenv("HOME");
    if (cache && *cache)
        return buf_puts(out, cache) || err_set(err, ERR_LIMIT, "LEM_CACHE is too long");
    if (!home || !*home)
        return err_set(err, ERR_USAGE, "neither LEM_CACHE nor HOME says where the model cache is");
    return buf_printf(out, "%s/.cache/lem", home) || err_set(err, ERR_LIMIT, "HOME is too long");
}

static bool is_path(const char *name)
{
    return strchr(name, '/') || str_ends(str_of(name), str_of(SUFFIX)) || file_exists(name);
}

struct name_list {
    char **name;
    size_t count, cap;
};

static void list_add(void *arg, const char *name)
{
    struct name_list *list = arg;
    VEC_PUSH(list->name, list->count, list->cap, mem_strdup(name));
}

static void list_release(struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->name[i]);
    free(list->name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_read(struct name_list *list, DIR *dir)
{
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct str file = str_of(entry->d_name);
        if (file.len <= strlen(SUFFIX) || file.ptr[0] == '.' || !str_ends(file, str_of(SUFFIX)))
            continue;
        entry->d_name[file.len - strlen(SUFFIX)] = '\0';
        list_add(list, entry->d_name);
    }
    if (list->count)
        qsort(list->name, list->count, sizeof *list->name, compare_names);
}

bool cache_each_model(void (*fn)(void *arg, const char *name), void *arg, struct err *err)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    struct name_list list = {0};
    DIR *dir = NULL;
    bool ok = cache_dir(&path, err);
    if (ok && !(dir = opendir(path.ptr)) && errno != ENOENT)
        ok = err_errno(err, ERR_IO, errno, "cannot list the model cache %s", path.ptr);
    if (dir) {
        list_read(&list, dir);
        closedir(dir);
    }
    for (size_t i = 0; i < list.count; i++)
        fn(arg, list.name[i]);
    list_release(&list);
    buf_release(&path);
    return ok;
}

/* "a, b and c" */
static void join_names(struct buf *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *before = i == 0 ? "" : i + 1 < count ? ", " : " and ";
        buf_printf(out, "%s%s", before, names[i]);
    }
}

static bool fail_unknown(const char *name, const char *dir, struct err *err)
{
    struct name_list cached = {0};
    struct buf known, fetchable;
    struct nearest best = {.wanted = name};
    buf_init(&known, 200); /* a sentence, not a listing; `lem info` lists all */
    buf_init(&fetchable, 200);
    struct err ignored = {0}; /* an unreadable cache holds no names to offer */
    (void)!cache_each_model(list_add, &cached, &ignored);
    join_names(&known, (const char *const *)cached.name, cached.count);
    join_names(&fetchable, FETCHABLE, N_FETCHABLE);
    for (size_t i = 0; i < cached.count; i++)
        nearest_offer(&best, cached.name[i]);
    for (size_t i = 0; i < N_FETCHABLE; i++)
        nearest_offer(&best, FETCHABLE[i]);
    err_set(err, ERR_IO,
            "there is no model \"%.100s\" in %.120s%s%s%s; there %s %s. `tools/fetch-model NAME` "
            "fetches %s",
            name, dir, best.name ? " (did you mean " : "", best.name ? best.name : "",
            best.name ? "?)" : "", cached.count == 1 ? "is" : "are", known.len ? known.ptr : "none",
            fetchable.ptr);
    buf_release(&known);
    buf_release(&fetchable);
    list_release(&cached);
    return false;
}

bool model_name_resolve(struct buf *path, const char *name, struct err *err)
{
    if (is_path(name))
        return buf_puts(path, name) || err_set(err, ERR_LIMIT, "the model's path is too long");
    size_t dir_len;
    if (!cache_dir(path, err))
        return false;
    dir_len = path->len;
    if (!buf_printf(path, "/%s%s", name, SUFFIX))
        return err_set(err, ERR_LIMIT, "the model's name is too long");
    if (file_exists(path->ptr))
        return true;
    path->ptr[dir_len] = '\0';
    return fail_unknown(name, path->ptr, err);
}
