/* json.h - JSON text to jansson values, and back in Python's spelling.
 * Does        json_parse reads one value with a ceiling on size and depth and an error that names
 *             the place; json_format writes the bytes of Python's json.dumps, which the files we
 *             must match were written with. Between the two, callers use jansson's own functions.
 * Lifetime    json_parse's value is the caller's (json_decref); struct str results borrow from it.
 * Threads     no state; a json_t is not to be shared while anyone changes it.
 * Limits      JSON_TEXT_MAX bytes; 2048 nested levels (jansson's); whole numbers of 64 bits.
 * Errors      ERR_FORMAT with name, line and column; ERR_LIMIT. Of a key given twice the last one
 *             counts, as in Python. Keys holding U+0000 and lone surrogates are refused. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { JSON_TEXT_MAX = 1 << 30, JSON_REAL_LEN_MAX = 32 };

/* Any value, U+0000 in strings included; a leading byte order mark is passed over. `name` says what
 * is read. */
MUST_USE bool json_parse(json_t **out, struct str text, const char *name, struct err *err);

struct json_style {
    bool ascii;     /* escape all but ASCII (Python's default: true) */
    bool compact;   /* "," and ":" instead of ", " and ": " */
    bool sort_keys; /* by code point, instead of the order in which they were added */
    int indent;     /* spaces a level, 0 for one line */
};

/* Appends the value; check out->full afterwards. No newline at the end. */
void json_format(struct buf *out, const json_t *value, struct json_style style);
/* The pieces of it: a quoted string, and a float as Python's repr writes it (also inf and nan). */
void json_format_str(struct buf *out, struct str s, bool ascii);
size_t json_format_real(char out[JSON_REAL_LEN_MAX], double x);

/* The string, or one of length 0 with ptr NULL when it is absent or no string. */
struct str json_str(const json_t *value);
struct str json_get_str(const json_t *object, const char *key);
/* A string, in the same terms as the others: a new value of `s`, which must be valid UTF-8. */
json_t *json_from_str(struct str s);

#endif
