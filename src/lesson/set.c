/* set.c - see set.h. */
#include "lesson/set.h"

#include <stdlib.h>

#include "base/vec.h"
#include "os/file.h"
#include "os/folder.h"
#include "text/json.h"
#include "text/jsonl.h"
#include "text/utf8.h"

struct reader {
    struct lesson_set *set;
    const char *file;
    size_t line; /* of a list, the number of the record */
};

static bool begin_record(struct reader *in, struct err *err)
{
    if (in->set->n_read == LESSONS_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d lessons", in->file, LESSONS_MAX);
    in->set->n_read++;
    return true;
}

static void refuse(struct reader *in, enum lesson_refusal why)
{
    struct lesson_set *set = in->set;
    struct lesson_refused refused = {in->file, in->line, why};
    VEC_PUSH(set->refused, set->n_refused, set->refused_cap, refused);
    set->by_refusal[why]++;
}

static void keep(struct reader *in, struct lesson lesson)
{
    struct lesson_set *set = in->set;
    lesson.file = in->file;
    lesson.line = in->line;
    if (lesson.repairs)
        set->n_repaired++;
    else
        set->n_kept++;
    set->by_shape[lesson.shape]++;
    for (size_t i = 0; i < N_LESSON_REPAIRS; i++)
        set->by_repair[i] += lesson.repairs >> i & 1;
    VEC_PUSH(set->items, set->count, set->cap, lesson);
}

static bool add_record(struct reader *in, const json_t *record, struct err *err)
{
    struct lesson lesson;
    enum lesson_refusal why;
    if (!begin_record(in, err))
        return false;
    if (lesson_read(&lesson, record, &why))
        keep(in, lesson);
    else
        refuse(in, why);
    return true;
}

/* A line that has no value. One that is too long to be looked at is a failure. */
static bool refuse_line(struct reader *in, const struct jsonl *lines, struct str line,
                        struct err *err)
{
    struct err why = {0};
    json_t *none;
    if (!jsonl_parse(&none, lines, line, &why) && why.code == ERR_LIMIT) {
        *err = why;
        return false;
    }
    if (!begin_record(in, err))
        return false;
    refuse(in, utf8_is_valid(line) ? LESSON_REFUSED_JSON : LESSON_REFUSED_UTF8);
    return true;
}

static bool read_lines(struct reader *in, struct str text, struct err *err)
{
    struct jsonl_ahead ahead;
    struct str line;
    json_t *record;
    bool ok = true;
    jsonl_ahead_init(&ahead, text, in->file);
    while (ok && jsonl_ahead_next(&record, &ahead, &line)) {
        in->line = ahead.lines.line;
        ok = record ? add_record(in, record, err) : refuse_line(in, &ahead.lines, line, err);
        json_decref(record);
    }
    jsonl_ahead_release(&ahead);
    return ok;
}

static bool read_array(struct reader *in, const json_t *array, struct err *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        in->line = i + 1;
        if (!add_record(in, json_array_get(array, i), err))
            return false;
    }
    return true;
}

/* A list is told by its first character; one that is broken is then read as lines after all, which
 * are refused one by one. */
static bool read_whole(json_t **out, struct str text, const char *name)
{
    struct err ignored = {0};
    *out = NULL;
    return str_starts(utf8_strip(text), str_of("[")) && json_parse(out, text, name, &ignored);
}

bool lesson_set_read_text(struct lesson_set *set, struct str text, const char *name,
                          struct err *err)
{
    struct reader in = {.set = set, .file = arena_str(&set->arena, str_of(name)).ptr};
    json_t *array;
    VEC_PUSH(set->files, set->n_files, set->files_cap, in.file);
    if (!read_whole(&array, text, name))
        return read_lines(&in, text, err);
    bool ok = read_array(&in, array, err);
    json_decref(array);
    return ok;
}

static bool read_file(struct lesson_set *set, const char *path, struct err *err)
{
    struct buf bytes;
    buf_init(&bytes, LESSON_FILE_MAX);
    bool ok = file_read(&bytes, path, err) && lesson_set_read_text(set, buf_str(&bytes), path, err);
    buf_release(&bytes);
    return ok;
}

bool lesson_set_read(struct lesson_set *set, const char *path, struct err *err)
{
    struct folder folder = {0};
    if (!folder_exists(path))
        return read_file(set, path, err);
    bool ok = folder_list(&folder, path, ".jsonl", err);
    for (size_t i = 0; ok && i < folder.count; i++)
        ok = read_file(set, folder.paths[i], err);
    folder_release(&folder);
    return ok;
}

/* The set's own copy of the name, which is that of the file before if it is the same. */
static const char *file_of(struct lesson_set *set, const char *name)
{
    if (set->n_files > 0 && strcmp(set->files[set->n_files - 1], name) == 0)
        return set->files[set->n_files - 1];
    const char *copy = arena_str(&set->arena, str_of(name)).ptr;
    VEC_PUSH(set->files, set->n_files, set->files_cap, copy);
    return copy;
}

bool lesson_set_add(struct lesson_set *set, const json_t *record, const char *file, size_t line,
                    struct err *err)
{
    struct reader in = {.set = set, .file = file_of(set, file), .line = line};
    return add_record(&in, record, err);
}

void lesson_set_refuse(struct lesson_set *set, const char *file, size_t line,
                       enum lesson_refusal why)
{
    struct reader in = {.set = set, .file = file_of(set, file), .line = line};
    set->n_read++;
    refuse(&in, why);
}

void lesson_set_release(struct lesson_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        lesson_release(&set->items[i]);
    free(set->items);
    free(set->refused);
    free(set->files);
    arena_release(&set->arena);
    *set = (struct lesson_set){0};
}
