/* Near pairs: the same as comparing all with all, on random sets and on the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/mem.h"
#include "probe/near.h"

static double plain_likeness(const struct shingle_set *a, const struct shingle_set *b)
{
    size_t common = 0;
    for (size_t i = 0; i < a->count; i++)
        common += shingle_set_has(b, a->hashes[i]);
    return (double)common / (double)(a->count + b->count - common);
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* A set of up to `most` members out of 60; some are kept from `like`, so that likeness varies. */
static struct shingle_set random_set(uint64_t *state, size_t most, const struct shingle_set *like)
{
    struct shingle_set set = {mem_zalloc(60, sizeof *set.hashes), 0};
    for (uint64_t m = 0; m < 60; m++) {
        bool in =
            like ? shingle_set_has(like, m) != (next(state) % 12 == 0) : next(state) % 60 < most;
        if (in)
            set.hashes[set.count++] = m;
    }
    return set;
}

static void agrees_with_all_against_all(void **state)
{
    (void)state;
    enum { N = 120 };
    static const double levels[] = {0.05, 0.3, 0.5, 0.75, 1};
    struct shingle_set sets[N];
    uint64_t seed = 7;
    size_t found = 0;
    for (size_t i = 0; i < N; i++)
        sets[i] = random_set(&seed, next(&seed) % 30, i % 3 ? &sets[i - 1] : NULL);
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
        struct near_pair *pairs;
        struct err err = {0};
        size_t n_pairs, at = 0;
        assert_true(near_find(&pairs, &n_pairs, sets, N, levels[l], &err));
        for (size_t a = 0; a < N; a++)
            for (size_t b = a + 1; b < N; b++) {
                double likeness =
                    sets[a].count && sets[b].count ? plain_likeness(&sets[a], &sets[b]) : -1;
                if (likeness < levels[l])
                    continue;
                assert_true(at < n_pairs);
                assert_int_equal(pairs[at].a, a);
                assert_int_equal(pairs[at].b, b);
                assert_true(pairs[at].likeness == likeness);
                at++;
            }
        assert_int_equal(at, n_pairs);
        found += at;
        free(pairs);
    }
    assert_true(found > 100);
    for (size_t i = 0; i < N; i++)
        shingle_set_release(&sets[i]);
}

static void pairs_across_are_those_of_all_pairs(void **state)
{
    (void)state;
    enum { N = 80, FIRST = 30 };
    struct shingle_set sets[N];
    struct near_pair *all, *across;
    struct err err = {0};
    uint64_t seed = 11;
    size_t n_all, n_across, at = 0;
    for (size_t i = 0; i < N; i++)
        sets[i] = random_set(&seed, next(&seed) % 30, i % 3 ? &sets[i - 1] : NULL);
    assert_true(near_find(&all, &n_all, sets, N, 0.15, &err));
    assert_true(near_between(&across, &n_across, sets, N, FIRST, 0.15, &err));
    for (size_t i = 0; i < n_all; i++)
        if (all[i].a < FIRST && all[i].b >= FIRST) {
            assert_true(at < n_across);
            assert_memory_equal(&all[i], &across[at], sizeof *all);
            at++;
        }
    assert_int_equal(at, n_across);
    assert_true(at > 5 && at < n_all);
    free(all);
    free(across);
    assert_true(near_between(&across, &n_across, sets, N, 0, 0.4, &err));
    assert_int_equal(n_across, 0);
    for (size_t i = 0; i < N; i++)
        shingle_set_release(&sets[i]);
}

static void empty_sets_are_like_nothing(void **state)
{
    (void)state;
    struct shingle_set sets[2] = {{0}, {0}};
    struct near_pair *pairs;
    struct err err = {0};
    size_t n_pairs;
    assert_true(near_find(&pairs, &n_pairs, sets, 2, 0.1, &err));
    assert_int_equal(n_pairs, 0);
    assert_null(pairs);
}

static void too_many_pairs_are_refused(void **state)
{
    (void)state;
    enum { N = 1500 };
    uint64_t one = 1;
    struct shingle_set *sets = mem_zalloc(N, sizeof *sets);
    struct near_pair *pairs;
    struct err err = {0};
    size_t n_pairs;
    for (size_t i = 0; i < N; i++)
        sets[i] = (struct shingle_set){&one, 1};
    assert_false(near_find(&pairs, &n_pairs, sets, N, 0.5, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_null(pairs);
    free(sets);
}

static void assert_words(struct str text, const char *const *expected, size_t n)
{
    struct word_list words;
    word_list_init(&words);
    word_list_split(&words, text);
    assert_int_equal(words.count, n);
    for (size_t i = 0; i < n; i++)
        assert_true(str_is(words.items[i], expected[i]));
    word_list_release(&words);
}

static void words_are_told_in_every_script(void **state)
{
    (void)state;
    static const char *const latin[] = {"don", "t", "go", "été", "42nd"};
    static const char *const chinese[] = {"我", "们", "lem"};
    static const char *const hindi[] = {"हिन्दी", "है"};
    assert_words(str_of("Don't go: ÉTÉ 42nd!"), latin, 5);
    assert_words(str_of("我们，LEM"), chinese, 3);
    assert_words(str_of("हिन्दी है।"), hindi, 2);
    assert_words(str_of(" -- "), NULL, 0);
}

static void short_texts_are_one_run(void **state)
{
    (void)state;
    struct word_list words;
    struct shingle_set set;
    word_list_init(&words);
    word_list_split(&words, str_of("good bye"));
    shingle_set_make(&set, &words, 3);
    assert_int_equal(set.count, 1);
    assert_true(set.hashes[0] == shingle_hash(words.items, 2));
    shingle_set_release(&set);
    word_list_split(&words, str_of("a b c a b c a b c"));
    shingle_set_make(&set, &words, 3);
    assert_int_equal(set.count, 3); /* abc bca cab */
    shingle_set_release(&set);
    word_list_release(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_all_against_all),
        cmocka_unit_test(pairs_across_are_those_of_all_pairs),
        cmocka_unit_test(empty_sets_are_like_nothing),
        cmocka_unit_test(too_many_pairs_are_refused),
        cmocka_unit_test(words_are_told_in_every_script),
        cmocka_unit_test(short_texts_are_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
