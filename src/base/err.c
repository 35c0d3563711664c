#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT_MAX = 200 };

/* Length of the longest start of `s` that has at most `most` bytes and no half UTF-8 sequence. */
static size_t whole_characters(const char *s, size_t most)
{
    size_t n = strnlen(s, most + 1);
    if (n <= most)
        return n;
    for (n = most; n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80; n--)
        continue;
    return n;
}

/* vsnprintf, cut at a character. `out` has one byte more than it may use, so that the cut sees how
 * the text goes on. */
PRINTF_LIKE(2, 0)
static void format(char out[ERR_MSG_MAX + 1], const char *fmt, va_list ap)
{
    if (vsnprintf(out, ERR_MSG_MAX + 1, fmt, ap) < 0)
        out[0] = '\0';
    out[whole_characters(out, ERR_MSG_MAX - 1)] = '\0';
}

/* Puts "head: " before the sentence. The sentence says what is wrong, so the head gives way to it.
 */
static void prepend(char msg[ERR_MSG_MAX], const char *head, size_t head_max)
{
    size_t len = strlen(msg), room = ERR_MSG_MAX - 1 - len;
    if (room <= 2)
        return;
    size_t head_len = whole_characters(head, room - 2 < head_max ? room - 2 : head_max);
    memmove(msg + head_len + 2, msg, len + 1);
    memcpy(msg, head, head_len);
    memcpy(msg + head_len, ": ", 2);
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    char text[ERR_MSG_MAX + 1];
    va_list ap;
    va_start(ap, fmt);
    format(text, fmt, ap);
    va_end(ap);
    memcpy(err->msg, text, sizeof err->msg);
    err->code = code;
    return false;
}

bool err_errno(struct err *err, enum err_code code, int errnum, const char *fmt, ...)
{
    char text[ERR_MSG_MAX + 1];
    va_list ap;
    va_start(ap, fmt);
    format(text, fmt, ap);
    va_end(ap);
    if (strerror_r(errnum, err->msg, sizeof err->msg) != 0)
        snprintf(err->msg, sizeof err->msg, "error %d", errnum);
    prepend(err->msg, text, ERR_MSG_MAX);
    err->code = code;
    return false;
}

bool err_in(struct err *err, const char *fmt, ...)
{
    char context[ERR_MSG_MAX + 1];
    va_list ap;
    va_start(ap, fmt);
    format(context, fmt, ap);
    va_end(ap);
    prepend(err->msg, context, CONTEXT_MAX);
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
