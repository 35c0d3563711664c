/* kernel_parts.c - see kernel_parts.h. */
#include "eval/kernel_parts.h"

#include <stdint.h>

#include "text/json.h"
#include "text/utf8.h"

static size_t skip_space(struct str text, size_t at)
{
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]) && text.ptr[at] != '\0')
        at++;
    return at;
}

/* Line and column of a byte, both from 1. */
static bool fail_at(struct str text, size_t at, const char *name, const char *why, struct err *err)
{
    size_t line = 1, start = 0;
    at = at < text.len ? at : text.len;
    for (size_t i = 0; i < at; i++)
        if (text.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    size_t column = utf8_count(str_sub(text, start, at - start)) + 1;
    return err_set(err, ERR_FORMAT, "%s: line %zu, column %zu: %s", name, line, column, why);
}

bool kernel_parts_read(struct kernel_parts *out, struct str text, const char *name, struct err *err)
{
    /* Unlike json_parse: several values may follow each other, and a key may not be repeated. */
    const size_t flags = JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES;
    *out = (struct kernel_parts){0};
    size_t at = skip_space(text, 0);
    if (at == text.len || text.ptr[at] != '{')
        return true;
    for (; at < text.len; at = skip_space(text, at)) {
        json_error_t error;
        if (text.ptr[at] != '{')
            return fail_at(text, at, name, "expected another JSON object or the end", err);
        if (out->count == KERNEL_OBJECTS_MAX)
            return err_set(err, ERR_LIMIT, "%s: more than %d JSON objects", name,
                           KERNEL_OBJECTS_MAX);
        json_t *object = json_loadb(text.ptr + at, text.len - at, flags, &error);
        size_t len = error.position > 0 ? (size_t)error.position : 0;
        if (!object)
            return fail_at(text, at + len, name, error.text, err);
        out->objects[out->count++] = object;
        at += len;
    }
    return true;
}

void kernel_parts_release(struct kernel_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        json_decref(parts->objects[i]);
    parts->count = 0;
}

const json_t *kernel_axioms(const json_t *object)
{
    const json_t *axioms = json_object_get(object, "axioms");
    return json_is_array(axioms) ? axioms : NULL;
}

/* The axiom's place among those with its id: 0 for the first. */
static size_t count_before(const json_t *axioms, size_t index)
{
    const json_t *id = json_object_get(json_array_get(axioms, index), "id");
    size_t count = 0;
    for (size_t i = 0; id && i < index; i++)
        count += (size_t)json_equal(id, json_object_get(json_array_get(axioms, i), "id"));
    return count;
}

static size_t check_axiom(struct buf *out, const json_t *axioms, size_t index)
{
    static const char *const keys[] = {"name", "statement"};
    const json_t *axiom = json_array_get(axioms, index);
    size_t faults = 0;
    if (!json_object_get(axiom, "id") && ++faults)
        buf_printf(out, "axiom %zu has no id\n", index + 1);
    if (count_before(axioms, index) > 0 && ++faults)
        buf_printf(out, "axiom %zu has the id of an earlier one\n", index + 1);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (json_get_str(axiom, keys[k]).len == 0 && ++faults)
            buf_printf(out, "axiom %zu has no %s\n", index + 1, keys[k]);
    return faults;
}

/* How often the hierarchy lists the id. */
static size_t count_listed(const json_t *hierarchy, const json_t *id)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(hierarchy); i++)
        count += (size_t)json_equal(json_array_get(hierarchy, i), id);
    return count;
}

static const json_t *hierarchy_of(const json_t *object)
{
    return json_object_get(json_object_get(object, "meta"), "hierarchy");
}

size_t kernel_parts_check(struct buf *out, const json_t *object)
{
    const json_t *axioms = kernel_axioms(object), *hierarchy = hierarchy_of(object);
    size_t faults = 0, n = json_array_size(axioms);
    for (size_t i = 0; i < n; i++) {
        const json_t *id = json_object_get(json_array_get(axioms, i), "id");
        faults += check_axiom(out, axioms, i);
        if (hierarchy && id && count_listed(hierarchy, id) != 1 && ++faults)
            buf_printf(out, "meta.hierarchy does not list axiom %zu once\n", i + 1);
    }
    if (axioms && hierarchy && json_array_size(hierarchy) != n && ++faults)
        buf_printf(out, "meta.hierarchy lists %zu of %zu axioms\n", json_array_size(hierarchy), n);
    return faults;
}

/* The members of `hierarchy` that are ids of `axioms`, in its order. */
static json_t *keep_listed(const json_t *hierarchy, const json_t *axioms)
{
    json_t *kept = json_array();
    for (size_t i = 0; i < json_array_size(hierarchy); i++) {
        json_t *id = json_array_get(hierarchy, i);
        size_t k = 0;
        while (k < json_array_size(axioms) &&
               !json_equal(id, json_object_get(json_array_get(axioms, k), "id")))
            k++;
        if (k < json_array_size(axioms))
            json_array_append(kept, id);
    }
    return kept;
}

json_t *kernel_isolate(const json_t *object, size_t index, enum kernel_isolation isolation)
{
    json_t *copy = json_deep_copy(object), *axioms = json_array();
    const json_t *all = kernel_axioms(object), *hierarchy = hierarchy_of(object);
    for (size_t i = 0; i < json_array_size(all); i++)
        if ((i == index) == (isolation == KERNEL_ALONE))
            json_array_append_new(axioms, json_deep_copy(json_array_get(all, i)));
    if (json_is_array(hierarchy))
        json_object_set_new(json_object_get(copy, "meta"), "hierarchy",
                            keep_listed(hierarchy, axioms));
    json_object_set_new(copy, "axioms", axioms);
    return copy;
}
