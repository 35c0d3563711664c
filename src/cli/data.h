/* data.h - the subcommands of `lem data`: one function in one file data_<name>.c each, one row in
 * cmd_data.c; and what they share. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include <jansson.h>

#include "cli/command_run.h"
#include "cli/commands.h"
#include "eval/kernel.h"
#include "lesson/set.h"
#include "probe/lint.h"

command_fn data_build;
command_fn data_card;

command_fn data_check;
command_fn data_composure;
command_fn data_contam;

command_fn data_conv;
command_fn data_dedup;
command_fn data_freeflow;
command_fn data_sandwich;
command_fn data_split;
command_fn data_stats;

enum { DATA_FILES_MAX = 4096, DATA_KERNELS_MAX = 16 };

/* Lessons of every file and folder among the arguments; "-" is standard input. A folder with a
 * curriculum.yaml holds sources: what is read are the lessons of its phases. No record at all is a
 * failure. With a console, says there what was refused, and no lesson is a failure too. */
MUST_USE bool data_read(struct lesson_set *set, const struct flags *flags, struct console *con,
                        struct err *err);
/* The lessons of one of them. */
MUST_USE bool data_read_argument(struct lesson_set *set, const char *path, struct err *err);
/* Does the folder hold a curriculum.yaml? */
bool data_has_sources(const char *folder);
/* "12 read: 10 kept, 1 repaired, 1 refused", and how often what was repaired. */
void data_say_counts(const struct lesson_set *set, struct console *con);

/* Writes lines to `path`, or to standard output when it is NULL. Prints its own failure. */
MUST_USE bool data_write_list(const char *path, const json_t *list, struct console *con);

/* The kernels that --kernel names. */
struct data_kernels {
    struct kernel items[DATA_KERNELS_MAX];
    struct lint_kernel texts[DATA_KERNELS_MAX];
    size_t count;
};
MUST_USE bool data_load_kernels(struct data_kernels *out, const struct flags *flags,
                                struct err *err);
void data_release_kernels(struct data_kernels *kernels);

#endif
