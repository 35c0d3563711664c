/* data_card.c - lem data card: a dataset card for a folder of lessons.
 *
 * What the card says is counted, not claimed; only title, licence and language are given. Its head
 * is the YAML that dataset hubs read. */
#include <stdio.h>

#include "cli/data.h"
#include "cli/data_lengths.h"
#include "cli/exit.h"
#include "cli/version.h"
#include "os/file.h"
#include "os/folder.h"
#include "text/json.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "title", .kind = FLAG_STRING, .value = "TEXT", .help = "without it the folder's name"},
    {.name = "license",
     .kind = FLAG_STRING,
     .value = "ID",
     .preset = "eupl-1.2",
     .help = "as dataset hubs spell it"},
    {.name = "language",
     .kind = FLAG_STRING,
     .value = "CODES",
     .preset = "en",
     .help = "separated by commas"},
    {.name = "about",
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "Markdown on where the lessons come from, to stand in the card"},
    {.name = "kernel",
     .letter = 'k',
     .kind = FLAG_LIST,
     .value = "[NAME=]PATH",
     .help = "count answers that quote this kernel"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the card there (README.md) instead of to standard output"},
    {.name = NULL},
};

static const struct flag_spec MODEL[] = {
    {.name = "model",
     .letter = 'm',
     .kind = FLAG_STRING,
     .value = "MODEL",
     .help = "also count this model's tokens: a GGUF file, or a name in the cache"},
    {.name = "chat-template",
     .kind = FLAG_STRING,
     .value = "NAME",
     .preset = "auto",
     .help = "as for stats"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data card",
    .synopsis = "FOLDER [--output FOLDER/README.md] [--title TEXT] [--model MODEL]",
    .about =
        "Writes a dataset card in Markdown: files with their sizes and SHA-256, shapes, lengths,\n"
        "tokens, and what check finds. Splits are the files named train, valid and test; those of\n"
        "a folder below are a configuration of its name.",
    .groups = {{"Card", OWN_FLAGS}, {"Lengths", FLAGS_LENGTHS}, {"Model", MODEL}},
    .args_max = 1,
};

struct job {
    const struct flags *flags;
    const char *folder;
    struct lesson_set set;
    struct lesson_check check;
    struct data_lengths lengths;
    struct open_model model;
    struct buf about, out;
};

/* A file's path from the folder on. */
static const char *inside(const struct job *job, const char *path)
{
    path += strlen(job->folder);
    return path + strspn(path, "/");
}

static const char *title_of(const struct job *job)
{
    const char *title = flags_str(job->flags, "title");
    const char *slash = strrchr(job->folder, '/');
    return title ? title : slash && slash[1] ? slash + 1 : job->folder;
}

static const char *size_category(size_t count)
{
    static const struct {
        size_t below;
        const char *name;
    } sizes[] = {{1000, "n<1K"},
                 {10000, "1K<n<10K"},
                 {100000, "10K<n<100K"},
                 {1000000, "100K<n<1M"},
                 {10000000, "1M<n<10M"}};
    size_t i = 0;
    while (count >= sizes[i].below)
        i++;
    return sizes[i].name;
}

/* The splits by the names of their files, as we write them and as hubs call them. */
static const struct {
    const char *file, *split;
} splits[] = {{"train.jsonl", "train"}, {"valid.jsonl", "validation"}, {"test.jsonl", "test"}};
enum { N_SPLITS = sizeof splits / sizeof *splits };

/* The folder that holds the file, "" for the card's own; and the file's name in it. */
static struct str parent_of(const char *path, struct str *name)
{
    const char *slash = strrchr(path, '/');
    *name = str_of(slash ? slash + 1 : path);
    return slash ? str_n(path, (size_t)(slash - path)) : str_of("");
}

static void put_quoted(struct buf *out, struct str text)
{
    json_format_str(out, text, false); /* a JSON string is a YAML string */
}

/* The file of a split in a folder, or NULL. */
static const char *find_split(const struct job *job, struct str folder, size_t split)
{
    for (size_t f = 0; f < job->set.n_files; f++) {
        const char *path = inside(job, job->set.files[f]);
        struct str name, parent = parent_of(path, &name);
        if (str_eq(parent, folder) && str_is(name, splits[split].file))
            return path;
    }
    return NULL;
}

/* Is this the first file of its folder that is a split? */
static bool begins_config(const struct job *job, size_t file)
{
    struct str name, parent = parent_of(inside(job, job->set.files[file]), &name);
    for (size_t f = 0; f <= file; f++) {
        struct str other = parent_of(inside(job, job->set.files[f]), &name);
        for (size_t s = 0; s < N_SPLITS; s++)
            if (str_eq(other, parent) && str_is(name, splits[s].file))
                return f == file;
    }
    return false;
}

/* A configuration for each folder that has splits. */
static void put_configs(struct job *job)
{
    struct buf *out = &job->out;
    bool any = false;
    for (size_t f = 0; f < job->set.n_files; f++) {
        struct str name, folder = parent_of(inside(job, job->set.files[f]), &name);
        if (!begins_config(job, f))
            continue;
        buf_puts(out, any ? "- config_name: " : "configs:\n- config_name: ");
        any = true;
        put_quoted(out, folder.len > 0 ? folder : str_of("default"));
        buf_puts(out, "\n  data_files:\n");
        for (size_t s = 0; s < N_SPLITS; s++) {
            const char *path = find_split(job, folder, s);
            if (!path)
                continue;
            buf_printf(out, "  - split: %s\n    path: ", splits[s].split);
            put_quoted(out, str_of(path));
            buf_putc(out, '\n');
        }
    }
}

static void put_head(struct job *job)
{
    struct buf *out = &job->out;
    buf_printf(out, "---\nlicense: %s\nlanguage:\n", flags_str(job->flags, "license"));
    for (const char *at = flags_str(job->flags, "language"); *at;) {
        size_t len = strcspn(at, ",");
        buf_printf(out, "- %.*s\n", (int)len, at);
        at += len + (at[len] == ',');
    }
    buf_puts(out, "task_categories:\n- text-generation\ntags:\n- ethics\n- alignment\n- lem\n");
    buf_printf(out, "size_categories:\n- %s\npretty_name: ", size_category(job->set.count));
    put_quoted(out, str_of(title_of(job)));
    buf_putc(out, '\n');
    put_configs(job);
    buf_printf(out, "---\n\n# %s\n\n", title_of(job));
}

static bool put_files(struct job *job, struct err *err)
{
    struct buf *out = &job->out;
    buf_puts(out, "## Files\n\n| file | lessons | bytes | SHA-256 |\n|---|---:|---:|---|\n");
    for (size_t f = 0; f < job->set.n_files; f++) {
        char digest[SHA256_HEX_LEN + 1];
        struct buf bytes;
        size_t count = 0;
        buf_init(&bytes, LESSON_FILE_MAX);
        bool ok = file_read(&bytes, job->set.files[f], err);
        sha256_hex(digest, buf_str(&bytes));
        for (size_t i = 0; i < job->set.count; i++)
            count += job->set.items[i].file == job->set.files[f];
        buf_printf(out, "| `%s` | %zu | %zu | `%s` |\n", inside(job, job->set.files[f]), count,
                   bytes.len, digest);
        buf_release(&bytes);
        if (!ok)
            return false;
    }
    return true;
}

static void put_shapes(struct job *job)
{
    struct buf *out = &job->out;
    const char *before = "";
    buf_printf(out, "%zu lessons: ", job->set.count);
    for (size_t i = 0; i < N_LESSON_SHAPES; i++) {
        if (job->set.by_shape[i] == 0)
            continue;
        buf_printf(out, "%s%zu %s", before, job->set.by_shape[i],
                   lesson_shape_name((enum lesson_shape)i));
        before = ", ";
    }
    buf_printf(out, ". %zu records were read: %zu kept, %zu repaired, %zu refused.\n\n",
               job->set.n_read, job->set.n_kept, job->set.n_repaired, job->set.n_refused);
}

static void put_spread(struct buf *out, const char *name, const struct lesson_spread *spread)
{
    buf_printf(out, "| %s | %zu | %zu | %zu | %zu | %zu | %zu |\n", name, spread->min, spread->p10,
               spread->median, spread->p90, spread->max, spread->sum);
}

static void put_lengths(struct job *job)
{
    const struct data_lengths *lengths = &job->lengths;
    struct buf *out = &job->out;
    buf_puts(out, "\n## Lengths\n\n| | least | 10 % | median | 90 % | most | sum |\n"
                  "|---|---:|---:|---:|---:|---:|---:|\n");
    put_spread(out, "turns", &lengths->turns);
    put_spread(out, "user, characters", &lengths->user_chars);
    put_spread(out, "answers, characters", &lengths->answer_chars);
    if (!lengths->has_tokens)
        return;
    put_spread(out, "tokens", &lengths->tokens);
    put_spread(out, "masked tokens", &lengths->masked);
    put_spread(out, "learned tokens", &lengths->learned);
    buf_printf(
        out,
        "\nTokens are those of %s in its chat template (%s); learned are those that the mask "
        "`%s` leaves. %zu lessons have more than %zu tokens.\n",
        flags_str(job->flags, "model"), job->model.tmpl_name, flags_str(job->flags, "mask"),
        lengths->n_over, lengths->max_tokens);
}

static void put_checks(struct job *job)
{
    struct buf *out = &job->out;
    buf_puts(out, "\n## Checks\n\n");
    if (job->check.n_findings == 0 && job->set.n_refused == 0) {
        buf_puts(out, "`lem data check` finds nothing wrong.\n");
        return;
    }
    buf_puts(out, "| finding | lessons |\n|---|---:|\n");
    if (job->set.n_refused > 0)
        buf_printf(out, "| refused | %zu |\n", job->set.n_refused);
    for (size_t i = 0; i < N_LESSON_FAULTS; i++)
        if (job->check.by_fault[i] > 0)
            buf_printf(out, "| %s | %zu |\n", lesson_fault_name((enum lesson_fault)i),
                       job->check.by_fault[i]);
}

static bool put_card(struct job *job, struct err *err)
{
    put_head(job);
    if (job->about.len > 0) {
        buf_add_str(&job->out, buf_str(&job->about));
        buf_puts(&job->out, "\n");
    }
    put_shapes(job);
    if (!put_files(job, err))
        return false;
    put_lengths(job);
    put_checks(job);
    buf_printf(&job->out, "\nThis card was counted by `lem data card`, lem %s.\n",
               version_string());
    return true;
}

static bool make_card(struct job *job, struct console *con, struct err *err)
{
    const struct flags *flags = job->flags;
    const char *about = flags_str(flags, "about");
    bool has_model = flags_str(flags, "model") != NULL;
    struct data_kernels kernels = {.count = 0};
    if (flags->n_args == 0 || !folder_exists(flags->args[0]))
        return err_set(err, ERR_USAGE, "a card is for a folder of lessons; which one?");
    job->folder = flags->args[0];
    if (data_has_sources(job->folder))
        return err_set(err, ERR_USAGE, "%s holds sources; `lem data build` makes lessons of them",
                       job->folder);
    bool ok = (!about || file_read(&job->about, about, err)) &&
              data_load_kernels(&kernels, flags, err) && data_read(&job->set, flags, con, err) &&
              (!has_model || open_model_init(&job->model, flags, con, OPEN_TEMPLATE, err)) &&
              data_measure(&job->lengths, &job->set, has_model ? &job->model : NULL, flags, err);
    struct lesson_check_options options = {
        .near = 0.85, .chars_min = 50, .kernels = kernels.texts, .n_kernels = kernels.count};
    struct pool *pool = pool_create((size_t)flags_u64(flags, "threads"));
    ok = ok && lesson_check(&job->check, &job->set, &options, pool, err) && put_card(job, err);
    pool_free(pool);
    data_release_kernels(&kernels);
    return ok;
}

static int run(const struct flags *flags, struct console *con)
{
    struct job job = {.flags = flags};
    struct err err = {0};
    int status = EXIT_OK;
    buf_init(&job.about, BUF_MAX_DEFAULT);
    buf_init(&job.out, BUF_MAX_DEFAULT);
    if (!make_card(&job, con, &err))
        status = console_fail(con, &err);
    else if (!console_deliver(con, flags_str(flags, "output"), &job.out))
        status = EXIT_FAILED;
    lesson_check_release(&job.check);
    lesson_set_release(&job.set);
    open_model_release(&job.model);
    buf_release(&job.about);
    buf_release(&job.out);
    return status;
}

int data_card(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
