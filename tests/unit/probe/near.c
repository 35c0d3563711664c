/* Near texts: the same as comparing all with all where nothing may be missed, as good as promised
 * where something may, and the words that it all rests on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "probe/near.h"

enum { WORDS = 60, VOCABULARY = 2000 };

/* A text of words w0 .. w1999: most of family i / 4, each some words of its own. */
static void random_words(struct word_list *words, size_t i)
{
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    static const unsigned percent_changed[] = {0, 2, 8, 20};
    size_t count = 3 + rng_block(1, i / 4, 0).word[0] % WORDS;
    for (size_t w = 0; w < count; w++) {
        struct rng_block own = rng_block(2, i, w), family = rng_block(3, i / 4, w);
        bool changed = own.word[1] % 100 < percent_changed[i % 4];
        buf_printf(&text, "w%u ", (changed ? own : family).word[0] % VOCABULARY);
    }
    word_list_split(words, buf_str(&text));
    buf_release(&text);
}

static double plain_likeness(const struct shingle_set *a, const struct shingle_set *b)
{
    size_t common = 0;
    for (size_t i = 0; i < a->count; i++)
        common += shingle_set_has(b, a->hashes[i]);
    return a->count && b->count ? (double)common / (double)(a->count + b->count - common) : 0;
}

/* The reference: every earlier set, the first of the most alike. */
static struct near_match plain_find(const struct shingle_set *sets, size_t at, double threshold)
{
    struct near_match best = {NEAR_NONE, 0};
    for (size_t i = 0; i < at; i++) {
        double likeness = plain_likeness(&sets[at], &sets[i]);
        if (likeness >= threshold && likeness > best.likeness)
            best = (struct near_match){(uint32_t)i, likeness};
    }
    return best;
}

struct corpus {
    struct near near;
    struct shingle_set *plain;
    struct near_match *found; /* as near_find said when each came */
    size_t count;
};

static void corpus_make(struct corpus *c, size_t count, double threshold)
{
    struct word_list words;
    word_list_init(&words);
    *c = (struct corpus){.count = count};
    near_init(&c->near, threshold);
    c->plain = mem_zalloc(count, sizeof *c->plain);
    c->found = mem_zalloc(count, sizeof *c->found);
    for (size_t i = 0; i < count; i++) {
        struct near_set set;
        random_words(&words, i);
        near_set_make(&set, &c->near, &words);
        shingle_set_make(&c->plain[i], &words, NEAR_RUN);
        c->found[i] = near_find(&c->near, &set);
        near_keep(&c->near, &set, (uint32_t)i);
    }
    word_list_release(&words);
}

static void corpus_release(struct corpus *c)
{
    for (size_t i = 0; i < c->count; i++)
        shingle_set_release(&c->plain[i]);
    near_release(&c->near);
    free(c->plain);
    free(c->found);
}

static void agrees_with_the_reference(void **state)
{
    (void)state;
    static const double levels[] = {0.05, 0.3, 0.5, 0.75, 1};
    size_t n_found = 0;
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
        struct corpus c;
        corpus_make(&c, 300, levels[l]);
        for (size_t i = 0; i < c.count; i++) {
            struct near_match expected = plain_find(c.plain, i, levels[l]);
            struct near_match later = near_find_before(&c.near, i);
            assert_int_equal(c.found[i].id, expected.id);
            assert_true(c.found[i].likeness == expected.likeness);
            assert_int_equal(later.id, expected.id);
            n_found += expected.id != NEAR_NONE;
        }
        corpus_release(&c);
    }
    assert_true(n_found > 200);
}

/* Beyond NEAR_ALL: no wrong match, and no more misses than promised. */
static void bands_miss_little(void **state)
{
    (void)state;
    static const double levels[] = {0.3, 0.5, 0.85};
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
        struct corpus c;
        size_t n_near = 0, n_missed = 0;
        corpus_make(&c, NEAR_ALL + 1000, levels[l]);
        assert_true(c.near.rows * c.near.n_bands <= 320);
        double miss = pow(1 - pow(levels[l], (double)c.near.rows), (double)c.near.n_bands);
        assert_true(miss <= NEAR_MISS);
        for (size_t i = NEAR_ALL + 1; i < c.count; i += 3) {
            struct near_match expected = plain_find(c.plain, i, levels[l]), found = c.found[i];
            struct near_match later = near_find_before(&c.near, i);
            assert_int_equal(later.id, found.id);
            n_near += expected.id != NEAR_NONE;
            n_missed += found.id != expected.id;
            if (found.id != NEAR_NONE)
                assert_true(found.likeness == plain_likeness(&c.plain[i], &c.plain[found.id]));
            assert_true(found.likeness <= expected.likeness);
        }
        assert_true(n_near > 60);
        assert_true((double)n_missed < 0.02 * (double)n_near + 1);
        corpus_release(&c);
    }
}

static void a_reserved_index_finds_the_same(void **state)
{
    (void)state;
    struct corpus c;
    struct word_list words;
    struct near near;
    corpus_make(&c, NEAR_ALL + 500, 0.5);
    word_list_init(&words);
    near_init(&near, 0.5);
    near_reserve(&near, c.count);
    for (size_t i = 0; i < c.count; i++) {
        struct near_set set;
        random_words(&words, i);
        near_set_make(&set, &near, &words);
        near_keep(&near, &set, (uint32_t)i);
    }
    for (size_t i = 0; i < c.count; i++)
        assert_int_equal(near_find_before(&near, i).id, c.found[i].id);
    near_release(&near);
    word_list_release(&words);
    corpus_release(&c);
}

static void empty_sets_are_like_nothing(void **state)
{
    (void)state;
    struct near near;
    struct near_set set;
    struct word_list words;
    word_list_init(&words);
    near_init(&near, 0.1);
    for (uint32_t i = 0; i < NEAR_ALL + 2; i++) {
        word_list_split(&words, str_of("--"));
        near_set_make(&set, &near, &words);
        assert_int_equal(near_find(&near, &set).id, NEAR_NONE);
        near_keep(&near, &set, i);
    }
    near_release(&near);
    word_list_release(&words);
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
    static const char *const korean[] = {"우리", "집"};
    static const char *const arabic[] = {"مَن", "يقرر"};
    assert_words(str_of("Don't go: ÉTÉ 42nd!"), latin, 5);
    assert_words(str_of("我们，LEM"), chinese, 3);
    assert_words(str_of("हिन्दी है।"), hindi, 2);
    assert_words(str_of("우리 집"), korean, 2);
    assert_words(str_of("مَن يقرر؟"), arabic, 2);
    assert_words(str_of(" -- "), NULL, 0);
}

static void lengths_are_counted_in_every_script(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t words;
    } cases[] = {
        {"", 0},
        {" \n", 0},
        {"Don't go: 1,000 -- well-being!", 5},
        {"你好，世界。", 4},
        {"你好 世界", 4},
        {"我用LEM写 test-200。", 5}, /* 我, 用, LEM, 写, test-200 */
        {"これはペンです", 7},
        {"ทำไม", 4},
        {"우리 집에 가자", 3},
        {"من يقرر ذلك؟", 3},
        {"यह किसका है?", 3},
        {"\xFF\xFE bytes", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (words_count(str_of(cases[i].text)) != cases[i].words)
            fail_msg("%s: %zu words", cases[i].text, words_count(str_of(cases[i].text)));
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
    assert_true(set.hashes[0] == shingle_at(&words, 0, 2));
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
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(bands_miss_little),
        cmocka_unit_test(a_reserved_index_finds_the_same),
        cmocka_unit_test(empty_sets_are_like_nothing),
        cmocka_unit_test(words_are_told_in_every_script),
        cmocka_unit_test(lengths_are_counted_in_every_script),
        cmocka_unit_test(short_texts_are_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
