/* cmd_kernel.c - lem kernel: looks at kernels, and writes them with one axiom alone or removed. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "cli/flags.h"
#include "cli/kernel_placebo.h"
#include "cli/model_name.h"
#include "eval/kernel.h"
#include "eval/kernel_parts.h"
#include "os/file.h"
#include "report/table.h"
#include "text/json.h"
#include "text/utf8.h"
#include "token/tokenizer.h"

enum { KERNELS_MAX = 64 };

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "kernel",
     .letter = 'k',
     .kind = FLAG_LIST,
     .value = "[NAME=]PATH",
     .help = "a kernel, which may be an argument as well"},
    {.name = "model",
     .letter = 'm',
     .kind = FLAG_STRING,
     .value = "MODEL",
     .help = "count tokens as this model does: a GGUF file, or a name in the cache"},
    {.name = "output-dir",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "DIR",
     .argv_only = true,
     .help = "where isolate writes; made if need be"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "kernel",
    .synopsis = "show|tokens|lint|isolate|placebo KERNEL... [flags]",
    .about =
        "show     Bytes, characters, JSON objects and SHA-256; with --model also tokens.\n"
        "tokens   How many tokens a model makes of each kernel (no chat template, no BOS).\n"
        "lint     Checks each JSON object in a kernel: syntax, repeated keys, axioms that lack an\n"
        "         id, a name or a statement, and the hierarchy. Exit status 1 if anything is "
        "wrong.\n"
        "isolate  Writes each axiom alone (NAME-only-ID.json) and the kernel without it\n"
        "         (NAME-without-ID.json) to --output-dir. The kernel must be one JSON object.\n"
        "placebo  Writes a text as long as the kernel to compare it with: other words, or its own\n"
        "         shuffled. `lem kernel placebo --help` says what it takes.",
    .groups = {{"Kernels", OWN_FLAGS}},
    .args_max = KERNELS_MAX + 1,
};

struct job {
    const struct flags *flags;
    struct console *con;
    struct kernel kernels[KERNELS_MAX];
    size_t n_kernels;
    struct gguf *gguf;
    struct tokenizer *tok; /* NULL without --model */
    bool json;
};

static bool add_kernels(struct job *job, const char *const *specs, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (job->n_kernels == KERNELS_MAX)
            return err_set(err, ERR_USAGE, "at most %d kernels", KERNELS_MAX);
        if (!kernel_load(&job->kernels[job->n_kernels], specs[i], err))
            return false;
        job->n_kernels++;
    }
    return job->n_kernels > 0 || err_set(err, ERR_USAGE, "which kernel?");
}

static bool open_model(struct job *job, const char *name, struct err *err)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    bool ok = model_name_resolve(&path, name, err) && gguf_open(&job->gguf, path.ptr, err);
    if (ok && !tokenizer_open(&job->tok, job->gguf, err))
        ok = err_in(err, "model %s", path.ptr);
    buf_release(&path);
    return ok;
}

static bool load_all(struct job *job, struct err *err)
{
    const struct flags *flags = job->flags;
    const char *model = flags_str(flags, "model");
    size_t n;
    const char *const *given = flags_list(flags, "kernel", &n);
    if (n > 0 && !add_kernels(job, given, n, err))
        return false;
    return add_kernels(job, flags->args + 1, flags->n_args - 1, err) &&
           (!model || open_model(job, model, err));
}

static bool count_tokens(const struct job *job, const struct kernel *kernel, size_t *count,
                         struct err *err)
{
    return kernel_tokens(count, kernel->text, job->tok, err) ||
           err_in(err, "kernel %s", kernel->path);
}

/* How many objects the kernel holds: "4", "prose" or "broken". */
static void describe_objects(char out[32], const struct kernel *kernel)
{
    struct kernel_parts parts;
    struct err ignored = {0};
    if (!kernel_parts_read(&parts, kernel->text, kernel->path, &ignored))
        snprintf(out, 32, "broken");
    else if (parts.count == 0)
        snprintf(out, 32, "prose");
    else
        snprintf(out, 32, "%zu", parts.count);
    kernel_parts_release(&parts);
}

static void put_text(const struct job *job, struct str text)
{
    if (job->json)
        fwrite(text.ptr, 1, text.len, stdout);
    else
        console_print(job->con, text);
}

static bool show_json(const struct job *job, const struct kernel *kernel, struct err *err)
{
    char objects[32];
    size_t tokens;
    struct buf line;
    if (job->tok && !count_tokens(job, kernel, &tokens, err))
        return false;
    json_t *row = json_object();
    describe_objects(objects, kernel);
    json_object_set_new(row, "name", json_string(kernel->name));
    json_object_set_new(row, "path", json_string(kernel->path));
    json_object_set_new(row, "bytes", json_integer((json_int_t)kernel->file_bytes));
    json_object_set_new(row, "chars", json_integer((json_int_t)kernel->chars));
    if (job->tok)
        json_object_set_new(row, "tokens", json_integer((json_int_t)tokens));
    json_object_set_new(row, "objects", json_string(objects));
    json_object_set_new(row, "sha256", json_string(kernel->sha256));
    buf_init(&line, BUF_MAX_DEFAULT);
    json_format(&line, row, (struct json_style){0});
    buf_putc(&line, '\n');
    put_text(job, buf_str(&line));
    buf_release(&line);
    json_decref(row);
    return true;
}

static void show_columns(struct table *table, bool tokens)
{
    table_column(table, "kernel", TEXT_LEFT);
    table_column(table, "bytes", TEXT_RIGHT);
    table_column(table, "chars", TEXT_RIGHT);
    if (tokens)
        table_column(table, "tokens", TEXT_RIGHT);
    table_column(table, "objects", TEXT_RIGHT);
    table_column(table, "sha256", TEXT_LEFT);
}

static bool show_row(const struct job *job, struct table *table, const struct kernel *kernel,
                     struct err *err)
{
    char objects[32];
    size_t tokens;
    if (job->tok && !count_tokens(job, kernel, &tokens, err))
        return false;
    describe_objects(objects, kernel);
    table_cell(table, "%s", kernel->name);
    table_cell(table, "%zu", kernel->file_bytes);
    table_cell(table, "%zu", kernel->chars);
    if (job->tok)
        table_cell(table, "%zu", tokens);
    table_cell(table, "%s", objects);
    table_cell(table, "%s", kernel->sha256);
    return true;
}

static bool show(const struct job *job, struct err *err)
{
    struct table table = {0};
    struct buf text;
    bool ok = true;
    show_columns(&table, job->tok != NULL);
    for (size_t i = 0; ok && i < job->n_kernels; i++)
        ok = job->json ? show_json(job, &job->kernels[i], err)
                       : show_row(job, &table, &job->kernels[i], err);
    buf_init(&text, BUF_MAX_DEFAULT);
    table_format(&text, &table);
    if (ok && !job->json)
        put_text(job, buf_str(&text));
    buf_release(&text);
    table_release(&table);
    return ok;
}

/* Appends a line for each fault, and returns how many there are. */
static size_t lint_kernel(struct buf *out, const struct kernel *kernel)
{
    struct kernel_parts parts;
    struct buf faults;
    struct err err = {0};
    size_t n = 0;
    if (!kernel_parts_read(&parts, kernel->text, kernel->path, &err) && ++n)
        buf_printf(out, "%s\n", err.msg);
    buf_init(&faults, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < parts.count; i++) {
        struct str rest, line;
        buf_reset(&faults);
        n += kernel_parts_check(&faults, parts.objects[i]);
        rest = buf_str(&faults);
        for (size_t at = 0; utf8_line(&line, rest, &at);)
            buf_printf(out, "%s: object %zu: %.*s\n", kernel->path, i + 1, STR_ARG(line));
    }
    if (kernel->text.len == 0 && ++n)
        buf_printf(out, "%s: the kernel is empty\n", kernel->path);
    if (n == 0 && parts.count == 0)
        buf_printf(out, "%s: prose, nothing to check but its encoding\n", kernel->path);
    else if (n == 0)
        buf_printf(out, "%s: %zu JSON objects, nothing wrong\n", kernel->path, parts.count);
    kernel_parts_release(&parts);
    buf_release(&faults);
    return n;
}

static int lint(const struct job *job)
{
    struct buf text;
    size_t n = 0;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < job->n_kernels; i++)
        n += lint_kernel(&text, &job->kernels[i]);
    console_print(job->con, buf_str(&text));
    buf_release(&text);
    return n ? EXIT_FAILED : EXIT_OK;
}

/* "NAME-only-3.json"; the id is what the axiom says, when that is a number, else its place. */
static bool write_variant(const struct job *job, const struct kernel *kernel, const json_t *object,
                          size_t index, enum kernel_isolation isolation, struct err *err)
{
    const json_t *id = json_object_get(json_array_get(kernel_axioms(object), index), "id");
    json_int_t number = json_is_integer(id) ? json_integer_value(id) : (json_int_t)index + 1;
    struct buf path, text;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_init(&text, BUF_MAX_DEFAULT);
    json_t *variant = kernel_isolate(object, index, isolation);
    json_format(&text, variant, (struct json_style){.indent = 2});
    buf_putc(&text, '\n');
    buf_printf(&path, "%s/%s-%s-%" JSON_INTEGER_FORMAT ".json", flags_str(job->flags, "output-dir"),
               kernel->name, isolation == KERNEL_ALONE ? "only" : "without", number);
    bool ok = file_write_atomic(path.ptr, buf_str(&text), err);
    if (ok)
        printf("%s\n", path.ptr);
    json_decref(variant);
    buf_release(&path);
    buf_release(&text);
    return ok;
}

static bool check_isolable(const struct kernel_parts *parts, const struct kernel *kernel,
                           struct err *err)
{
    const json_t *axioms = parts->count == 1 ? kernel_axioms(parts->objects[0]) : NULL;
    struct buf faults;
    if (!axioms || json_array_size(axioms) == 0)
        return err_set(err, ERR_FORMAT, "%s: expected one JSON object with axioms", kernel->path);
    if (json_array_size(axioms) > KERNEL_AXIOMS_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d axioms", kernel->path, KERNEL_AXIOMS_MAX);
    if (strchr(kernel->name, '/'))
        return err_set(err, ERR_USAGE, "the name %s cannot begin a file's name", kernel->name);
    buf_init(&faults, BUF_MAX_DEFAULT);
    bool ok = kernel_parts_check(&faults, parts->objects[0]) == 0 ||
              err_set(err, ERR_FORMAT, "%s: %.*s", kernel->path, (int)strcspn(faults.ptr, "\n"),
                      faults.ptr);
    buf_release(&faults);
    return ok;
}

static bool isolate(const struct job *job, const struct kernel *kernel, struct err *err)
{
    struct kernel_parts parts;
    bool ok = kernel_parts_read(&parts, kernel->text, kernel->path, err) &&
              check_isolable(&parts, kernel, err);
    size_t n = ok ? json_array_size(kernel_axioms(parts.objects[0])) : 0;
    for (size_t i = 0; ok && i < 2 * n; i++)
        ok = write_variant(job, kernel, parts.objects[0], i % n,
                           i < n ? KERNEL_ALONE : KERNEL_REMOVED, err);
    kernel_parts_release(&parts);
    return ok;
}

static bool isolate_all(const struct job *job, struct err *err)
{
    const char *dir = flags_str(job->flags, "output-dir");
    if (!dir)
        return err_set(err, ERR_USAGE, "lem kernel isolate: --output-dir says where to write");
    if (!file_make_dirs(dir, err))
        return false;
    for (size_t i = 0; i < job->n_kernels; i++)
        if (!isolate(job, &job->kernels[i], err))
            return false;
    return true;
}

static int run(struct job *job, struct err *err)
{
    const struct flags *flags = job->flags;
    const char *verb = flags->n_args > 0 ? flags->args[0] : "";
    bool is_tokens = strcmp(verb, "tokens") == 0, is_show = strcmp(verb, "show") == 0;
    bool is_lint = strcmp(verb, "lint") == 0, ok = true;
    if (!is_tokens && !is_show && !is_lint && strcmp(verb, "isolate") != 0)
        err_set(err, ERR_USAGE,
                "lem kernel show, tokens, lint, isolate or placebo? `lem help kernel` says more");
    else if (is_tokens && !flags_str(flags, "model"))
        err_set(err, ERR_USAGE, "lem kernel tokens: --model says whose tokens to count");
    if (err->code != ERR_NONE || !load_all(job, err))
        return console_fail(job->con, err);
    if (is_lint)
        return lint(job);
    ok = is_tokens || is_show ? show(job, err) : isolate_all(job, err);
    return ok ? EXIT_OK : console_fail(job->con, err);
}

int cmd_kernel(int argc, char **argv)
{
    struct flags flags;
    struct err err = {0};
    int status = EXIT_OK;
    if (argc > 1 && strcmp(argv[1], "placebo") == 0)
        return kernel_placebo(argc - 1, argv + 1);
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct job job = {.flags = &flags, .con = &con, .json = flags_bool(&flags, "json")};
    status = run(&job, &err);
    while (job.n_kernels > 0)
        kernel_release(&job.kernels[--job.n_kernels]);
    tokenizer_free(job.tok);
    gguf_close(job.gguf);
    flags_release(&flags);
    return status;
}
