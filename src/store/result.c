#include "store/result.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/log_file.h"

#define RESULT_MAX    ((size_t)1 << 32)
#define SUMMARY_START "{\"type\": \"summary\""

struct result {
    char *path;
    struct log_file log;
    struct buf old;  /* what the file held when it was opened */
    struct buf next; /* what it shall hold, once that is known to differ */
    size_t kept;     /* bytes of `old` that have been asked for again */
    bool replacing, changed;
};

bool result_open(struct result **out, const char *path, struct err *err)
{
    size_t torn;
    struct result *result = mem_zalloc(1, sizeof *result);
    result->path = mem_strdup(path);
    buf_init(&result->old, RESULT_MAX);
    buf_init(&result->next, RESULT_MAX);
    if (!log_file_open(&result->log, &result->old, &torn, path, false, err)) {
        result_close(result);
        return false;
    }
    *out = result;
    return true;
}

void result_close(struct result *result)
{
    if (!result)
        return;
    log_file_close(&result->log);
    buf_release(&result->old);
    buf_release(&result->next);
    free(result->path);
    free(result);
}

static bool append(struct result *result, struct str line, struct err *err)
{
    size_t torn;
    struct buf nothing;
    buf_init(&nothing, RESULT_MAX);
    bool ok = result->log.fd >= 0 ||
              log_file_open(&result->log, &nothing, &torn, result->path, true, err);
    buf_release(&nothing);
    result->changed = true;
    return ok && log_file_add(&result->log, line, err);
}

static bool collect(struct result *result, struct str line, struct err *err)
{
    if (buf_add_str(&result->next, line) && buf_putc(&result->next, '\n'))
        return true;
    return err_set(err, ERR_LIMIT, "%s would be larger than %zu bytes", result->path, RESULT_MAX);
}

bool result_add(struct result *result, struct str line, struct err *err)
{
    if (result->replacing)
        return collect(result, line, err);
    struct str rest = str_from(buf_str(&result->old), result->kept);
    if (rest.len == 0)
        return append(result, line, err);
    if (str_starts(rest, line) && rest.len > line.len && rest.ptr[line.len] == '\n') {
        result->kept += line.len + 1;
        return true;
    }
    result->replacing = true;
    buf_add(&result->next, result->old.ptr, result->kept);
    return collect(result, line, err);
}

/* The line that starts at *at, without its newline; every line here has one. */
static bool next_line(struct str *line, struct str text, size_t *at)
{
    size_t end = *at < text.len ? str_find(text, str_n("\n", 1), *at) : text.len;
    if (end >= text.len)
        return false;
    *line = str_sub(text, *at, end - *at);
    *at = end + 1;
    return true;
}

/* Whether a line of the old file, other than a summary, stands nowhere in the new one. */
static bool loses_lines(const struct result *result)
{
    struct map kept = {0};
    struct str line;
    for (size_t at = 0; next_line(&line, buf_str(&result->next), &at);)
        map_set(&kept, line, 0);
    bool loses = false;
    for (size_t at = 0; !loses && next_line(&line, buf_str(&result->old), &at);)
        loses = map_get(&kept, line) == MAP_NONE && !str_starts(line, str_of(SUMMARY_START));
    map_release(&kept);
    return loses;
}

static bool keep_old(const struct result *result, struct err *err)
{
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    bool ok = file_free_name(&name, result->path, ".journal", err) &&
              file_write_atomic(name.ptr, buf_str(&result->old), err);
    buf_release(&name);
    return ok;
}

bool result_finish(struct result *result, struct err *err)
{
    bool shorter = !result->replacing && result->kept < result->old.len;
    if (!result->replacing && !shorter)
        return result->log.fd < 0 || log_file_sync(&result->log, err);
    if (shorter)
        buf_add(&result->next, result->old.ptr, result->kept);
    log_file_close(&result->log);
    result->changed = true;
    return (!loses_lines(result) || keep_old(result, err)) &&
           file_write_atomic(result->path, buf_str(&result->next), err);
}

bool result_was_empty(const struct result *result)
{
    return result->old.len == 0;
}

bool result_changed(const struct result *result)
{
    return result->changed;
}
