/* byte_hash.h - 64 well-mixed bits of a byte string, for the tables of this room. */
#ifndef TOKEN_BYTE_HASH_H
#define TOKEN_BYTE_HASH_H

#include <stdint.h>

#include "base/str.h"

static inline uint64_t byte_hash(struct str s)
{
    uint64_t hash = s.len, part;
    for (; s.len >= sizeof part; s = str_from(s, sizeof part)) {
        memcpy(&part, s.ptr, sizeof part);
        hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    part = 0;
    for (size_t i = 0; i < s.len; i++)
        part |= (uint64_t)(unsigned char)s.ptr[i] << (8 * i);
    hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    return hash * 0xc4ceb9fe1a85ec53u;
}

#endif
