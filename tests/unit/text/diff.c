/* Diffs: a script that really leads from one text to the other, no longer than it must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/diff.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"

typedef void diff_fn(struct diff *out, struct str a, struct str b);

/* A diff as one string: deletions in [-...-], insertions in {+...+}. */
static void reads_as(diff_fn *run, const char *a, const char *b, const char *want)
{
    static const char *const open[] = {"", "[-", "{+"}, *const close[] = {"", "-]", "+}"};
    struct diff diff;
    struct buf got;
    buf_init(&got, BUF_MAX_DEFAULT);
    buf_puts(&got, "");
    run(&diff, str_of(a), str_of(b));
    for (size_t i = 0; i < diff.n_runs; i++) {
        buf_puts(&got, open[diff.runs[i].op]);
        buf_add_str(&got, diff_run_text(&diff.runs[i]));
        buf_puts(&got, close[diff.runs[i].op]);
    }
    assert_true(diff.is_minimal);
    assert_string_equal(got.ptr, want);
    buf_release(&got);
    diff_release(&diff);
}

static void works_on_words(void **state)
{
    (void)state;
    reads_as(diff_minimal, "", "", "");
    reads_as(diff_minimal, "same", "same", "same");
    reads_as(diff_minimal, "", "new", "{+new+}");
    reads_as(diff_minimal, "old", "", "[-old-]");
    reads_as(diff_minimal, "the cat sat", "the dog sat", "the [-cat-]{+dog+} sat");
    reads_as(diff_minimal, "consent.", "consent!", "consent[-.-]{+!+}");
    reads_as(diff_minimal, "a b", "a\n\nb", "a[- -]{+\n\n+}b");
    reads_as(diff_minimal, "I don't", "I don\xE2\x80\x99t", "I [-don't-]{+don\xE2\x80\x99t+}");
    reads_as(diff_minimal, "'tis 'so'", "'tis so", "'tis [-'-]so[-'-]");
}

static void keeps_characters_whole(void **state)
{
    (void)state;
    /* e with a combining acute; a flag and a family of several code points; no word spaces */
    reads_as(diff_minimal, "cafe x", "cafe\xCC\x81 x", "[-cafe-]{+cafe\xCC\x81+} x");
    reads_as(diff_minimal, "\xF0\x9F\x91\xA8!", "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9!",
             "[-\xF0\x9F\x91\xA8-]{+\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9+}!");
    reads_as(diff_minimal, "\xE6\x88\x91\xE7\x88\xB1", "\xE6\x88\x91\xE6\x81\xA8",
             "\xE6\x88\x91[-\xE7\x88\xB1-]{+\xE6\x81\xA8+}");
    reads_as(diff_minimal, "a\xFF\xFE", "a\xFE", "a[-\xFF-]\xFE");
}

static void readable_has_no_confetti(void **state)
{
    (void)state;
    const char *a = "the old house of wood", *b = "the new tower of glass";
    reads_as(diff_minimal, a, b, "the [-old-]{+new+} [-house-]{+tower+} of [-wood-]{+glass+}");
    reads_as(diff_readable, a, b, "the [-old house of wood-]{+new tower of glass+}");
    reads_as(diff_readable, "we ask everybody who is here: yes",
             "we ask everybody who is there: no",
             "we ask everybody who is [-here: yes-]{+there: no+}");
    reads_as(diff_readable, "one x two three four five y six", "one v two three four five w six",
             "one [-x-]{+v+} two three four five [-y-]{+w+} six");
}

/* --- properties --- */

static void assert_leads(const struct diff *diff, struct str a, struct str b)
{
    size_t at_a = 0, at_b = 0;
    enum diff_op last = DIFF_INSERT;
    for (size_t i = 0; i < diff->n_runs; i++) {
        const struct diff_run *run = &diff->runs[i];
        assert_ptr_equal(run->a.ptr, a.ptr + at_a);
        assert_ptr_equal(run->b.ptr, b.ptr + at_b);
        assert_true(run->a.len + run->b.len > 0);
        if (run->op == DIFF_SAME)
            assert_true(str_eq(run->a, run->b));
        else
            assert_int_equal(run->op == DIFF_DELETE ? run->b.len : run->a.len, 0);
        assert_true(i == 0 || run->op != last);
        assert_false(last == DIFF_INSERT && run->op == DIFF_DELETE && i > 0);
        last = run->op;
        at_a += run->a.len;
        at_b += run->b.len;
    }
    assert_int_equal(at_a, a.len);
    assert_int_equal(at_b, b.len);
}

/* Texts of single letters, all of them tokens: "!" and so on are never joined. */
static struct str draw_text(char *bytes, size_t max, uint64_t stream)
{
    static const char alphabet[] = "!?;:,.+=";
    size_t n = (size_t)(rng_uniform(1, stream, 0) * (double)(max + 1));
    size_t letters = 2 + (size_t)(rng_uniform(1, stream, 1) * 7);
    for (size_t i = 0; i < n; i++)
        bytes[i] = alphabet[(size_t)(rng_uniform(1, stream, 2 + i) * (double)letters)];
    return str_n(bytes, n);
}

enum { SMALL_MAX = 24 };

static size_t longest_common(struct str a, struct str b)
{
    size_t best[SMALL_MAX + 1][SMALL_MAX + 1] = {0};
    for (size_t i = 1; i <= a.len; i++)
        for (size_t j = 1; j <= b.len; j++)
            best[i][j] = a.ptr[i - 1] == b.ptr[j - 1] ? best[i - 1][j - 1] + 1
                                                      : size_max(best[i - 1][j], best[i][j - 1]);
    return best[a.len][b.len];
}

static size_t bytes_of(const struct diff *diff, enum diff_op op)
{
    size_t len = 0;
    for (size_t i = 0; i < diff->n_runs; i++)
        len += diff->runs[i].op == op ? diff_run_text(&diff->runs[i]).len : 0;
    return len;
}

static void is_minimal_by_the_plain_method(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        char a_bytes[SMALL_MAX], b_bytes[SMALL_MAX];
        struct str a = draw_text(a_bytes, SMALL_MAX, 2 * i);
        struct str b = draw_text(b_bytes, SMALL_MAX, 2 * i + 1);
        struct diff diff;
        diff_minimal(&diff, a, b);
        assert_leads(&diff, a, b);
        assert_int_equal(bytes_of(&diff, DIFF_SAME), longest_common(a, b));
        diff_release(&diff);
        diff_readable(&diff, a, b);
        assert_leads(&diff, a, b);
        assert_true(bytes_of(&diff, DIFF_SAME) <= longest_common(a, b));
        diff_release(&diff);
    }
}

static void any_bytes_will_do(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        char bytes[2][200];
        struct str text[2];
        for (size_t side = 0; side < 2; side++) {
            text[side] = str_n(bytes[side], (size_t)(rng_uniform(2, 2 * i + side, 0) * 200));
            for (size_t c = 0; c < text[side].len; c++)
                bytes[side][c] = (char)(int)(rng_uniform(2, 2 * i + side, 1 + c) * 256);
        }
        struct diff diff;
        diff_readable(&diff, text[0], text[1]);
        assert_leads(&diff, text[0], text[1]);
        diff_release(&diff);
    }
}

static void counts_words(void **state)
{
    (void)state;
    struct diff diff;
    diff_minimal(&diff, str_of("we, the people"), str_of("we, the many people of old"));
    assert_int_equal(diff.words_same, 3);
    assert_int_equal(diff.words_deleted, 0);
    assert_int_equal(diff.words_inserted, 3);
    diff_release(&diff);
}

/* n words that begin with `letter`, all different, between equal ends. */
static void fill(struct buf *out, char letter, size_t n)
{
    buf_init(out, BUF_MAX_DEFAULT);
    buf_puts(out, "alike ");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%c%zu,", letter, i);
    buf_puts(out, " alike");
}

static void gives_up_in_time(void **state)
{
    (void)state;
    struct buf a, b;
    struct diff diff;
    fill(&a, 'a', DIFF_EDITS_MAX);
    fill(&b, 'b', DIFF_EDITS_MAX);
    diff_minimal(&diff, buf_str(&a), buf_str(&b));
    assert_false(diff.is_minimal);
    assert_leads(&diff, buf_str(&a), buf_str(&b));
    /* All commas are common, but it stopped looking: one change between the ends. */
    assert_int_equal(diff.n_runs, 4);
    assert_int_equal(diff.words_deleted, DIFF_EDITS_MAX);
    diff_release(&diff);
    buf_release(&a);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_on_words),
        cmocka_unit_test(keeps_characters_whole),
        cmocka_unit_test(readable_has_no_confetti),
        cmocka_unit_test(is_minimal_by_the_plain_method),
        cmocka_unit_test(any_bytes_will_do),
        cmocka_unit_test(counts_words),
        cmocka_unit_test(gives_up_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
