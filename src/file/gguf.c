/* gguf.c - opens a GGUF file: one pass over the header that checks each number before it is used.
 * The file is: magic, version, two counts; the keys; the tensor descriptions; padding; the tensor
 * data, in the order of the descriptions and without gaps. Invariants, each kept by one function:
 *   1 no byte is read past the end                       take
 *   2 no allocation is larger than the file justifies    count_fits
 *   3 names are printable, and unique in their table     read_name, map_add
 *   4 tensor bytes = product of checked dimensions       tensor_measure
 *   5 tensor data lie in the file, aligned, apart        tensor_place */
#include "file/gguf.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "file/gguf_int.h"

enum {
    VERSION_MIN = 2,
    VERSION_MAX = 3,
    ALIGNMENT_DEFAULT = 32,
    ALIGNMENT_MIN = 8,
    ALIGNMENT_MAX = 65536,
    NAME_MAX_BYTES = 65535,
    STRING_BYTES_MIN = 8, /* its length */
    ENTRY_BYTES_MIN = 14, /* name length, one byte of name, kind, one byte of value */
    TENSOR_BYTES_MIN =
        33 /* name length, one byte of name, dimension count, one dimension, type, offset */
};

struct reader {
    struct str bytes;
    size_t at;
    struct err *err;
};

static const unsigned char *take(struct reader *r, uint64_t n, const char *what)
{
    if (n > r->bytes.len - r->at) {
        err_set(r->err, ERR_FORMAT, "byte %zu: the file ends inside %s", r->at, what);
        return NULL;
    }
    const char *p = r->bytes.ptr + r->at;
    r->at += (size_t)n;
    return (const unsigned char *)p;
}

static bool read_u32(struct reader *r, uint32_t *out, const char *what)
{
    const unsigned char *p = take(r, sizeof *out, what);
    if (p)
        memcpy(out, p, sizeof *out);
    return p != NULL;
}

static bool read_u64(struct reader *r, uint64_t *out, const char *what)
{
    const unsigned char *p = take(r, sizeof *out, what);
    if (p)
        memcpy(out, p, sizeof *out);
    return p != NULL;
}

static bool read_string(struct reader *r, struct str *out, const char *what)
{
    uint64_t len;
    if (!read_u64(r, &len, what))
        return false;
    const unsigned char *p = take(r, len, what);
    *out = str_n((const char *)p, (size_t)len);
    return p != NULL;
}

/* Names end up in messages on a terminal, so only printable ASCII gets through. */
static bool read_name(struct reader *r, struct str *out, const char *what)
{
    size_t start = r->at;
    if (!read_string(r, out, what))
        return false;
    if (out->len == 0 || out->len > NAME_MAX_BYTES)
        return err_set(r->err, ERR_FORMAT, "byte %zu: %s of %zu bytes, expected 1 to %d", start,
                       what, out->len, NAME_MAX_BYTES);
    for (size_t i = 0; i < out->len; i++)
        if (out->ptr[i] < ' ' || out->ptr[i] > '~')
            return err_set(r->err, ERR_FORMAT,
                           "byte %zu: %s has a byte that is not printable ASCII", start, what);
    return true;
}

/* `count` items of at least `least` bytes each must still fit behind the reader. */
static bool count_fits(struct reader *r, uint64_t count, size_t least, const char *what)
{
    size_t left = r->bytes.len - r->at;
    if (count > left / least)
        return err_set(r->err, ERR_FORMAT,
                       "byte %zu: %" PRIu64 " %s cannot fit in the %zu bytes left", r->at, count,
                       what, left);
    return true;
}

/* Bytes of one number of this kind; 0 for strings, arrays and unknown kinds. */
static size_t kind_bytes(uint32_t kind)
{
    static const unsigned char bytes[] = {
        [GGUF_U8] = 1,  [GGUF_I8] = 1,  [GGUF_U16] = 2, [GGUF_I16] = 2,
        [GGUF_U32] = 4, [GGUF_I32] = 4, [GGUF_F32] = 4, [GGUF_BOOL] = 1,
        [GGUF_U64] = 8, [GGUF_I64] = 8, [GGUF_F64] = 8,
    };
    return kind < sizeof bytes ? bytes[kind] : 0;
}

static bool read_strings(struct reader *r, struct gguf_entry *entry)
{
    size_t count = entry->value.count, bytes;
    if (!count_fits(r, count, STRING_BYTES_MIN, "strings"))
        return false;
    if (!size_mul(&bytes, count, sizeof *entry->strings) ||
        !(entry->strings = mem_try_aligned(bytes, _Alignof(max_align_t))))
        return err_set(r->err, ERR_LIMIT, "no memory to index %zu strings", count);
    entry->value.strings = entry->strings;
    for (size_t i = 0; i < count; i++)
        if (!read_string(r, &entry->strings[i], "a string"))
            return false;
    return true;
}

static bool read_numbers(struct reader *r, struct gguf_entry *entry, size_t width)
{
    struct gguf_array *value = &entry->value;
    if (!count_fits(r, value->count, width, "numbers"))
        return false;
    value->data = take(r, value->count * width, "a number");
    for (size_t i = 0; value->kind == GGUF_BOOL && i < value->count; i++)
        if (value->data[i] > 1)
            return err_set(r->err, ERR_FORMAT, "a truth value is %d, expected 0 or 1",
                           value->data[i]);
    return true;
}

static bool read_value(struct reader *r, struct gguf_entry *entry)
{
    uint32_t kind;
    uint64_t count = 1;
    if (!read_u32(r, &kind, "the kind of a value"))
        return false;
    entry->is_array = kind == GGUF_ARRAY;
    if (entry->is_array && (!read_u32(r, &kind, "the kind of an array") ||
                            !read_u64(r, &count, "the length of an array")))
        return false;
    if (entry->is_array && kind == GGUF_ARRAY)
        return err_set(r->err, ERR_UNSUPPORTED, "arrays of arrays are not supported");
    size_t width = kind_bytes(kind);
    if (kind != GGUF_STRING && width == 0)
        return err_set(r->err, ERR_FORMAT, "byte %zu: unknown kind of value %" PRIu32, r->at, kind);
    if (!count_fits(r, count, 1, "elements")) /* so that the count is a size_t */
        return false;
    entry->value = (struct gguf_array){.kind = (enum gguf_kind)kind, .count = (size_t)count};
    return kind == GGUF_STRING ? read_strings(r, entry) : read_numbers(r, entry, width);
}

static bool read_entries(struct gguf *gguf, struct reader *r, size_t count)
{
    gguf->entries = mem_zalloc(count, sizeof *gguf->entries);
    map_reserve(&gguf->entry_index, count);
    for (size_t i = 0; i < count; i++) {
        struct gguf_entry *entry = &gguf->entries[i];
        if (!read_name(r, &entry->key, "the name of a key"))
            return false;
        gguf->entry_count++; /* from here on close frees its strings */
        if (!map_add(&gguf->entry_index, entry->key, (uint32_t)i))
            return err_set(r->err, ERR_FORMAT, "key %.*s occurs twice", STR_ARG(entry->key));
        if (!read_value(r, entry))
            return err_in(r->err, "key %.*s", STR_ARG(entry->key));
    }
    return true;
}

static bool read_alignment(struct gguf *gguf, struct err *err)
{
    uint64_t alignment = ALIGNMENT_DEFAULT;
    if (gguf_has(gguf, "general.alignment") &&
        !gguf_need_u64(gguf, "general.alignment", &alignment, err))
        return false;
    if (alignment < ALIGNMENT_MIN || alignment > ALIGNMENT_MAX ||
        (alignment & (alignment - 1)) != 0)
        return err_set(err, ERR_FORMAT,
                       "general.alignment is %" PRIu64 ", expected a power of two from %d to %d",
                       alignment, ALIGNMENT_MIN, ALIGNMENT_MAX);
    gguf->alignment = (size_t)alignment;
    return true;
}

static bool read_dims(struct reader *r, struct gguf_tensor *tensor)
{
    uint32_t n_dims;
    if (!read_u32(r, &n_dims, "a dimension count"))
        return false;
    if (n_dims < 1 || n_dims > GGUF_DIMS_MAX)
        return err_set(r->err, ERR_FORMAT, "%" PRIu32 " dimensions, expected 1 to %d", n_dims,
                       GGUF_DIMS_MAX);
    tensor->n_dims = n_dims;
    for (unsigned i = 0; i < GGUF_DIMS_MAX; i++)
        tensor->dim[i] = 1;
    for (unsigned i = 0; i < n_dims; i++)
        if (!read_u64(r, &tensor->dim[i], "a dimension"))
            return false;
    return true;
}

/* Sets `bytes` from type and dimensions. */
static bool tensor_measure(struct gguf_tensor *tensor, struct err *err)
{
    size_t n = 1;
    for (unsigned i = 0; i < GGUF_DIMS_MAX; i++)
        if (tensor->dim[i] == 0 || tensor->dim[i] > SIZE_MAX ||
            !size_mul(&n, n, (size_t)tensor->dim[i]))
            return err_set(err, ERR_FORMAT,
                           "dimensions %" PRIu64 " x %" PRIu64 " x %" PRIu64 " x %" PRIu64
                           " hold nothing or too much",
                           tensor->dim[0], tensor->dim[1], tensor->dim[2], tensor->dim[3]);
    const struct dtype *t = tensor->dtype;
    if (tensor->dim[0] % t->block != 0)
        return err_set(err, ERR_FORMAT, "rows of %" PRIu64 " weights, but %s stores %zu at a time",
                       tensor->dim[0], t->name, t->block);
    if (!size_mul(&tensor->bytes, n / t->block, t->block_bytes))
        return err_set(err, ERR_FORMAT, "%zu weights are more than memory can hold", n);
    return true;
}

static bool read_tensor(struct reader *r, struct gguf_tensor *tensor, uint64_t *offset)
{
    uint32_t type;
    if (!read_dims(r, tensor) || !read_u32(r, &type, "a tensor type") ||
        !read_u64(r, offset, "a tensor offset"))
        return false;
    tensor->dtype = dtype_find(type);
    if (!tensor->dtype)
        return err_set(r->err, ERR_UNSUPPORTED, "storage type %" PRIu32 " is not supported", type);
    return tensor_measure(tensor, r->err);
}

/* Points `data` into the file. `*used` is where the data section is taken up to, and moves on. */
static bool tensor_place(const struct gguf *gguf, struct gguf_tensor *tensor, uint64_t offset,
                         size_t *used, struct err *err)
{
    size_t len = gguf->bytes.len;
    size_t room = len > gguf->data_start ? len - gguf->data_start : 0;
    if (offset % gguf->alignment != 0)
        return err_set(err, ERR_FORMAT, "offset %" PRIu64 " is not a multiple of the alignment %zu",
                       offset, gguf->alignment);
    if (offset > room || tensor->bytes > room - (size_t)offset)
        return err_set(err, ERR_FORMAT,
                       "%zu bytes at offset %" PRIu64
                       " pass the end of the %zu bytes of tensor data",
                       tensor->bytes, offset, room);
    size_t expected = size_round_up(*used, gguf->alignment);
    if (offset != expected)
        return err_set(err, ERR_FORMAT, "offset %" PRIu64 " %s; expected %zu", offset,
                       offset < expected ? "overlaps the tensor before" : "leaves a gap", expected);
    tensor->data = gguf->bytes.ptr + gguf->data_start + (size_t)offset;
    *used = (size_t)offset + tensor->bytes;
    return true;
}

/* Offsets can be judged only after the last description, where the data begin: `offsets` keeps
 * them. */
static bool read_tensors(struct gguf *gguf, struct reader *r, size_t count, uint64_t *offsets)
{
    gguf->tensors = mem_zalloc(count, sizeof *gguf->tensors);
    gguf->tensor_count = count;
    map_reserve(&gguf->tensor_index, count);
    for (size_t i = 0; i < count; i++) {
        struct gguf_tensor *tensor = &gguf->tensors[i];
        if (!read_name(r, &tensor->name, "the name of a tensor"))
            return false;
        if (!map_add(&gguf->tensor_index, tensor->name, (uint32_t)i))
            return err_set(r->err, ERR_FORMAT, "tensor %.*s occurs twice", STR_ARG(tensor->name));
        if (!read_tensor(r, tensor, &offsets[i]))
            return err_in(r->err, "tensor %.*s", STR_ARG(tensor->name));
    }
    gguf->data_start = size_round_up(r->at, gguf->alignment);
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (!tensor_place(gguf, &gguf->tensors[i], offsets[i], &used, r->err))
            return err_in(r->err, "tensor %.*s", STR_ARG(gguf->tensors[i].name));
    return true;
}

static bool read_version(struct reader *r)
{
    const unsigned char *magic = take(r, 4, "the magic number");
    uint32_t version;
    if (!magic || memcmp(magic, "GGUF", 4) != 0)
        return err_set(r->err, ERR_FORMAT, "not a GGUF file");
    if (!read_u32(r, &version, "the version"))
        return false;
    if (version != 0 && (version & 0xffff) == 0)
        return err_set(r->err, ERR_UNSUPPORTED,
                       "a big-endian GGUF file; convert it to little-endian");
    if (version < VERSION_MIN || version > VERSION_MAX)
        return err_set(r->err, ERR_UNSUPPORTED, "GGUF version %" PRIu32 ", expected %d to %d",
                       version, VERSION_MIN, VERSION_MAX);
    return true;
}

static bool read_counts(struct reader *r, size_t *tensors, size_t *keys)
{
    uint64_t n_tensors, n_keys;
    if (!read_u64(r, &n_tensors, "the tensor count") || !read_u64(r, &n_keys, "the key count") ||
        !count_fits(r, n_tensors, TENSOR_BYTES_MIN, "tensors") ||
        !count_fits(r, n_keys, ENTRY_BYTES_MIN, "keys"))
        return false;
    if (n_tensors > GGUF_TENSORS_MAX)
        return err_set(r->err, ERR_LIMIT, "%" PRIu64 " tensors, the limit is %d", n_tensors,
                       GGUF_TENSORS_MAX);
    if (n_keys > GGUF_KEYS_MAX)
        return err_set(r->err, ERR_LIMIT, "%" PRIu64 " keys, the limit is %d", n_keys,
                       GGUF_KEYS_MAX);
    *tensors = (size_t)n_tensors;
    *keys = (size_t)n_keys;
    return true;
}

static bool parse(struct gguf *gguf, struct err *err)
{
    struct reader r = {gguf->bytes, 0, err};
    size_t tensors = 0, keys = 0;
    if (!read_version(&r) || !read_counts(&r, &tensors, &keys) || !read_entries(gguf, &r, keys) ||
        !read_alignment(gguf, err))
        return false;
    uint64_t *offsets = mem_zalloc(tensors, sizeof *offsets);
    bool ok = read_tensors(gguf, &r, tensors, offsets);
    free(offsets);
    return ok;
}

bool gguf_open_memory(struct gguf **out, struct str bytes, struct err *err)
{
    struct gguf *gguf = mem_zalloc(1, sizeof *gguf);
    gguf->bytes = bytes;
    *out = gguf;
    if (parse(gguf, err))
        return true;
    gguf_close(gguf);
    *out = NULL;
    return false;
}

bool gguf_open(struct gguf **out, const char *path, struct err *err)
{
    struct map_file map;
    *out = NULL;
    if (!map_file_open(&map, path, err))
        return false;
    if (!gguf_open_memory(out, map.bytes, err)) {
        map_file_close(&map);
        return err_in(err, "%s", path);
    }
    (*out)->map = map;
    return true;
}

void gguf_close(struct gguf *gguf)
{
    if (!gguf)
        return;
    for (size_t i = 0; i < gguf->entry_count; i++)
        free(gguf->entries[i].strings);
    free(gguf->entries);
    free(gguf->tensors);
    map_release(&gguf->entry_index);
    map_release(&gguf->tensor_index);
    map_file_close(&gguf->map);
    free(gguf);
}

void gguf_forget_tensors(const struct gguf *gguf, size_t part, size_t parts)
{
    if (gguf->data_start >= gguf->bytes.len)
        return;
    size_t bytes = (gguf->bytes.len - gguf->data_start) / parts + 1;
    map_file_forget(&gguf->map, gguf->data_start + part * bytes, bytes);
}
