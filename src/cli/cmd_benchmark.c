/* cmd_benchmark.c - lem benchmark: probes with and without kernels, answered, scored, compared. */
#include <stdlib.h>
#include <string.h>

#include "cli/benchmark_placebo.h"
#include "cli/benchmark_plan.h"
#include "cli/benchmark_watch.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/model_name.h"
#include "cli/open_model.h"
#include "cli/version.h"
#include "eval/ab.h"
#include "infer/source_local.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/signals.h"
#include "report/ab_text.h"
#include "store/digest.h"
#include "text/json.h"
#include "text/utf8.h"

enum { SAMPLES_MAX = 1000, SLOTS_MAX = 4096, CONTEXT_MAX = 1 << 24, TEMPLATE_FILE_MAX = 1 << 20 };

#define SCORER "v2-ab"

static const struct flag_spec OWN[] = {
    {"kernel", 'k', FLAG_LIST, "[NAME=]PATH",
     .help = "a system prompt to compare with none, named by its file's stem"},
    {"prompts", 'p', FLAG_PATH, "FILE", .required = true,
     .help = "probes: JSON array or JSON lines"},
    {"output", 'o', FLAG_PATH, "FILE", .preset = "ab-results.jsonl",
     .help = "results; every answer also goes to FILE.journal at once"},
    {"samples", 0, FLAG_U64, "K", .preset = "1", .min = 1, .max = SAMPLES_MAX,
     .help = "answers to each probe under each condition"},
    {"limit", 'L', FLAG_U64, "N", .preset = "0", .help = "only the first N probes; 0 is all"},
    {"ids", 0, FLAG_STRING, "ID,ID", .help = "only these probes; the beginning of an id will do"},
    {"placebo", 0, FLAG_STRING, "KINDS",
     .help = "also compare each kernel with a text as long: neutral, shuffled, or neutral,shuffled"},
    {"placebo-seed", 0, FLAG_U64, "N", .preset = "0", .help = "names the random choice of placebos"},
    {"resume", 0, FLAG_BOOL, .help = "take up the run in --output where it ended (the default)"},
    {"fresh", 0, FLAG_BOOL,
     .help = "begin anew; older files in the way are kept as FILE.1, FILE.2, ..."},
    {"dry-run", 0, FLAG_BOOL, .help = "print what would be asked, and the memory it takes"},
    {0}};

static const struct flag_spec ENGINE[] = {
    {"system-role", 0, FLAG_STRING, "HOW", .preset = "auto",
     .help = "auto, system (as a system message), prepend (before the probe)"},
    {"batch-size", 0, FLAG_U64, "N", .preset = "0", .max = SLOTS_MAX,
     .help = "answers made together; 0 is as many as pay; no answer depends on it"},
    {"context", 0, FLAG_U64, "N", .preset = "0", .max = CONTEXT_MAX,
     .help = "longest prompt and answer in tokens; 0 is the model's"},
    {"no-prefix-cache", 0, FLAG_BOOL, .help = "read every prompt from its beginning"},
    {"no-drafts", 0, FLAG_BOOL, .help = "guess no ids ahead where an answer repeats itself"},
    {0}};

static const struct flags_usage USAGE = {
    .command = "benchmark",
    .synopsis = "-m MODEL -p PROBES [-k KERNEL]... [-o OUT.jsonl] [flags]",
    .about =
        "Asks every probe without a kernel (baseline) and with each kernel, scores the answers\n"
        "with " SCORER
        ", and prints what each kernel changed. A run that was stopped goes on where\n"
        "it ended when the same command is given again; a finished one is left alone.",
    .groups = {{"Comparison", OWN},
               {"Model", FLAGS_MODEL},
               {"Sampling", FLAGS_SAMPLING},
               {"Engine", ENGINE},
               {"Compute", FLAGS_COMPUTE}},
};

enum system_role { ROLE_AUTO, ROLE_SYSTEM, ROLE_PREPEND };

struct job {
    const struct flags *flags;
    enum system_role system_role;
    int argc;
    char **argv;
    struct console con;
    struct probe_set probes;
    struct conditions conditions;
    struct ab_options options;
    struct buf model_path;
    struct digest *digest; /* NULL once waited for */
    struct ab *ab;
    struct open_model model;
    struct source source;
    struct watch watch;
};

static bool read_system_role(enum system_role *role, const char *how, struct err *err)
{
    static const char *const names[] = {
        [ROLE_AUTO] = "auto", [ROLE_SYSTEM] = "system", [ROLE_PREPEND] = "prepend"};
    for (*role = ROLE_AUTO; *role <= ROLE_PREPEND; ++*role)
        if (strcmp(how, names[*role]) == 0)
            return true;
    return err_set(err, ERR_USAGE, "--system-role is auto, system or prepend, not \"%s\"", how);
}

static bool read_inputs(struct job *job, struct err *err)
{
    const struct flags *flags = job->flags;
    struct probe_options which = {.ids = flags_str(flags, "ids"),
                                  .limit = (size_t)flags_u64(flags, "limit")};
    size_t n_kernels;
    const char *const *kernels = flags_list(flags, "kernel", &n_kernels);
    if (flags_bool(flags, "resume") && flags_bool(flags, "fresh"))
        return err_set(err, ERR_USAGE, "--resume and --fresh exclude each other");
    if (strcmp(flags_str(flags, "output"), "-") == 0)
        return err_set(err, ERR_USAGE, "--output must be a file: a run is resumed from it");
    if (!read_system_role(&job->system_role, flags_str(flags, "system-role"), err) ||
        !sampling_from_flags(&job->options.params, flags, err) ||
        !model_name_resolve(&job->model_path, flags_str(flags, "model"), err) ||
        !probe_set_load(&job->probes, flags_str(flags, "prompts"), &which, err))
        return false;
    if (job->probes.count == 0)
        return err_set(err, ERR_FORMAT, "%s: no probes", flags_str(flags, "prompts"));
    for (size_t i = 0; i < n_kernels; i++)
        if (!conditions_add(&job->conditions, kernels[i], err))
            return false;
    return benchmark_add_placebos(&job->conditions, flags, job->model_path.ptr, &job->con, err);
}

/* What --chat-template stands for: a name, or the digest of a file, whose path does not matter. */
static bool template_identity(json_t *identity, const char *name, struct err *err)
{
    char hex[SHA256_HEX_LEN + 1];
    struct buf source;
    if (!file_exists(name)) {
        json_object_set_new(identity, "chat_template", json_string(name));
        return true;
    }
    buf_init(&source, TEMPLATE_FILE_MAX);
    bool ok = file_read(&source, name, err);
    sha256_hex(hex, buf_str(&source));
    buf_release(&source);
    json_object_set_new(identity, "chat_template", json_string(hex));
    return ok;
}

static bool describe_job(struct job *job, struct err *err)
{
    const struct flags *flags = job->flags;
    struct ab_options *o = &job->options;
    const char *prompts = flags_str(flags, "prompts");
    char scorer_sha256[SHA256_HEX_LEN + 1];
    o->scorer = scorer_find(str_of(SCORER));
    scorer_hash(scorer_sha256, o->scorer);
    o->identity = json_object();
    json_object_set_new(o->identity, "model_sha256", json_null()); /* known when it is hashed */
    json_object_set_new(o->identity, "precision", json_string(flags_str(flags, "precision")));
    json_object_set_new(o->identity, "system_role", json_string(flags_str(flags, "system-role")));
    o->facts = json_pack("{s:s, s:s, s:s}", "lem", version_string(), "scorer", o->scorer->name,
                         "scorer_sha256", scorer_sha256);
    o->probes = job->probes.items;
    o->n_probes = job->probes.count;
    o->probes_path = prompts;
    o->probes_sha256 = job->probes.sha256;
    o->conditions = &job->conditions;
    o->samples = (size_t)flags_u64(flags, "samples");
    o->model = flags_str(flags, "model");
    o->output = flags_str(flags, "output");
    o->listen = watch_answer;
    o->listen_arg = &job->watch;
    return template_identity(o->identity, flags_str(flags, "chat-template"), err);
}

/* console_note of a text of several lines, made harmless: names in it come from files. */
static void note_lines(struct console *con, struct str text)
{
    struct buf clean;
    buf_init(&clean, BUF_MAX_DEFAULT);
    console_clean(&clean, text);
    for (char *line = clean.ptr, *end; line && *line; line = end + 1) {
        end = strchr(line, '\n');
        *end = '\0';
        console_note(con, "%s", line);
    }
    buf_release(&clean);
}

static void start_hashing(struct job *job)
{
    struct buf cache;
    struct err no_cache = {0};
    buf_init(&cache, BUF_MAX_DEFAULT);
    bool ok = cache_dir(&cache, &no_cache) && buf_puts(&cache, "/digest");
    job->digest = digest_start(job->model_path.ptr, ok ? cache.ptr : NULL);
    buf_release(&cache);
}

static bool finish_hashing(struct job *job, struct err *err)
{
    char hex[SHA256_HEX_LEN + 1];
    struct digest *digest = job->digest;
    if (!digest)
        return true;
    job->digest = NULL;
    if (!digest_wait(hex, digest, err))
        return false;
    json_object_set_new(job->options.identity, "model_sha256", json_string(hex));
    json_object_set_new(job->options.facts, "model_sha256", json_string(hex));
    return true;
}

/* A journal that is there must be compared with this very model; otherwise hashing may go on beside
 * loading. */
static bool open_run(struct job *job, struct err *err)
{
    const char *output = job->options.output;
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    bool ok = true;
    if (flags_bool(job->flags, "fresh")) {
        ok = ab_set_aside(&name, output, err);
        if (ok && name.len)
            console_note(&job->con, "note: the older files are kept as %s", name.ptr);
    }
    buf_reset(&name);
    buf_printf(&name, "%s.journal", output);
    if (ok && file_exists(name.ptr))
        ok = finish_hashing(job, err);
    buf_release(&name);
    return ok && ab_open(&job->ab, &job->options, err);
}

static void note_state(struct job *job)
{
    struct ab_progress p = ab_progress(job->ab);
    if (p.torn_bytes)
        console_note(&job->con, "note: an unfinished line was moved to %s.journal.torn",
                     job->options.output);
    if (p.damaged_lines)
        console_note(&job->con, "note: %zu damaged lines of %s.journal are passed over",
                     p.damaged_lines, job->options.output);
    if (!ab_is_new(job->ab) && !ab_is_finished(job->ab))
        console_note(&job->con, "note: taking up %s.journal: %zu of %zu answers are there",
                     job->options.output, p.done, p.total);
}

static bool set_system_role(struct job *job, struct err *err)
{
    struct prompt_style *style = &job->model.style;
    if (job->system_role == ROLE_PREPEND && style->tmpl)
        style->system = SOURCE_SYSTEM_PREPENDED;
    if (job->system_role != ROLE_SYSTEM || style->system == SOURCE_SYSTEM_ROLE)
        return true;
    return err_set(err, ERR_USAGE,
                   "%s has no system role; --system-role prepend puts the kernel before the probe",
                   job->options.model);
}

static void note_template(struct job *job)
{
    static const char *const how[] = {
        [SOURCE_SYSTEM_ROLE] = "kernels are system messages",
        [SOURCE_SYSTEM_PREPENDED] = "no system role: kernel, blank line, probe in one message",
        [SOURCE_SYSTEM_PLAIN] = "no chat template: plain text, kernel, blank line, probe",
    };
    console_note(&job->con, "note: template %s: %s", job->model.tmpl_name,
                 how[job->model.style.system]);
}

static bool must_stop(void *arg)
{
    struct job *job = arg;
    watch_tick(&job->watch);
    return signals_stop_requested() || (job->ab && ab_is_broken(job->ab));
}

static bool open_source(struct job *job, struct err *err)
{
    const struct flags *flags = job->flags;
    if (!open_model_init(&job->model, flags, &job->con, OPEN_WEIGHTS, err) ||
        !set_system_role(job, err))
        return false;
    if (job->ab)
        job->model.style.now_unix_us = ab_started_us(job->ab);
    struct source_local_options options = {
        .model = job->model.model,
        .style = &job->model.style,
        .pool = job->model.pool,
        .engine = {.slots = (size_t)flags_u64(flags, "batch-size"),
                   .context_max = (size_t)flags_u64(flags, "context"),
                   .no_prefix_cache = flags_bool(flags, "no-prefix-cache"),
                   .no_drafts = flags_bool(flags, "no-drafts"),
                   .stop = must_stop,
                   .stop_arg = job},
        .model_name = job->options.model,
        .template_name = job->model.tmpl_name,
    };
    if (!source_local_open(&job->source, &options, err))
        return false;
    watch_init(&job->watch, &job->con, job->ab, &job->source);
    note_template(job);
    struct engine_stats stats = source_local_stats(&job->source);
    console_note(&job->con, "note: memory: weights %.0f MiB, keys and values up to %.0f MiB",
                 (double)model_info(job->model.model)->packed_bytes / (1 << 20),
                 (double)stats.kv_budget_bytes / (1 << 20));
    return true;
}

/* A word as a shell reads it back. */
static void quote_word(struct buf *out, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_-./=:,+@%";
    if (*word && strspn(word, safe) == strlen(word)) {
        buf_puts(out, word);
        return;
    }
    buf_putc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            buf_puts(out, "'\\''");
        else
            buf_putc(out, *word);
    }
    buf_putc(out, '\'');
}

/* The command that goes on with this run: the one given, but for --fresh. */
static void note_resume(struct job *job)
{
    struct ab_progress p = ab_progress(job->ab);
    struct buf command;
    buf_init(&command, BUF_MAX_DEFAULT);
    buf_puts(&command, "lem benchmark");
    for (int i = 1; i < job->argc; i++) {
        if (strncmp(job->argv[i], "--fresh", 7) == 0)
            continue;
        buf_putc(&command, ' ');
        quote_word(&command, job->argv[i]);
    }
    console_warn(&job->con,
                 "stopped; %zu of %zu answers are safe in %s.journal; go on with:", p.done, p.total,
                 job->options.output);
    fprintf(stderr, "  %s\n", command.ptr);
    buf_release(&command);
}

static void print_summary(struct job *job)
{
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    ab_text_results(&text, job->ab);
    note_lines(&job->con, buf_str(&text));
    if (flags_bool(job->flags, "json")) {
        json_t *summary = ab_summary_json(job->ab);
        buf_reset(&text);
        json_format(&text, summary, (struct json_style){.ascii = true});
        printf("%s\n", text.ptr);
        json_decref(summary);
    }
    buf_release(&text);
}

/* What went wrong with the results, rather than with what the user gave us, is plain failure. */
static int fail_run(struct job *job, const struct err *err)
{
    int status = console_fail(&job->con, err);
    if (err->code != ERR_IO)
        return status;
    if (job->ab)
        console_note(&job->con, "lem: what was answered before is safe; the same command goes on");
    return EXIT_FAILED;
}

static int run_job(struct job *job, struct err *err)
{
    if (!open_run(job, err))
        return fail_run(job, err);
    note_state(job);
    if (ab_is_finished(job->ab)) {
        console_note(&job->con, "note: %s is complete; nothing was asked", job->options.output);
        print_summary(job);
        return EXIT_OK;
    }
    if (!open_source(job, err) || !finish_hashing(job, err))
        return console_fail(&job->con, err);
    bool ok = ab_run(job->ab, &job->source, err);
    console_progress_end(&job->con);
    if (!ok && err->code == ERR_CANCELLED) {
        note_resume(job);
        return signals_number() ? 128 + signals_number() : EXIT_INTERRUPTED;
    }
    if (!ok)
        return fail_run(job, err);
    print_summary(job);
    struct ab_progress p = ab_progress(job->ab);
    if (p.failed == 0)
        return EXIT_OK;
    console_warn(&job->con, "%zu of %zu answers failed; the same command tries them again",
                 p.failed, p.total);
    return EXIT_PARTIAL;
}

static int plan_job(struct job *job, struct err *err)
{
    struct benchmark_plan plan = {.options = &job->options, .json = flags_bool(job->flags, "json")};
    if (!open_model_init(&job->model, job->flags, &job->con, OPEN_WEIGHTS, err) ||
        !set_system_role(job, err))
        return console_fail(&job->con, err);
    plan.model = &job->model;
    plan.engine = (struct engine_options){
        .slots = (size_t)flags_u64(job->flags, "batch-size"),
        .context_max = (size_t)flags_u64(job->flags, "context"),
    };
    return benchmark_plan_print(&plan, err) ? EXIT_OK : console_fail(&job->con, err);
}

static int start_job(struct job *job, struct err *err)
{
    if (!read_inputs(job, err) || !describe_job(job, err))
        return console_fail(&job->con, err);
    if (flags_bool(job->flags, "dry-run"))
        return plan_job(job, err);
    start_hashing(job);
    if (job->options.samples > 1 && job->options.params.temperature == 0)
        console_warn(&job->con, "at temperature 0 all samples of a probe are the same");
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    ab_text_begin(&text, &job->options);
    note_lines(&job->con, buf_str(&text));
    buf_release(&text);
    return run_job(job, err);
}

int cmd_benchmark(int argc, char **argv)
{
    struct flags flags;
    struct err err = {0}, ignored = {0};
    int status;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct job job = {.flags = &flags, .argc = argc, .argv = argv, .con = console_open(&flags)};
    buf_init(&job.model_path, BUF_MAX_DEFAULT);
    conditions_init(&job.conditions);
    status = start_job(&job, &err);
    if (job.digest && !finish_hashing(&job, &ignored))
        console_detail(&job.con, "%s", ignored.msg);
    source_free(&job.source);
    open_model_release(&job.model);
    ab_close(job.ab);
    json_decref(job.options.identity);
    json_decref(job.options.facts);
    conditions_release(&job.conditions);
    probe_set_release(&job.probes);
    buf_release(&job.model_path);
    flags_release(&flags);
    return status;
}
