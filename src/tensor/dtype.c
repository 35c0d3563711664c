#include "tensor/dtype.h"

#include "tensor/dtype_int.h"

static const struct dtype *const table[] = {
    &dtype_f32,  &dtype_f16,    &dtype_bf16,   &dtype_q4_0,  &dtype_q4_1, &dtype_q5_0,
    &dtype_q5_1, &dtype_q8_0,   &dtype_q2_k,   &dtype_q3_k,  &dtype_q4_k, &dtype_q5_k,
    &dtype_q6_k, &dtype_iq4_nl, &dtype_iq4_xs, &dtype_mxfp4,
};

size_t dtype_count(void)
{
    return sizeof table / sizeof *table;
}

const struct dtype *dtype_at(size_t index)
{
    return table[index];
}

const struct dtype *dtype_find(uint32_t gguf_type)
{
    for (size_t i = 0; i < dtype_count(); i++)
        if (table[i]->gguf_type == gguf_type)
            return table[i];
    return NULL;
}

const struct dtype *dtype_named(struct str name)
{
    for (size_t i = 0; i < dtype_count(); i++)
        if (str_is(name, table[i]->name))
            return table[i];
    return NULL;
}

enum { RUN = 16 }; /* every group is a multiple; a constant length lets the compiler vectorise */

static void run_scale(float dst[restrict RUN], const uint8_t codes[restrict RUN], int offset,
                      float scale)
{
    for (size_t i = 0; i < RUN; i++)
        dst[i] = scale * (float)(codes[i] - offset);
}

/* The product is exact (scales have at most 19 significant bits, codes at most 8, and never more
 * than 24 together), so adding afterwards rounds once, as an fma does. */
static void run_scale_add(float dst[restrict RUN], const uint8_t codes[restrict RUN], int offset,
                          float scale, float min)
{
    for (size_t i = 0; i < RUN; i++)
        dst[i] = scale * (float)(codes[i] - offset) + min;
}

/* Number g of the scales or mins that `unpack` of t gave. */
static float number_at(const struct dtype *t, const float *numbers, size_t g)
{
    return t->quant.scale_is_f16 ? half_to_float(half_load((const uint8_t *)numbers + 2 * g))
                                 : numbers[g];
}

void quant_to_float(float *dst, const struct dtype *t, const void *src, size_t n)
{
    uint8_t codes[K_BLOCK];
    float scales[K_BLOCK / RUN], mins[K_BLOCK / RUN];
    const uint8_t *block = src;
    int offset = (int)t->quant.offset;
    for (size_t start = 0; start < n; start += t->block, block += t->block_bytes) {
        t->unpack(codes, scales, mins, block, t->block);
        for (size_t i = 0; i < t->block; i += RUN) {
            size_t g = i / t->quant.group;
            float scale = number_at(t, scales, g);
            if (t->quant.has_min)
                run_scale_add(dst + start + i, codes + i, offset, scale, number_at(t, mins, g));
            else /* adding zero would turn -0 into +0 */
                run_scale(dst + start + i, codes + i, offset, scale);
        }
    }
}
