/* yaml.h - YAML text to the values of JSON.
 * Does        reads one document with libyaml and gives what JSON can hold: mappings with string
 *             keys as objects in their order, sequences as arrays, scalars by the core schema of
 *             YAML 1.2 (null, true, 0x1f, 1e-5); quoted and block scalars are strings, and so is
 *             what looks like a date. Only !!str and the other core tags are taken.
 * Lifetime    the value is the caller's (json_decref).
 * Threads     no state.
 * Limits      YAML_TEXT_MAX bytes, YAML_DEPTH_MAX levels.
 * Errors      ERR_FORMAT with name, line and column: what is no YAML, keys that are no strings or
 *             stand there twice, numbers beyond 64 bits, .inf and .nan, a second document;
 *             ERR_UNSUPPORTED for aliases and foreign tags; ERR_LIMIT.
 * See         YAML 1.2.2, section 10.3. */
#ifndef TEXT_YAML_H
#define TEXT_YAML_H

#include "text/json.h"

enum { YAML_TEXT_MAX = 16 << 20, YAML_DEPTH_MAX = 64 };

/* An empty document is null. */
MUST_USE bool yaml_parse(json_t **out, struct str text, const char *name, struct err *err);

#endif
