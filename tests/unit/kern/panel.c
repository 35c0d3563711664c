/* Packed weights: what is read back is what the storage format means, for every format there is and
 * for matrices that do not fill their last panel. */
#include "kern/panel.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "support/panel_memory.h"

struct matrix {
    const struct dtype *dtype;
    size_t n, k;
    unsigned char *bytes;
};

static bool all_finite(const struct dtype *dtype, const unsigned char *block)
{
    float x[256];
    dtype->to_float(x, block, dtype->block);
    for (size_t i = 0; i < dtype->block; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* Random bytes are a valid block of any format. Scales may be infinite or NaN then, which no file
 * made from weights holds, so a block is drawn until all its weights are finite. */
static struct matrix draw_matrix(const struct dtype *dtype, size_t n, size_t k, uint64_t seed)
{
    struct matrix m = {dtype, n, k, mem_alloc(dtype_bytes(dtype, n * k))};
    uint64_t at = 0;
    for (size_t b = 0; b < n * k / dtype->block; b++) {
        unsigned char *block = m.bytes + b * dtype->block_bytes;
        do {
            for (size_t i = 0; i < dtype->block_bytes; i++)
                block[i] = (unsigned char)(rng_uniform(seed, k, at++) * 256);
        } while (!all_finite(dtype, block));
    }
    return m;
}

static const void *row_of(const void *arg, size_t r)
{
    const struct matrix *m = arg;
    if (r >= m->n)
        fail_msg("row %zu of %zu was asked for", r, m->n);
    return m->bytes + r * dtype_bytes(m->dtype, m->k);
}

static struct panels pack(const struct matrix *m, bool split)
{
    struct panels p;
    struct err err = {0};
    if (!panels_init(&p, m->dtype, m->n, m->k, &err))
        fail_msg("%s", err.msg);
    if (split)
        panels_split(&p);
    panel_memory_take(&p);
    void *scratch = mem_alloc(panels_scratch_bytes(&p));
    for (size_t i = p.count; i-- > 0;) /* any order */
        panels_pack(&p, m->dtype, i, row_of, m, scratch);
    free(scratch);
    return p;
}

static void assert_row(const struct panels *p, const struct matrix *m, size_t r, size_t from,
                       size_t count, const float *want)
{
    float *got = mem_alloc(count * sizeof *got);
    panels_row(p, r, from, count, got);
    if (memcmp(got, want + from, count * sizeof *got) != 0)
        fail_msg("%s: row %zu of %zu x %zu differs in [%zu, %zu)", m->dtype->name, r, m->n, m->k,
                 from, from + count);
    free(got);
}

static void check_matrix(const struct dtype *dtype, bool split, size_t n, size_t k)
{
    struct matrix m = draw_matrix(dtype, n, k, 17 * n + k);
    struct panels p = pack(&m, split);
    float *want = mem_alloc(k * sizeof *want);
    assert_int_equal(p.count, (n + PANEL_LANES - 1) / PANEL_LANES);
    for (size_t r = 0; r < n; r++) {
        dtype->to_float(want, row_of(&m, r), k);
        assert_row(&p, &m, r, 0, k, want);
        assert_row(&p, &m, r, k / 3, k / 2, want);
        assert_row(&p, &m, r, k - 1, 1, want);
    }
    free(want);
    panel_memory_give(&p);
    free(m.bytes);
}

static void every_format_reads_back(void **state)
{
    (void)state;
    static const size_t HEIGHTS[] = {1, 15, 16, 17, 40};
    for (size_t t = 0; t < dtype_count(); t++)
        for (size_t i = 0; i < sizeof HEIGHTS / sizeof *HEIGHTS; i++) {
            size_t block = size_max(dtype_at(t)->block, PANEL_STEP);
            for (int split = 0; split < 2; split++) {
                check_matrix(dtype_at(t), split, HEIGHTS[i], block);
                check_matrix(dtype_at(t), split, HEIGHTS[i], 3 * block);
            }
        }
}

/* Floats need no whole steps. */
static void floats_of_any_width_read_back(void **state)
{
    (void)state;
    for (size_t t = 0; t < dtype_count(); t++)
        for (size_t k = 1; !dtype_at(t)->is_quantised && k < 40; k += 6)
            check_matrix(dtype_at(t), false, 19, k);
}

/* Scale, code and min of one weight, put together as kernels do. */
static float weight_of_parts(const struct panels *p, size_t r, size_t i)
{
    int codes[PANEL_STEP];
    panels_codes(p, r, i / PANEL_STEP, codes);
    float scale = panels_scale(p, r, i / p->quant.group), q = (float)codes[i % PANEL_STEP];
    return p->quant.has_min ? fmaf(scale, q, panels_min(p, r, i / p->quant.group)) : scale * q;
}

static void parts_make_the_weight(void **state)
{
    (void)state;
    for (size_t t = 0; t < 2 * dtype_count(); t++) {
        bool split = t >= dtype_count();
        const struct dtype *dtype = dtype_at(t % dtype_count());
        float want[512];
        if (!dtype->is_quantised)
            continue;
        struct matrix m = draw_matrix(dtype, 18, size_max(dtype->block, PANEL_STEP) * 2, t);
        struct panels p = pack(&m, split);
        for (size_t r = 0; r < m.n; r++) {
            dtype->to_float(want, row_of(&m, r), m.k);
            for (size_t i = 0; i < m.k; i++) {
                float got = weight_of_parts(&p, r, i);
                if (memcmp(&got, &want[i], sizeof got) != 0)
                    fail_msg("%s: weight %zu of row %zu is %g, expected %g", dtype->name, i, r,
                             (double)got, (double)want[i]);
            }
        }
        panel_memory_give(&p);
        free(m.bytes);
    }
}

/* What is missing in the last panel must not disturb a product: its lanes are zero. */
static void missing_outputs_are_zero(void **state)
{
    (void)state;
    for (size_t t = 0; t < 2 * dtype_count(); t++) {
        bool split = t >= dtype_count();
        const struct dtype *dtype = dtype_at(t % dtype_count());
        float x[256];
        struct matrix m = draw_matrix(dtype, 3, size_max(dtype->block, PANEL_STEP), t);
        struct panels p = pack(&m, split);
        for (size_t r = m.n; r < PANEL_LANES; r++) {
            panels_row(&p, r, 0, m.k, x);
            for (size_t i = 0; i < m.k; i++)
                assert_true(x[i] == 0);
        }
        panel_memory_give(&p);
        free(m.bytes);
    }
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    static const size_t SIZES[][2] = {
        {16, SIZE_MAX / 32}, {SIZE_MAX - 8, 1 << 20}, {1ull << 50, 1 << 17}};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        struct panels p;
        struct err err = {0};
        assert_false(panels_init(&p, dtype_named(str_of("F32")), SIZES[i][0], SIZES[i][1], &err));
        assert_int_equal(err.code, ERR_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_reads_back),
        cmocka_unit_test(floats_of_any_width_read_back),
        cmocka_unit_test(parts_make_the_weight),
        cmocka_unit_test(missing_outputs_are_zero),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
