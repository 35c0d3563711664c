/* texts.c - answers in other clothes, and answers that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "analysis/changed_text.h"
#include "analysis/failure.h"
#include "text/utf8.h"

static void assert_changed(const char *text, enum layout_kind kind, const char *expected)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    changed_text(&out, str_of(text), kind, 0);
    buf_putc(&out, '\0');
    assert_string_equal(out.ptr, expected);
    buf_release(&out);
}

static void line_ends_become_one(void **state)
{
    (void)state;
    assert_changed("a\r\nb\rc\n\r\n", LAYOUT_LINE_ENDS, "a\nb\nc\n\n");
    assert_changed("", LAYOUT_LINE_ENDS, "");
}

static void markdown_goes_and_words_stay(void **state)
{
    (void)state;
    assert_changed(
        "## A title\n\n> - **bold** and _soft_ of `code`\n12. snake_case_word * 3\n---\n",
        LAYOUT_PLAIN, "A title\n\nbold and soft of code\nsnake_case_word  3\n\n");
    assert_changed("| a | b |\n|---|:-:|\n", LAYOUT_PLAIN, "  a   b  \n\n");
    assert_changed("#hashtag 3.5 -5", LAYOUT_PLAIN, "#hashtag 3.5 -5");
    assert_changed("1984. A year", LAYOUT_PLAIN, "1984. A year");
}

static int compare_bytes(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

static void sentences_move_and_gaps_stay(void **state)
{
    (void)state;
    static const char text[] = "  One is here. Two asks? Three!\n\nFour 3.5 ends\nFive.";
    struct buf out, again;
    buf_init(&out, 1 << 20);
    buf_init(&again, 1 << 20);
    changed_text(&out, str_of(text), LAYOUT_SHUFFLED, 1);
    changed_text(&again, str_of(text), LAYOUT_SHUFFLED, 1);
    assert_true(str_eq(buf_str(&out), buf_str(&again)));
    assert_false(str_is(buf_str(&out), text));
    assert_int_equal(out.len, sizeof text - 1);
    assert_true(str_starts(buf_str(&out), str_of("  ")));
    assert_true(str_find(buf_str(&out), str_of("Four 3.5 ends"), 0) != (size_t)-1);
    char sorted[sizeof text];
    memcpy(sorted, text, sizeof text);
    qsort(sorted, sizeof text - 1, 1, compare_bytes);
    qsort(out.ptr, out.len, 1, compare_bytes);
    assert_memory_equal(sorted, out.ptr, out.len);
    buf_release(&out);
    buf_release(&again);
    assert_changed("alone", LAYOUT_SHUFFLED, "alone");
    assert_changed(" \n", LAYOUT_SHUFFLED, " \n");
}

static bool fails(const char *text, const char *finish, enum failure_kind kind)
{
    bool failed[FAILURE_KINDS];
    struct run_answer answer = {.state = RUN_ANSWERED, .text = str_of(text)};
    if (finish)
        answer.finish = str_of(finish);
    failure_find(failed, &answer);
    return failed[kind];
}

static void failures_are_told_apart(void **state)
{
    (void)state;
    struct run_answer absent = {.state = RUN_ABSENT};
    bool failed[FAILURE_KINDS];
    failure_find(failed, &absent);
    assert_true(failed[FAILURE_ERROR] && !failed[FAILURE_EMPTY]);
    assert_true(fails(" \n\xC2\xA0", NULL, FAILURE_EMPTY));
    assert_false(fails("x", NULL, FAILURE_EMPTY));
    assert_true(fails("x", "length", FAILURE_TRUNCATED));
    assert_false(fails("x", "stop", FAILURE_TRUNCATED));
    assert_true(
        fails("I\xE2\x80\x99m sorry, but I can\xE2\x80\x99t do that.", NULL, FAILURE_REFUSAL));
    assert_true(fails("I\ncannot.", NULL, FAILURE_REFUSAL));
    assert_false(fails("Taxi cannot wait, he said: stop.", NULL, FAILURE_REFUSAL));
}

static void repeating_oneself_is_not_length(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 10; i++)
        buf_puts(&text, "again and again the same thing ");
    assert_true(fails(text.ptr, NULL, FAILURE_DEGENERATE));
    /* A long text of few words in ever new order: type/token is far below 0.3, the phrases are not
     * repeated. */
    static const char *const words[] = {"oak", "elm", "ash", "fir", "yew", "bay", "box", "fig"};
    buf_reset(&text);
    unsigned state_word = 1;
    for (int i = 0; i < 400; i++) {
        state_word = state_word * 1103515245u + 12345u;
        buf_printf(&text, "%s ", words[state_word >> 16 & 7]);
    }
    assert_false(fails(text.ptr, NULL, FAILURE_DEGENERATE));
    assert_false(fails("yes yes yes yes yes", NULL, FAILURE_DEGENERATE)); /* too short to tell */
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends_become_one),
        cmocka_unit_test(markdown_goes_and_words_stay),
        cmocka_unit_test(sentences_move_and_gaps_stay),
        cmocka_unit_test(failures_are_told_apart),
        cmocka_unit_test(repeating_oneself_is_not_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
