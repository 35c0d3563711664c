/* probes_lint.c - lem probes lint: what is wrong with files of probes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/exit.h"
#include "cli/probes.h"
#include "cli/probes_sets.h"
#include "eval/kernel.h"
#include "os/file.h"
#include "probe/lint.h"
#include "text/jsonl.h"

static const struct flag_spec CHECKS[] = {
    {.name = "near",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .preset = "0.5",
     .min = 0.05,
     .max = 1,
     .help = "prompts that share this part of their runs of three words are nearly the same"},
    {.name = "min-words",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "2",
     .max = 1e9,
     .help = "a prompt must have so many words"},
    {.name = "max-words",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "400",
     .max = 1e9,
     .help = "and no more than so many"},
    {.name = "kernel",
     .letter = 'k',
     .kind = FLAG_LIST,
     .value = "[NAME=]PATH",
     .help = "report six words in a row that also stand in this kernel"},
    {.name = "training",
     .kind = FLAG_LIST,
     .value = "FILE",
     .help = "report 13 words in a row that also stand in this file of lessons"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "probes lint",
    .synopsis = "FILE... [flags]",
    .about =
        "Finds missing and repeated ids, categories that are missing or spelt in two ways,\n"
        "prompts that are empty, too short, too long, repeated or nearly so, words that belong to\n"
        "the kernels, and what stands in training files. All files are taken together. Exit status "
        "1 if anything is wrong.",
    .groups = {{"What is asked for", CHECKS}, {"Which probes", FLAGS_PROBE_CHOICE}},
    .args_max = PROBES_FILES_MAX,
};

enum { TRAINING_FILE_MAX = 1 << 30 };

struct job {
    const struct flags *flags;
    struct console *con;
    struct probes_sets sets;
    struct lint_item *items; /* of all sets */
    size_t n_items;
    bool json;
};

static void put_line(const struct job *job, struct buf *line)
{
    if (job->json)
        fwrite(line->ptr, 1, line->len, stdout);
    else
        console_print(job->con, buf_str(line));
    buf_reset(line);
}

static void list_items(struct job *job)
{
    const struct probes_sets *sets = &job->sets;
    size_t n = 0;
    for (size_t i = 0; i < sets->count; i++)
        n += sets->items[i].count;
    job->items = mem_zalloc(n + 1, sizeof *job->items);
    for (size_t i = 0; i < sets->count; i++)
        for (size_t k = 0; k < sets->items[i].count; k++)
            job->items[job->n_items++] =
                (struct lint_item){&sets->items[i].items[k], job->flags->args[i]};
}

static void add_finding(json_t *array, const struct lint_finding *finding,
                        const struct lint_item *items)
{
    const struct lint_item *item = &items[finding->item];
    json_t *row = json_object();
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    lint_describe(&text, finding, items);
    json_object_set_new(row, "kind", json_string(lint_kind_name(finding->kind)));
    json_object_set_new(row, "file", json_string(item->file));
    json_object_set_new(row, "id", json_from_str(item->probe->id));
    json_object_set_new(row, "record", json_integer((json_int_t)item->probe->record));
    if (finding->other != LINT_NO_ITEM) {
        const struct lint_item *other = &items[finding->other];
        json_object_set_new(row, "other_file", json_string(other->file));
        json_object_set_new(row, "other_id", json_from_str(other->probe->id));
    }
    if (finding->kind == LINT_PROMPT_NEAR)
        json_object_set_new(row, "likeness", json_real(finding->value));
    json_object_set_new(row, "text", json_from_str(buf_str(&text)));
    json_array_append_new(array, row);
    buf_release(&text);
}

static json_t *words_json(const struct lint *lint)
{
    return json_pack("{sI sI sI sI sI}", "min", (json_int_t)lint->words_min, "p10",
                     (json_int_t)lint->words_p10, "median", (json_int_t)lint->words_median, "p90",
                     (json_int_t)lint->words_p90, "max", (json_int_t)lint->words_max);
}

static void print_lint_json(const struct job *job, const struct lint *lint)
{
    json_t *report = json_object(), *categories = json_object(), *findings = json_array();
    struct buf line;
    buf_init(&line, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < lint->n_categories; i++) {
        struct str name = lint->categories[i].name;
        json_object_setn_new(categories, name.ptr, name.len,
                             json_integer((json_int_t)lint->categories[i].count));
    }
    for (size_t i = 0; i < lint->n_findings; i++)
        add_finding(findings, &lint->findings[i], job->items);
    json_object_set_new(report, "probes", json_integer((json_int_t)job->n_items));
    json_object_set_new(report, "categories", categories);
    json_object_set_new(report, "words", words_json(lint));
    json_object_set_new(report, "findings", findings);
    json_format(&line, report, (struct json_style){.indent = 2});
    buf_putc(&line, '\n');
    put_line(job, &line);
    json_decref(report);
    buf_release(&line);
}

static void print_lint(const struct job *job, const struct lint *lint)
{
    struct buf line;
    buf_init(&line, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < lint->n_findings; i++) {
        const struct lint_item *item = &job->items[lint->findings[i].item];
        buf_printf(&line, "%s: ", item->file);
        if (item->probe->id.len > 0)
            buf_printf(&line, "%.*s ", STR_ARG(item->probe->id));
        else
            buf_printf(&line, "record %zu ", item->probe->record);
        lint_describe(&line, &lint->findings[i], job->items);
        buf_putc(&line, '\n');
    }
    buf_printf(&line,
               "%zu probes, %zu categories, %zu to %zu words (median %zu, most %zu to %zu), ",
               job->n_items, lint->n_categories, lint->words_min, lint->words_max,
               lint->words_median, lint->words_p10, lint->words_p90);
    buf_printf(&line, "%zu findings\n", lint->n_findings);
    put_line(job, &line);
    buf_release(&line);
}

static bool load_kernels(struct kernel *kernels, size_t *count, const struct flags *flags,
                         struct err *err)
{
    size_t n;
    const char *const *specs = flags_list(flags, "kernel", &n);
    if (n > LINT_KERNELS_MAX)
        return err_set(err, ERR_USAGE, "at most %d kernels", LINT_KERNELS_MAX);
    for (*count = 0; *count < n; (*count)++)
        if (!kernel_load(&kernels[*count], specs[*count], err))
            return false;
    return true;
}

/* Every text in a value, whatever its place. */
static void read_strings(struct overlap *overlap, const json_t *value, size_t source)
{
    const char *key;
    json_t *member;
    if (json_is_string(value))
        overlap_read(overlap, json_str(value), source);
    for (size_t i = 0; i < json_array_size(value); i++)
        read_strings(overlap, json_array_get(value, i), source);
    /* jansson's iteration takes what it only reads as not const */
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
        read_strings(overlap, member, source);
}

/* A file of lessons in any shape: JSON, JSON lines, or plain text. */
static bool read_training(struct overlap *overlap, const char *path, size_t source, struct err *err)
{
    struct buf bytes;
    struct jsonl lines;
    struct str line;
    struct err ignored = {0};
    json_t *value;
    buf_init(&bytes, TRAINING_FILE_MAX);
    bool ok = file_read(&bytes, path, err);
    bool is_json = ok && json_parse(&value, buf_str(&bytes), path, &ignored);
    if (is_json) {
        read_strings(overlap, value, source);
        json_decref(value);
    }
    jsonl_init(&lines, buf_str(&bytes), path);
    while (ok && !is_json && jsonl_next(&lines, &line)) {
        if (!jsonl_parse(&value, &lines, line, &ignored)) {
            overlap_read(overlap, line, source);
            continue;
        }
        read_strings(overlap, value, source);
        json_decref(value);
    }
    buf_release(&bytes);
    return ok;
}

/* What of the prompts stands in the files of --training; NULL when none was given. */
static bool find_training(struct overlap **out, struct str **prompts, const struct job *job,
                          struct err *err)
{
    size_t n;
    const char *const *files = flags_list(job->flags, "training", &n);
    if (n == 0)
        return true;
    *prompts = mem_zalloc(job->n_items + 1, sizeof **prompts);
    for (size_t i = 0; i < job->n_items; i++)
        (*prompts)[i] = job->items[i].probe->prompt;
    *out = overlap_create(*prompts, job->n_items);
    for (size_t i = 0; i < n; i++)
        if (!read_training(*out, files[i], i, err))
            return false;
    return true;
}

static int run_lint(struct job *job, struct err *err)
{
    struct kernel kernels[LINT_KERNELS_MAX];
    struct lint_kernel texts[LINT_KERNELS_MAX];
    struct lint lint = {0};
    struct overlap *training = NULL;
    struct str *prompts = NULL;
    size_t n_kernels = 0, n_files;
    bool ok = load_kernels(kernels, &n_kernels, job->flags, err) &&
              find_training(&training, &prompts, job, err);
    for (size_t i = 0; i < n_kernels; i++)
        texts[i] = (struct lint_kernel){kernels[i].path, kernels[i].text};
    struct lint_options options = {.near = flags_double(job->flags, "near"),
                                   .words_min = (size_t)flags_u64(job->flags, "min-words"),
                                   .words_max = (size_t)flags_u64(job->flags, "max-words"),
                                   .kernels = texts,
                                   .n_kernels = n_kernels,
                                   .training = training,
                                   .training_files = flags_list(job->flags, "training", &n_files)};
    if (ok)
        lint_run(&lint, job->items, job->n_items, &options);
    if (ok && job->json)
        print_lint_json(job, &lint);
    else if (ok)
        print_lint(job, &lint);
    int status = !ok ? console_fail(job->con, err) : lint.n_findings > 0 ? EXIT_FAILED : EXIT_OK;
    lint_release(&lint);
    overlap_free(training);
    free(prompts);
    while (n_kernels > 0)
        kernel_release(&kernels[--n_kernels]);
    return status;
}

static int lint_files(const struct flags *flags, struct console *con)
{
    struct job job = {.flags = flags, .con = con, .json = flags_bool(flags, "json")};
    struct err err = {0};
    int status;
    if (probes_sets_load(&job.sets, flags, true, &err)) {
        list_items(&job);
        status = run_lint(&job, &err);
    } else {
        status = console_fail(con, &err);
    }
    free(job.items);
    probes_sets_release(&job.sets);
    return status;
}

int probes_lint(int argc, char **argv)
{
    return command_run(&USAGE, lint_files, argc, argv);
}
