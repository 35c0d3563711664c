/* Tests of the paged cache: page counts, the budget, windows, and a random comparison with plain
 * arrays. Each position of a layer holds one number, so a wrong page shows at once. */
#include "model/kv_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"

enum { SLOT = sizeof(uint64_t), LAYER = KV_PAGE_TOK * SLOT, WINDOW = 100 };

static const struct kv_layout LAYOUT = {
    .n_classes = 2,
    .cls = {{.n_layers = 1, .layer_bytes = LAYER},
            {.n_layers = 3, .window = WINDOW, .layer_bytes = LAYER}},
};
enum { FULL_PAGE = LAYER, WINDOW_PAGE = 3 * LAYER };

static uint64_t *cell(const struct kv_seq *seq, size_t cls, size_t pos)
{
    assert_true(pos / KV_PAGE_TOK < seq->cls[cls].count);
    struct kv_page *page = seq->cls[cls].page[pos / KV_PAGE_TOK];
    assert_non_null(page);
    size_t last = LAYOUT.cls[cls].n_layers - 1;
    return (uint64_t *)(void *)(page->bytes + last * LAYER) + pos % KV_PAGE_TOK;
}

/* What a model does: writes positions that are reserved and held alone, then advances. */
static void write_positions(struct kv_seq *seq, const uint64_t *value, size_t n)
{
    for (size_t c = 0; c < LAYOUT.n_classes; c++) {
        for (size_t i = 0; i < n; i++) {
            size_t pos = seq->len + i;
            assert_int_equal(seq->cls[c].page[pos / KV_PAGE_TOK]->refs, 1);
            *cell(seq, c, pos) = value[pos];
        }
    }
    kv_seq_advance(seq, n);
}

static void check_positions(const struct kv_seq *seq, const uint64_t *value)
{
    for (size_t c = 0; c < LAYOUT.n_classes; c++) {
        size_t window = LAYOUT.cls[c].window;
        size_t first = window == 0 || seq->len < window ? 0 : seq->len - window + 1;
        for (size_t pos = first; pos < seq->len; pos++)
            assert_int_equal(*cell(seq, c, pos), value[pos]);
    }
}

static void pages_are_aligned_and_zeroed(void **state)
{
    (void)state;
    struct kv_cache *cache = kv_create(&LAYOUT, 1 << 20);
    struct kv_seq seq;
    kv_seq_init(&seq, cache);
    assert_true(kv_seq_reserve(&seq, 65));
    for (size_t c = 0; c < LAYOUT.n_classes; c++) {
        assert_int_equal(seq.cls[c].count, 2);
        for (size_t i = 0; i < 2; i++) {
            const unsigned char *bytes = seq.cls[c].page[i]->bytes;
            assert_int_equal((uintptr_t)bytes % 64, 0);
            for (size_t b = 0; b < LAYOUT.cls[c].n_layers * LAYER; b++)
                assert_int_equal(bytes[b], 0);
        }
    }
    assert_int_equal(kv_bytes_used(cache), 2 * (FULL_PAGE + WINDOW_PAGE));
    kv_seq_release(&seq);
    assert_int_equal(kv_bytes_used(cache), 0);
    kv_free(cache);
}

static void reserve_beyond_the_budget_changes_nothing(void **state)
{
    (void)state;
    struct kv_cache *cache = kv_create(&LAYOUT, FULL_PAGE * 2 + WINDOW_PAGE);
    struct kv_seq seq;
    kv_seq_init(&seq, cache);
    assert_false(kv_seq_reserve(&seq, 65));
    assert_int_equal(kv_bytes_used(cache), 0);
    assert_true(kv_seq_reserve(&seq, 64));
    assert_false(kv_seq_reserve(&seq, 65));
    assert_int_equal(kv_bytes_used(cache), FULL_PAGE + WINDOW_PAGE);
    kv_seq_release(&seq);
    kv_free(cache);
}

static void window_pages_come_back(void **state)
{
    (void)state;
    struct kv_cache *cache = kv_create(&LAYOUT, 1 << 20);
    struct kv_seq seq;
    kv_seq_init(&seq, cache);
    for (size_t len = 1; len <= 1000; len++) {
        assert_true(kv_seq_reserve(&seq, len));
        kv_seq_advance(&seq, 1);
        assert_true(kv_bytes_used(cache) <= kv_bytes_for(&LAYOUT, len, 0));
    }
    /* 1000 - 100 + 1 = 901 is the first visible position: pages 14 and 15 stay. */
    assert_int_equal(seq.cls[1].first, 14);
    assert_null(seq.cls[1].page[13]);
    assert_non_null(seq.cls[1].page[14]);
    assert_int_equal(kv_bytes_used(cache), 16 * FULL_PAGE + 2 * WINDOW_PAGE);
    kv_seq_release(&seq);
    kv_free(cache);
}

static void fork_needs_the_window(void **state)
{
    (void)state;
    struct kv_cache *cache = kv_create(&LAYOUT, 1 << 20);
    struct kv_seq seq, fork;
    kv_seq_init(&seq, cache);
    kv_seq_init(&fork, cache);
    assert_true(kv_seq_reserve(&seq, 640));
    kv_seq_advance(&seq, 640);
    assert_false(kv_seq_fork(&fork, &seq, 600)); /* 501 is in page 7, given back: 541 is in 8 */
    assert_int_equal(fork.len, 0);
    assert_true(kv_seq_fork(&fork, &seq, 611));
    assert_int_equal(fork.cls[1].first, 8);
    kv_seq_release(&seq);
    kv_seq_release(&fork);
    kv_free(cache);
}

static void a_tight_budget_moves_memory_between_classes(void **state)
{
    (void)state;
    static const struct kv_layout one_each = {
        .n_classes = 2,
        .cls = {{.n_layers = 1, .layer_bytes = LAYER},
                {.n_layers = 1, .window = 1, .layer_bytes = LAYER}},
    };
    struct kv_cache *cache = kv_create(&one_each, 4 * LAYER);
    struct kv_seq seq;
    kv_seq_init(&seq, cache);
    for (size_t len = 64; len <= 3 * 64; len += 64) {
        assert_true(kv_seq_reserve(&seq, len));
        kv_seq_advance(&seq, 64);
    }
    assert_false(kv_seq_reserve(&seq, 4 * 64));
    assert_int_equal(kv_bytes_used(cache), 3 * LAYER);
    kv_seq_release(&seq);
    kv_free(cache);
}

enum { SEQS = 6, LEN_MAX = 700 };

struct naive {
    struct kv_seq seq;
    uint64_t value[LEN_MAX + 1];
};

static void random_against_arrays(void **state)
{
    (void)state;
    struct naive *all = mem_zalloc(SEQS, sizeof *all);
    for (uint64_t seed = 0; seed < 20; seed++) {
        size_t budget = (size_t)(20 + 10 * (seed % 8)) * FULL_PAGE;
        struct kv_cache *cache = kv_create(&LAYOUT, budget);
        for (size_t i = 0; i < SEQS; i++)
            kv_seq_init(&all[i].seq, cache);
        for (uint64_t step = 0; step < 600; step++) {
            struct rng_block r = rng_block(seed, 7, step);
            struct naive *a = &all[r.word[0] % SEQS], *b = &all[r.word[1] % SEQS];
            size_t n = 1 + r.word[2] % 90, len = a->seq.len;
            if (r.word[3] % 10 == 0) {
                kv_seq_release(&a->seq);
            } else if (r.word[3] % 10 < 3 && a != b) {
                kv_seq_release(&b->seq);
                size_t at = len - (len ? r.word[2] % size_min(len, 70) : 0);
                if (kv_seq_fork(&b->seq, &a->seq, at))
                    memcpy(b->value, a->value, at * sizeof *a->value);
                else
                    assert_true(at < len);
            } else if (len + n <= LEN_MAX && kv_seq_reserve(&a->seq, len + n)) {
                for (size_t i = 0; i < n; i++)
                    a->value[len + i] = (seed << 32 | step << 8) + i + 1;
                write_positions(&a->seq, a->value, n);
            }
            assert_true(kv_bytes_used(cache) <= budget);
            check_positions(&a->seq, a->value);
            check_positions(&b->seq, b->value);
        }
        for (size_t i = 0; i < SEQS; i++) {
            check_positions(&all[i].seq, all[i].value);
            kv_seq_release(&all[i].seq);
        }
        assert_int_equal(kv_bytes_used(cache), 0);
        kv_free(cache);
    }
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_aligned_and_zeroed),
        cmocka_unit_test(reserve_beyond_the_budget_changes_nothing),
        cmocka_unit_test(window_pages_come_back),
        cmocka_unit_test(fork_needs_the_window),
        cmocka_unit_test(a_tight_budget_moves_memory_between_classes),
        cmocka_unit_test(random_against_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
