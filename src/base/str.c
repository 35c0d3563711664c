#define _GNU_SOURCE /* memmem */
#include "base/str.h"

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_n(s.ptr, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

size_t str_find(struct str s, struct str needle, size_t from)
{
    if (from > s.len)
        return (size_t)-1;
    if (needle.len == 0)
        return from;
    if (needle.len > s.len - from) /* also: an empty string may have no address */
        return (size_t)-1;
    const char *hit = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return hit ? (size_t)(hit - s.ptr) : (size_t)-1;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (order)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}
