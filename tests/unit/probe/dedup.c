/* Repeats: against every pair compared, and on texts that would make the work quadratic. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"
#include "probe/dedup.h"

enum { WORDS = 60, FAMILIES = 40, MEMBERS = 5, N = FAMILIES * MEMBERS };

static void exact_repeats(void **state)
{
    (void)state;
    const struct str texts[] = {STR("Who keeps the key?"),
                                STR("who keeps  the KEY"),
                                STR("Who keeps the keys?"),
                                STR("?"),
                                STR("!"),
                                STR("?"),
                                STR("\xE4\xBD\xA0\xE5\xA5\xBD\xE5\x90\x97"),
                                STR("\xE4\xBD\xA0 \xE5\xA5\xBD \xE5\x90\x97"),
                                STR("")};
    const uint32_t of[] = {DEDUP_NONE, 0,          DEDUP_NONE, DEDUP_NONE, DEDUP_NONE,
                           3,          DEDUP_NONE, 6,          DEDUP_NONE};
    enum { COUNT = sizeof texts / sizeof *texts };
    struct dedup_twin twins[COUNT];
    assert_int_equal(dedup_find(twins, texts, COUNT, 2), 3);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(twins[i].of, of[i]);
        assert_int_equal(twins[i].is_exact, of[i] != DEDUP_NONE);
    }
}

/* Families of texts: each member differs from the first in one word more. */
static void fill_families(struct str *texts, struct buf *bytes)
{
    size_t start[N + 1];
    for (size_t i = 0; i < N; i++) {
        start[i] = bytes->len;
        for (size_t w = 0; w < WORDS; w++) {
            bool changed = w % 12 == 5 && w / 12 < i % MEMBERS;
            buf_printf(bytes, "w%u ", rng_block(i / MEMBERS, changed ? i : 0, w).word[0] % 5000);
        }
    }
    start[N] = bytes->len;
    for (size_t i = 0; i < N; i++)
        texts[i] = str_n(bytes->ptr + start[i], start[i + 1] - start[i]);
}

/* Each changed word breaks 3 of the 58 runs: k changes leave (58 - 3k) / (58 + 3k). */
static double kept_share(size_t k)
{
    return (58.0 - 3.0 * (double)k) / (58.0 + 3.0 * (double)k);
}

static void near_repeats_are_found(void **state)
{
    (void)state;
    struct str texts[N];
    struct dedup_twin twins[N];
    struct buf bytes;
    buf_init(&bytes, BUF_MAX_DEFAULT);
    fill_families(texts, &bytes);
    size_t n_found = dedup_find(twins, texts, N, 0.8);
    for (size_t i = 0; i < N; i++) {
        size_t k = i % MEMBERS;
        if (twins[i].of == DEDUP_NONE)
            continue;
        assert_int_equal(twins[i].of / MEMBERS, i / MEMBERS);
        assert_true(k > 0 && twins[i].similarity >= 0.8);
        if (twins[i].of % MEMBERS == 0)
            assert_true(fabs(twins[i].similarity - kept_share(k)) < 0.02);
    }
    assert_in_range(n_found, 2 * FAMILIES - 4, 2 * FAMILIES); /* k = 1: 0.90, k = 2: 0.81 */
    assert_int_equal(dedup_find(twins, texts, N, 0.99), 0);
    buf_release(&bytes);
}

/* 10,000 texts of which every two share 60 %. */
static void a_shared_passage_is_no_trap(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct str *texts = mem_zalloc(COUNT, sizeof *texts);
    struct dedup_twin *twins = mem_zalloc(COUNT, sizeof *twins);
    struct buf bytes;
    buf_init(&bytes, BUF_MAX_DEFAULT);
    size_t *start = mem_zalloc(COUNT + 1, sizeof *start);
    for (size_t i = 0; i < COUNT; i++) {
        start[i] = bytes.len;
        for (size_t w = 0; w < WORDS; w++)
            buf_printf(&bytes, "w%zu ", w < 45 ? w : 100 + i * 100 + w);
    }
    start[COUNT] = bytes.len;
    for (size_t i = 0; i < COUNT; i++)
        texts[i] = str_n(bytes.ptr + start[i], start[i + 1] - start[i]);
    assert_int_equal(dedup_find(twins, texts, COUNT, 0.9), 0);
    free(start);
    free(texts);
    free(twins);
    buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_repeats),
        cmocka_unit_test(near_repeats_are_found),
        cmocka_unit_test(a_shared_passage_is_no_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
