/* secret.h - what must not be learned by heart: keys, passwords and addresses in a text.
 * Does        finds API keys by the forms their makers publish, private keys, JSON web tokens,
 *             passwords in addresses, card numbers that pass their check digit, and e-mail
 *             addresses, but for those in the domains that are reserved for examples (RFC 2606).
 * Lifetime    secret_scan_create / secret_scan_free; findings point into the text.
 * Threads     a scanner belongs to one thread.
 * Errors      ERR_LIMIT when a text makes a search too long.
 * See         the forms: docs/formats.md, lessons. ISO/IEC 7812-1, annex B, for card numbers. */
#ifndef LESSON_SECRET_H
#define LESSON_SECRET_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct secret_scan;

struct secret {
    const char *kind; /* "AWS access key" */
    struct str text;
};

MUST_USE bool secret_scan_create(struct secret_scan **out, struct err *err);
void secret_scan_free(struct secret_scan *scan);

/* Which bytes a text has at all: many things cannot stand in a text that lacks one of theirs. */
struct byte_set {
    bool has[256];
};
struct byte_set byte_set_of(struct str text);
bool byte_set_covers(const struct byte_set *set, const char *bytes);

/* The first secret of each kind; `found` has room for SECRET_KINDS_MAX. `text` is valid UTF-8,
 * `bytes` is its set. */
enum { SECRET_KINDS_MAX = 32 };
MUST_USE bool secret_find(struct secret *found, size_t *count, struct secret_scan *scan,
                          struct str text, const struct byte_set *bytes, struct err *err);

#endif
