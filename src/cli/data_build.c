/* data_build.c - lem data build: the training phases out of their sources. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/data.h"
#include "cli/data_parts.h"
#include "cli/exit.h"
#include "lesson/curriculum.h"
#include "os/data.h"
#include "os/file.h"
#include "report/table.h"
#include "text/json.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FOLDER",
     .argv_only = true,
     .required = true,
     .help = "a folder for each phase goes there"},
    {.name = "together",
     .kind = FLAG_BOOL,
     .help = "instead one train, valid and test file of all phases, in their order"},
    {.name = "phases",
     .kind = FLAG_STRING,
     .value = "IDS",
     .help = "only these, separated by commas: P0,P2"},
    {.name = "kernel",
     .letter = 'k',
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "instead of the curriculum's kernel"},
    {.name = "sig", .kind = FLAG_PATH, .value = "FILE", .help = "instead of its signature"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data build",
    .synopsis = "[FOLDER] --output FOLDER [--phases P0,P1] [--kernel FILE] [--sig FILE]",
    .about =
        "Reads FOLDER/curriculum.yaml (without FOLDER the program's own training/) and writes "
        "each\n"
        "phase as OUT/ID/train.jsonl, valid.jsonl and test.jsonl. Lessons of one probe stay\n"
        "together, and what a lesson goes to depends on the seed and its name alone. Answers that\n"
        "fit no probe are refused, with a count.",
    .groups = {{"Phases", OWN_FLAGS}, {"Split", FLAGS_PARTS}},
    .args_max = 1,
};

struct job {
    const struct flags *flags;
    struct console *con;
    struct part_weights weights;
    struct curriculum curriculum;
    struct phase phases[CURRICULUM_PHASES_MAX];
    const struct phase_plan *plans[CURRICULUM_PHASES_MAX];
    size_t n_phases;
};

static bool is_wanted(const char *list, const char *id)
{
    size_t len = strlen(id);
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strncmp(at, id, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    return list == NULL;
}

static void warn_refused(const struct job *job, size_t i)
{
    for (size_t why = 0; why < N_REPLY_REFUSALS; why++)
        if (job->phases[i].by_refusal[why] > 0)
            console_warn(job->con, "%s: %zu refused: %s", job->plans[i]->id,
                         job->phases[i].by_refusal[why],
                         reply_refusal_name((enum reply_refusal)why));
}

static bool build_phase(struct job *job, const struct phase_plan *plan, struct err *err)
{
    struct phase_options options = {.kernel = flags_str(job->flags, "kernel"),
                                    .signature = flags_str(job->flags, "sig")};
    size_t i = job->n_phases;
    if (!phase_build(&job->phases[i], &job->curriculum, plan, &options, err))
        return false;
    job->plans[job->n_phases++] = plan;
    warn_refused(job, i);
    size_t count = json_array_size(job->phases[i].lessons);
    return (count > 0 && count >= plan->minimum) ||
           err_set(err, ERR_FORMAT, "phase %s has %zu lessons, at least %zu are expected", plan->id,
                   count, plan->minimum);
}

static bool build_all(struct job *job, struct err *err)
{
    const char *named = job->flags->n_args > 0 ? job->flags->args[0] : "training";
    const char *wanted = flags_str(job->flags, "phases");
    struct buf folder;
    buf_init(&folder, BUF_MAX_DEFAULT);
    data_find(&folder, named);
    bool found = part_weights_of(&job->weights, job->flags, err) &&
                 curriculum_find(&job->curriculum, folder.ptr, err);
    buf_release(&folder);
    if (!found)
        return false;
    for (size_t i = 0; i < job->curriculum.n_phases; i++) {
        const struct phase_plan *plan = &job->curriculum.phases[i];
        if (is_wanted(wanted, plan->id) && !build_phase(job, plan, err))
            return false;
    }
    return job->n_phases > 0 || err_set(err, ERR_USAGE, "no phase of %s is called that", named);
}

static void put_row(struct table *table, const char *id, const char *name, const char *format,
                    const struct phase *phase, json_t *const *parts)
{
    table_cell(table, "%s", id);
    table_cell(table, "%s", name);
    table_cell(table, "%s", format);
    if (phase && phase->n_probes > 0)
        table_cell(table, "%zu/%zu", phase->n_answered, phase->n_probes);
    else
        table_cell(table, "%s", "");
    for (size_t p = 0; p < N_PARTS; p++)
        table_cell(table, "%zu", json_array_size(parts[p]));
}

static bool write_parts(json_t *const *parts, const char *folder, const char *id,
                        struct console *con)
{
    struct err err = {0};
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_printf(&path, "%s/%s", folder, id);
    bool ok = file_make_dirs(path.ptr, &err);
    if (!ok)
        console_fail(con, &err);
    ok = ok && data_write_parts(path.ptr, parts, con);
    buf_release(&path);
    return ok;
}

static void table_begin(struct table *table)
{
    static const char *const left[] = {"Phase", "Name", "Format", "Answered"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        table_column(table, left[i], TEXT_LEFT);
    for (size_t p = 0; p < N_PARTS; p++)
        table_column(table, PART_NAMES[p], TEXT_RIGHT);
}

static bool write_all(const struct job *job)
{
    const char *folder = flags_str(job->flags, "output");
    json_t *all[N_PARTS], *parts[N_PARTS];
    struct table table = {0};
    struct buf text;
    bool ok = true, together = flags_bool(job->flags, "together");
    table_begin(&table);
    for (size_t p = 0; p < N_PARTS; p++)
        all[p] = json_array();
    for (size_t i = 0; ok && i < job->n_phases; i++) {
        const struct phase_plan *plan = job->plans[i];
        data_deal(parts, job->phases[i].lessons, &job->weights);
        ok = together || write_parts(parts, folder, plan->id, job->con);
        put_row(&table, plan->id, plan->name, phase_format_name(plan->format), &job->phases[i],
                parts);
        for (size_t p = 0; p < N_PARTS; p++) {
            json_array_extend(all[p], parts[p]);
            json_decref(parts[p]);
        }
    }
    ok = ok && (!together || write_parts(all, folder, "", job->con));
    put_row(&table, "all", "", "", NULL, all);
    buf_init(&text, BUF_MAX_DEFAULT);
    table_format(&text, &table);
    if (ok)
        fwrite(text.ptr, 1, text.len, stdout);
    for (size_t p = 0; p < N_PARTS; p++)
        json_decref(all[p]);
    buf_release(&text);
    table_release(&table);
    return ok;
}

static int run(const struct flags *flags, struct console *con)
{
    struct job job = {.flags = flags, .con = con};
    struct err err = {0};
    int status = EXIT_OK;
    if (!build_all(&job, &err))
        status = console_fail(con, &err);
    else if (!write_all(&job))
        status = EXIT_FAILED;
    for (size_t i = 0; i < job.n_phases; i++)
        phase_release(&job.phases[i]);
    curriculum_release(&job.curriculum);
    return status;
}

int data_build(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
