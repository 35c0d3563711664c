/* digest.h - the SHA-256 of a big file, computed beside other work and remembered.
 * Does        hashes on a thread of its own, unless the cache folder knows the file by path, size,
 *             time of change and inode.
 * Lifetime    digest_start, then digest_wait exactly once, which frees it.
 * Errors      ERR_IO when the file cannot be read. A cache that cannot be read or written only
 *             costs time. */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "base/err.h"
#include "base/hash.h"

struct digest;

/* cache_dir: folder for what is remembered, NULL for none. */
struct digest *digest_start(const char *path, const char *cache_dir);
MUST_USE bool digest_wait(char hex[SHA256_HEX_LEN + 1], struct digest *digest, struct err *err);

#endif
