/* schema_check.h - whether a JSON value is what a schema of docs/schema/ says: the part of JSON
 * Schema that those files use (type, properties, required, additionalProperties, items, minItems,
 * maxItems, minimum, enum, const, anyOf, $ref into $defs). Another keyword fails the test, so that
 * no rule is there for show. */
#ifndef TESTS_SCHEMA_CHECK_H
#define TESTS_SCHEMA_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct schema_check {
    json_t *root;
    char where[512]; /* of the first fault: "/arms/0/name: not a string" */
};

static bool schema_fault(struct schema_check *check, const char *path, const char *what)
{
    if (!check->where[0])
        snprintf(check->where, sizeof check->where, "%.300s: %.200s", path, what);
    return false;
}

static bool schema_type_is(const char *type, const json_t *value)
{
    return (strcmp(type, "object") == 0 && json_is_object(value)) ||
           (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "string") == 0 && json_is_string(value)) ||
           (strcmp(type, "number") == 0 && json_is_number(value)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
           (strcmp(type, "null") == 0 && json_is_null(value));
}

static bool schema_has_type(json_t *types, const json_t *value)
{
    if (json_is_string(types))
        return schema_type_is(json_string_value(types), value);
    for (size_t i = 0; i < json_array_size(types); i++)
        if (schema_type_is(json_string_value(json_array_get(types, i)), value))
            return true;
    return false;
}

static bool schema_holds(struct schema_check *check, json_t *schema, json_t *value,
                         const char *path);

static bool schema_members(struct schema_check *check, json_t *schema, json_t *value,
                           const char *path)
{
    json_t *properties = json_object_get(schema, "properties"), *member, *name;
    json_t *more = json_object_get(schema, "additionalProperties");
    const char *key;
    size_t i;
    json_array_foreach(json_object_get(schema, "required"), i, name)
    {
        if (!json_object_get(value, json_string_value(name)))
            return schema_fault(check, path, json_string_value(name));
    }
    json_object_foreach(value, key, member)
    {
        char inner[256];
        json_t *rule = json_object_get(properties, key);
        snprintf(inner, sizeof inner, "%.180s/%.60s", path, key);
        if (!rule && json_is_false(more))
            return schema_fault(check, inner, "a member the schema does not know");
        if (!rule && json_is_object(more))
            rule = more;
        if (rule && !schema_holds(check, rule, member, inner))
            return false;
    }
    return true;
}

static bool schema_items(struct schema_check *check, json_t *schema, json_t *value,
                         const char *path)
{
    json_t *rule = json_object_get(schema, "items"), *item;
    json_t *least = json_object_get(schema, "minItems"),
           *most = json_object_get(schema, "maxItems");
    json_int_t n = (json_int_t)json_array_size(value);
    size_t i;
    if ((least && n < json_integer_value(least)) || (most && n > json_integer_value(most)))
        return schema_fault(check, path, "a list of another length");
    json_array_foreach(value, i, item)
    {
        char inner[256];
        snprintf(inner, sizeof inner, "%.200s/%zu", path, i);
        if (rule && !schema_holds(check, rule, item, inner))
            return false;
    }
    return true;
}

static bool schema_any(struct schema_check *check, json_t *rules, json_t *value, const char *path)
{
    json_t *rule;
    size_t i;
    json_array_foreach(rules, i, rule)
    {
        struct schema_check tried = {.root = check->root};
        if (schema_holds(&tried, rule, value, path))
            return true;
        if (i == 0)
            snprintf(check->where, sizeof check->where, "%.500s", tried.where);
    }
    return schema_fault(check, path, "none of the alternatives");
}

static bool schema_is_among(json_t *values, json_t *value)
{
    json_t *one;
    size_t i;
    json_array_foreach(values, i, one)
    {
        if (json_equal(one, value))
            return true;
    }
    return false;
}

static bool schema_holds(struct schema_check *check, json_t *schema, json_t *value,
                         const char *path)
{
    static const char *const known[] = {
        "$schema",  "title",      "description", "$defs",
        "type",     "properties", "required",    "items",
        "minItems", "maxItems",   "minimum",     "enum",
        "const",    "anyOf",      "$ref",        "additionalProperties"};
    const char *key;
    json_t *rule;
    json_object_foreach(schema, key, rule)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(key, known[i]) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            return schema_fault(check, path, "a keyword that this check does not know");
    }
    const char *ref = json_string_value(json_object_get(schema, "$ref"));
    if (ref) {
        rule = json_object_get(json_object_get(check->root, "$defs"), ref + strlen("#/$defs/"));
        return rule ? schema_holds(check, rule, value, path)
                    : schema_fault(check, path, "a $ref to nothing");
    }
    if ((rule = json_object_get(schema, "type")) && !schema_has_type(rule, value))
        return schema_fault(check, path, "of another type");
    if ((rule = json_object_get(schema, "const")) && !json_equal(rule, value))
        return schema_fault(check, path, "not the constant");
    if ((rule = json_object_get(schema, "enum")) && !schema_is_among(rule, value))
        return schema_fault(check, path, "not one of the values");
    if ((rule = json_object_get(schema, "minimum")) && json_is_number(value) &&
        json_number_value(value) < json_number_value(rule))
        return schema_fault(check, path, "below the minimum");
    if ((rule = json_object_get(schema, "anyOf")) && !schema_any(check, rule, value, path))
        return false;
    if (json_is_object(value))
        return schema_members(check, schema, value, path);
    return !json_is_array(value) || schema_items(check, schema, value, path);
}

/* where is empty when it holds. */
static inline bool schema_check(struct schema_check *check, json_t *schema, json_t *value)
{
    *check = (struct schema_check){.root = schema};
    return schema_holds(check, schema, value, "");
}

#endif
