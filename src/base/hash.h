/* hash.h - SHA-256, by libcrypto.
 * Does        digests of files, prompts and parameters, as 64 lower-case hex digits.
 * Threads     a struct sha256 belongs to one thread; sha256_hex has no state. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

enum { SHA256_HEX_LEN = 64 };

struct sha256 {
    void *ctx; /* libcrypto's */
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t len);
void sha256_end(struct sha256 *sha, char hex[SHA256_HEX_LEN + 1]); /* and releases */
void sha256_hex(char hex[SHA256_HEX_LEN + 1], struct str bytes);

#endif
