/* set.h - the lessons of files and folders, with nothing lost silently.
 * Does        reads JSON lines, or a JSON array of records; folders are read with the .jsonl files
 *             below them. Each record is kept as it is, repaired, or refused with a reason
 *             (lesson.h): read = kept + repaired + refused.
 * Lifetime    `{0}` is an empty set; lesson_set_release. Lessons belong to the set.
 * Threads     one thread at a time; lines are parsed by all threads.
 * Limits      LESSON_FILE_MAX bytes a file, LESSONS_MAX records.
 * Errors      ERR_IO and ERR_LIMIT only: what a file holds is never an error, it is counted. */
#ifndef LESSON_SET_H
#define LESSON_SET_H

#include "base/arena.h"
#include "base/err.h"
#include "lesson/lesson.h"

enum { LESSON_FILE_MAX = 1 << 30, LESSONS_MAX = 4 << 20 };

struct lesson_refused {
    const char *file;
    size_t line;
    enum lesson_refusal why;
};

struct lesson_set {
    struct lesson *items;
    size_t count, cap;
    struct lesson_refused *refused;
    size_t n_refused, refused_cap;
    const char **files; /* each that was read */
    size_t n_files, files_cap;
    size_t n_read, n_kept, n_repaired;
    size_t by_shape[N_LESSON_SHAPES], by_repair[N_LESSON_REPAIRS], by_refusal[N_LESSON_REFUSALS];
    struct arena arena;
};

/* Adds what the text holds; `name` is the file it stands for. */
MUST_USE bool lesson_set_read_text(struct lesson_set *set, struct str text, const char *name,
                                   struct err *err);
/* Adds a file, "-" for standard input, or all .jsonl files below a folder. */
MUST_USE bool lesson_set_read(struct lesson_set *set, const char *path, struct err *err);
/* Adds a record that was made, not read, or refuses it; `file` and `line` say what it is called. */
MUST_USE bool lesson_set_add(struct lesson_set *set, const json_t *record, const char *file,
                             size_t line, struct err *err);
/* Counts a record that somebody else refused. */
void lesson_set_refuse(struct lesson_set *set, const char *file, size_t line,
                       enum lesson_refusal why);
void lesson_set_release(struct lesson_set *set);

#endif
