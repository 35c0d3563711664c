/* Neutral prose: that it is neutral, and that a text of it is as long as it is asked to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "eval/kernel.h"
#include "eval/neutral.h"
#include "probe/lint.h"
#include "probe/shingle.h"
#include "score/score.h"

static const char *const KERNELS[] = {"kernel/axioms.json", "kernel/compact.json",
                                      "kernel/lek-1-kernel.txt", "kernel/signature.txt"};
enum { N_KERNELS = sizeof KERNELS / sizeof *KERNELS };

static struct neutral neutral;
static struct gguf *gguf;
static struct tokenizer *tok;

static int open_all(void **state)
{
    (void)state;
    struct err err = {0};
    return neutral_read(&neutral, str_of(neutral_text), "neutral", &err) &&
                   gguf_open(&gguf, "tests/oracle/tiny/gemma3/f32.gguf", &err) &&
                   tokenizer_open(&tok, gguf, &err)
               ? 0
               : -1;
}

static int close_all(void **state)
{
    (void)state;
    neutral_release(&neutral);
    tokenizer_free(tok);
    gguf_close(gguf);
    return 0;
}

/* Values that any sentence has, whatever it says. */
static bool is_of_any_text(const struct scorer *scorer, const char *field)
{
    if (strcmp(field, "engagement_depth") == 0 || strcmp(field, "lek_score") == 0 ||
        strcmp(field, "empty_broken") == 0)
        return true;
    /* v2-distill looks for "he" inside words, and finds it in "the" and "when". */
    return strcmp(scorer->name, "v2-distill") == 0 && strcmp(field, "creative_form") == 0;
}

static void assert_counts_nothing(const char *name, struct str sentence)
{
    const struct scorer *scorer = scorer_find(str_of(name));
    struct score *score = score_create(scorer);
    double values[SCORE_VALUES_MAX];
    struct err err = {0};
    assert_true(score_run(score, values, sentence, str_of(""), &err));
    for (size_t f = 0; f < scorer->n_fields; f++)
        if (values[f] != 0 && !is_of_any_text(scorer, scorer->fields[f].name))
            fail_msg("%s counts %s in \"%.*s\"", name, scorer->fields[f].name, STR_ARG(sentence));
    score_free(score);
}

static void no_scorer_counts_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < neutral.count; i++) {
        assert_counts_nothing("v2-ab", neutral.sentences[i].text);
        assert_counts_nothing("v2-distill", neutral.sentences[i].text);
        assert_counts_nothing("lek-py", neutral.sentences[i].text);
        assert_counts_nothing("lek-go", neutral.sentences[i].text);
    }
}

/* Does a word belong to the kernel's language, as probes are told not to speak it? */
static bool is_kernel_stem(struct str word)
{
    for (size_t i = 0; LINT_KERNEL_STEMS[i]; i++)
        if (str_starts(word, str_of(LINT_KERNEL_STEMS[i])))
            return true;
    return false;
}

/* Adds the kernel's words that are not common ones. */
static void add_words(struct map *own, struct word_list *words, struct str kernel)
{
    word_list_split(words, kernel);
    for (size_t i = 0; i < words->count; i++)
        if (map_get(&neutral.common, words->items[i]) == MAP_NONE)
            map_set(own, words->items[i], 1);
}

static void shares_no_word_with_the_kernels(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_KERNELS; k++) {
        struct kernel kernel;
        struct word_list words, sentence;
        struct map own = {0};
        struct err err = {0};
        word_list_init(&words);
        word_list_init(&sentence);
        assert_true(kernel_load(&kernel, KERNELS[k], &err));
        add_words(&own, &words, kernel.text);
        for (size_t i = 0; i < neutral.count; i++) {
            word_list_split(&sentence, neutral.sentences[i].text);
            for (size_t w = 0; w < sentence.count; w++)
                if (map_get(&own, sentence.items[w]) != MAP_NONE ||
                    is_kernel_stem(sentence.items[w]))
                    fail_msg("\"%.*s\" of \"%.*s\" is a word of %s", STR_ARG(sentence.items[w]),
                             STR_ARG(neutral.sentences[i].text), KERNELS[k]);
        }
        map_release(&own);
        word_list_release(&words);
        word_list_release(&sentence);
        kernel_release(&kernel);
    }
}

static void no_sentence_stands_twice(void **state)
{
    (void)state;
    struct map seen = {0};
    assert_true(neutral.count > 250);
    assert_true(neutral.n_subjects > 15);
    for (size_t i = 0; i < neutral.count; i++)
        assert_true(map_add(&seen, neutral.sentences[i].text, 1));
    map_release(&seen);
}

static char *grow(size_t *tokens, size_t wanted, uint64_t key, const char *kernel)
{
    struct neutral_wish wish = {tok, str_of(kernel), wanted, key};
    struct buf text;
    struct err err = {0};
    buf_init(&text, BUF_MAX_DEFAULT);
    if (!neutral_grow(&text, tokens, &neutral, &wish, "\n", &err))
        fail_msg("%s", err.msg);
    return buf_take(&text);
}

static void any_length_is_met(void **state)
{
    (void)state;
    size_t tokens, count;
    struct err err = {0};
    for (size_t wanted = 40; wanted < 3000; wanted += wanted < 200 ? 1 : 97) {
        char *text = grow(&tokens, wanted, 3, "");
        assert_true(kernel_tokens(&count, str_of(text), tok, &err));
        assert_int_equal(count, tokens);
        if (tokens != wanted)
            fail_msg("%zu tokens instead of %zu", tokens, wanted);
        assert_int_equal(text[strlen(text) - 1], '\n');
        free(text);
    }
}

static void long_texts_begin_again(void **state)
{
    (void)state;
    size_t tokens;
    char *text = grow(&tokens, 50000, 3, "");
    assert_int_equal(tokens, 50000);
    free(text);
}

static void the_shortest_come_as_near_as_a_sentence(void **state)
{
    (void)state;
    size_t tokens;
    char *text = grow(&tokens, 1, 3, "");
    assert_true(tokens < 20);
    free(text);
}

static void a_key_says_all(void **state)
{
    (void)state;
    size_t tokens;
    char *a = grow(&tokens, 500, 3, ""), *b = grow(&tokens, 500, 3, ""),
         *c = grow(&tokens, 500, 4, "");
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    free(a);
    free(b);
    free(c);
}

static void words_of_the_kernel_are_avoided(void **state)
{
    (void)state;
    size_t tokens;
    char *text = grow(&tokens, 4000, 3, "Of IRON, clay and \"Water\": the rules.");
    struct word_list words;
    word_list_init(&words);
    word_list_split(&words, str_of(text));
    for (size_t i = 0; i < words.count; i++)
        assert_false(str_is(words.items[i], "iron") || str_is(words.items[i], "clay") ||
                     str_is(words.items[i], "water"));
    assert_int_equal(tokens, 4000);
    word_list_release(&words);
    free(text);
}

static void a_kernel_of_all_words_is_refused(void **state)
{
    (void)state;
    struct neutral_wish wish = {tok, str_of(neutral_text), 100, 0};
    struct buf text;
    struct err err = {0};
    size_t tokens;
    buf_init(&text, BUF_MAX_DEFAULT);
    assert_false(neutral_grow(&text, &tokens, &neutral, &wish, "", &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "all but 0 of the"));
    assert_int_equal(text.len, 0);
    struct neutral none;
    assert_false(neutral_read(&none, str_of("# nothing\n\ncommon: a b\n"), "n.txt", &err));
    assert_string_equal(err.msg, "n.txt: no sentences");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_scorer_counts_its_words),
        cmocka_unit_test(shares_no_word_with_the_kernels),
        cmocka_unit_test(no_sentence_stands_twice),
        cmocka_unit_test(any_length_is_met),
        cmocka_unit_test(long_texts_begin_again),
        cmocka_unit_test(the_shortest_come_as_near_as_a_sentence),
        cmocka_unit_test(a_key_says_all),
        cmocka_unit_test(words_of_the_kernel_are_avoided),
        cmocka_unit_test(a_kernel_of_all_words_is_refused),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
