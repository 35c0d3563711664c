/* probe.c - see probe.h. */
#include "probe/probe.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/vec.h"
#include "os/data.h"
#include "os/file.h"
#include "text/json.h"
#include "text/json_flat.h"
#include "text/jsonl.h"
#include "text/utf8.h"

struct reader {
    struct probe_set *set;
    const struct probe_options *options;
    const char *path, *unit; /* what `record` counts: "record" or "line" */
    size_t record;
};

/* A record that cannot be used: a failure, or one more that was passed over. */
static bool bad_record(struct reader *in, const char *why, struct err *err)
{
    if (in->options->skip_bad) {
        in->set->skipped++;
        return true;
    }
    return err_set(err, ERR_FORMAT, "%s: %s %zu %s", in->path, in->unit, in->record, why);
}

/* As Python's str() writes the value; false for a list or an object, which is no name. */
static bool name_of(struct str *out, struct arena *arena, const json_t *value)
{
    char number[JSON_REAL_LEN_MAX];
    struct str text = {number, 0};
    switch (json_typeof(value)) {
    case JSON_STRING: text = json_str(value); break;
    case JSON_NULL: text = str_of("None"); break;
    case JSON_TRUE: text = str_of("True"); break;
    case JSON_FALSE: text = str_of("False"); break;
    case JSON_REAL: text.len = json_format_real(number, json_real_value(value)); break;
    case JSON_INTEGER:
        text.len = (size_t)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                                    json_integer_value(value));
        break;
    default: return false;
    }
    *out = arena_str(arena, text);
    return true;
}

/* The member of that name; NULL when it is absent or null. */
static const json_t *get_given(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

static bool lower_category(struct probe *probe, struct arena *arena, struct str name)
{
    struct buf lower;
    buf_init(&lower, BUF_MAX_DEFAULT);
    bool ok = utf8_lower(&lower, name);
    probe->category = arena_str(arena, buf_str(&lower));
    buf_release(&lower);
    return ok;
}

static bool set_category(struct probe *probe, struct arena *arena, const json_t *value)
{
    struct str name;
    if (!value)
        probe->category = arena_str(arena, str_of("uncategorised"));
    return !value || (name_of(&name, arena, value) && lower_category(probe, arena, name));
}

/* What the record says besides `used` names, then what its group says besides its scenarios. The
 * record gives them up. */
static json_t *take_extra(json_t *record, const json_t *group, const char *const *used,
                          size_t n_used)
{
    const char *key;
    json_t *value;
    /* jansson's iteration takes what it only reads as not const */
    json_object_foreach((json_t *)(uintptr_t)group, key,
                        value) if (strcmp(key, "scenarios") != 0 && !json_object_get(record, key))
        json_object_set(record, key, value);
    for (size_t i = 0; i < n_used; i++)
        json_object_del(record, used[i]);
    return json_object_size(record) > 0 ? json_incref(record) : NULL;
}

static bool add_probe(struct reader *in, struct probe probe, struct err *err)
{
    struct probe_set *set = in->set;
    if (set->count == PROBES_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d probes", in->path, PROBES_MAX);
    probe.record = in->record;
    VEC_PUSH(set->items, set->count, set->cap, probe);
    return true;
}

static bool add_object(struct reader *in, json_t *record, const json_t *group, struct err *err)
{
    struct arena *arena = &in->set->arena;
    const json_t *prompt = json_object_get(record, "prompt");
    const char *id_key = json_object_get(record, "id") ? "id" : "seed_id";
    const char *category_key = get_given(record, "category") ? "category" : "domain";
    const json_t *id = json_object_get(record, id_key);
    struct probe probe = {0};
    if (!prompt || json_is_null(prompt))
        return bad_record(in, "has no prompt", err);
    if (!json_is_string(prompt))
        return bad_record(in, "has a prompt that is not a string", err);
    if (id && !name_of(&probe.id, arena, id))
        return bad_record(in, "has an id that is neither a string nor a number", err);
    if (!set_category(&probe, arena, get_given(record, category_key)))
        return bad_record(in, "has a category that is not a string", err);
    if (!id)
        probe.id = arena_str(arena, str_of(""));
    probe.prompt = arena_str(arena, json_str(prompt));
    const char *used[] = {"prompt", id_key, category_key};
    probe.extra = take_extra(record, group, used, sizeof used / sizeof *used);
    if (add_probe(in, probe, err))
        return true;
    json_decref(probe.extra);
    return false;
}

static bool add_string(struct reader *in, const json_t *text, struct err *err)
{
    struct arena *arena = &in->set->arena;
    struct probe probe = {.id = arena_str(arena, str_of("")),
                          .category = arena_str(arena, str_of("uncategorised")),
                          .prompt = arena_str(arena, json_str(text))};
    return add_probe(in, probe, err);
}

static bool add_record(struct reader *in, json_t *record, const json_t *group, struct err *err)
{
    if (json_is_string(record))
        return add_string(in, record, err);
    if (json_is_object(record))
        return add_object(in, record, group, err);
    return bad_record(in, "is neither an object nor a string", err);
}

/* A record, or a group of them: then `in->record` counts what is in it, unless lines are counted.
 */
static bool add_value(struct reader *in, json_t *value, bool counts, struct err *err)
{
    const json_t *scenarios = json_object_get(value, "scenarios");
    if (!json_is_array(scenarios)) {
        in->record += counts;
        return add_record(in, value, NULL, err);
    }
    for (size_t i = 0; i < json_array_size(scenarios); i++) {
        in->record += counts;
        if (!add_record(in, json_array_get(scenarios, i), value, err))
            return false;
    }
    return true;
}

static bool read_value(struct reader *in, struct str text, struct err *err)
{
    json_t *value;
    if (!json_parse(&value, text, in->path, err))
        return false;
    bool ok = true;
    if (!json_is_array(value))
        ok = add_value(in, value, true, err);
    for (size_t i = 0; ok && i < json_array_size(value); i++)
        ok = add_value(in, json_array_get(value, i), true, err);
    json_decref(value);
    return ok;
}

/* The member of that name, like get_given; *plain becomes false if it is there and no string. */
static struct str flat_text(const struct json_flat *flat, const char *key, bool *plain)
{
    const struct json_flat_member *member = json_flat_find(flat, key);
    if (!member || member->kind == JSON_FLAT_NULL)
        return str_n(NULL, 0);
    *plain = *plain && member->kind == JSON_FLAT_STRING;
    return member->value;
}

/* What add_object would make of the line, but `extra`, if all that it looks at is a string or not
 * there; false, and nothing done, if it is not so. */
static bool flat_probe(struct probe *out, struct reader *in, struct json_flat *flat,
                       struct str line)
{
    struct arena *arena = &in->set->arena;
    bool plain = line.len <= JSONL_LINE_MAX && json_flat_read(flat, line);
    if (!plain || json_flat_find(flat, "scenarios"))
        return false;
    const char *id_key = json_flat_find(flat, "id") ? "id" : "seed_id";
    struct str prompt = flat_text(flat, "prompt", &plain), id = flat_text(flat, id_key, &plain);
    struct str category = flat_text(flat, "category", &plain);
    if (!category.ptr)
        category = flat_text(flat, "domain", &plain);
    if (!plain || !prompt.ptr || (!id.ptr && json_flat_find(flat, id_key)))
        return false;
    if (!lower_category(out, arena, category.ptr ? category : str_of("uncategorised")))
        return false;
    out->id = arena_str(arena, id.ptr ? id : str_of(""));
    out->prompt = arena_str(arena, prompt);
    return true;
}

static bool read_plain_lines(struct reader *in, struct str text, struct err *err)
{
    struct jsonl lines;
    struct json_flat flat;
    struct str line;
    bool ok = true;
    in->unit = "line";
    jsonl_init(&lines, text, in->path);
    json_flat_init(&flat);
    while (ok && jsonl_next(&lines, &line)) {
        struct probe probe = {0};
        json_t *value = NULL;
        in->record = lines.line;
        if (flat_probe(&probe, in, &flat, line))
            ok = add_probe(in, probe, err);
        else
            ok = jsonl_parse(&value, &lines, line, err) && add_value(in, value, false, err);
        json_decref(value);
    }
    json_flat_release(&flat);
    return ok;
}

static bool read_lines(struct reader *in, struct str text, struct err *err)
{
    if (in->options->leave_extra)
        return read_plain_lines(in, text, err);
    struct jsonl_ahead ahead;
    struct str line;
    json_t *value;
    bool ok = true;
    in->unit = "line";
    jsonl_ahead_init(&ahead, text, in->path);
    while (ok && jsonl_ahead_next(&value, &ahead, &line)) {
        in->record = ahead.lines.line;
        ok = (value || jsonl_parse(&value, &ahead.lines, line, err)) &&
             add_value(in, value, false, err);
        json_decref(value);
    }
    jsonl_ahead_release(&ahead);
    return ok;
}

/* What stands between ```json and ```, when the text is such a block; the text itself otherwise. */
static struct str without_fence(struct str text)
{
    struct str inner = utf8_strip(text);
    size_t end_of_line = str_find(inner, str_of("\n"), 0);
    if (!str_starts(inner, str_of("```")) || end_of_line == (size_t)-1)
        return text;
    inner = str_from(inner, end_of_line + 1);
    if (str_ends(inner, str_of("```")))
        inner.len -= 3;
    return inner;
}

/* JSON lines are told by a first line that is an object or a string and complete in itself. */
static bool is_lines(struct str text)
{
    struct jsonl lines;
    struct str line;
    struct err ignored = {0};
    json_t *value = NULL;
    jsonl_init(&lines, text, "");
    bool is = jsonl_next(&lines, &line) && jsonl_parse(&value, &lines, line, &ignored) &&
              !json_is_array(value);
    json_decref(value);
    return is;
}

/* The id itself, or the part before its first '_': P07 means P07_COMPUTE_VERIFIABLE. */
static bool is_called(struct str id, struct str name)
{
    return str_eq(id, name) ||
           (str_starts(id, name) && id.len > name.len && id.ptr[name.len] == '_');
}

/* The next name of a list with commas, false at its end. */
static bool next_name(struct str *name, struct str *list)
{
    while (list->len > 0) {
        size_t comma = str_find(*list, str_of(","), 0);
        size_t len = comma == (size_t)-1 ? list->len : comma;
        *name = utf8_strip(str_n(list->ptr, len));
        *list = str_from(*list, len == list->len ? len : len + 1);
        if (name->len > 0)
            return true;
    }
    return false;
}

static bool is_named(struct str id, const char *ids)
{
    struct str list = str_of(ids), name;
    while (next_name(&name, &list))
        if (is_called(id, name))
            return true;
    return false;
}

static bool check_names(const struct probe_set *set, const char *path, const char *ids,
                        struct err *err)
{
    struct str list = str_of(ids), name;
    while (next_name(&name, &list)) {
        size_t i = 0;
        while (i < set->count && !is_called(set->items[i].id, name))
            i++;
        if (i == set->count)
            return err_set(err, ERR_USAGE, "%s holds no probe with the id %.*s", path,
                           STR_ARG(name));
    }
    return true;
}

static bool select_probes(struct probe_set *set, const char *path,
                          const struct probe_options *options, struct err *err)
{
    size_t kept = 0, limit = options->limit ? options->limit : SIZE_MAX;
    if (options->ids && !check_names(set, path, options->ids, err))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        if (kept < limit && (!options->ids || is_named(set->items[i].id, options->ids)))
            set->items[kept++] = set->items[i];
        else
            json_decref(set->items[i].extra);
    }
    set->count = kept;
    return true;
}

bool probe_set_parse(struct probe_set *set, struct str text, const char *name,
                     const struct probe_options *options, struct err *err)
{
    struct reader in = {.set = set, .options = options, .path = name, .unit = "record"};
    *set = (struct probe_set){0};
    sha256_hex(set->sha256, text);
    text = without_fence(text);
    bool ok = is_lines(text) ? read_lines(&in, text, err) : read_value(&in, text, err);
    if (ok && select_probes(set, name, options, err))
        return true;
    probe_set_release(set);
    return false;
}

bool probe_set_load(struct probe_set *set, const char *path, const struct probe_options *options,
                    struct err *err)
{
    struct buf bytes, found;
    *set = (struct probe_set){0};
    buf_init(&bytes, PROBE_FILE_MAX);
    buf_init(&found, BUF_MAX_DEFAULT);
    data_find(&found, path);
    bool ok = file_read(&bytes, found.ptr, err) &&
              probe_set_parse(set, buf_str(&bytes), path, options, err);
    buf_release(&found);
    buf_release(&bytes);
    return ok;
}

void probe_set_release(struct probe_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        json_decref(set->items[i].extra);
    free(set->items);
    arena_release(&set->arena);
    *set = (struct probe_set){0};
}
