#include "store/journal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "os/log_file.h"
#include "text/jsonl.h"

struct journal {
    char *path;
    struct log_file log; /* closed while there is no file */
    struct buf lines;    /* what was there when it was opened; empty once replayed */
    struct jsonl at;     /* behind the header */
    json_t *header;
    size_t torn, damaged;
};

/* A file that holds only white space is a new one. */
static bool read_header(struct journal *journal, struct err *err)
{
    struct str line;
    jsonl_init(&journal->at, buf_str(&journal->lines), journal->path);
    if (!jsonl_next(&journal->at, &line))
        return true;
    if (!jsonl_parse(&journal->header, &journal->at, line, err))
        return false;
    if (!str_is(json_get_str(journal->header, "type"), "header"))
        return err_set(err, ERR_FORMAT, "%s, line %zu: a journal begins with its header",
                       journal->path, journal->at.line);
    json_int_t version = json_integer_value(json_object_get(journal->header, "v"));
    if (version != JOURNAL_VERSION)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: journal version %" JSON_INTEGER_FORMAT ", this program knows %d",
                       journal->path, version, JOURNAL_VERSION);
    return true;
}

bool journal_open(struct journal **out, const char *path, struct err *err)
{
    struct journal *journal = mem_zalloc(1, sizeof *journal);
    journal->path = mem_strdup(path);
    journal->log = LOG_FILE_CLOSED;
    buf_init(&journal->lines, JOURNAL_MAX);
    if (!log_file_open(&journal->log, &journal->lines, &journal->torn, path, false, err) ||
        !read_header(journal, err)) {
        journal_close(journal);
        return false;
    }
    *out = journal;
    return true;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    log_file_close(&journal->log);
    buf_release(&journal->lines);
    json_decref(journal->header);
    free(journal->path);
    free(journal);
}

json_t *journal_header(const struct journal *journal)
{
    return journal->header;
}

/* Visits the record unless it is a failure or its key has been taken. */
static bool visit_once(struct map *taken, struct arena *keys, const json_t *record,
                       journal_visit visit, void *arg, struct err *err)
{
    const json_t *error = json_object_get(record, "error");
    struct str key = json_get_str(record, "key");
    bool counts = true;
    if ((error && !json_is_null(error)) || (key.ptr && map_get(taken, key) != MAP_NONE))
        return true;
    if (!visit(arg, record, &counts, err))
        return false;
    if (key.ptr && counts)
        map_set(taken, arena_str(keys, key), 0);
    return true;
}

bool journal_replay(struct journal *journal, journal_visit visit, void *arg, struct err *err)
{
    struct map taken = {0};
    struct arena keys = {0};
    struct str line;
    bool ok = true;
    while (ok && jsonl_next(&journal->at, &line)) {
        json_t *record = NULL;
        struct err damage = {0};
        if (!jsonl_parse(&record, &journal->at, line, &damage) || !json_is_object(record))
            journal->damaged++;
        else
            ok = visit_once(&taken, &keys, record, visit, arg, err);
        json_decref(record);
    }
    if (!ok)
        err_in(err, "%s, line %zu", journal->path, journal->at.line);
    map_release(&taken);
    arena_release(&keys);
    buf_release(&journal->lines);
    buf_init(&journal->lines, JOURNAL_MAX);
    jsonl_init(&journal->at, buf_str(&journal->lines), journal->path);
    return ok;
}

/* The file is made when there is something to say, so that a refused run leaves none. */
static bool open_for_writing(struct journal *journal, struct err *err)
{
    size_t torn;
    struct buf nothing;
    if (journal->log.fd >= 0)
        return true;
    buf_init(&nothing, JOURNAL_MAX);
    bool ok = log_file_open(&journal->log, &nothing, &torn, journal->path, true, err);
    buf_release(&nothing);
    return ok;
}

bool journal_add(struct journal *journal, const json_t *record, struct err *err)
{
    struct buf line;
    buf_init(&line, JSONL_LINE_MAX);
    json_format(&line, record, (struct json_style){.ascii = true});
    bool ok = line.full ? err_set(err, ERR_LIMIT, "%s: a record of more than %d bytes",
                                  journal->path, JSONL_LINE_MAX)
                        : open_for_writing(journal, err) &&
                              log_file_add(&journal->log, buf_str(&line), err);
    buf_release(&line);
    return ok;
}

bool journal_sync(struct journal *journal, struct err *err)
{
    return journal->log.fd < 0 || log_file_sync(&journal->log, err);
}

size_t journal_damaged(const struct journal *journal)
{
    return journal->damaged;
}

size_t journal_torn_bytes(const struct journal *journal)
{
    return journal->torn;
}

bool json_difference(char *name, size_t name_size, json_t *a, json_t *b)
{
    const char *key;
    json_t *member, *sides[2] = {a, b};
    for (int side = 0; side < 2; side++) {
        json_object_foreach(sides[side], key, member)
        {
            json_t *x = json_object_get(a, key), *y = json_object_get(b, key);
            if (x && y && json_equal(x, y))
                continue;
            int len = snprintf(name, name_size, "%s", key);
            if (json_is_object(x) && json_is_object(y) && len >= 0 && (size_t)len + 2 < name_size) {
                name[len] = '.';
                return json_difference(name + len + 1, name_size - (size_t)len - 1, x, y);
            }
            return true;
        }
    }
    return false;
}
