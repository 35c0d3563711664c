/* jsonl.h - a text of one JSON value a line.
 * Does        walks the lines of a buffer, counting them, and parses each on request; blank lines,
 *             a byte order mark, CRLF and a missing last newline are tolerated.
 * Lifetime    borrows text and name; lines borrow from the text.
 * Threads     one thread at a time; jsonl_ahead uses all of them inside.
 * Limits      JSONL_LINE_MAX bytes a line.
 * Errors      ERR_FORMAT or ERR_LIMIT, naming file and line; the walk may go on after one. */
#ifndef TEXT_JSONL_H
#define TEXT_JSONL_H

#include "os/threads.h"
#include "text/json.h"

enum { JSONL_LINE_MAX = 64 << 20, JSONL_AHEAD = 4096 };

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

/* The same walk with the values of JSONL_AHEAD lines at a time parsed by all threads; they come in
 * the order of the lines whatever the number of threads. */
struct jsonl_ahead {
    struct jsonl lines; /* its `line` is the number of the line last given */
    struct jsonl reader;
    struct pool *pool;
    struct jsonl_ahead_line {
        struct str text;
        size_t number;
        json_t *value; /* NULL: no JSON, or too long */
    } * batch;
    size_t at, count;
};

void jsonl_ahead_init(struct jsonl_ahead *in, struct str text, const char *name);
/* The next line that is not blank, and its value, which is the caller's; NULL when it has none, and
 * jsonl_parse(..., &in->lines, ...) says why. */
bool jsonl_ahead_next(json_t **value, struct jsonl_ahead *in, struct str *line);
void jsonl_ahead_release(struct jsonl_ahead *in);

#endif
