#include "store/digest.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/file.h"
#include "os/map_file.h"

/* A remembered digest is one line: name and version, then what must still hold, then the digest. */
#define CACHE_MAGIC "lem-digest-1"

enum { HASH_CHUNK = 1 << 20, CACHE_LINE_MAX = 512, NAME_HEX = 32 };

struct digest {
    char *path, *cache_dir, *cache_path;
    char hex[SHA256_HEX_LEN + 1];
    struct err err;
    bool ok, threaded;
    pthread_t thread;
};

/* Size, time and inode of the file as text, with a trailing space; false when it cannot be told. */
static bool describe_file(struct buf *out, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    return buf_printf(out, CACHE_MAGIC " %jd %jd.%09ld %ju ", (intmax_t)st.st_size,
                      (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (uintmax_t)st.st_ino);
}

static bool is_hex_digest(struct str s)
{
    if (s.len != SHA256_HEX_LEN)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!memchr("0123456789abcdef", s.ptr[i], 16))
            return false;
    return true;
}

static bool cache_get(struct digest *digest, struct str identity)
{
    struct err ignored = {0};
    struct buf line;
    buf_init(&line, CACHE_LINE_MAX);
    bool found = digest->cache_path && file_exists(digest->cache_path) &&
                 file_read(&line, digest->cache_path, &ignored) &&
                 str_starts(buf_str(&line), identity) &&
                 is_hex_digest(str_from(buf_str(&line), identity.len));
    if (found)
        memcpy(digest->hex, line.ptr + identity.len, SHA256_HEX_LEN);
    buf_release(&line);
    return found;
}

static void cache_put(struct digest *digest, struct buf *identity)
{
    struct err ignored = {0};
    buf_puts(identity, digest->hex);
    if (!file_make_dirs(digest->cache_dir, &ignored) ||
        !file_write_atomic(digest->cache_path, buf_str(identity), &ignored))
        return; /* the next run hashes again, that is all */
}

static bool hash_file(struct digest *digest)
{
    struct map_file map;
    if (!map_file_open(&map, digest->path, &digest->err))
        return false;
    struct sha256 sha;
    sha256_begin(&sha);
    for (size_t at = 0; at < map.bytes.len; at += HASH_CHUNK) {
        sha256_add(&sha, map.bytes.ptr + at, size_min(HASH_CHUNK, map.bytes.len - at));
        map_file_forget(&map, at, HASH_CHUNK);
    }
    sha256_end(&sha, digest->hex);
    map_file_close(&map);
    return true;
}

static void *digest_run(void *arg)
{
    struct digest *digest = arg;
    struct buf before, after;
    buf_init(&before, CACHE_LINE_MAX);
    buf_init(&after, CACHE_LINE_MAX);
    bool known = describe_file(&before, digest->path);
    digest->ok = (known && cache_get(digest, buf_str(&before))) || hash_file(digest);
    /* A file that changed while it was read has no digest worth remembering. */
    if (digest->ok && known && digest->cache_path && describe_file(&after, digest->path) &&
        str_eq(buf_str(&before), buf_str(&after)))
        cache_put(digest, &before);
    buf_release(&before);
    buf_release(&after);
    return NULL;
}

struct digest *digest_start(const char *path, const char *cache_dir)
{
    struct digest *digest = mem_zalloc(1, sizeof *digest);
    digest->path = mem_strdup(path);
    if (cache_dir) {
        char name[SHA256_HEX_LEN + 1];
        sha256_hex(name, str_of(path));
        struct buf cache_path;
        buf_init(&cache_path, BUF_MAX_DEFAULT);
        buf_printf(&cache_path, "%s/%.*s", cache_dir, NAME_HEX, name);
        digest->cache_dir = mem_strdup(cache_dir);
        digest->cache_path = buf_take(&cache_path);
    }
    digest->threaded = pthread_create(&digest->thread, NULL, digest_run, digest) == 0;
    if (!digest->threaded)
        digest_run(digest);
    return digest;
}

bool digest_wait(char hex[SHA256_HEX_LEN + 1], struct digest *digest, struct err *err)
{
    if (digest->threaded)
        pthread_join(digest->thread, NULL);
    bool ok = digest->ok;
    if (ok)
        memcpy(hex, digest->hex, sizeof digest->hex);
    else
        *err = digest->err;
    free(digest->path);
    free(digest->cache_dir);
    free(digest->cache_path);
    free(digest);
    return ok;
}
