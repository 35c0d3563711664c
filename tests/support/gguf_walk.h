/* gguf_walk.h - touches everything an open GGUF file offers, so that a sanitizer sees any view that
 * is wrong. */
#ifndef TESTS_GGUF_WALK_H
#define TESTS_GGUF_WALK_H

#include "file/gguf.h"

#include <stdlib.h>

static inline unsigned bytes_touch(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    return sum;
}

static inline unsigned gguf_array_touch(const struct gguf_array *a)
{
    unsigned sum = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (a->kind == GGUF_STRING)
            sum += bytes_touch(a->strings[i].ptr, a->strings[i].len);
        else if (a->kind == GGUF_F32 || a->kind == GGUF_F64)
            sum += gguf_array_f64(a, i) > 0 ? 1 : 0;
        else
            sum += gguf_array_i64(a, i) > 0 ? 1 : 0;
    }
    return sum;
}

static inline unsigned gguf_keys_touch(const struct gguf *gguf)
{
    unsigned sum = 0;
    for (size_t i = 0; i < gguf_key_count(gguf); i++) {
        struct str key = gguf_key_at(gguf, i), text;
        char *name = strndup(key.ptr, key.len);
        struct gguf_array array;
        uint64_t u;
        double d;
        bool b;
        sum += gguf_get_u64(gguf, name, &u) ? 1 : 0;
        sum += gguf_get_f64(gguf, name, &d) ? 1 : 0;
        sum += gguf_get_bool(gguf, name, &b) ? 1 : 0;
        if (gguf_get_str(gguf, name, &text))
            sum += bytes_touch(text.ptr, text.len);
        if (gguf_array_find(gguf, name, &array))
            sum += gguf_array_touch(&array);
        free(name);
    }
    return sum;
}

/* The sum means nothing; returning it keeps the reads alive. */
static inline unsigned gguf_walk(const struct gguf *gguf)
{
    unsigned sum = gguf_keys_touch(gguf);
    for (size_t i = 0; i < gguf_tensor_count(gguf); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(gguf, i);
        float first[256];
        sum += bytes_touch(t->data, t->bytes) + bytes_touch(t->name.ptr, t->name.len);
        t->dtype->to_float(first, t->data, t->dtype->block);
        sum += first[0] > 0 ? 1 : 0;
        sum += gguf_tensor_find(gguf, t->name) == t ? 1 : 0;
    }
    return sum;
}

#endif
