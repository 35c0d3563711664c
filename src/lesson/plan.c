/* plan.c - see plan.h. */
#include "lesson/plan.h"

#include "base/map.h"
#include "os/file.h"
#include "text/json.h"
#include "text/yaml.h"

/* What a field must be. The last three hold further fields: under their own key, in each item of a
 * list, or under each name. */
enum field_type {
    FIELD_TEXT,
    FIELD_WHOLE,
    FIELD_PATHS,
    FIELD_MODE,
    FIELD_VALUES, /* names with text, numbers, yes or no, or nothing */
    FIELD_OBJECT,
    FIELD_LIST,
    FIELD_NAMED
};

struct field {
    const char *name;
    enum field_type type;
    bool required;
    const struct field *inner; /* of FIELD_OBJECT, and of each item of FIELD_LIST, FIELD_NAMED */
};

static const struct field prompt_fields[] = {{"id", FIELD_TEXT, true, NULL},
                                             {"category", FIELD_TEXT, false, NULL},
                                             {"prompt", FIELD_TEXT, true, NULL},
                                             {"signal", FIELD_TEXT, false, NULL},
                                             {.name = NULL}};
static const struct field sandwich_fields[] = {
    {"kb", FIELD_TEXT, false, NULL}, {"kernel", FIELD_TEXT, false, NULL}, {.name = NULL}};
static const struct field lesson_fields[] = {{"id", FIELD_TEXT, true, NULL},
                                             {"title", FIELD_TEXT, false, NULL},
                                             {"system", FIELD_TEXT, false, NULL},
                                             {"sandwich", FIELD_OBJECT, false, sandwich_fields},
                                             {"prompts", FIELD_LIST, true, prompt_fields},
                                             {.name = NULL}};
static const struct field sequence_fields[] = {
    {"id", FIELD_TEXT, true, NULL},       {"title", FIELD_TEXT, false, NULL},
    {"mode", FIELD_MODE, true, NULL},     {"model-path", FIELD_TEXT, false, NULL},
    {"lessons", FIELD_PATHS, true, NULL}, {.name = NULL}};
static const struct field set_fields[] = {{"description", FIELD_TEXT, false, NULL},
                                          {"phase", FIELD_WHOLE, false, NULL},
                                          {"files", FIELD_PATHS, true, NULL},
                                          {.name = NULL}};
static const struct field sets_fields[] = {
    {"version", FIELD_WHOLE, true, NULL}, {"sets", FIELD_NAMED, true, set_fields}, {.name = NULL}};

static const struct field model_fields[] = {{"version", FIELD_WHOLE, true, NULL},
                                            {"name", FIELD_TEXT, true, NULL},
                                            {"family", FIELD_TEXT, true, NULL},
                                            {"parameters", FIELD_TEXT, false, NULL},
                                            {"format", FIELD_TEXT, false, NULL},
                                            {"paths", FIELD_VALUES, false, NULL},
                                            {"kernel", FIELD_TEXT, false, NULL},
                                            {"signature", FIELD_TEXT, false, NULL},
                                            {"training", FIELD_TEXT, false, NULL},
                                            {"lessons", FIELD_VALUES, false, NULL},
                                            {"valid", FIELD_TEXT, false, NULL},
                                            {"test", FIELD_TEXT, false, NULL},
                                            {"generate", FIELD_VALUES, false, NULL},
                                            {"baselines", FIELD_VALUES, false, NULL},
                                            {.name = NULL}};
static const struct field settings_fields[] = {
    {"version", FIELD_WHOLE, true, NULL},   {"backend", FIELD_TEXT, true, NULL},
    {"scorer", FIELD_VALUES, false, NULL},  {"generate", FIELD_VALUES, false, NULL},
    {"distill", FIELD_VALUES, false, NULL}, {.name = NULL}};

/* A kind is told by a field that no kind after it has. */
static const struct {
    const char *name, *told_by;
    const struct field *fields;
} kinds[N_PLAN_KINDS] = {
    [PLAN_LESSON] = {"lesson", "prompts", lesson_fields},
    [PLAN_MODEL] = {"description of a model", "family", model_fields},
    [PLAN_SETTINGS] = {"file of settings", "backend", settings_fields},
    [PLAN_SEQUENCE] = {"sequence", "lessons", sequence_fields},
    [PLAN_SETS] = {"list of sets of probes", "sets", sets_fields},
};

const char *plan_kind_name(enum plan_kind kind)
{
    return kinds[kind].name;
}

static bool fail(const char *where, const char *name, const char *expected, struct err *err)
{
    return err_set(err, ERR_FORMAT, "%s: expected %s as \"%s\"", where, expected, name);
}

static bool is_paths(const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return false;
    return json_is_array(value);
}

static bool is_values(const json_t *value)
{
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (json_is_object(member) || json_is_array(member))
            return false;
    }
    return json_is_object(value);
}

static bool check_fields(const json_t *object, const struct field *fields, const char *where,
                         struct err *err);

/* Each member of a list or of an object of names. */
static bool check_members(const json_t *value, const struct field *field, const char *where,
                          struct err *err)
{
    struct buf place;
    bool ok = true;
    const char *key;
    json_t *member;
    buf_init(&place, BUF_MAX_DEFAULT);
    for (size_t i = 0; ok && i < json_array_size(value); i++) {
        buf_reset(&place);
        buf_printf(&place, "%s: %s %zu", where, field->name, i + 1);
        ok = check_fields(json_array_get(value, i), field->inner, place.ptr, err);
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        buf_reset(&place);
        buf_printf(&place, "%s: %s.%s", where, field->name, key);
        ok = ok && check_fields(member, field->inner, place.ptr, err);
    }
    buf_release(&place);
    return ok;
}

static bool check_field(const json_t *value, const struct field *field, const char *where,
                        struct err *err)
{
    struct str mode = json_str(value);
    switch (field->type) {
    case FIELD_TEXT: return json_is_string(value) || fail(where, field->name, "text", err);
    case FIELD_WHOLE:
        return json_is_integer(value) || fail(where, field->name, "a whole number", err);
    case FIELD_PATHS: return is_paths(value) || fail(where, field->name, "a list of paths", err);
    case FIELD_MODE:
        return str_is(mode, "vertical") || str_is(mode, "horizontal") ||
               fail(where, field->name, "vertical or horizontal", err);
    case FIELD_VALUES:
        return is_values(value) || fail(where, field->name, "names with plain values", err);
    case FIELD_OBJECT: return check_fields(value, field->inner, where, err);
    case FIELD_LIST:
        return json_is_array(value) ? check_members(value, field, where, err)
                                    : fail(where, field->name, "a list", err);
    case FIELD_NAMED:
        return json_is_object(value) ? check_members(value, field, where, err)
                                     : fail(where, field->name, "names with fields", err);
    }
    BUG("no type of field");
}

static bool check_fields(const json_t *object, const struct field *fields, const char *where,
                         struct err *err)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return err_set(err, ERR_FORMAT, "%s: expected fields", where);
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const struct field *field = fields;
        while (field->name && strcmp(field->name, key) != 0)
            field++;
        if (!field->name)
            return err_set(err, ERR_FORMAT, "%s: \"%s\" is not a field there", where, key);
        if (!check_field(value, field, where, err))
            return false;
    }
    for (const struct field *field = fields; field->name; field++)
        if (field->required && !json_object_get(object, field->name))
            return err_set(err, ERR_FORMAT, "%s: \"%s\" is missing", where, field->name);
    return true;
}

static bool check_ids(const json_t *prompts, const char *name, struct err *err)
{
    struct map ids = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(prompts); i++) {
        struct str id = json_get_str(json_array_get(prompts, i), "id");
        if (!map_add(&ids, id, (uint32_t)i))
            ok = err_set(err, ERR_FORMAT, "%s: prompts %zu: \"%.*s\" is the id of an earlier one",
                         name, i + 1, STR_ARG(id));
    }
    map_release(&ids);
    return ok;
}

bool plan_parse(struct plan *out, struct str text, const char *name, struct err *err)
{
    *out = (struct plan){.kind = PLAN_LESSON};
    if (!yaml_parse(&out->root, text, name, err))
        return false;
    while (out->kind < N_PLAN_KINDS && !json_object_get(out->root, kinds[out->kind].told_by))
        out->kind++;
    bool ok = out->kind < N_PLAN_KINDS ||
              err_set(err, ERR_FORMAT, "%s: expected prompts, lessons, sets, a family or a backend",
                      name);
    ok = ok && check_fields(out->root, kinds[out->kind].fields, name, err) &&
         check_ids(json_object_get(out->root, "prompts"), name, err);
    if (!ok)
        plan_release(out);
    return ok;
}

bool plan_load(struct plan *out, const char *path, struct err *err)
{
    struct buf bytes;
    *out = (struct plan){0};
    buf_init(&bytes, PLAN_FILE_MAX);
    bool ok = file_read(&bytes, path, err) && plan_parse(out, buf_str(&bytes), path, err);
    buf_release(&bytes);
    return ok;
}

void plan_release(struct plan *plan)
{
    json_decref(plan->root);
    *plan = (struct plan){0};
}

bool plan_probes(struct probe_set *out, const struct plan *plan, const char *name, struct err *err)
{
    struct buf text;
    *out = (struct probe_set){0};
    if (plan->kind != PLAN_LESSON)
        return err_set(err, ERR_FORMAT, "%s: a %s has no prompts of its own", name,
                       plan_kind_name(plan->kind));
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, json_object_get(plan->root, "prompts"), (struct json_style){0});
    bool ok = probe_set_parse(out, buf_str(&text), name, &(struct probe_options){0}, err);
    buf_release(&text);
    return ok;
}

bool plan_is_file(const char *path)
{
    return str_ends(str_of(path), str_of(".yaml")) || str_ends(str_of(path), str_of(".yml"));
}
