/* buf.h - a growing run of bytes with a ceiling.
 * Does        appends; stops growing at `max` and remembers it, so a writer may append many times
 *             and check once. Always NUL-terminated after the first append, for convenience in
 *             messages.
 * Lifetime    buf_init, then buf_release or buf_take. `{0}` is not a buffer: the ceiling is
 *             required.
 * Errors      an append past the ceiling appends nothing, sets `full` and returns false. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { BUF_MAX_DEFAULT = 1 << 30 };

struct buf {
    char *ptr;
    size_t len, cap, max;
    bool full;
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);
void buf_reset(struct buf *buf); /* length 0, memory kept, `full` cleared */

bool buf_add(struct buf *buf, const void *bytes, size_t len);
bool buf_add_str(struct buf *buf, struct str s);
bool buf_puts(struct buf *buf, const char *c_string);
bool buf_putc(struct buf *buf, char c);
bool buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Room for `len` more bytes: returns where to write them (len is not advanced), or NULL when full.
 */
char *buf_room(struct buf *buf, size_t len);

static inline struct str buf_str(const struct buf *buf)
{
    return str_n(buf->ptr ? buf->ptr : "", buf->len);
}

/* Hands the NUL-terminated bytes to the caller (free with free()) and leaves an empty buffer. */
char *buf_take(struct buf *buf);

#endif
