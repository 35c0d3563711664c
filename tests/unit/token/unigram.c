/* SentencePiece-style tokens: joining by score, the rules for spaces, bytes, user-defined and
 * control tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/ids_text.h"
#include "support/vocab_build.h"

#define SP "\xe2\x96\x81" /* U+2581 */

enum { PLAIN_TOKENS = 22 };

/* 0-15 as listed; then the bytes of U+00E9 and U+2581, and 0x00. */
static const struct build_token tokens[PLAIN_TOKENS] = {
    {STR("<unk>"), BUILD_UNKNOWN, 0}, {STR("<s>"), BUILD_CONTROL, 0},
    {STR("</s>"), BUILD_CONTROL, 0},  {STR(SP), BUILD_NORMAL, -10},
    {STR("a"), BUILD_NORMAL, -11},    {STR("b"), BUILD_NORMAL, -12},
    {STR("c"), BUILD_NORMAL, -13},    {STR("ab"), BUILD_NORMAL, -2},
    {STR("bc"), BUILD_NORMAL, -1},    {STR("abc"), BUILD_NORMAL, -3},
    {STR(SP "a"), BUILD_NORMAL, -4},  {STR("aa"), BUILD_NORMAL, -5},
    {STR("\n"), BUILD_USER, 0},       {STR("\n\n"), BUILD_USER, 0},
    {STR("  "), BUILD_USER, 0},       {STR("unused"), BUILD_UNUSED, 0},
    {STR("<0xC3>"), BUILD_BYTE, 0},   {STR("<0xA9>"), BUILD_BYTE, 0},
    {STR("<0xE2>"), BUILD_BYTE, 0},   {STR("<0x96>"), BUILD_BYTE, 0},
    {STR("<0x81>"), BUILD_BYTE, 0},   {STR("<0x00>"), BUILD_BYTE, 0},
};

static struct vocab_plan plan_of(size_t n)
{
    return (struct vocab_plan){
        .model = "llama", .tokens = tokens, .n_tokens = n, .no_merges = true};
}

enum { PREFIX = 1, TRIM = 2, UNKNOWN = 4 };

static void open_with(struct vocab_build *build, struct vocab_plan plan, int options)
{
    struct err err = {0};
    vocab_build_init(build, &plan);
    build_bool(&build->file, "tokenizer.ggml.add_space_prefix", options & PREFIX);
    if (options & TRIM)
        build_bool(&build->file, "tokenizer.ggml.remove_extra_whitespaces", true);
    if (options & UNKNOWN)
        build_u32(&build->file, "tokenizer.ggml.unknown_token_id", 0);
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

static void assert_comes_back(const struct vocab_build *build, struct str text, int trust)
{
    struct ids ids = {0};
    struct err err = {0};
    struct buf back;
    buf_init(&back, BUF_MAX_DEFAULT);
    buf_puts(&back, "");
    assert_true(tokenizer_encode(build->tok, &ids, text,
                                 (struct token_trust){.all = trust == TRUST_ALL}, &err));
    tokenizer_decode(build->tok, &back, ids.id, ids.count, trust == TRUST_ALL);
    assert_int_equal(back.len, text.len);
    assert_memory_equal(back.ptr, text.ptr, text.len);
    buf_release(&back);
    ids_release(&ids);
}

#define T(literal) ((struct str)STR(literal))

static void joins_best_score_first(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, plan_of(PLAIN_TOKENS), 0);
    assert_ids(&build, T(""), TRUST_NONE, "");
    assert_ids(&build, T("ab"), TRUST_NONE, "7");
    assert_ids(&build, T("abc"), TRUST_NONE, "9");    /* bc before ab, then a + bc */
    assert_ids(&build, T("aaa"), TRUST_NONE, "11 4"); /* the leftmost of two equals */
    assert_ids(&build, T("aaab"), TRUST_NONE, "11 7");
    assert_ids(&build, T("a a"), TRUST_NONE, "4 10");
    vocab_build_close(&build);
}

static void user_tokens_match_anywhere_longest_first(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, plan_of(PLAIN_TOKENS), 0);
    assert_ids(&build, T("a\n\n\nb"), TRUST_NONE, "4 13 12 5");
    assert_ids(&build, T("a   a"), TRUST_NONE, "4 14 10");
    vocab_build_close(&build);
}

static void control_tokens_need_trust(void **state)
{
    (void)state;
    static const uint8_t all_but_one[] = {1, 1, 0, 1, 1, 1, 1};
    struct vocab_build build;
    struct ids ids = {0};
    struct err err = {0};
    open_with(&build, plan_of(PLAIN_TOKENS), UNKNOWN);
    assert_ids(&build, T("<s>a</s>"), TRUST_ALL, "1 4 2");
    assert_ids(&build, T("<s>"), TRUST_NONE, "0");
    /* The first <s> has one byte that is not trusted, the second has none. */
    assert_true(tokenizer_encode(build.tok, &ids, T("<s>a<s>"),
                                 (struct token_trust){.trusted = all_but_one}, &err));
    assert_int_equal(ids.count, 3);
    assert_int_equal(ids.id[0], 0);
    assert_int_equal(ids.id[1], 4);
    assert_int_equal(ids.id[2], 1);
    ids_release(&ids);
    vocab_build_close(&build);
}

static void byte_and_unused_tokens_are_not_read(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, plan_of(PLAIN_TOKENS), UNKNOWN);
    assert_ids(&build, T("<0xC3>"), TRUST_ALL, "0");
    assert_ids(&build, T("unused"), TRUST_ALL, "0");
    vocab_build_close(&build);
}

static void spells_what_it_does_not_know(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, plan_of(PLAIN_TOKENS), UNKNOWN);
    assert_ids(&build,
               T("a\xc3\xa9"
                 "b"),
               TRUST_NONE, "4 16 17 5");
    assert_ids(&build, T("\0a"), TRUST_NONE, "21 4");
    assert_ids(&build, T("\xc3"), TRUST_NONE, "16"); /* no UTF-8, but a byte all the same */
    assert_ids(&build, T("xyz a"), TRUST_NONE,
               "0 10"); /* unknown characters in a row are one token */
    assert_ids(&build, T("axxa"), TRUST_NONE, "4 0 4");
    assert_ids(&build, T(SP), TRUST_NONE, "18 19 20"); /* the character itself is not a space */
    assert_comes_back(&build, T(SP "a " SP " " SP SP), TRUST_NONE);
    vocab_build_close(&build);
    open_with(&build, plan_of(PLAIN_TOKENS), 0); /* the token of the unknown kind needs no key */
    assert_ids(&build, T("ax"), TRUST_NONE, "4 0");
    vocab_build_close(&build);
    struct vocab_plan plan = plan_of(PLAIN_TOKENS);
    plan.no_kinds = true;
    open_with(&build, plan, 0);
    assert_ids(&build, T("ax"), TRUST_NONE,
               "byte 0x78 is in no token, and the vocabulary has neither a token <0x78> nor "
               "tokenizer.ggml.unknown_token_id");
    vocab_build_close(&build);
}

static void prefix_comes_and_goes(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, plan_of(PLAIN_TOKENS), PREFIX);
    assert_ids(&build, T("a"), TRUST_NONE, "10");
    assert_ids(&build, T(" a"), TRUST_NONE, "3 10");
    assert_ids(&build, T("<s>a</s>"), TRUST_ALL, "1 10 2");
    assert_ids(&build, T("a\na"), TRUST_NONE, "10 12 4"); /* not after a user-defined token */
    assert_ids(&build, T("\na"), TRUST_NONE, "3 12 4");
    static const struct str texts[] = {STR(""),     STR("a"),   STR(" a"),
                                       STR("  a "), STR(" "),   STR("\na"),
                                       STR("a\n"),  STR("\n "), STR("abc a" SP " b")};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_comes_back(&build, texts[i], TRUST_NONE);
    assert_comes_back(&build, T("<s>a b</s> a<s><s>\n"), TRUST_ALL);
    vocab_build_close(&build);
}

static void prefix_is_the_default(void **state)
{
    (void)state;
    struct vocab_build build;
    struct err err = {0};
    struct vocab_plan plan = plan_of(PLAIN_TOKENS);
    vocab_build_init(&build, &plan);
    assert_true(vocab_build_open(&build, &err));
    assert_ids(&build, T("a"), TRUST_NONE, "10");
    vocab_build_close(&build);
}

static void extra_spaces_go_where_the_file_says_so(void **state)
{
    (void)state;
    struct vocab_build build;
    open_with(&build, plan_of(14), TRIM); /* without the two-space token */
    assert_ids(&build, T("  a   a  "), TRUST_NONE, "4 10");
    assert_ids(&build, T("a  \n  a"), TRUST_NONE, "4 3 12 10");
    vocab_build_close(&build);
    open_with(&build, plan_of(14), TRIM | PREFIX);
    assert_ids(&build, T("   "), TRUST_NONE, "");
    assert_ids(&build, T("  a"), TRUST_NONE, "10");
    vocab_build_close(&build);
}

static void streams_whole_characters(void **state)
{
    (void)state;
    struct vocab_build build;
    struct token_stream stream;
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    open_with(&build, plan_of(PLAIN_TOKENS), 0);
    token_stream_init(&stream, build.tok);
    token_stream_push(&stream, &out, 16); /* the first byte of U+00E9 */
    assert_int_equal(out.len, 0);
    token_stream_push(&stream, &out, 2); /* a control token is no text */
    assert_int_equal(out.len, 0);
    token_stream_push(&stream, &out, 17);
    assert_string_equal(out.ptr, "\xc3\xa9");
    token_stream_push(&stream, &out, 18);
    token_stream_push(&stream, &out, 19);
    assert_string_equal(out.ptr, "\xc3\xa9");
    token_stream_push(&stream, &out, 4); /* U+2581 never came: two lost bytes */
    assert_string_equal(out.ptr, "\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd"
                                 "a");
    token_stream_push(&stream, &out, 16);
    token_stream_end(&stream, &out);
    assert_string_equal(out.ptr, "\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd"
                                 "a\xef\xbf\xbd");
    token_stream_end(&stream, &out);
    assert_int_equal(out.len, 12);
    buf_release(&out);
    vocab_build_close(&build);
}

static void files_without_kinds_find_bytes_by_name(void **state)
{
    (void)state;
    struct vocab_build build;
    struct vocab_plan plan = plan_of(PLAIN_TOKENS);
    plan.no_kinds = true;
    open_with(&build, plan, 0);
    assert_ids(&build, T("\xc3\xa9"), TRUST_NONE, "16 17");
    assert_comes_back(&build, T("a\xc3\xa9"), TRUST_NONE);
    vocab_build_close(&build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_best_score_first),
        cmocka_unit_test(user_tokens_match_anywhere_longest_first),
        cmocka_unit_test(control_tokens_need_trust),
        cmocka_unit_test(byte_and_unused_tokens_are_not_read),
        cmocka_unit_test(spells_what_it_does_not_know),
        cmocka_unit_test(prefix_comes_and_goes),
        cmocka_unit_test(prefix_is_the_default),
        cmocka_unit_test(extra_spaces_go_where_the_file_says_so),
        cmocka_unit_test(streams_whole_characters),
        cmocka_unit_test(files_without_kinds_find_bytes_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
