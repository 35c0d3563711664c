#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cuts `s` (of at most `cap` bytes with its NUL) so that no UTF-8 sequence is left half. */
static void cut_at_character(char *s, size_t cap)
{
    size_t n = strlen(s);
    if (n + 1 < cap)
        return;
    size_t start = n;
    while (start > 0 && ((unsigned char)s[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)s[start - 1] >= 0xC0)
        s[start - 1] = '\0';
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    cut_at_character(err->msg, sizeof err->msg);
    err->code = code;
    return false;
}

bool err_errno(struct err *err, enum err_code code, int errnum, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof err->msg)
        snprintf(err->msg + n, sizeof err->msg - (size_t)n, ": %s", strerror(errnum));
    cut_at_character(err->msg, sizeof err->msg);
    err->code = code;
    return false;
}

bool err_in(struct err *err, const char *fmt, ...)
{
    char context[ERR_MSG_MAX];
    char rest[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(context, sizeof context, fmt, ap);
    va_end(ap);
    memcpy(rest, err->msg, sizeof rest);
    /* The tail says what is wrong; a long context must not push it out. */
    snprintf(err->msg, sizeof err->msg, "%.200s: %.300s", context, rest);
    cut_at_character(err->msg, sizeof err->msg);
    return false;
}

noreturn void err_bug(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "lem: bug at %s:%d: ", file, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}
