/* gguf_build.h - a GGUF file with metadata and no tensors, written key by key in memory.
 * Lifetime    gguf_build_init, then keys, then gguf_build_end; the bytes are the builder's until
 *             gguf_build_release. */
#ifndef SUPPORT_GGUF_BUILD_H
#define SUPPORT_GGUF_BUILD_H

#include "base/buf.h"
#include "file/gguf.h"

struct gguf_build {
    struct buf bytes;
    uint64_t n_keys;
};

static inline void build_number(struct gguf_build *build, uint64_t value, size_t width)
{
    buf_add(&build->bytes, &value, width); /* little-endian, as every machine we build on */
}

static inline void build_text(struct gguf_build *build, struct str s)
{
    build_number(build, s.len, 8);
    buf_add_str(&build->bytes, s);
}

static inline void build_key(struct gguf_build *build, const char *key, enum gguf_kind kind)
{
    build_text(build, str_of(key));
    build_number(build, (uint64_t)kind, 4);
    build->n_keys++;
}

static inline void gguf_build_init(struct gguf_build *build)
{
    *build = (struct gguf_build){0};
    buf_init(&build->bytes, BUF_MAX_DEFAULT);
    buf_puts(&build->bytes, "GGUF");
    build_number(build, 3, 4);
    build_number(build, 0, 8); /* tensors */
    build_number(build, 0, 8); /* keys, known at the end */
}

static inline void build_string(struct gguf_build *build, const char *key, const char *value)
{
    build_key(build, key, GGUF_STRING);
    build_text(build, str_of(value));
}

static inline void build_u32(struct gguf_build *build, const char *key, uint32_t value)
{
    build_key(build, key, GGUF_U32);
    build_number(build, value, 4);
}

static inline void build_bool(struct gguf_build *build, const char *key, bool value)
{
    build_key(build, key, GGUF_BOOL);
    build_number(build, value, 1);
}

/* The head of an array; `count` elements follow by build_text or build_number. */
static inline void build_array(struct gguf_build *build, const char *key, enum gguf_kind kind,
                               size_t count)
{
    build_key(build, key, GGUF_ARRAY);
    build_number(build, (uint64_t)kind, 4);
    build_number(build, count, 8);
}

static inline struct str gguf_build_end(struct gguf_build *build)
{
    memcpy(build->bytes.ptr + 16, &build->n_keys, 8);
    return buf_str(&build->bytes);
}

static inline void gguf_build_release(struct gguf_build *build)
{
    buf_release(&build->bytes);
}

#endif
