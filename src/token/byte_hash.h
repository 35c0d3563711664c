/* byte_hash.h - 64 well-mixed bits of a byte string, for the tables of this room. */
#ifndef TOKEN_BYTE_HASH_H
#define TOKEN_BYTE_HASH_H

#include <stdint.h>

#include "base/str.h"

/* The at most 7 bytes of s as one number; of equal lengths, different ones give different numbers. */
static inline uint64_t byte_hash_tail(struct str s)
{
    uint32_t first, last;
    if (s.len >= sizeof first) {
        memcpy(&first, s.ptr, sizeof first);
        memcpy(&last, s.ptr + s.len - sizeof last, sizeof last);
        return first | (uint64_t)last << 32;
    }
    if (s.len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s.ptr;
    return p[0] | (uint64_t)p[s.len / 2] << 8 | (uint64_t)p[s.len - 1] << 16;
}

static inline uint64_t byte_hash(struct str s)
{
    uint64_t hash = s.len, part;
    for (; s.len >= sizeof part; s = str_from(s, sizeof part)) {
        memcpy(&part, s.ptr, sizeof part);
        hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    hash = (hash ^ byte_hash_tail(s)) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    return hash * 0xc4ceb9fe1a85ec53u;
}

#endif
