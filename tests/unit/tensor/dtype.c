/* dtype.c - every storage format against the oracle's floats, and its codes against its own floats.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tensor/dtype.h"
#include "tensor/half.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WEIGHTS_MAX = 512, BYTES_MAX = WEIGHTS_MAX * 4 };

static size_t from_hex(uint8_t *out, const char *hex)
{
    size_t n = strlen(hex) / 2;
    assert_true(n <= BYTES_MAX);
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return n;
}

static void fill_random(uint8_t *bytes, size_t n, uint64_t stream)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rng_block(7, stream, i).word[0];
}

/* The bits where two floats differ, as text, so that a failure says what came out. */
static void expect_same_bits(const char *name, size_t i, float got, float want)
{
    if (half_float_to_bits(got) != half_float_to_bits(want))
        fail_msg("%s element %zu: %a (%08x), expected %a (%08x)", name, i, (double)got,
                 half_float_to_bits(got), (double)want, half_float_to_bits(want));
}

static void check_oracle_line(const json_t *row)
{
    const char *type = json_string_value(json_object_get(row, "type"));
    const struct dtype *t = dtype_named(str_of(type));
    assert_non_null(t);
    size_t n = (size_t)json_integer_value(json_object_get(row, "elements"));
    uint8_t bytes[BYTES_MAX + 1], raw[BYTES_MAX];
    float got[WEIGHTS_MAX], want[WEIGHTS_MAX];
    assert_int_equal(json_integer_value(json_object_get(row, "id")), t->gguf_type);
    assert_int_equal(from_hex(raw, json_string_value(json_object_get(row, "f32"))), n * 4);
    memcpy(want, raw, n * 4);
    size_t len = from_hex(bytes + 1, json_string_value(json_object_get(row, "bytes")));
    assert_int_equal(len, dtype_bytes(t, n));
    t->to_float(got, bytes + 1, n); /* unaligned */
    for (size_t i = 0; i < n; i++)
        expect_same_bits(type, i, got[i], want[i]);
}

static void floats_equal_the_oracle(void **state)
{
    (void)state;
    FILE *f = fopen("tests/oracle/dequant.jsonl", "r");
    assert_non_null(f);
    bool seen[64] = {false};
    json_error_t why;
    json_t *row;
    while ((row = json_loadf(f, JSON_DISABLE_EOF_CHECK, &why)) != NULL) {
        check_oracle_line(row);
        seen[json_integer_value(json_object_get(row, "id"))] = true;
        json_decref(row);
    }
    assert_int_equal(fgetc(f), EOF);
    fclose(f);
    for (size_t i = 0; i < dtype_count(); i++)
        assert_true(seen[dtype_at(i)->gguf_type] || dtype_at(i)->gguf_type == 0);
}

/* scale * (code - offset) + min, by the contract's own words: one fma when there is a min. */
static float meaning(const struct quant_shape *q, uint8_t code, float scale, float min)
{
    float x = (float)((int)code - (int)q->offset);
    return q->has_min ? fmaf(scale, x, min) : scale * x;
}

/* Number g of scales or mins as unpack left them. */
static float number_at(const struct quant_shape *q, const float *numbers, size_t g)
{
    return q->scale_is_f16 ? half_to_float(half_load((const char *)numbers + 2 * g)) : numbers[g];
}

static void check_codes(const struct dtype *t, uint64_t seed)
{
    uint8_t bytes[BYTES_MAX], codes[WEIGHTS_MAX + 1];
    float got[WEIGHTS_MAX], scales[WEIGHTS_MAX / 16 + 1], mins[WEIGHTS_MAX / 16 + 1];
    size_t groups = WEIGHTS_MAX / t->quant.group;
    fill_random(bytes, dtype_bytes(t, WEIGHTS_MAX), seed);
    codes[WEIGHTS_MAX] = 0xa5;
    size_t numbers = t->quant.scale_is_f16 ? groups / 2 : groups; /* floats they take */
    scales[numbers] = mins[numbers] = 1.5f;
    t->to_float(got, bytes, WEIGHTS_MAX);
    t->unpack(codes, scales, t->quant.has_min ? mins : NULL, bytes, WEIGHTS_MAX);
    assert_int_equal(codes[WEIGHTS_MAX], 0xa5);
    assert_true(scales[numbers] == 1.5f && mins[numbers] == 1.5f);
    for (size_t i = 0; i < WEIGHTS_MAX; i++) {
        size_t g = i / t->quant.group;
        float min = t->quant.has_min ? number_at(&t->quant, mins, g) : 0;
        float want = meaning(&t->quant, codes[i], number_at(&t->quant, scales, g), min);
        assert_true(codes[i] < 1u << t->quant.bits);
        if (!isnan(want) || !isnan(got[i])) /* which NaN is nobody's concern */
            expect_same_bits(t->name, i, got[i], want);
    }
}

static void codes_mean_the_same_floats(void **state)
{
    (void)state;
    for (size_t i = 0; i < dtype_count(); i++)
        for (uint64_t seed = 0; dtype_at(i)->is_quantised && seed < 300; seed++)
            check_codes(dtype_at(i), seed);
}

/* A run of blocks means what its blocks mean one by one, whatever the length. */
static void runs_equal_single_blocks(void **state)
{
    (void)state;
    for (size_t k = 0; k < dtype_count(); k++) {
        const struct dtype *t = dtype_at(k);
        uint8_t bytes[BYTES_MAX];
        float all[WEIGHTS_MAX + 1], one[WEIGHTS_MAX];
        fill_random(bytes, dtype_bytes(t, WEIGHTS_MAX), 99);
        for (size_t n = 0; n <= WEIGHTS_MAX; n += t->block) {
            all[n] = 42;
            t->to_float(all, bytes, n);
            assert_true(all[n] == 42);
            for (size_t i = 0; i < n; i += t->block)
                t->to_float(one + i, bytes + dtype_bytes(t, i), t->block);
            assert_memory_equal(all, one, n * sizeof *all);
        }
    }
}

static void rows_are_found_by_number_and_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < dtype_count(); i++) {
        const struct dtype *t = dtype_at(i);
        assert_ptr_equal(dtype_find(t->gguf_type), t);
        assert_ptr_equal(dtype_named(str_of(t->name)), t);
        assert_int_equal(WEIGHTS_MAX % t->block, 0);
        if (t->is_quantised)
            assert_true(t->unpack && t->block % t->quant.group == 0);
    }
    static const uint32_t unknown[] = {4, 5, 9, 15, 31, 1000, UINT32_MAX};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_null(dtype_find(unknown[i]));
    assert_null(dtype_named((struct str)STR("")));
    assert_null(dtype_named((struct str)STR("q4_0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_equal_the_oracle),
        cmocka_unit_test(codes_mean_the_same_floats),
        cmocka_unit_test(runs_equal_single_blocks),
        cmocka_unit_test(rows_are_found_by_number_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
