/* Leakage: which hits are words, which of them the kernel's, and the scorer's own hits on its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "eval/leak.h"
#include "score/score.h"

static struct leak_counts count(const char *kernel, const char *scorer, const char *answer)
{
    const struct scorer *chosen = scorer_find(str_of(scorer));
    struct score *score = score_create(chosen);
    struct score_item item = {.text = str_of(answer)};
    struct score_result result;
    struct hits hits;
    struct leak_counts counts = {0};
    struct err err = {0};
    struct leak *leak = leak_create(str_of(kernel));
    hits_init(&hits);
    if (!score_explain(score, &result, &hits, &item, &err))
        fail_msg("%s", err.msg);
    leak_count(&counts, leak, &hits, item.text);
    hits_release(&hits);
    leak_free(leak);
    score_free(score);
    return counts;
}

static void assert_counts(const char *kernel, const char *answer, size_t hits, size_t in_kernel)
{
    struct leak_counts counts = count(kernel, "v2-ab", answer);
    assert_int_equal(counts.hits, hits);
    assert_int_equal(counts.in_kernel, in_kernel);
}

static void the_kernels_own_words(void **state)
{
    (void)state;
    static const char kernel[] = "Consent first; hold the tension. Dignity is more than words.";
    /* Dignity is counted twice, for axioms and for emotion. */
    assert_counts(kernel, "where there is consent, and dignity, and hope", 4, 3);
    assert_counts(kernel, "it is MORE, more than that; however", 2, 1);
    assert_counts(kernel, "more of it than before", 0, 0);
    assert_counts(kernel, "", 0, 0);
    assert_counts("", "consent and autonomy", 2, 0);
    assert_counts("Hold both the words and the deeds", "both the words and the deeds", 1, 1);
    assert_counts("Hold both the deeds and the words", "both the words and the deeds", 1, 0);
}

static void forms_are_no_words(void **state)
{
    (void)state;
    /* A blank line, a question mark, emphasis that begins a word: hits, and none of them words. */
    assert_counts("consent", "is it *so\n\n# now?", 0, 0);
    /* A name is. */
    assert_counts("ask marta", "and Marta asked", 1, 1);
}

static void words_inside_words_are_none(void **state)
{
    (void)state;
    /* v2-distill finds "he" in "the". */
    struct leak_counts counts = count("he", "v2-distill", "the other, then he");
    assert_int_equal(counts.hits, 1);
    assert_int_equal(counts.in_kernel, 1);
}

static void an_echo_is_all_kernel(void **state)
{
    (void)state;
    static const char kernel[] = "Respect autonomy, consent and dignity. Agency and stewardship "
                                 "are intrinsic; sovereignty is not simply power.";
    struct leak_counts counts = count(kernel, "v2-ab", kernel);
    assert_true(counts.hits >= 8);
    assert_int_equal(counts.in_kernel, counts.hits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernels_own_words),
        cmocka_unit_test(forms_are_no_words),
        cmocka_unit_test(words_inside_words_are_none),
        cmocka_unit_test(an_echo_is_all_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
