/* Byte-level pieces: where each split rule cuts, merges by rank, bytes that are no UTF-8, whole
 * words, NFC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/ids_text.h"
#include "support/vocab_build.h"
#include "token/pretokenize.h"

#define T(literal) ((struct str)STR(literal))

static void assert_split(const char *rule, const char *text, const char *want)
{
    struct pretokenizer *pre;
    struct cuts cuts = {0};
    struct err err = {0};
    struct buf got;
    buf_init(&got, BUF_MAX_DEFAULT);
    buf_puts(&got, "");
    if (!pretokenizer_open(&pre, str_of(rule), &err) ||
        !pretokenizer_split(pre, &cuts, str_of(text), &err))
        fail_msg("%s", err.msg);
    for (size_t i = 0, from = 0; i < cuts.count; from = cuts.end[i++]) {
        buf_add(&got, text + from, cuts.end[i] - from);
        buf_putc(&got, '|');
    }
    assert_string_equal(got.ptr, want);
    buf_release(&got);
    cuts_release(&cuts);
    pretokenizer_free(pre);
}

static void rules_cut_as_they_should(void **state)
{
    (void)state;
    assert_split("gpt-2", "", "");
    assert_split("gpt-2", "Hello  world's 123!?", "Hello| | world|'s| 123|!?|");
    assert_split("gpt-2", "a \n\n b ", "a| \n\n| b| |");
    assert_split("gpt-2", "I'M'm", "I|'|M|'m|");
    assert_split("smollm", " 12a3", " |1|2|a|3|");
    assert_split("smollm", "a \xc2\xb2 b", "a| |\xc2\xb2| b|"); /* superscript two is a number */
    assert_split("llama-bpe", "I'M 12345 (word)\n\n x", "I|'M| |123|45| (|word|)\n\n| x|");
    assert_split("llama-bpe", "  \n  a", "  \n| | a|");
    assert_split("qwen2", "x 12'LL", "x| |1|2|'LL|");
    assert_split("gpt-4o", "HelloWorld'S 1234 a/\n", "Hello|World'S| |123|4| a|/\n|");
    assert_split("tekken", "HTTPServer 12's", "HTTPServer| |1|2|'s|");
    assert_split("deepseek-v3", "a1234 \xe4\xb8\xad\xe6\x96\x87x (ok)",
                 "a|123|4| |\xe4\xb8\xad\xe6\x96\x87|x| (|ok|)|");
    assert_split("falcon", "a+b 1234", "a|+|b| |123|4|");
    assert_split("deepseek-coder", "if x1\n", "if| x|1|\n|");
    assert_split("deepseek-coder", "a\xe4\xb8\xad b", "a|\xe4\xb8\xad| b|");
    assert_split("qwen35", "e\xcc\x81x 1", "e\xcc\x81x| |1|");
    assert_split("qwen2", "e\xcc\x81x", "e|\xcc\x81x|");
}

/* Unicode's White_Space and nothing else: each of these either ends a word or is a sign of its own.
 */
static void space_is_what_unicode_says(void **state)
{
    (void)state;
    static const char *const spaces[] = {"\t",           "\v",           "\xc2\x85",
                                         "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80",
                                         "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                         "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    static const char *const others[] = {"\x1c",         "\x1f",         "\xe1\xa0\x8e",
                                         "\xe2\x80\x8b", "\xe2\x81\xa0", "\xef\xbb\xbf"};
    char text[32], want[32];
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces;
         i++) { /* goes with the space before it */
        snprintf(text, sizeof text, "a %s%s!", spaces[i], spaces[i]);
        snprintf(want, sizeof want, "a| %s|%s|!|", spaces[i], spaces[i]);
        assert_split("gpt-2", text, want);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) { /* goes with the sign after it */
        snprintf(text, sizeof text, "a %s%s!", others[i], others[i]);
        snprintf(want, sizeof want, "a| %s%s!|", others[i], others[i]);
        assert_split("gpt-2", text, want);
    }
}

/* Every rule cuts a long run of each sort of character without giving up. */
static void long_runs_are_no_trouble(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "gpt-2",  "smollm", "default",     "falcon", "llama-bpe",      "qwen2", "tekken",
        "gpt-4o", "olmo",   "deepseek-v3", "dbrx",   "deepseek-coder", "qwen35"};
    static const char *const runs[] = {"a", "A", "aA", " ",        "\n",          " \n",
                                       "1", "!", "'",  "\xcc\x81", "\xe4\xb8\xad"};
    struct buf text;
    struct err err = {0};
    struct cuts cuts = {0};
    buf_init(&text, 1 << 17);
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        struct pretokenizer *pre;
        assert_true(pretokenizer_open(&pre, str_of(rules[r]), &err));
        for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
            buf_reset(&text);
            while (buf_puts(&text, runs[i]))
                ;
            if (!pretokenizer_split(pre, &cuts, buf_str(&text), &err))
                fail_msg("%s: %s", rules[r], err.msg);
            assert_int_equal(cuts.end[cuts.count - 1], text.len);
        }
        pretokenizer_free(pre);
    }
    cuts_release(&cuts);
    buf_release(&text);
}

/* G with dot above is the space, C with cedilla and copyright sign the bytes of U+00E9. */
static const struct build_token tokens[] = {
    {STR("a"), BUILD_NORMAL, 0},
    {STR("b"), BUILD_NORMAL, 0},
    {STR("c"), BUILD_NORMAL, 0},
    {STR("\xc4\xa0"), BUILD_NORMAL, 0},
    {STR("ab"), BUILD_NORMAL, 0},
    {STR("bc"), BUILD_NORMAL, 0},
    {STR("\xc4\xa0"
         "ab"),
     BUILD_NORMAL, 0},
    {STR("abc"), BUILD_NORMAL, 0},
    {STR("\xc3\x83"), BUILD_NORMAL, 0},
    {STR("\xc2\xa9"), BUILD_NORMAL, 0},
    {STR("\xc3\xbf"), BUILD_NORMAL, 0},
    {STR("<|im_end|>"), BUILD_CONTROL, 0},
    {STR("<tool>"), BUILD_USER, 0},
    {STR("e"), BUILD_NORMAL, 0},
    {STR("\xc3\x8c"), BUILD_NORMAL, 0},
    {STR("\xc4\xa3"), BUILD_NORMAL, 0},
};
static const struct str merges[] = {STR("b c"), STR("a b"), STR("\xc4\xa0 ab")};

static void open_with(struct vocab_build *build, const char *pre)
{
    struct err err = {0};
    struct vocab_plan plan = {.model = "gpt2",
                              .pre = pre,
                              .tokens = tokens,
                              .n_tokens = sizeof tokens / sizeof *tokens,
                              .merges = merges,
                              .n_merges = 3};
    vocab_build_init(build, &plan);
    if (!vocab_build_open(build, &err))
        fail_msg("%s", err.msg);
}

static void assert_ids(const struct vocab_build *build, struct str text, int trust,
                       const char *want)
{
    struct buf got;
    buf_init(&got, BUF_MAX_DEFAULT);
    ids_text(&got, build->tok, text, trust);
    assert_string_equal(got.ptr, want);
    buf_release(&got);
}

static void merges_by_rank(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, "gpt-2");
    assert_ids(&build, T("ab"), TRUST_NONE, "4");
    assert_ids(&build, T("abc"), TRUST_NONE, "0 5"); /* bc is the earlier merge */
    assert_ids(&build, T(" ab ab"), TRUST_NONE, "6 6");
    assert_ids(&build, T("ab ab ab"), TRUST_NONE, "4 6 6");
    assert_ids(&build, T("\xc3\xa9"), TRUST_NONE, "8 9");
    assert_ids(&build,
               T("a\xff"
                 "a"),
               TRUST_NONE, "0 10 0");                /* no UTF-8 */
    assert_ids(&build, T("axa"), TRUST_NONE, "0 0"); /* x is in no piece */
    vocab_build_close(&build);
}

static void added_tokens_stand_apart(void **state)
{
    (void)state;
    struct vocab_build build;
    struct buf out;
    static const uint32_t ids[] = {6, 11, 8, 9, 12};
    open_with(&build, "gpt-2");
    assert_ids(&build, T("a<tool>b<|im_end|>c"), TRUST_ALL, "0 12 1 11 2");
    assert_ids(&build, T("a<tool>b"), TRUST_NONE, "0 12 1");
    assert_ids(&build, T("<|im_end|>e"), TRUST_NONE, "13 13"); /* letters of it that are pieces */
    assert_true(tokenizer_is_end(build.tok, 11));
    buf_init(&out, 100);
    tokenizer_decode(build.tok, &out, ids, 5, true);
    assert_string_equal(out.ptr, " ab<|im_end|>\xc3\xa9<tool>");
    buf_reset(&out);
    tokenizer_decode(build.tok, &out, ids, 5, false);
    assert_string_equal(out.ptr, " ab\xc3\xa9<tool>");
    buf_release(&out);
    vocab_build_close(&build);
}

static void some_rules_take_whole_words(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, "llama-bpe");
    assert_ids(&build, T("abc"), TRUST_NONE, "7"); /* no merge leads there */
    vocab_build_close(&build);
}

static void some_rules_compose_first(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, "gpt-2");
    assert_ids(&build, T("e\xcc\x81"), TRUST_NONE, "13 14 15");
    vocab_build_close(&build);
    open_with(&build, "qwen2");
    assert_ids(&build, T("e\xcc\x81"), TRUST_NONE, "8 9");
    vocab_build_close(&build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_cut_as_they_should), cmocka_unit_test(space_is_what_unicode_says),
        cmocka_unit_test(long_runs_are_no_trouble), cmocka_unit_test(merges_by_rank),
        cmocka_unit_test(added_tokens_stand_apart), cmocka_unit_test(some_rules_take_whole_words),
        cmocka_unit_test(some_rules_compose_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
