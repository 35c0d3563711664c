/* Tests of guesses at how a text goes on. */
#include "infer/draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

enum { ROOM = 400 };

/* Letters are ids. What is guessed after `text`, letters again. */
static void check(const char *text, size_t most, const char *want)
{
    uint32_t ids[ROOM];
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        ids[i] = (uint32_t)text[i];
    assert_int_equal(draft_ids(ids, n, most), strlen(want));
    for (size_t i = 0; i < n + strlen(want); i++)
        assert_int_equal(ids[i], i < n ? text[i] : want[i - n]);
}

static void four_ids_alike_give_one_guess(void **state)
{
    (void)state;
    check("", 9, "");
    check("abcd", 9, "");
    check("xabcd-yabcd", 9, "-");
    check("abcd-xabcd", 9, "-"); /* also at the very beginning */
    check("xabc-yabc", 9, "");
    check("1234567>abcdef 1234567>", 9, "ab");
}

static void the_latest_place_counts(void **state)
{
    (void)state;
    check("abcd-abcd+abcd", 9, "+");
    check("-------abcdefg=1 ....abcdefg=2 -------abcdefg=", 9, "2 ");
}

static void guesses_go_on_from_guesses(void **state)
{
    (void)state;
    check("abababababababab", 9, "aba");
    check("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 99, "aaaaaaaaa");
}

static void there_are_at_most_so_many(void **state)
{
    (void)state;
    char text[ROOM / 2 + 1] = {0};
    memset(text, 'x', ROOM / 2);
    check(text, 99, "xxxxxxxxxxxxxxx");
    check(text, 15, "xxxxxxxxxxxxxxx");
    check(text, 2, "xx");
    check(text, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_ids_alike_give_one_guess),
        cmocka_unit_test(the_latest_place_counts),
        cmocka_unit_test(guesses_go_on_from_guesses),
        cmocka_unit_test(there_are_at_most_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
