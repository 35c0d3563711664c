/* str.h - a borrowed run of bytes with a length; never assumed to end in NUL.
 * Lifetime    borrows; whoever owns the bytes says until when.
 * Threads     a value; share freely. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

/* For printf: printf("%.*s", STR_ARG(s)). Cut to INT_MAX bytes. */
#define STR_ARG(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), (s).ptr
/* A literal as a struct str, also in static initialisers. */
#define STR(lit)                \
    {                           \
        "" lit, sizeof(lit) - 1 \
    }

static inline struct str str_n(const char *ptr, size_t len)
{
    return (struct str){ptr, len};
}

static inline struct str str_of(const char *c_string)
{
    return (struct str){c_string, strlen(c_string)};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_is(struct str a, const char *c_string)
{
    return str_eq(a, str_of(c_string));
}

static inline struct str str_from(struct str s, size_t start) /* s[start:], start <= len */
{
    return (struct str){s.ptr + start, s.len - start};
}

static inline struct str str_sub(struct str s, size_t start, size_t len)
{
    return (struct str){s.ptr + start, len};
}

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Offset of the first `needle` at or after `from`, or (size_t)-1. An empty needle is found at
 * `from`. */
size_t str_find(struct str s, struct str needle, size_t from);

/* Byte order, shorter first among equals: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

#endif
