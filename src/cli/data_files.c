/* data_files.c - how the subcommands of `lem data` read and write their files. */
#include <stdio.h>

#include "cli/data.h"
#include "lesson/curriculum.h"
#include "os/file.h"
#include "text/json.h"

#define OUTPUT_MAX ((size_t)1 << 32)

/* A warning for each reason for which records were refused, with the first place. */
static void warn_refused(const struct lesson_set *set, struct console *con)
{
    for (size_t why = 1; why < N_LESSON_REFUSALS; why++) {
        size_t i = 0;
        while (i < set->n_refused && set->refused[i].why != (enum lesson_refusal)why)
            i++;
        if (i < set->n_refused)
            console_warn(con, "%zu refused: %s (first: %s, line %zu)", set->by_refusal[why],
                         lesson_refusal_name((enum lesson_refusal)why), set->refused[i].file,
                         set->refused[i].line);
    }
}

void data_say_counts(const struct lesson_set *set, struct console *con)
{
    console_note(con, "%zu read: %zu kept, %zu repaired, %zu refused", set->n_read, set->n_kept,
                 set->n_repaired, set->n_refused);
    for (size_t i = 0; i < N_LESSON_REPAIRS; i++)
        if (set->by_repair[i] > 0)
            console_note(con, "  %zu repaired: %s", set->by_repair[i],
                         lesson_repair_name((enum lesson_repair)i));
}

static bool add_phase(struct lesson_set *set, const struct phase *phase, const char *name,
                      struct err *err)
{
    for (size_t i = 0; i < json_array_size(phase->lessons); i++)
        if (!lesson_set_add(set, json_array_get(phase->lessons, i), name, i + 1, err))
            return false;
    for (size_t why = 0; why < N_REPLY_REFUSALS; why++)
        for (size_t i = 0; i < phase->by_refusal[why]; i++)
            lesson_set_refuse(set, name, 0, LESSON_REFUSED_REPLY);
    return true;
}

/* The lessons of all phases; a phase's id stands where else a file's name does. */
static bool read_curriculum(struct lesson_set *set, const char *folder, struct err *err)
{
    struct curriculum curriculum;
    struct phase_options options = {0};
    if (!curriculum_find(&curriculum, folder, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < curriculum.n_phases; i++) {
        const struct phase_plan *plan = &curriculum.phases[i];
        struct phase phase = {0};
        ok = phase_build(&phase, &curriculum, plan, &options, err) &&
             add_phase(set, &phase, plan->id, err);
        phase_release(&phase);
    }
    curriculum_release(&curriculum);
    return ok;
}

bool data_read_argument(struct lesson_set *set, const char *path, struct err *err)
{
    return data_has_sources(path) ? read_curriculum(set, path, err)
                                  : lesson_set_read(set, path, err);
}

bool data_has_sources(const char *folder)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_printf(&path, "%s/curriculum.yaml", folder);
    bool has = file_exists(path.ptr);
    buf_release(&path);
    return has;
}

bool data_read(struct lesson_set *set, const struct flags *flags, struct console *con,
               struct err *err)
{
    if (flags->n_args == 0)
        return err_set(err, ERR_USAGE, "which lessons? name files or folders; - is standard input");
    for (size_t i = 0; i < flags->n_args; i++)
        if (!data_read_argument(set, flags->args[i], err))
            return false;
    if (con)
        warn_refused(set, con);
    return (con ? set->count : set->n_read) > 0 ||
           err_set(err, ERR_FORMAT, "no lesson in %s", flags->args[0]);
}

/* A lesson as a line of a file. */
static void put_line(struct buf *out, const json_t *value)
{
    json_format(out, value, (struct json_style){0});
    buf_putc(out, '\n');
}

bool data_write_list(const char *path, const json_t *list, struct console *con)
{
    struct buf lines;
    buf_init(&lines, OUTPUT_MAX);
    for (size_t i = 0; i < json_array_size(list); i++)
        put_line(&lines, json_array_get(list, i));
    bool ok = console_deliver(con, path, &lines);
    buf_release(&lines);
    return ok;
}

bool data_load_kernels(struct data_kernels *out, const struct flags *flags, struct err *err)
{
    size_t n;
    const char *const *specs = flags_list(flags, "kernel", &n);
    out->count = 0;
    if (n > DATA_KERNELS_MAX)
        return err_set(err, ERR_USAGE, "at most %d kernels", DATA_KERNELS_MAX);
    for (; out->count < n; out->count++) {
        struct kernel *kernel = &out->items[out->count];
        if (!kernel_load(kernel, specs[out->count], err))
            return false;
        out->texts[out->count] = (struct lint_kernel){kernel->path, kernel->text};
    }
    return true;
}

void data_release_kernels(struct data_kernels *kernels)
{
    while (kernels->count > 0)
        kernel_release(&kernels->items[--kernels->count]);
}
