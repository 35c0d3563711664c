/* plain.c - unquantised weights: F32, F16 and BF16. */
#include "tensor/dtype_int.h"

enum { RUN = 16 }; /* a constant length lets the compiler vectorise */

static void f32_to_float(float *restrict dst, const void *restrict src, size_t n)
{
    memcpy(dst, src, n * sizeof *dst);
}

static inline void f16_run(float *restrict dst, const uint8_t *restrict src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = half_to_float(half_load(src + 2 * i));
}

static void f16_to_float(float *restrict dst, const void *restrict src, size_t n)
{
    const uint8_t *bytes = src;
    size_t whole = n / RUN * RUN;
    for (size_t i = 0; i < whole; i += RUN)
        f16_run(dst + i, bytes + 2 * i, RUN);
    f16_run(dst + whole, bytes + 2 * whole, n - whole);
}

static inline void bf16_run(float *restrict dst, const uint8_t *restrict src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = bfloat_to_float(half_load(src + 2 * i));
}

static void bf16_to_float(float *restrict dst, const void *restrict src, size_t n)
{
    const uint8_t *bytes = src;
    size_t whole = n / RUN * RUN;
    for (size_t i = 0; i < whole; i += RUN)
        bf16_run(dst + i, bytes + 2 * i, RUN);
    bf16_run(dst + whole, bytes + 2 * whole, n - whole);
}

const struct dtype dtype_f32 = {
    .name = "F32", .gguf_type = 0, .block = 1, .block_bytes = 4, .to_float = f32_to_float};
const struct dtype dtype_f16 = {
    .name = "F16", .gguf_type = 1, .block = 1, .block_bytes = 2, .to_float = f16_to_float};
const struct dtype dtype_bf16 = {
    .name = "BF16", .gguf_type = 30, .block = 1, .block_bytes = 2, .to_float = bf16_to_float};
