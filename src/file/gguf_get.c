/* gguf_get.c - answers about an open GGUF file: tensors by name, keys by kind. */
#include <stdlib.h>

#include "file/gguf_int.h"

struct str gguf_bytes(const struct gguf *gguf)
{
    return gguf->bytes;
}

size_t gguf_tensor_count(const struct gguf *gguf)
{
    return gguf->tensor_count;
}

const struct gguf_tensor *gguf_tensor_at(const struct gguf *gguf, size_t index)
{
    if (index >= gguf->tensor_count)
        BUG("tensor %zu of %zu", index, gguf->tensor_count);
    return &gguf->tensors[index];
}

const struct gguf_tensor *gguf_tensor_find(const struct gguf *gguf, struct str name)
{
    uint32_t i = map_get(&gguf->tensor_index, name);
    return i == MAP_NONE ? NULL : &gguf->tensors[i];
}

size_t gguf_key_count(const struct gguf *gguf)
{
    return gguf->entry_count;
}

struct str gguf_key_at(const struct gguf *gguf, size_t index)
{
    if (index >= gguf->entry_count)
        BUG("key %zu of %zu", index, gguf->entry_count);
    return gguf->entries[index].key;
}

const struct gguf_entry *gguf_entry_find(const struct gguf *gguf, struct str key)
{
    uint32_t i = map_get(&gguf->entry_index, key);
    return i == MAP_NONE ? NULL : &gguf->entries[i];
}

bool gguf_has(const struct gguf *gguf, const char *key)
{
    return gguf_entry_find(gguf, str_of(key)) != NULL;
}

/* Element `index` as 64 bits: two's complement for signed kinds. */
static uint64_t integer_bits(const struct gguf_array *a, size_t index)
{
    const unsigned char *p = a->data;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (a->kind) {
    case GGUF_U8:
    case GGUF_BOOL: return p[index];
    case GGUF_I8: return (uint64_t)(int8_t)p[index];
    case GGUF_U16: memcpy(&u16, p + 2 * index, 2); return u16;
    case GGUF_I16: memcpy(&u16, p + 2 * index, 2); return (uint64_t)(int16_t)u16;
    case GGUF_U32: memcpy(&u32, p + 4 * index, 4); return u32;
    case GGUF_I32: memcpy(&u32, p + 4 * index, 4); return (uint64_t)(int32_t)u32;
    case GGUF_U64:
    case GGUF_I64: memcpy(&u64, p + 8 * index, 8); return u64;
    default: BUG("kind %d is no integer", (int)a->kind);
    }
}

static void index_check(const struct gguf_array *a, size_t index)
{
    if (index >= a->count)
        BUG("element %zu of %zu", index, a->count);
}

static bool is_signed(enum gguf_kind kind)
{
    return kind == GGUF_I8 || kind == GGUF_I16 || kind == GGUF_I32 || kind == GGUF_I64;
}

int64_t gguf_array_i64(const struct gguf_array *array, size_t index)
{
    index_check(array, index);
    uint64_t bits = integer_bits(array, index);
    if (!is_signed(array->kind) && bits > INT64_MAX)
        return INT64_MAX; /* out of any range a caller allows, and not negative */
    return (int64_t)bits;
}

double gguf_array_f64(const struct gguf_array *array, size_t index)
{
    index_check(array, index);
    float f32;
    double f64;
    switch (array->kind) {
    case GGUF_F32: memcpy(&f32, array->data + 4 * index, 4); return (double)f32;
    case GGUF_F64: memcpy(&f64, array->data + 8 * index, 8); return f64;
    case GGUF_U64: return (double)integer_bits(array, index);
    default: return (double)(int64_t)integer_bits(array, index);
    }
}

/* The value of a key that is no array; NULL when the key is absent or an array. */
static const struct gguf_array *scalar_find(const struct gguf *gguf, const char *key)
{
    const struct gguf_entry *entry = gguf_entry_find(gguf, str_of(key));
    return entry && !entry->is_array ? &entry->value : NULL;
}

bool gguf_get_u64(const struct gguf *gguf, const char *key, uint64_t *out)
{
    const struct gguf_array *value = scalar_find(gguf, key);
    if (!value || !gguf_kind_is_integer(value->kind))
        return false;
    uint64_t bits = integer_bits(value, 0);
    if (is_signed(value->kind) && bits > INT64_MAX) /* negative */
        return false;
    *out = bits;
    return true;
}

bool gguf_get_f64(const struct gguf *gguf, const char *key, double *out)
{
    const struct gguf_array *value = scalar_find(gguf, key);
    if (!value || !(gguf_kind_is_integer(value->kind) || gguf_kind_is_float(value->kind)))
        return false;
    *out = gguf_array_f64(value, 0);
    return true;
}

bool gguf_get_bool(const struct gguf *gguf, const char *key, bool *out)
{
    const struct gguf_array *value = scalar_find(gguf, key);
    if (!value || value->kind != GGUF_BOOL)
        return false;
    *out = value->data[0] != 0;
    return true;
}

bool gguf_get_str(const struct gguf *gguf, const char *key, struct str *out)
{
    const struct gguf_array *value = scalar_find(gguf, key);
    if (!value || value->kind != GGUF_STRING)
        return false;
    *out = value->strings[0];
    return true;
}

static bool key_fails(const struct gguf *gguf, const char *key, const char *expected,
                      struct err *err)
{
    if (gguf_has(gguf, key))
        return err_set(err, ERR_FORMAT, "key %s is not %s", key, expected);
    return err_set(err, ERR_FORMAT, "key %s is missing", key);
}

bool gguf_need_u64(const struct gguf *gguf, const char *key, uint64_t *out, struct err *err)
{
    return gguf_get_u64(gguf, key, out) || key_fails(gguf, key, "a whole number from 0 up", err);
}

bool gguf_need_f64(const struct gguf *gguf, const char *key, double *out, struct err *err)
{
    return gguf_get_f64(gguf, key, out) || key_fails(gguf, key, "a number", err);
}

bool gguf_need_str(const struct gguf *gguf, const char *key, struct str *out, struct err *err)
{
    return gguf_get_str(gguf, key, out) || key_fails(gguf, key, "a string", err);
}

bool gguf_array_find(const struct gguf *gguf, const char *key, struct gguf_array *out)
{
    const struct gguf_entry *entry = gguf_entry_find(gguf, str_of(key));
    if (!entry || !entry->is_array)
        return false;
    *out = entry->value;
    return true;
}
