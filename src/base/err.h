/* err.h - what went wrong, as one code to decide by and one sentence to read.
 * Does        carries a failure from where it happened to where it is printed. Only cli/ prints;
 *             only main exits. Programmer errors are not failures: they are BUG().
 * Lifetime    a struct on the caller's stack, `{0}` at the start; nothing to release.
 * Limits      ERR_MSG_MAX bytes; longer sentences are cut at a character boundary.
 * See         docs/style.md, errors. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdnoreturn.h>

enum { ERR_MSG_MAX = 512 };

/* Codes are for deciding (exit status, HTTP status); sentences are for people. */
enum err_code {
    ERR_NONE = 0,
    ERR_IO,          /* the outside world refused: open, read, write, disk full */
    ERR_FORMAT,      /* bytes from outside are not what they must be */
    ERR_UNSUPPORTED, /* well-formed, but we do not do it */
    ERR_LIMIT,       /* more than a named ceiling allows */
    ERR_USAGE,       /* the caller asked for something that makes no sense */
    ERR_BUSY,        /* somebody else holds it */
    ERR_CANCELLED,   /* a signal or a caller stopped it */
    ERR_INTERNAL     /* our fault, reported rather than crashed */
};

struct err {
    enum err_code code;
    char msg[ERR_MSG_MAX];
};

#define MUST_USE                __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* Sets code and sentence; always returns false, so `return err_set(...)` fails in one line. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As err_set, with ": " and the text of `errnum` (an errno value) appended. */
bool err_errno(struct err *err, enum err_code code, int errnum, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* Prepends "context: " to the sentence; for module boundaries. Always returns false. */
bool err_in(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A programmer error: prints file, line and sentence to stderr, then aborts. */
#define BUG(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)
noreturn void err_bug(const char *file, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
