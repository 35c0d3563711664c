/* curriculum.c - see curriculum.h: the plan. What it makes is in phase.c. */
#include "lesson/curriculum.h"

#include <stdint.h>

#include "os/file.h"
#include "text/json.h"
#include "text/yaml.h"

static const char *const format_names[N_PHASE_FORMATS] = {
    [PHASE_SANDWICH] = "sandwich", [PHASE_FREEFLOW] = "freeflow"};

const char *phase_format_name(enum phase_format format)
{
    return format_names[format];
}

/* Every key of an object must be one of these. */
static bool check_keys(const json_t *object, const char *where, const char *const *keys,
                       struct err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], key) != 0)
            i++;
        if (!keys[i])
            return err_set(err, ERR_FORMAT, "%s: \"%s\" is not a field there", where, key);
    }
    return json_is_object(object) || err_set(err, ERR_FORMAT, "%s: expected fields", where);
}

static bool get_text(const char **out, const json_t *object, const char *where, const char *key,
                     bool required, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    *out = json_string_value(value);
    if (*out || (!value && !required))
        return true;
    return err_set(err, ERR_FORMAT, "%s: expected text as \"%s\"", where, key);
}

static bool get_list(const json_t **out, const json_t *object, const char *where, const char *key,
                     struct err *err)
{
    *out = json_object_get(object, key);
    return !*out || json_is_array(*out) ||
           err_set(err, ERR_FORMAT, "%s: expected a list as \"%s\"", where, key);
}

static bool get_format(enum phase_format *out, const char *name, const char *where, struct err *err)
{
    for (size_t i = 0; i < N_PHASE_FORMATS; i++)
        if (strcmp(format_names[i], name) == 0) {
            *out = (enum phase_format)i;
            return true;
        }
    return err_set(err, ERR_FORMAT, "%s: expected the format sandwich or freeflow", where);
}

static bool get_minimum(size_t *out, const json_t *object, const char *where, struct err *err)
{
    const json_t *value = json_object_get(object, "minimum");
    *out = 0;
    if (!value)
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return err_set(err, ERR_FORMAT, "%s: expected a whole number as \"minimum\"", where);
    *out = (size_t)json_integer_value(value);
    return true;
}

/* What is no answer to a probe has nothing that a kernel could go around. */
static bool check_sources(const struct phase_plan *plan, const char *where, struct err *err)
{
    if (!plan->sets && !plan->lessons && !plan->texts)
        return err_set(err, ERR_FORMAT, "%s: expected sets, lessons or texts", where);
    if (plan->format != PHASE_SANDWICH)
        return true;
    if (!plan->sets || plan->lessons || plan->texts)
        return err_set(err, ERR_FORMAT, "%s: a sandwich is made of sets alone", where);
    return plan->kernel || err_set(err, ERR_FORMAT, "%s: a sandwich needs a kernel", where);
}

static bool read_phase(struct phase_plan *out, const json_t *phase, const char *kernel,
                       const char *signature, const char *where, struct err *err)
{
    static const char *const keys[] = {"id",   "name",    "format", "kernel",  "signature",
                                       "sets", "lessons", "texts",  "minimum", NULL};
    const char *format;
    if (!check_keys(phase, where, keys, err) ||
        !get_text(&out->id, phase, where, "id", true, err) ||
        !get_text(&out->name, phase, where, "name", true, err) ||
        !get_text(&format, phase, where, "format", true, err) ||
        !get_format(&out->format, format, where, err) ||
        !get_text(&out->kernel, phase, where, "kernel", false, err) ||
        !get_text(&out->signature, phase, where, "signature", false, err) ||
        !get_list(&out->sets, phase, where, "sets", err) ||
        !get_list(&out->lessons, phase, where, "lessons", err) ||
        !get_list(&out->texts, phase, where, "texts", err) ||
        !get_minimum(&out->minimum, phase, where, err))
        return false;
    if (strchr(out->id, '/') || out->id[0] == '.' || out->id[0] == '\0')
        return err_set(err, ERR_FORMAT, "%s: \"%s\" cannot name a folder", where, out->id);
    out->kernel = out->kernel ? out->kernel : kernel;
    out->signature = out->signature ? out->signature : signature;
    return check_sources(out, where, err);
}

static bool read_phases(struct curriculum *out, const char *path, const char *kernel,
                        const char *signature, struct err *err)
{
    const json_t *phases = json_object_get(out->root, "phases");
    size_t count = json_array_size(phases);
    if (count == 0 || count > CURRICULUM_PHASES_MAX)
        return err_set(err, ERR_FORMAT, "%s: expected 1 to %d phases", path, CURRICULUM_PHASES_MAX);
    out->phases = arena_alloc(&out->arena, count, sizeof *out->phases);
    for (size_t i = 0; i < count; i++) {
        struct buf where;
        buf_init(&where, BUF_MAX_DEFAULT);
        buf_printf(&where, "%s: phase %zu", path, i + 1);
        bool ok = read_phase(&out->phases[i], json_array_get(phases, i), kernel, signature,
                             where.ptr, err);
        for (size_t k = 0; ok && k < i; k++)
            if (strcmp(out->phases[k].id, out->phases[i].id) == 0)
                ok = err_set(err, ERR_FORMAT, "%s has the id of phase %zu", where.ptr, k + 1);
        buf_release(&where);
        if (!ok)
            return false;
    }
    out->n_phases = count;
    return true;
}

static bool read_root(struct curriculum *out, const char *path, struct err *err)
{
    static const char *const keys[] = {"version", "kernel", "signature", "phases", NULL};
    const char *kernel, *signature;
    if (!check_keys(out->root, path, keys, err) ||
        !get_text(&kernel, out->root, path, "kernel", false, err) ||
        !get_text(&signature, out->root, path, "signature", false, err))
        return false;
    if (json_integer_value(json_object_get(out->root, "version")) != 1)
        return err_set(err, ERR_UNSUPPORTED, "%s: expected version 1", path);
    return read_phases(out, path, kernel, signature, err);
}

bool curriculum_load(struct curriculum *out, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    struct buf bytes;
    *out = (struct curriculum){0};
    out->folder = arena_str(&out->arena, slash ? str_n(path, (size_t)(slash - path)) : str_of("."));
    buf_init(&bytes, CURRICULUM_FILE_MAX);
    bool ok = file_read(&bytes, path, err) && yaml_parse(&out->root, buf_str(&bytes), path, err) &&
              read_root(out, path, err);
    buf_release(&bytes);
    if (!ok)
        curriculum_release(out);
    return ok;
}

bool curriculum_find(struct curriculum *out, const char *folder, struct err *err)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_printf(&path, "%s/curriculum.yaml", folder);
    bool ok = curriculum_load(out, path.ptr, err);
    buf_release(&path);
    return ok;
}

void curriculum_release(struct curriculum *curriculum)
{
    json_decref(curriculum->root);
    arena_release(&curriculum->arena);
    *curriculum = (struct curriculum){0};
}
