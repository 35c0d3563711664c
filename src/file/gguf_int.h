/* gguf_int.h - a parsed GGUF file as gguf.c builds it and gguf_get.c reads it. */
#ifndef FILE_GGUF_INT_H
#define FILE_GGUF_INT_H

#include "base/map.h"
#include "file/gguf.h"
#include "os/map_file.h"

/* A scalar is an array of one that says it is none. */
struct gguf_entry {
    struct str key;
    bool is_array;
    struct gguf_array value;
    struct str *strings; /* owned; what value.strings borrows */
};

struct gguf {
    struct map_file map; /* empty when opened from memory */
    struct str bytes;
    struct gguf_entry *entries;
    struct gguf_tensor *tensors;
    size_t entry_count, tensor_count;
    struct map entry_index, tensor_index; /* name to position */
    size_t alignment, data_start;
};

/* NULL when absent. */
const struct gguf_entry *gguf_entry_find(const struct gguf *gguf, struct str key);

static inline bool gguf_kind_is_float(enum gguf_kind kind)
{
    return kind == GGUF_F32 || kind == GGUF_F64;
}

static inline bool gguf_kind_is_integer(enum gguf_kind kind)
{
    return !gguf_kind_is_float(kind) && kind != GGUF_BOOL && kind != GGUF_STRING &&
           kind != GGUF_ARRAY;
}

#endif
