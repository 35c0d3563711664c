/* The merge loop against a plain one that looks at every pair every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "token/ids.h"
#include "token/merge.h"
#include "token/merge_queue.h"

/* Rules made of numbers: whether ids l and r join, to what and when, is drawn at random from the
 * seed. With few ids and few orders there are many ties, and orders below the one joined last. */
struct rules {
    uint64_t seed;
    uint32_t n_ids, n_orders;
};

static bool pair_by_seed(const void *context, const struct merge_symbol *left,
                         const struct merge_symbol *right, struct merge_joined *out)
{
    const struct rules *rules = context;
    struct rng_block draw = rng_block(rules->seed, left->id, right->id);
    *out = (struct merge_joined){draw.word[0] % rules->n_orders, draw.word[1] % rules->n_ids};
    return draw.word[2] % 3 != 0;
}

struct plain_symbol {
    uint32_t len, id;
};

static size_t run_plainly(struct plain_symbol *symbol, size_t n, const struct rules *rules)
{
    for (;;) {
        size_t best = n;
        struct merge_joined joined, best_joined = {0, 0};
        for (size_t i = 0; i + 1 < n; i++) {
            struct merge_symbol left = {.id = symbol[i].id}, right = {.id = symbol[i + 1].id};
            if (pair_by_seed(rules, &left, &right, &joined) &&
                (best == n || joined.order < best_joined.order)) {
                best = i;
                best_joined = joined;
            }
        }
        if (best == n)
            return n;
        symbol[best].len += symbol[best + 1].len;
        symbol[best].id = best_joined.id;
        memmove(symbol + best + 1, symbol + best + 2, (n - best - 2) * sizeof *symbol);
        n--;
    }
}

static void check_against_plain(struct merge *merge, const struct rules *rules, size_t n)
{
    struct plain_symbol *symbol = mem_zalloc(n, sizeof *symbol);
    merge_reset(merge);
    for (size_t i = 0; i < n; i++) {
        symbol[i] =
            (struct plain_symbol){1, rng_block(rules->seed + 1, 0, i).word[0] % rules->n_ids};
        merge_push(merge, (uint32_t)i, 1, symbol[i].id);
    }
    merge_run(merge, pair_by_seed, rules);
    size_t left = run_plainly(symbol, n, rules), at = 0;
    for (uint32_t i = 0; i != MERGE_EDGE; i = merge->symbol[i].right, at++) {
        assert_true(at < left);
        assert_int_equal(merge->symbol[i].id, symbol[at].id);
        assert_int_equal(merge->symbol[i].len, symbol[at].len);
    }
    assert_int_equal(at, left);
    free(symbol);
}

static void agrees_with_the_plain_loop(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 40, 255, 256, 257, 300, 700};
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct rules rules = {seed * 100, seed % 2 ? 4 : 200, seed % 3 ? 1000000 : 2};
        struct merge merge;
        merge_init(&merge);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            check_against_plain(&merge, &rules, sizes[i]);
        merge_release(&merge);
    }
}

/* Long enough for the queue to use its buckets. */
static void agrees_on_long_runs(void **state)
{
    (void)state;
    static const struct rules rules[] = {{5, 4, 1000000}, {6, 200, 50}};
    static const size_t sizes[] = {3000, 2049};
    for (size_t i = 0; i < 2; i++) {
        struct merge merge;
        merge_init(&merge);
        check_against_plain(&merge, &rules[i], sizes[i]);
        merge_release(&merge);
    }
}

/* Keys come out in order, also those that arrive below the last one taken. */
static void queue_gives_the_lowest(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct merge_queue queue = {0};
    uint64_t waiting[2 * N];
    size_t n = 0, draws = 0;
    merge_queue_reset(&queue, N);
    for (size_t step = 0; step < 4 * N || n; step++) {
        uint64_t key = rng_block(7, 0, draws++).word[0];
        if (step < N || (step < 4 * N && key % 3 == 0)) {
            key <<= key % 31;
            waiting[n++] = key;
            merge_queue_push(&queue, (struct merge_candidate){key, 0, 0});
            continue;
        }
        struct merge_candidate got;
        if (n == 0)
            continue;
        size_t lowest = 0;
        for (size_t i = 1; i < n; i++)
            lowest = waiting[i] < waiting[lowest] ? i : lowest;
        assert_true(merge_queue_take(&queue, &got));
        assert_true(got.key == waiting[lowest]);
        waiting[lowest] = waiting[--n];
    }
    struct merge_candidate none;
    assert_false(merge_queue_take(&queue, &none));
    merge_queue_release(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_loop),
        cmocka_unit_test(agrees_on_long_runs),
        cmocka_unit_test(queue_gives_the_lowest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
