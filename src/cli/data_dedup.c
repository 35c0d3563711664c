/* data_dedup.c - lem data dedup: leaves out lessons that repeat an earlier one. */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/data.h"
#include "cli/exit.h"
#include "lesson/check.h"
#include "probe/dedup.h"
#include "text/json.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "near",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .min = 0.3,
     .max = 1,
     .help = "also leave out what shares this part of its three-word runs, such as 0.85"},
    {.name = "against",
     .kind = FLAG_LIST,
     .value = "DIR|FILE",
     .help = "also leave out what repeats a lesson in there"},
    {.name = "removed",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "list there what was left out: file, line, of_file, of_line, similarity, exact"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the lessons there instead of to standard output"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data dedup",
    .synopsis = "DIR|FILE... [--near X] [--against DIR|FILE] [--output FILE]",
    .about = "Writes the lessons that say something new, in their order; of any family of repeats\n"
             "the first stays. What is compared is the last question and all answers, so that a\n"
             "kernel around every question does not make all lessons alike. Without --near only\n"
             "the same words count, whatever their case and punctuation: slightly different is\n"
             "different.",
    .groups = {{"Repeats", OWN_FLAGS}},
    .args_max = DATA_FILES_MAX,
};

struct job {
    struct lesson_set set; /* first the lessons to compare with, then those to go through */
    size_t n_against;
    struct dedup_twin *twins;
};

/* The last thing the user said, and everything the assistant did. */
static void put_compared(struct buf *out, const json_t *value)
{
    for (size_t i = lesson_turns(value); i-- > 0;)
        if (str_is(lesson_role(value, i), "user")) {
            buf_add_str(out, lesson_content(value, i));
            buf_putc(out, '\n');
            break;
        }
    lesson_put_answers(out, value);
}

static void find_twins(struct job *job, double threshold)
{
    size_t count = job->set.count;
    struct str *texts = mem_zalloc(count + 1, sizeof *texts);
    struct arena arena = {0};
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < count; i++) {
        buf_reset(&text);
        put_compared(&text, job->set.items[i].value);
        texts[i] = arena_str(&arena, buf_str(&text));
    }
    job->twins = mem_zalloc(count + 1, sizeof *job->twins);
    dedup_find(job->twins, texts, count, threshold);
    buf_release(&text);
    arena_release(&arena);
    free(texts);
}

static json_t *removed_line(const struct job *job, size_t i)
{
    const struct dedup_twin *twin = &job->twins[i];
    const struct lesson *lesson = &job->set.items[i], *of = &job->set.items[twin->of];
    json_t *line = json_object();
    json_object_set_new(line, "file", json_string(lesson->file));
    json_object_set_new(line, "line", json_integer((json_int_t)lesson->line));
    json_object_set_new(line, "of_file", json_string(of->file));
    json_object_set_new(line, "of_line", json_integer((json_int_t)of->line));
    json_object_set_new(line, "similarity", json_real(twin->similarity));
    json_object_set_new(line, "exact", json_boolean(twin->is_exact));
    return line;
}

static bool write_all(const struct job *job, const struct flags *flags, struct console *con)
{
    const char *path = flags_str(flags, "removed");
    json_t *kept = json_array(), *removed = json_array();
    size_t n_exact = 0;
    for (size_t i = job->n_against; i < job->set.count; i++) {
        if (job->twins[i].of == DEDUP_NONE)
            json_array_append_new(kept, lesson_record(&job->set.items[i]));
        else
            json_array_append_new(removed, removed_line(job, i));
        n_exact += job->twins[i].is_exact;
    }
    console_note(con, "%zu read: %zu kept, %zu exact repeats, %zu near",
                 job->set.count - job->n_against, json_array_size(kept), n_exact,
                 json_array_size(removed) - n_exact);
    bool ok = (!path || data_write_list(path, removed, con)) &&
              data_write_list(flags_str(flags, "output"), kept, con);
    json_decref(kept);
    json_decref(removed);
    return ok;
}

static bool read_all(struct job *job, const struct flags *flags, struct console *con,
                     struct err *err)
{
    size_t n;
    const char *const *against = flags_list(flags, "against", &n);
    for (size_t i = 0; i < n; i++)
        if (!lesson_set_read(&job->set, against[i], err))
            return false;
    job->n_against = job->set.count;
    return data_read(&job->set, flags, con, err);
}

static int run(const struct flags *flags, struct console *con)
{
    struct job job = {.n_against = 0};
    struct err err = {0};
    int status = EXIT_OK;
    if (!read_all(&job, flags, con, &err)) {
        status = console_fail(con, &err);
    } else {
        find_twins(&job, flags_given(flags, "near") ? flags_double(flags, "near") : 2);
        if (!write_all(&job, flags, con))
            status = EXIT_FAILED;
    }
    free(job.twins);
    lesson_set_release(&job.set);
    return status;
}

int data_dedup(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
