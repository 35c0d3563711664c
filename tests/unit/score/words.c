/* Distinct words: against the plain quadratic way, and at the edges of white space. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "score/words.h"
#include "text/utf8.h"

enum { N_TEXTS = 300, WORDS_MAX = 400 };

static struct word_counts count(struct word_set *set, struct str text)
{
    struct err err = {0};
    struct symbols symbols;
    struct word_counts counts;
    symbols_init(&symbols, SYMBOLS_PYTHON);
    assert_true(symbols_load(&symbols, text, &err));
    symbols_map(&symbols);
    assert_true(word_set_count(&counts, set, &symbols, text, SIZE_MAX, &err));
    symbols_release(&symbols);
    return counts;
}

static struct word_counts count_plainly(struct str text)
{
    struct word_counts counts = {0};
    struct str seen[WORDS_MAX], word;
    for (size_t at = 0; utf8_word(&word, text, &at); counts.total++) {
        size_t i = 0;
        while (i < counts.distinct && !str_eq(seen[i], word))
            i++;
        if (i == counts.distinct)
            seen[counts.distinct++] = word;
    }
    return counts;
}

static void random_text(struct buf *out, uint64_t text)
{
    static const char *const spaces[] = {" ", "\n\n", "\t", "\xC2\xA0", "\xE2\x80\xA8", "\x1C"};
    size_t n = (size_t)(rng_uniform(2, text, 0) * WORDS_MAX);
    buf_reset(out);
    for (uint64_t i = 0; i < n; i++) {
        double u = rng_uniform(3, text, i);
        buf_printf(out, "%s%.*s%u", i % 7 ? "" : "\xC3\xA9", (int)(u * 12), "abcdefghijkl",
                   (unsigned)(u * 40));
        buf_puts(out, spaces[(size_t)(rng_uniform(4, text, i) * 6)]);
    }
}

static void counts_like_the_plain_way(void **state)
{
    (void)state;
    struct word_set set = {0};
    struct buf text;
    buf_init(&text, 1 << 16);
    for (uint64_t t = 0; t < N_TEXTS; t++) {
        random_text(&text, t);
        struct word_counts got = count(&set, buf_str(&text));
        struct word_counts expected = count_plainly(buf_str(&text));
        assert_int_equal(got.total, expected.total);
        assert_int_equal(got.distinct, expected.distinct);
    }
    buf_release(&text);
    word_set_release(&set);
}

static void a_long_text_leaves_nothing_behind(void **state)
{
    (void)state;
    struct word_set set = {0};
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 50000; i++)
        buf_printf(&text, "%d ", i);
    assert_int_equal(count(&set, buf_str(&text)).distinct, 50000);
    struct word_counts counts = count(&set, str_of("7 7 8"));
    assert_int_equal(counts.total, 3);
    assert_int_equal(counts.distinct, 2);
    counts = count(&set, str_of(""));
    assert_int_equal(counts.total, 0);
    buf_release(&text);
    word_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_like_the_plain_way),
        cmocka_unit_test(a_long_text_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
