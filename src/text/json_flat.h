/* json_flat.h - the members of one JSON object, read in one pass.
 * Does        takes apart the lines most files are made of: {"id": "x", "text": "...", "tags": []}.
 *             Strings come out whole, other values as they are written; arrays and objects inside
 *             are checked and passed over. What is not as plain as that (a key with an escape, or
 *             given twice, a lone surrogate, a number with an exponent) is left to json_parse: the
 *             answer then is false, and says nothing about whether the text is valid.
 * Lifetime    json_flat_init / json_flat_release; members borrow from the line and from the reader,
 *             until its next use.
 * Threads     one thread at a time.
 * Limits      JSON_FLAT_MEMBERS members, JSON_FLAT_DEPTH levels of arrays and objects.
 * See         tests/unit/text/json_flat.c: whatever it accepts, json_parse reads alike, and what it
 *             calls formatted, json_format writes alike. */
#ifndef TEXT_JSON_FLAT_H
#define TEXT_JSON_FLAT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

enum { JSON_FLAT_MEMBERS = 24, JSON_FLAT_DEPTH = 8 };

enum json_flat_kind { JSON_FLAT_STRING, JSON_FLAT_INTEGER, JSON_FLAT_NULL, JSON_FLAT_OTHER };

struct json_flat_member {
    struct str key, value; /* of a string its characters, of others its text */
    enum json_flat_kind kind;
};

struct json_flat {
    struct json_flat_member members[JSON_FLAT_MEMBERS];
    size_t n;
    bool is_formatted; /* the line is what json_format writes of its value, on one line, in ASCII */
    struct buf strings; /* what had escapes */
};

void json_flat_init(struct json_flat *flat);
void json_flat_release(struct json_flat *flat);
MUST_USE bool json_flat_read(struct json_flat *flat, struct str line);
/* NULL when there is none. */
const struct json_flat_member *json_flat_find(const struct json_flat *flat, const char *key);

#endif
