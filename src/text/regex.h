/* regex.h - regular expressions over UTF-8, with the meaning of Python's re.
 * Does        compiles a pattern once (PCRE2 with UTF, UCP and JIT) and walks its matches as
 *             re.finditer does, empty matches included. `\s`, `\S`, `\Z` are read as Python reads
 *             them (U+001C-1F are space, U+180E is not; \Z is the very end). Only \n ends a line.
 * Lifetime    regex_compile / regex_free; a scratch is made once a thread and serves every pattern.
 * Threads     struct regex is immutable, share freely; scratch and scan belong to one thread.
 * Limits      REGEX_GROUPS_MAX groups; REGEX_STEPS_MAX and REGEX_HEAP_KIB per search, so that a
 *             hostile text costs bounded time and never the stack.
 * Errors      ERR_FORMAT for a pattern, with the place; ERR_LIMIT when a search takes too many
 *             steps. Where the system forbids JIT code the interpreter gives the same answers. */
#ifndef TEXT_REGEX_H
#define TEXT_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum { REGEX_GROUPS_MAX = 31, REGEX_STEPS_MAX = 10000000, REGEX_HEAP_KIB = 64 << 10 };

enum regex_flag {
    REGEX_ICASE = 1,     /* re.IGNORECASE, simple case folding */
    REGEX_MULTILINE = 2, /* ^ and $ at every line */
    REGEX_DOTALL = 4,    /* . takes \n too */
    REGEX_ASCII = 8      /* \d \s \w \b know ASCII only, as in Go's regexp and re.ASCII */
};

struct regex;
struct regex_scratch;

struct regex_span {
    size_t start, end; /* byte offsets; start is (size_t)-1 for a group that took no part */
};

MUST_USE bool regex_compile(struct regex **out, struct str pattern, unsigned flags,
                            struct err *err);
void regex_free(struct regex *re);

struct regex_scratch *regex_scratch_create(void);
void regex_scratch_free(struct regex_scratch *scratch);

/* A walk over the matches in one text. */
struct regex_scan {
    const struct regex *re;
    struct regex_scratch *scratch;
    struct str text;
    size_t at;        /* where the next search starts */
    bool after_empty; /* the last match was empty and ended at `at`: no second one there */
    bool done;
};

/* Text must be valid UTF-8: callers that search one text many times check it once (utf8_check). */
void regex_scan_init(struct regex_scan *scan, const struct regex *re, struct regex_scratch *scratch,
                     struct str text);
/* The next match into *found (false: no more); its groups are read with regex_group until the next
 * call. */
MUST_USE bool regex_scan_next(struct regex_scan *scan, bool *found, struct err *err);
/* Group n of the last match of this scratch; 0 is the whole match. */
struct regex_span regex_group(const struct regex_scratch *scratch, size_t n);
struct str regex_group_str(const struct regex_scan *scan,
                           size_t n); /* ptr NULL when it took no part */

/* len(re.findall(...)). */
MUST_USE bool regex_count(size_t *count, const struct regex *re, struct regex_scratch *scratch,
                          struct str text, struct err *err);
/* re.search(...) is not None, from byte offset `from` on. */
MUST_USE bool regex_search(bool *found, const struct regex *re, struct regex_scratch *scratch,
                           struct str text, size_t from, struct err *err);

#endif
