/* report_json_int.h - members of the report's JSON objects, for the files that write it.
 * Numbers that are not finite and texts that are missing become null. */
#ifndef REPORT_REPORT_JSON_INT_H
#define REPORT_REPORT_JSON_INT_H

#include <jansson.h>

#include "report/compare_json.h"
#include "text/json.h"

static inline void put(json_t *object, const char *key, double x)
{
    json_object_set_new(object, key, number_to_json(x));
}

static inline void put_count(json_t *object, const char *key, size_t n)
{
    json_object_set_new(object, key, json_integer((json_int_t)n));
}

static inline void put_bool(json_t *object, const char *key, bool x)
{
    json_object_set_new(object, key, json_boolean(x));
}

static inline void put_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

static inline void put_str(json_t *object, const char *key, struct str s)
{
    json_object_set_new(object, key, s.ptr ? json_from_str(s) : json_null());
}

static inline void put_interval(json_t *object, const char *key, struct interval range)
{
    json_object_set_new(object, key, interval_to_json(range));
}

#endif
