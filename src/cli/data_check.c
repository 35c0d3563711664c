/* data_check.c - lem data check: what is wrong with lessons. */
#include <stdio.h>

#include "cli/data.h"
#include "cli/data_lengths.h"
#include "cli/exit.h"
#include "lesson/check.h"
#include "lesson/curriculum.h"
#include "lesson/plan.h"
#include "text/json.h"

static const struct flag_spec CHECKS[] = {
    {.name = "kernel",
     .letter = 'k',
     .kind = FLAG_LIST,
     .value = "[NAME=]PATH",
     .help = "report answers with six words in a row of this kernel"},
    {.name = "near",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .preset = "0.85",
     .min = 0.3,
     .max = 2,
     .help = "answers that share this part of their three-word runs nearly repeat; 2: do not ask"},
    {.name = "min-chars",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "50",
     .max = 1e9,
     .help = "answers must have so many characters"},
    {.name = "max-chars",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "0",
     .max = 1e9,
     .help = "lessons must not have more; 0: any"},
    {.name = "threads",
     .kind = FLAG_U64,
     .value = "N",
     .min = 1,
     .max = THREADS_MAX,
     .help = "worker threads (as many as this process may use unless given)"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data check",
    .synopsis = "DIR|FILE... [flags]",
    .about =
        "Reads lessons of every shape and finds records that are none, roles out of order,\n"
        "empty turns, repeats, failed and short answers, secrets, control tokens as text,\n"
        "lost characters, and kernels that leak into answers. All files are taken together;\n"
        "a folder with a curriculum.yaml is read by phase. Files in YAML (lessons, sequences,\n"
        "sets of probes, models, settings, curricula) are checked field by field. Exit status\n"
        "1 if anything is wrong.",
    .groups = {{"What is asked for", CHECKS}},
    .args_max = DATA_FILES_MAX,
};

struct job {
    const struct flags *flags;
    struct console *con;
    struct lesson_set set;
    struct lesson_check check;
};

static json_t *finding_json(const struct lesson_finding *finding, const struct lesson_set *set)
{
    const struct lesson *lesson = &set->items[finding->lesson];
    json_t *row = json_object();
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    lesson_describe(&text, finding, set);
    json_object_set_new(row, "kind", json_string(lesson_fault_name(finding->kind)));
    json_object_set_new(row, "file", json_string(lesson->file));
    json_object_set_new(row, "line", json_integer((json_int_t)lesson->line));
    json_object_set_new(row, "id", json_from_str(lesson_id(lesson)));
    if (finding->turn != LESSON_NONE)
        json_object_set_new(row, "turn", json_integer((json_int_t)finding->turn + 1));
    if (finding->other != LESSON_NONE) {
        json_object_set_new(row, "other_file", json_string(set->items[finding->other].file));
        json_object_set_new(row, "other_line",
                            json_integer((json_int_t)set->items[finding->other].line));
    }
    json_object_set_new(row, "text", json_from_str(buf_str(&text)));
    buf_release(&text);
    return row;
}

static json_t *refused_json(const struct lesson_refused *refused)
{
    json_t *row = json_object();
    json_object_set_new(row, "kind", json_string("refused"));
    json_object_set_new(row, "file", json_string(refused->file));
    json_object_set_new(row, "line", json_integer((json_int_t)refused->line));
    json_object_set_new(row, "text", json_string(lesson_refusal_name(refused->why)));
    return row;
}

static json_t *counts_json(const struct lesson_set *set)
{
    json_t *shapes = json_object(), *counts = json_object();
    for (size_t i = 0; i < N_LESSON_SHAPES; i++)
        if (set->by_shape[i] > 0)
            json_object_set_new(shapes, lesson_shape_name((enum lesson_shape)i),
                                json_integer((json_int_t)set->by_shape[i]));
    json_object_set_new(counts, "read", json_integer((json_int_t)set->n_read));
    json_object_set_new(counts, "kept", json_integer((json_int_t)set->n_kept));
    json_object_set_new(counts, "repaired", json_integer((json_int_t)set->n_repaired));
    json_object_set_new(counts, "refused", json_integer((json_int_t)set->n_refused));
    json_object_set_new(counts, "shapes", shapes);
    return counts;
}

static void print_json(const struct job *job)
{
    const struct lesson_check *check = &job->check;
    json_t *report = counts_json(&job->set), *findings = json_array();
    struct buf text;
    for (size_t i = 0; i < job->set.n_refused; i++)
        json_array_append_new(findings, refused_json(&job->set.refused[i]));
    for (size_t i = 0; i < check->n_findings; i++)
        json_array_append_new(findings, finding_json(&check->findings[i], &job->set));
    json_object_set_new(report, "turns", data_spread_json(&check->turns));
    json_object_set_new(report, "user_chars", data_spread_json(&check->user_chars));
    json_object_set_new(report, "answer_chars", data_spread_json(&check->answer_chars));
    json_object_set_new(report, "findings", findings);
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, report, (struct json_style){.indent = 2});
    buf_putc(&text, '\n');
    fwrite(text.ptr, 1, text.len, stdout);
    buf_release(&text);
    json_decref(report);
}

static void put_spread(struct buf *out, const char *what, const struct lesson_spread *spread)
{
    buf_printf(out, "%s %zu to %zu, median %zu, most %zu to %zu\n", what, spread->min, spread->max,
               spread->median, spread->p10, spread->p90);
}

static void print_text(const struct job *job)
{
    const struct lesson_set *set = &job->set;
    const struct lesson_check *check = &job->check;
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < set->n_refused; i++)
        buf_printf(&out, "%s: line %zu: refused: %s\n", set->refused[i].file, set->refused[i].line,
                   lesson_refusal_name(set->refused[i].why));
    for (size_t i = 0; i < check->n_findings; i++) {
        const struct lesson *lesson = &set->items[check->findings[i].lesson];
        struct str id = lesson_id(lesson);
        buf_printf(&out, "%s: line %zu: ", lesson->file, lesson->line);
        if (id.len > 0)
            buf_printf(&out, "%.*s: ", STR_ARG(id));
        lesson_describe(&out, &check->findings[i], set);
        buf_putc(&out, '\n');
    }
    buf_printf(&out, "%zu read: %zu kept, %zu repaired, %zu refused\n", set->n_read, set->n_kept,
               set->n_repaired, set->n_refused);
    put_spread(&out, "turns", &check->turns);
    put_spread(&out, "user characters", &check->user_chars);
    put_spread(&out, "answer characters", &check->answer_chars);
    buf_printf(&out, "%zu findings in %zu lessons\n", check->n_findings, check->n_faulty);
    console_print(job->con, buf_str(&out));
    buf_release(&out);
}

/* A run's own summary line is no fault. */
static bool is_faultless(const struct job *job)
{
    return job->check.n_findings == 0 &&
           job->set.n_refused == job->set.by_refusal[LESSON_REFUSED_SUMMARY];
}

/* Checks a file that says what is to be asked or taught; says what it is. */
static bool check_plan(const struct job *job, const char *path, struct err *err)
{
    struct plan plan;
    struct curriculum curriculum;
    if (str_ends(str_of(path), str_of("curriculum.yaml"))) {
        if (!curriculum_load(&curriculum, path, err))
            return false;
        console_note(job->con, "%s: a curriculum of %zu phases", path, curriculum.n_phases);
        curriculum_release(&curriculum);
        return true;
    }
    if (!plan_load(&plan, path, err))
        return false;
    console_note(job->con, "%s: a %s, sound", path, plan_kind_name(plan.kind));
    plan_release(&plan);
    return true;
}

/* Plans among the arguments are checked, lessons read. */
static bool read_all(struct job *job, bool *has_lessons, struct err *err)
{
    const struct flags *flags = job->flags;
    *has_lessons = false;
    if (flags->n_args == 0)
        return data_read(&job->set, flags, NULL, err); /* says so */
    for (size_t i = 0; i < flags->n_args; i++) {
        const char *path = flags->args[i];
        bool is_plan = plan_is_file(path);
        *has_lessons |= !is_plan;
        if (!(is_plan ? check_plan(job, path, err) : data_read_argument(&job->set, path, err)))
            return false;
    }
    return !*has_lessons || job->set.n_read > 0 ||
           err_set(err, ERR_FORMAT, "no lesson in %s", flags->args[0]);
}

static bool check_all(struct job *job, struct err *err)
{
    const struct flags *flags = job->flags;
    struct data_kernels kernels = {.count = 0};
    struct pool *pool = NULL;
    bool has_lessons;
    bool ok = data_load_kernels(&kernels, flags, err) && read_all(job, &has_lessons, err);
    struct lesson_check_options options = {.near = flags_double(flags, "near"),
                                           .chars_min = (size_t)flags_u64(flags, "min-chars"),
                                           .chars_max = (size_t)flags_u64(flags, "max-chars"),
                                           .kernels = kernels.texts,
                                           .n_kernels = kernels.count};
    if (ok && has_lessons) {
        pool = pool_create((size_t)flags_u64(flags, "threads"));
        ok = lesson_check(&job->check, &job->set, &options, pool, err);
    }
    if (ok && has_lessons && flags_bool(flags, "json"))
        print_json(job);
    else if (ok && has_lessons)
        print_text(job);
    pool_free(pool);
    data_release_kernels(&kernels);
    return ok;
}

static int run(const struct flags *flags, struct console *con)
{
    struct job job = {.flags = flags, .con = con};
    struct err err = {0};
    int status;
    if (!check_all(&job, &err))
        status = console_fail(con, &err);
    else
        status = is_faultless(&job) ? EXIT_OK : EXIT_FAILED;
    lesson_check_release(&job.check);
    lesson_set_release(&job.set);
    return status;
}

int data_check(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
