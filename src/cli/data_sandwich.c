/* data_sandwich.c - lem data sandwich, freeflow: lessons of probes and the answers to them. */
#include <stdio.h>

#include "cli/data.h"
#include "cli/exit.h"
#include "eval/kernel_parts.h"
#include "lesson/plan.h"
#include "lesson/reply.h"
#include "lesson/sandwich.h"
#include "text/json.h"
#include "text/utf8.h"

static const struct flag_spec LAYERS[] = {
    {.name = "kernel",
     .letter = 'k',
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "what goes before the probe; without it the kernel that --probes LESSON.yaml names"},
    {.name = "sig",
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "the signature, which goes after it"},
    {.name = "kind",
     .kind = FLAG_STRING,
     .value = "KIND",
     .preset = "lek",
     .help = "lek (kernel, probe, signature), double, golden or kb"},
    {.name = "kb", .kind = FLAG_PATH, .value = "FILE", .help = "the preamble of --kind kb"},
    {.name = NULL},
};

static const struct flag_spec SOURCES[] = {
    {.name = "probes",
     .letter = 'p',
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "the probes, in any shape; or a lesson in YAML, whose prompts and system message are "
             "used",
     .required = true},
    {.name = "responses",
     .letter = 'r',
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "JSON lines with the answers: {id, response}, A/B results, distilled or chat lines",
     .required = true},
    {.name = "condition",
     .kind = FLAG_STRING,
     .value = "NAME",
     .help = "of A/B results take this condition"},
    {.name = "min-chars",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "50",
     .max = 1e9,
     .help = "refuse answers of fewer characters"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the lessons there instead of to standard output"},
    {.name = NULL},
};

static const struct flags_usage SANDWICH = {
    .command = "data sandwich",
    .synopsis = "--kernel FILE [--sig FILE] --probes FILE --responses FILE [--output FILE]",
    .about =
        "Writes a lesson for each answer: the user says kernel, blank line, probe, blank line,\n"
        "signature, in one message; the assistant answers. White space at the ends of kernel and\n"
        "signature is left out. An answer finds its probe by id, or without one by the prompt;\n"
        "what finds none is refused, with a count. Other kinds: double (kernel, probe, kernel),\n"
        "golden (axioms as system message, kernel after the probe), kb (preamble, rule, probe,\n"
        "rule, kernel, reminder; the default when a preamble is named).",
    .groups = {{"Sandwich", LAYERS}, {"Probes and answers", SOURCES}},
};

static const struct flags_usage FREEFLOW = {
    .command = "data freeflow",
    .synopsis = "--probes FILE --responses FILE [--output FILE]",
    .about = "Writes a lesson for each answer: the bare probe, and what was answered.",
    .groups = {{"Probes and answers", SOURCES}},
};

static void say_replies(const struct reply_set *replies, const struct probe_set *probes,
                        const char *path, struct console *con)
{
    console_note(con, "%zu answers read: %zu used, %zu refused; %zu of %zu probes answered",
                 replies->n_read, replies->count, reply_refused(replies), replies->n_answered,
                 probes->count);
    for (size_t i = 0; i < N_REPLY_REFUSALS; i++)
        if (replies->by_refusal[i] > 0)
            console_warn(con, "%zu refused: %s (first: %s, line %zu)", replies->by_refusal[i],
                         reply_refusal_name((enum reply_refusal)i), path, replies->first_line[i]);
}

/* What --probes names: a file of probes, or a lesson in YAML, which may say more. */
struct asked {
    struct plan plan; /* root NULL: no YAML */
    struct probe_set probes;
};

static bool load_asked(struct asked *out, const struct flags *flags, struct err *err)
{
    const char *path = flags_str(flags, "probes");
    *out = (struct asked){.plan = {.root = NULL}};
    if (!plan_is_file(path))
        return probe_set_load(&out->probes, path, &(struct probe_options){0}, err);
    return plan_load(&out->plan, path, err) && plan_probes(&out->probes, &out->plan, path, err);
}

static void release_asked(struct asked *asked)
{
    probe_set_release(&asked->probes);
    plan_release(&asked->plan);
}

static json_t *make_lesson(const struct sandwich *recipe, const struct asked *asked,
                           const struct reply *reply)
{
    const struct probe *probe = &asked->probes.items[reply->probe];
    struct str system = json_get_str(asked->plan.root, "system");
    json_t *value = sandwich_lesson(recipe, probe->prompt, reply->text);
    if (system.len > 0)
        lesson_add_system(value, system);
    if (probe->id.len > 0)
        json_object_set_new(value, "_id", json_from_str(probe->id));
    return value;
}

/* Writes the lessons; recipe NULL: freeflow. */
static int make_lessons(const struct sandwich *recipe, const struct asked *asked,
                        const struct flags *flags, struct console *con)
{
    const char *path = flags_str(flags, "responses");
    struct reply_options options = {.condition = flags_str(flags, "condition"),
                                    .chars_min = (size_t)flags_u64(flags, "min-chars")};
    struct reply_set replies = {0};
    struct err err = {0};
    json_t *list = json_array();
    int status = EXIT_OK;
    bool ok = reply_read(&replies, &asked->probes, path, &options, &err);
    for (size_t i = 0; ok && i < replies.count; i++)
        json_array_append_new(list, make_lesson(recipe, asked, &replies.items[i]));
    if (ok)
        say_replies(&replies, &asked->probes, path, con);
    if (ok && replies.count == 0)
        ok = err_set(&err, ERR_FORMAT, "no answer in %s is of any use", path);
    if (!ok)
        status = console_fail(con, &err);
    else if (!data_write_list(flags_str(flags, "output"), list, con))
        status = EXIT_FAILED;
    json_decref(list);
    reply_release(&replies);
    return status;
}

/* The kernel, its axioms where the kind wants them, and what else goes around the probe. */
struct ingredients {
    struct kernel kernel, signature, preamble;
    struct kernel_parts parts;
};

static bool load_text(struct kernel *out, const char *path, struct err *err)
{
    if (!path)
        return true;
    if (!kernel_load(out, path, err))
        return false;
    out->text = utf8_rstrip(out->text);
    return true;
}

static bool find_axioms(const json_t **out, struct ingredients *in, struct err *err)
{
    if (!kernel_parts_read(&in->parts, in->kernel.text, in->kernel.path, err))
        return false;
    for (size_t i = 0; i < in->parts.count && !*out; i++)
        *out = kernel_axioms(in->parts.objects[i]);
    return *out ||
           err_set(err, ERR_FORMAT, "kernel %s: a golden sandwich lists axioms, it has none",
                   in->kernel.path);
}

/* A path that the lesson names, from where the lesson is; NULL when it names none. */
static const char *planned_path(struct buf *out, const struct asked *asked, const char *from,
                                const char *key)
{
    const json_t *sandwich = json_object_get(asked->plan.root, "sandwich");
    struct str path = json_get_str(sandwich, key);
    const char *slash = strrchr(from, '/');
    if (path.len == 0)
        return NULL;
    buf_reset(out);
    if (slash && path.ptr[0] != '/')
        buf_add(out, from, (size_t)(slash - from) + 1);
    buf_add_str(out, path);
    return out->ptr;
}

static bool load_layer(struct kernel *out, const struct asked *asked, const struct flags *flags,
                       const char *flag, const char *key, struct err *err)
{
    const char *path = flags_str(flags, flag);
    struct buf planned;
    buf_init(&planned, BUF_MAX_DEFAULT);
    if (!path)
        path = planned_path(&planned, asked, flags_str(flags, "probes"), key);
    bool ok = load_text(out, path, err);
    buf_release(&planned);
    return ok;
}

static bool mix(struct sandwich *out, struct ingredients *in, const struct asked *asked,
                const struct flags *flags, struct err *err)
{
    const char *kind = flags_str(flags, "kind");
    if (!sandwich_of_name(&out->kind, kind))
        return err_set(err, ERR_USAGE, "--kind is lek, double, golden or kb, not \"%s\"", kind);
    if (!load_layer(&in->kernel, asked, flags, "kernel", "kernel", err) ||
        !load_layer(&in->preamble, asked, flags, "kb", "kb", err) ||
        !load_text(&in->signature, flags_str(flags, "sig"), err))
        return false;
    if (in->kernel.text.len == 0)
        return err_set(err, ERR_USAGE, "a sandwich needs a kernel: --kernel FILE");
    if (in->preamble.text.len > 0 && !flags_given(flags, "kind"))
        out->kind = SANDWICH_KB;
    out->kernel = in->kernel.text;
    out->signature = in->signature.text;
    out->preamble = in->preamble.text;
    return out->kind != SANDWICH_GOLDEN || find_axioms(&out->axioms, in, err);
}

static int sandwich(const struct flags *flags, struct console *con)
{
    struct ingredients in = {0};
    struct sandwich recipe = {0};
    struct asked asked;
    struct err err = {0};
    bool ok = load_asked(&asked, flags, &err) && mix(&recipe, &in, &asked, flags, &err);
    int status = ok ? make_lessons(&recipe, &asked, flags, con) : console_fail(con, &err);
    release_asked(&asked);
    kernel_parts_release(&in.parts);
    kernel_release(&in.kernel);
    kernel_release(&in.signature);
    kernel_release(&in.preamble);
    return status;
}

static int freeflow(const struct flags *flags, struct console *con)
{
    struct asked asked;
    struct err err = {0};
    int status = load_asked(&asked, flags, &err) ? make_lessons(NULL, &asked, flags, con)
                                                 : console_fail(con, &err);
    release_asked(&asked);
    return status;
}

int data_sandwich(int argc, char **argv)
{
    return command_run(&SANDWICH, sandwich, argc, argv);
}

int data_freeflow(int argc, char **argv)
{
    return command_run(&FREEFLOW, freeflow, argc, argv);
}
