/* phase.c - see curriculum.h: the lessons of one phase. */
#include <stdio.h>

#include "eval/kernel.h"
#include "lesson/composure.h"
#include "lesson/conversation.h"
#include "lesson/curriculum.h"
#include "lesson/lesson.h"
#include "lesson/sandwich.h"
#include "os/file.h"
#include "text/json.h"
#include "text/utf8.h"

struct builder {
    struct phase *out;
    const struct curriculum *curriculum;
    const struct phase_plan *plan;
    const struct sandwich *recipe; /* NULL: no kernel */
};

/* A path of the plan, from where the plan is; valid as long as the buffer. */
static const char *path_of(struct buf *out, const struct builder *in, const char *path)
{
    buf_reset(out);
    if (path[0] != '/')
        buf_printf(out, "%.*s/", STR_ARG(in->curriculum->folder));
    buf_puts(out, path);
    return out->ptr;
}

static void add_replies(struct builder *in, const struct probe_set *probes,
                        const struct reply_set *replies)
{
    struct phase *out = in->out;
    for (size_t i = 0; i < replies->count; i++) {
        const struct probe *probe = &probes->items[replies->items[i].probe];
        json_t *value = sandwich_lesson(in->recipe, probe->prompt, replies->items[i].text);
        json_object_set_new(value, "_id", json_from_str(probe->id));
        json_array_append_new(out->lessons, value);
    }
    out->n_answers += replies->n_read;
    out->n_probes += probes->count;
    out->n_answered += replies->n_answered;
    for (size_t i = 0; i < N_REPLY_REFUSALS; i++)
        out->by_refusal[i] += replies->by_refusal[i];
}

static bool add_set(struct builder *in, const json_t *set, struct err *err)
{
    const char *probes_path = json_string_value(json_object_get(set, "probes"));
    const char *answers_path = json_string_value(json_object_get(set, "answers"));
    struct probe_set probes = {0};
    struct reply_set replies = {0};
    struct buf path;
    if (!probes_path || !answers_path)
        return err_set(err, ERR_FORMAT, "a set has \"probes\" and \"answers\"");
    buf_init(&path, BUF_MAX_DEFAULT);
    bool ok =
        probe_set_load(&probes, path_of(&path, in, probes_path), &(struct probe_options){0}, err) &&
        reply_read(&replies, &probes, path_of(&path, in, answers_path), &(struct reply_options){0},
                   err);
    if (ok)
        add_replies(in, &probes, &replies);
    reply_release(&replies);
    probe_set_release(&probes);
    buf_release(&path);
    return ok;
}

/* Names a lesson by its file and its number there, if it has no name of its own. */
static void name_lesson(json_t *value, const char *path, size_t number)
{
    const char *slash = strrchr(path, '/');
    struct buf name;
    if (json_object_get(value, "_id"))
        return;
    buf_init(&name, BUF_MAX_DEFAULT);
    buf_printf(&name, "%s#%zu", slash ? slash + 1 : path, number);
    json_object_set_new(value, "_id", json_from_str(buf_str(&name)));
    buf_release(&name);
}

/* Names the lessons from the list's place `first` on. */
static void name_lessons(struct builder *in, size_t first, const char *path)
{
    const json_t *lessons = in->out->lessons;
    for (size_t i = first; i < json_array_size(lessons); i++)
        name_lesson(json_array_get(lessons, i), path, i - first + 1);
}

static bool add_lines(struct builder *in, struct str text, const char *path, struct err *err)
{
    size_t first = json_array_size(in->out->lessons);
    if (!conversation_read(in->out->lessons, text, path, err))
        return false;
    name_lessons(in, first, path);
    return true;
}

static bool add_text(struct builder *in, struct str text, const char *path, struct err *err)
{
    struct composure_count count;
    size_t first = json_array_size(in->out->lessons);
    if (!composure_lessons(in->out->lessons, &count, text, path, err))
        return false;
    name_lessons(in, first, path);
    return true;
}

typedef bool add_file(struct builder *in, struct str text, const char *path, struct err *err);

static bool add_files(struct builder *in, const json_t *list, add_file *add, struct err *err)
{
    struct buf path, bytes;
    bool ok = true;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_init(&bytes, COMPOSURE_TEXT_MAX);
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        buf_reset(&bytes);
        ok = name || err_set(err, ERR_FORMAT, "a source is no path");
        ok = ok && file_read(&bytes, path_of(&path, in, name), err) &&
             add(in, buf_str(&bytes), path.ptr, err);
    }
    buf_release(&path);
    buf_release(&bytes);
    return ok;
}

static bool add_sources(struct builder *in, struct err *err)
{
    for (size_t i = 0; i < json_array_size(in->plan->sets); i++)
        if (!add_set(in, json_array_get(in->plan->sets, i), err))
            return false;
    return add_files(in, in->plan->lessons, add_lines, err) &&
           add_files(in, in->plan->texts, add_text, err);
}

/* A kernel, or what is written like one, without the white space at its end. */
static bool load_text(struct kernel *out, const struct builder *in, const char *given,
                      const char *planned, struct err *err)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    bool ok = kernel_load(out, given ? given : path_of(&path, in, planned), err);
    if (ok)
        out->text = utf8_rstrip(out->text);
    buf_release(&path);
    return ok;
}

static bool build_sandwich(struct builder *in, const struct phase_options *options, struct err *err)
{
    struct kernel kernel = {0}, signature = {0};
    const struct phase_plan *plan = in->plan;
    bool ok = load_text(&kernel, in, options->kernel, plan->kernel, err);
    if (ok && (options->signature || plan->signature))
        ok = load_text(&signature, in, options->signature, plan->signature, err);
    struct sandwich recipe = {.kernel = kernel.text, .signature = signature.text};
    in->recipe = &recipe;
    ok = ok && add_sources(in, err);
    kernel_release(&kernel);
    kernel_release(&signature);
    return ok;
}

bool phase_build(struct phase *out, const struct curriculum *curriculum,
                 const struct phase_plan *plan, const struct phase_options *options,
                 struct err *err)
{
    struct builder in = {.out = out, .curriculum = curriculum, .plan = plan};
    *out = (struct phase){.lessons = json_array()};
    bool ok =
        plan->format == PHASE_SANDWICH ? build_sandwich(&in, options, err) : add_sources(&in, err);
    if (ok)
        return true;
    phase_release(out);
    return err_in(err, "phase %s", plan->id);
}

void phase_release(struct phase *phase)
{
    json_decref(phase->lessons);
    *phase = (struct phase){0};
}
