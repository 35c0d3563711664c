/* gguf_requantise.h - rewrites a float GGUF file in memory with quantised matrices.
 * Does        stores matrices as Q4_0, Q4_1 or Q8_0 (types 2, 3, 8), rounding plainly; good enough
 *             for tests that compare paths of one model. */
#ifndef TESTS_GGUF_REQUANTISE_H
#define TESTS_GGUF_REQUANTISE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "file/gguf.h"
#include "tensor/half.h"

/* One row of n floats as blocks of `type`; returns their bytes. */
static inline size_t quantise_row(unsigned char *to, const float *x, size_t n, uint32_t type)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i += 32) {
        float low = x[i], high = x[i], most = 0;
        for (size_t j = 0; j < 32; j++) {
            low = fminf(low, x[i + j]);
            high = fmaxf(high, x[i + j]);
            most = fmaxf(most, fabsf(x[i + j]));
        }
        float d = type == 8 ? most / 127 : type == 2 ? most / 7 : (high - low) / 15;
        uint16_t half = half_from_float(d), min = half_from_float(low);
        uint8_t q[32];
        for (size_t j = 0; j < 32; j++) {
            float v = d > 0 ? (type == 3 ? (x[i + j] - low) / d : x[i + j] / d) : 0;
            int r = (int)lrintf(v) + (type == 2 ? 8 : 0);
            q[j] = type == 8 ? (uint8_t)(int8_t)r : (uint8_t)(r < 0 ? 0 : r > 15 ? 15 : r);
        }
        memcpy(to + at, &half, 2);
        at += 2;
        if (type == 3) {
            memcpy(to + at, &min, 2);
            at += 2;
        }
        for (size_t j = 0; j < (type == 8 ? 32u : 16u); j++)
            to[at++] = (uint8_t)(type == 8 ? q[j] : q[j] | q[j + 16] << 4);
    }
    return at;
}

/* Finds the type field of a tensor's entry: name, u32 dims, u64 each, u32 type. */
static inline unsigned char *gguf_type_field(unsigned char *file, size_t size,
                                             const struct gguf_tensor *t)
{
    size_t entry = 8 + t->name.len + 4 + 8 * t->n_dims + 12;
    for (size_t i = 0; i + entry <= size; i++) {
        uint64_t len;
        memcpy(&len, file + i, 8);
        if (len == t->name.len && memcmp(file + i + 8, t->name.ptr, t->name.len) == 0)
            return file + i + 8 + t->name.len + 4 + 8 * t->n_dims;
    }
    return NULL;
}

/* Which type a tensor is to be stored as. */
typedef uint32_t (*storage_fn)(const void *arg, struct str name);

/* A copy of a float GGUF in memory, to be freed, whose matrices are stored as `storage` says; rows
 * that are not whole blocks stay floats. Offsets are made anew. */
static inline struct str gguf_requantise(const struct gguf *gguf, storage_fn storage,
                                         const void *arg)
{
    struct str bytes = gguf_bytes(gguf);
    unsigned char *copy = mem_zalloc(bytes.len, 1);
    size_t start = bytes.len, at = 0;
    for (size_t i = 0; i < gguf_tensor_count(gguf); i++)
        start = size_min(start, (size_t)((const char *)gguf_tensor_at(gguf, i)->data - bytes.ptr));
    memcpy(copy, bytes.ptr, start);
    for (size_t i = 0; i < gguf_tensor_count(gguf); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(gguf, i);
        size_t n = (size_t)t->dim[0];
        uint32_t type = storage(arg, t->name);
        bool whole = type != t->dtype->gguf_type && t->n_dims == 2 && n % 32 == 0;
        uint32_t stored = whole ? type : t->dtype->gguf_type;
        uint64_t offset = at;
        unsigned char *field = gguf_type_field(copy, start, t);
        if (!field)
            abort();
        memcpy(field, &stored, 4);
        memcpy(field + 4, &offset, 8);
        if (whole)
            for (size_t r = 0; r < t->dim[1]; r++)
                at += quantise_row(copy + start + at, (const float *)t->data + r * n, n, type);
        else
            memcpy(copy + start + at, t->data, t->bytes), at += t->bytes;
        at = size_round_up(at, 32);
    }
    return str_n((char *)copy, start + at);
}

#endif
