#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_release(struct buf *buf)
{
    free(buf->ptr);
    *buf = (struct buf){.max = buf->max};
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->full = false;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

char *buf_room(struct buf *buf, size_t len)
{
    if (len > buf->max - buf->len) {
        buf->full = true;
        return NULL;
    }
    size_t need = buf->len + len + 1;
    if (need > buf->cap) {
        size_t cap = size_max(need, buf->cap + buf->cap / 2);
        buf->ptr = mem_realloc(buf->ptr, size_max(cap, 64), 1);
        buf->cap = size_max(cap, 64);
    }
    return buf->ptr + buf->len;
}

bool buf_add(struct buf *buf, const void *bytes, size_t len)
{
    char *to = buf_room(buf, len);
    if (!to)
        return false;
    if (len)
        memcpy(to, bytes, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
    return true;
}

bool buf_add_str(struct buf *buf, struct str s)
{
    return buf_add(buf, s.ptr, s.len);
}

bool buf_puts(struct buf *buf, const char *c_string)
{
    return buf_add(buf, c_string, strlen(c_string));
}

bool buf_putc(struct buf *buf, char c)
{
    return buf_add(buf, &c, 1);
}

bool buf_printf(struct buf *buf, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    /* What cannot be formatted (beyond INT_MAX bytes) does not fit either. */
    char *to = buf_room(buf, n < 0 ? SIZE_MAX : (size_t)n);
    if (to) {
        vsnprintf(to, (size_t)n + 1, fmt, again);
        buf->len += (size_t)n;
    }
    va_end(again);
    return to != NULL;
}

char *buf_take(struct buf *buf)
{
    buf_add(buf, "", 0); /* the NUL, also after bytes that were written into buf_room */
    char *taken = buf->ptr;
    *buf = (struct buf){.max = buf->max};
    return taken;
}
