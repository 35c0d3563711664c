#include "base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/err.h"

void sha256_begin(struct sha256 *sha)
{
    sha->ctx = EVP_MD_CTX_new();
    if (!sha->ctx || !EVP_DigestInit_ex(sha->ctx, EVP_sha256(), NULL))
        BUG("libcrypto has no SHA-256");
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t len)
{
    if (!EVP_DigestUpdate(sha->ctx, bytes, len))
        BUG("SHA-256 update failed");
}

void sha256_end(struct sha256 *sha, char hex[SHA256_HEX_LEN + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    if (!EVP_DigestFinal_ex(sha->ctx, digest, &len) || len != SHA256_HEX_LEN / 2)
        BUG("SHA-256 final failed");
    EVP_MD_CTX_free(sha->ctx);
    sha->ctx = NULL;
    for (unsigned int i = 0; i < len; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
}

void sha256_hex(char hex[SHA256_HEX_LEN + 1], struct str bytes)
{
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, bytes.ptr, bytes.len);
    sha256_end(&sha, hex);
}
