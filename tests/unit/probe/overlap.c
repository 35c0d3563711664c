/* Overlap: what counts as a run, what is too short, and the same as plain search on random texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/rng.h"
#include "probe/overlap.h"

#define THIRTEEN "one two three four five six seven eight nine ten eleven twelve thirteen"

static struct overlap_item look(const char *item, const char *text)
{
    struct str items[] = {str_of(item)};
    struct overlap *overlap = overlap_create(items, 1);
    overlap_read(overlap, str_of(text), 5);
    struct overlap_item got = overlap_get(overlap, 0);
    overlap_free(overlap);
    return got;
}

static void thirteen_words_in_a_row(void **state)
{
    (void)state;
    struct overlap_item got = look("Zero " THIRTEEN " fourteen", "so: " THIRTEEN ", and on");
    assert_int_equal(got.words, 15);
    assert_int_equal(got.runs, 3);
    assert_int_equal(got.found, 1);
    assert_int_equal(got.source, 5);
    assert_true(str_is(got.text, THIRTEEN));
    got = look("Zero " THIRTEEN " fourteen", "one two three four five six seven eight nine ten "
                                             "eleven twelve and thirteen fourteen");
    assert_int_equal(got.found, 0);
    assert_null(got.text.ptr);
}

static void case_and_punctuation_do_not_count(void **state)
{
    (void)state;
    struct overlap_item got = look("Sign-off, it's 'Été' -- here: a b c d e f g h!",
                                   "signoff\n\nITS été HERE a B (c) d \xFF e f -- g h");
    assert_int_equal(got.words, 12);
    assert_int_equal(got.found, 1);
    assert_true(str_is(got.text, "Sign-off, it's 'Été' -- here: a b c d e f g h"));
    assert_int_equal(look("sign off it s a b c d e f g h", "sign-off it's a b c d e f g h").found,
                     0);
}

static void short_items_are_looked_for_whole(void **state)
{
    (void)state;
    struct overlap_item got = look("a b c d e f g h", "x a b c d e f g h y");
    assert_int_equal(got.runs, 1);
    assert_int_equal(got.found, 1);
    assert_int_equal(look("a b c d e f g h", "a b c d e f g").found, 0);
    got = look("a b c d e f g", "a b c d e f g");
    assert_int_equal(got.words, 7);
    assert_int_equal(got.runs, 0);
    assert_int_equal(got.found, 0);
    assert_int_equal(look("", "").words, 0);
}

static void ideographs_are_words(void **state)
{
    (void)state;
    struct overlap_item got = look("人工智能应当尊重人", "他说人工智能应当尊重人吗");
    assert_int_equal(got.words, 9);
    assert_int_equal(got.found, 1);
}

static void runs_end_with_their_text(void **state)
{
    (void)state;
    struct str items[] = {str_of("a b c d e f g h")};
    struct overlap *overlap = overlap_create(items, 1);
    overlap_read(overlap, str_of("a b c d"), 0);
    overlap_read(overlap, str_of("e f g h"), 1);
    assert_int_equal(overlap_get(overlap, 0).found, 0);
    overlap_read(overlap, items[0], 2);
    overlap_read(overlap, items[0], 3);
    assert_int_equal(overlap_get(overlap, 0).found, 1);
    assert_int_equal(overlap_get(overlap, 0).source, 2);
    overlap_free(overlap);
    overlap = overlap_create(NULL, 0);
    overlap_read(overlap, items[0], 0);
    overlap_free(overlap);
}

enum { ITEMS = 40, TEXT_WORDS = 3000, ITEM_WORDS = 30 };

static void add_words(struct buf *out, uint64_t stream, size_t n)
{
    buf_putc(out, ' ');
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%c ", "abc"[(int)(rng_uniform(9, stream, i) * 3)]);
}

/* Runs of the item (letters with a space behind each) that stand in the text. */
static size_t count_plainly(struct str item, struct str text)
{
    size_t words = item.len / 2, n = words < OVERLAP_RUN_WORDS ? words : OVERLAP_RUN_WORDS;
    size_t count = 0;
    for (size_t i = 0; words >= OVERLAP_WORDS_MIN && i + n <= words; i++)
        count += str_find(text, str_sub(item, 2 * i, 2 * n + 1), 0) != (size_t)-1;
    return count;
}

static void agrees_with_plain_search(void **state)
{
    (void)state;
    struct buf text, all[ITEMS];
    struct str items[ITEMS];
    size_t total = 0, clean = 0;
    buf_init(&text, BUF_MAX_DEFAULT);
    add_words(&text, 1000, TEXT_WORDS);
    for (size_t i = 0; i < ITEMS; i++) {
        buf_init(&all[i], BUF_MAX_DEFAULT);
        if (i % 2) /* a piece of the text, and strange words after it */
            buf_add_str(&all[i], str_sub(buf_str(&text), 20 * i, 2 * (i % 20) + 1));
        add_words(&all[i], i, i % ITEM_WORDS);
        items[i] = buf_str(&all[i]);
    }
    struct overlap *overlap = overlap_create(items, ITEMS);
    overlap_read(overlap, buf_str(&text), 0);
    for (size_t i = 0; i < ITEMS; i++) {
        struct buf spaced; /* one space before each word, and one behind the last */
        buf_init(&spaced, BUF_MAX_DEFAULT);
        for (size_t k = 0; k < items[i].len; k++)
            if (items[i].ptr[k] != ' ')
                buf_printf(&spaced, " %c", items[i].ptr[k]);
        buf_putc(&spaced, ' ');
        size_t expected = count_plainly(buf_str(&spaced), buf_str(&text));
        assert_int_equal(overlap_get(overlap, i).found, expected);
        total += expected;
        clean += expected == 0;
        buf_release(&spaced);
    }
    assert_true(total > 30 && clean > 5);
    overlap_free(overlap);
    for (size_t i = 0; i < ITEMS; i++)
        buf_release(&all[i]);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirteen_words_in_a_row),
        cmocka_unit_test(case_and_punctuation_do_not_count),
        cmocka_unit_test(short_items_are_looked_for_whole),
        cmocka_unit_test(ideographs_are_words),
        cmocka_unit_test(runs_end_with_their_text),
        cmocka_unit_test(agrees_with_plain_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
