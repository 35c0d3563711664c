/* gguf.h - a GGUF v2/v3 file as metadata and tensor views.
 * Does        maps the file, checks every count, length, offset, type and alignment before use, and
 *             hands out borrowed views. Knows nothing of models.
 * Lifetime    gguf_open / gguf_close; every str and pointer borrows from the map until close.
 * Threads     immutable after open, share freely.
 * Limits      GGUF_* below; nothing is allocated beyond what the file's own size justifies.
 * Errors      ERR_IO (cannot read), ERR_FORMAT (with the key or tensor that is wrong),
 *             ERR_UNSUPPORTED, ERR_LIMIT.
 * See         docs/formats.md; docs/security.md for what hostile files try. */
#ifndef FILE_GGUF_H
#define FILE_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "tensor/dtype.h"

enum { GGUF_DIMS_MAX = 4, GGUF_TENSORS_MAX = 65536, GGUF_KEYS_MAX = 65536 };

enum gguf_kind { /* numbers as in the file */
                 GGUF_U8,
                 GGUF_I8,
                 GGUF_U16,
                 GGUF_I16,
                 GGUF_U32,
                 GGUF_I32,
                 GGUF_F32,
                 GGUF_BOOL,
                 GGUF_STRING,
                 GGUF_ARRAY,
                 GGUF_U64,
                 GGUF_I64,
                 GGUF_F64
};

struct gguf_tensor {
    struct str name;
    const struct dtype *dtype;
    unsigned n_dims;
    uint64_t dim[GGUF_DIMS_MAX]; /* dim[0] is the row length (input width), as in the file; unused
                                    are 1 */
    const void *data;            /* in the map, at the file's alignment */
    size_t bytes;
};

struct gguf; /* opaque */

MUST_USE bool gguf_open(struct gguf **out, const char *path, struct err *err);
/* The same from memory, for tests and fuzzing; `bytes` is borrowed until close. */
MUST_USE bool gguf_open_memory(struct gguf **out, struct str bytes, struct err *err);
void gguf_close(struct gguf *gguf);

struct str gguf_bytes(const struct gguf *gguf); /* the whole file */
/* Tells the system that a part of the tensor bytes, 0 .. parts - 1, is no longer needed in memory
 * (after packing). Threads may share the parts. */
void gguf_forget_tensors(const struct gguf *gguf, size_t part, size_t parts);

size_t gguf_tensor_count(const struct gguf *gguf);
const struct gguf_tensor *gguf_tensor_at(const struct gguf *gguf, size_t index);
const struct gguf_tensor *gguf_tensor_find(const struct gguf *gguf,
                                           struct str name); /* NULL when absent */

size_t gguf_key_count(const struct gguf *gguf);
struct str gguf_key_at(const struct gguf *gguf, size_t index);
bool gguf_has(const struct gguf *gguf, const char *key);

/* Scalars. `get` returns false and leaves *out alone when the key is absent; a key of another kind
 * is an error only for `need`, which also fails when the key is absent. Integers of any width that
 * fit are accepted. */
bool gguf_get_u64(const struct gguf *gguf, const char *key, uint64_t *out);
bool gguf_get_f64(const struct gguf *gguf, const char *key,
                  double *out); /* floats, and integers too */
bool gguf_get_bool(const struct gguf *gguf, const char *key, bool *out);
bool gguf_get_str(const struct gguf *gguf, const char *key, struct str *out);
MUST_USE bool gguf_need_u64(const struct gguf *gguf, const char *key, uint64_t *out,
                            struct err *err);
MUST_USE bool gguf_need_f64(const struct gguf *gguf, const char *key, double *out, struct err *err);
MUST_USE bool gguf_need_str(const struct gguf *gguf, const char *key, struct str *out,
                            struct err *err);

/* An array, found once for loops over it; strings were indexed at open. gguf_array_find is false when
 * the key is absent or is no array. */
struct gguf_array {
    enum gguf_kind kind;
    size_t count;
    const unsigned char *data; /* fixed-width elements, unaligned little-endian */
    const struct str *strings; /* for GGUF_STRING */
};
bool gguf_array_find(const struct gguf *gguf, const char *key, struct gguf_array *out);
double gguf_array_f64(const struct gguf_array *array, size_t index);  /* any numeric kind */
int64_t gguf_array_i64(const struct gguf_array *array, size_t index); /* any integer kind */

#endif
