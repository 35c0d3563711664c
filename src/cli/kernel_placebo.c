/* kernel_placebo.c - lem kernel placebo: a kernel's placebo, written to a file. */
#include <stdio.h>

#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/kernel_placebo.h"
#include "cli/model_name.h"
#include "eval/placebo.h"
#include "os/file.h"
#include "text/json.h"

static const struct flag_spec OWN_FLAGS[] = {
    {"kernel", 'k', FLAG_STRING, "[NAME=]PATH", .required = true,
     .help = "the kernel it is a placebo of"},
    {"model", 'm', FLAG_STRING, "MODEL", .required = true,
     .help = "whose tokens are counted: a GGUF file, or a name in the cache"},
    {"kind", 0, FLAG_STRING, "KIND", .preset = "neutral",
     .help = "neutral (other words, no message) or shuffled (its words, no sense)"},
    {"seed", 's', FLAG_U64, "N", .preset = "0", .help = "the same seed gives the same bytes"},
    {"output", 'o', FLAG_PATH, "FILE", .argv_only = true,
     .help = "write the text there instead of to standard output"},
    {0}};

static const struct flags_usage USAGE = {
    .command = "kernel placebo",
    .synopsis = "-k KERNEL -m MODEL [--kind neutral|shuffled] [--seed N] [-o FILE]",
    .about =
        "Writes a text for a kernel to be compared with, as many tokens long as the kernel:\n"
        "neutral   Sentences about bricks, rivers and weather that share no word with the kernel\n"
        "          but the commonest.\n"
        "shuffled  The kernel in its own form: each text in the place of another, its words in\n"
        "          random order. Keys, ids and layout stay.\n"
        "It is the text that `lem benchmark --placebo` compares with, for the same seed. How near\n"
        "the length came is said on standard error; --json says it on standard output.",
    .groups = {{"Placebo", OWN_FLAGS}},
};

struct job {
    const struct flags *flags;
    struct console *con;
    enum placebo_kind kind;
    struct kernel kernel;
    struct gguf *gguf;
    struct tokenizer *tok;
    struct placebo placebo;
};

static bool read_kind(enum placebo_kind *out, const char *name, struct err *err)
{
    bool wanted[PLACEBO_KINDS];
    if (!placebo_kinds_parse(wanted, name, err))
        return false;
    *out = wanted[PLACEBO_NEUTRAL] ? PLACEBO_NEUTRAL : PLACEBO_SHUFFLED;
    return !wanted[PLACEBO_NEUTRAL] || !wanted[PLACEBO_SHUFFLED] ||
           err_set(err, ERR_USAGE, "one placebo at a time: --kind neutral or --kind shuffled");
}

static bool open_tokenizer(struct job *job, struct err *err)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    bool ok = model_name_resolve(&path, flags_str(job->flags, "model"), err) &&
              gguf_open(&job->gguf, path.ptr, err);
    if (ok && !tokenizer_open(&job->tok, job->gguf, err))
        ok = err_in(err, "model %s", path.ptr);
    buf_release(&path);
    return ok;
}

static bool make(struct job *job, struct err *err)
{
    const struct flags *flags = job->flags;
    return read_kind(&job->kind, flags_str(flags, "kind"), err) &&
           kernel_load(&job->kernel, flags_str(flags, "kernel"), err) && open_tokenizer(job, err) &&
           placebo_make(&job->placebo, &job->kernel, job->kind, job->tok, flags_u64(flags, "seed"),
                        err);
}

static void print_json(const struct job *job, const char *path)
{
    char hex[SHA256_HEX_LEN + 1];
    struct buf line;
    json_t *facts = json_object();
    sha256_hex(hex, job->placebo.text);
    json_object_set_new(facts, "placebo_of", json_string(job->kernel.name));
    json_object_set_new(facts, "placebo", json_string(placebo_kind_name(job->kind)));
    json_object_set_new(facts, "kernel_sha256", json_string(job->kernel.sha256));
    json_object_set_new(facts, "kernel_tokens",
                        json_integer((json_int_t)job->placebo.kernel_tokens));
    json_object_set_new(facts, "tokens", json_integer((json_int_t)job->placebo.tokens));
    json_object_set_new(facts, "sha256", json_string(hex));
    if (!path)
        json_object_set_new(facts, "text", json_from_str(job->placebo.text));
    buf_init(&line, BUF_MAX_DEFAULT);
    json_format(&line, facts, (struct json_style){.ascii = true});
    printf("%s\n", line.ptr);
    buf_release(&line);
    json_decref(facts);
}

static int deliver(const struct job *job, struct err *err)
{
    const char *path = flags_str(job->flags, "output");
    bool json = flags_bool(job->flags, "json");
    if (path && !file_write_atomic(path, job->placebo.text, err)) {
        console_fail(job->con, err);
        return EXIT_FAILED;
    }
    if (json)
        print_json(job, path);
    else if (!path)
        fwrite(job->placebo.text.ptr, 1, job->placebo.text.len, stdout);
    console_note(job->con, "%s placebo of %s: %zu tokens; the kernel has %zu",
                 placebo_kind_name(job->kind), job->kernel.name, job->placebo.tokens,
                 job->placebo.kernel_tokens);
    return EXIT_OK;
}

static int run(const struct flags *flags, struct console *con)
{
    struct job job = {.flags = flags, .con = con};
    struct err err = {0};
    int status = make(&job, &err) ? deliver(&job, &err) : console_fail(con, &err);
    placebo_release(&job.placebo);
    kernel_release(&job.kernel);
    tokenizer_free(job.tok);
    gguf_close(job.gguf);
    return status;
}

int kernel_placebo(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
