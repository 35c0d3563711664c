/* jsonl.h - a text of one JSON value a line.
 * Does        walks the lines of a buffer, counting them, and parses each on request; blank lines,
 *             a byte order mark, CRLF and a missing last newline are tolerated.
 * Lifetime    borrows text and name; lines borrow from the text.
 * Threads     one thread at a time.
 * Limits      JSONL_LINE_MAX bytes a line.
 * Errors      ERR_FORMAT or ERR_LIMIT, naming file and line; the walk may go on after one. */
#ifndef TEXT_JSONL_H
#define TEXT_JSONL_H

#include "text/json.h"

enum { JSONL_LINE_MAX = 64 << 20 };

struct jsonl {
    struct str rest;
    const char *name;
    size_t line; /* number of the line last given, from 1 */
};

void jsonl_init(struct jsonl *in, struct str text, const char *name);
/* The next line that is not blank, without its end; false after the last. */
bool jsonl_next(struct jsonl *in, struct str *line);
/* The value of the line last given; *out is the caller's. */
MUST_USE bool jsonl_parse(json_t **out, const struct jsonl *in, struct str line, struct err *err);

#endif
