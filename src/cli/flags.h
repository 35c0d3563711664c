/* flags.h - what a command accepts, declared once as a table.
 * Does        parses the command line against the table, fills in what was not given (flag, then
 *             LEM_* environment, then ./lem.config.json, then $XDG_CONFIG_HOME/lem/config.json,
 *             then the default), prints --help from the same table, and answers by name. Names are
 *             written with hyphens; underscores are accepted. `--x=v`, `--x v` and `-x v` are the
 *             same; `--` ends the flags; a boolean is `--x` or `--x=false`.
 *             Configuration files hold flags under the key "lem": {"lem": {"max_tokens": 512}};
 *             other keys are other programs' and are left alone.
 * Lifetime    flags_begin / flags_release; strings it hands out live until then.
 * Threads     immutable after flags_begin.
 * Limits      FLAGS_GROUPS_MAX groups; FLAGS_CONFIG_MAX bytes of a configuration file.
 * Errors      flags_begin prints its own sentence and gives the exit status. */
#ifndef CLI_FLAGS_H
#define CLI_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { FLAGS_GROUPS_MAX = 6, FLAGS_CONFIG_MAX = 1 << 20 };

enum flag_kind {
    FLAG_BOOL,
    FLAG_STRING,
    FLAG_PATH,  /* a string that names a file; "-" may mean standard input */
    FLAG_LIST,  /* a string; may be given again and again, all are kept in order */
    FLAG_U64,   /* min .. max, both allowed */
    FLAG_DOUBLE /* min .. max, both allowed; finite */
};

struct flag_spec {
    const char *name; /* long name, with hyphens; NULL ends a group */
    char letter;      /* short name, or 0 */
    enum flag_kind kind;
    const char *value;  /* what help calls the value: "FILE", "N" */
    const char *preset; /* the default, as one would write it; NULL: none */
    double min, max;    /* for numbers; both 0: any */
    const char *help;   /* one line, no full stop */
    bool required;
    bool argv_only; /* neither the environment nor a configuration file may set it */
};

struct flag_group {
    const char *title;             /* "Sampling" */
    const struct flag_spec *specs; /* ends with a row whose name is NULL */
};

struct flags_usage {
    const char *command;                        /* "generate" */
    const char *synopsis;                       /* what follows "lem generate " in the usage line */
    const char *about;                          /* a paragraph; lines are printed as they are */
    struct flag_group groups[FLAGS_GROUPS_MAX]; /* the command's own first; unused are {0} */
    size_t args_max;                            /* positional arguments allowed */
};

struct flag_value; /* one per row of the table */

struct flags {
    const struct flags_usage *usage;
    struct flag_value *values;
    size_t n_values;
    const char **args; /* positional arguments */
    size_t n_args;
    struct arena arena;
};

/* Parses argv[1 .. argc-1] (argv[0] is the command). false: *status is the exit status, everything
 * has been printed (help and version on stdout, a usage error on stderr), nothing to release. */
bool flags_begin(struct flags *flags, const struct flags_usage *usage, int argc, char **argv,
                 int *status);
void flags_release(struct flags *flags);

/* Values by long name; a name that is not in the table is a bug. */
bool flags_bool(const struct flags *flags, const char *name);
const char *flags_str(const struct flags *flags, const char *name); /* NULL: none given */
uint64_t flags_u64(const struct flags *flags, const char *name);    /* 0 when none, no default */
double flags_double(const struct flags *flags, const char *name);
const char *const *flags_list(const struct flags *flags, const char *name, size_t *count);
bool flags_given(const struct flags *flags, const char *name); /* by anything but the default */

/* Every command takes these: help, version, verbose, quiet, json, no-color, no-progress, config. */
extern const struct flag_spec FLAGS_GLOBAL[];

#endif
