/* The face of the tokenizers: the two committed models, long texts, and every hostile vocabulary we
 * thought of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/file.h"
#include "support/ids_text.h"
#include "support/vocab_build.h"
#include "text/jsonl.h"

#define T(literal) ((struct str)STR(literal))

enum { EXPECTED_IDS_MAX = 96 }; /* longer texts were cut there */

static void check_tiny(const char *gguf_path, const char *expected_path)
{
    struct gguf *gguf;
    struct tokenizer *tok;
    struct err err = {0};
    struct buf file;
    struct jsonl in;
    struct str line;
    json_t *row;
    buf_init(&file, BUF_MAX_DEFAULT);
    if (!gguf_open(&gguf, gguf_path, &err) || !tokenizer_open(&tok, gguf, &err) ||
        !file_read(&file, expected_path, &err))
        fail_msg("%s", err.msg);
    jsonl_init(&in, buf_str(&file), expected_path);
    while (jsonl_next(&in, &line)) {
        struct ids ids = {0};
        assert_true(jsonl_parse(&row, &in, line, &err));
        if (tokenizer_adds_bos(tok))
            ids_push(&ids, tokenizer_bos(tok));
        assert_true(tokenizer_encode(tok, &ids, json_get_str(row, "text"),
                                     (struct token_trust){.all = true}, &err));
        const json_t *want = json_object_get(row, "ids");
        size_t n = json_array_size(want);
        assert_true(ids.count == n || (n == EXPECTED_IDS_MAX && ids.count > n));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(ids.id[i], json_integer_value(json_array_get(want, i)));
        ids_release(&ids);
        json_decref(row);
    }
    assert_true(in.line > 0);
    tokenizer_free(tok);
    gguf_close(gguf);
    buf_release(&file);
}

static void tiny_models_agree(void **state)
{
    (void)state;
    check_tiny("tests/oracle/tiny/gemma3/f32.gguf", "tests/oracle/tiny/gemma3/expected.jsonl");
    check_tiny("tests/oracle/tiny/smollm2/f32.gguf", "tests/oracle/tiny/smollm2/expected.jsonl");
}

/* Half a megabyte that offers no place to cut, in the kind's worst patterns. */
static void long_words_end_soon(void **state)
{
    (void)state;
    enum { LONG = 1 << 19 };
    static const char *const paths[] = {"tests/oracle/tiny/gemma3/f32.gguf",
                                        "tests/oracle/tiny/smollm2/f32.gguf"};
    static const char *const letters[] = {"e", " ", "the",      "in",  "\n",
                                          "1", "!", "\xc3\xa9", "\xff"};
    struct buf text;
    struct err err = {0};
    buf_init(&text, LONG);
    for (size_t p = 0; p < 2; p++) {
        struct gguf *gguf;
        struct tokenizer *tok;
        assert_true(gguf_open(&gguf, paths[p], &err) && tokenizer_open(&tok, gguf, &err));
        for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
            struct ids ids = {0};
            buf_reset(&text);
            while (buf_puts(&text, letters[i]))
                ;
            assert_true(tokenizer_encode(tok, &ids, buf_str(&text),
                                         (struct token_trust){.all = true}, &err));
            ids_release(&ids);
        }
        tokenizer_free(tok);
        gguf_close(gguf);
    }
    buf_release(&text);
}

static void refuses_texts_past_the_limit(void **state)
{
    (void)state;
    struct gguf *gguf;
    struct tokenizer *tok;
    struct err err = {0};
    struct ids ids = {0};
    assert_true(gguf_open(&gguf, "tests/oracle/tiny/smollm2/f32.gguf", &err));
    assert_true(tokenizer_open(&tok, gguf, &err));
    struct str huge = str_n("never looked at", (size_t)1 << 40);
    assert_false(tokenizer_encode(tok, &ids, huge, (struct token_trust){.all = true}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(ids.count, 0);
    tokenizer_free(tok);
    gguf_close(gguf);
}

static const struct build_token few[] = {
    {STR("<unk>"), BUILD_UNKNOWN, 0}, {STR("<s>"), BUILD_CONTROL, 0}, {STR("a"), BUILD_NORMAL, -1},
    {STR("b"), BUILD_NORMAL, -2},     {STR("ab"), BUILD_NORMAL, -3},
};

static struct vocab_plan plan_of(const char *model)
{
    bool bpe = strcmp(model, "gpt2") == 0;
    return (struct vocab_plan){
        .model = model, .pre = bpe ? "gpt-2" : NULL, .tokens = few, .n_tokens = 5};
}

static void assert_refused(const struct vocab_plan *plan, void (*more)(struct gguf_build *),
                           enum err_code code, const char *sentence)
{
    struct vocab_build build;
    struct err err = {0};
    vocab_build_init(&build, plan);
    if (more)
        more(&build.file);
    assert_false(vocab_build_open(&build, &err));
    assert_null(build.tok);
    assert_string_equal(err.msg, sentence);
    assert_int_equal(err.code, code);
    vocab_build_close(&build);
}

static void kinds_and_rules_are_named(void **state)
{
    (void)state;
    struct vocab_plan plan = plan_of("t5");
    assert_refused(&plan, NULL, ERR_UNSUPPORTED,
                   "tokenizer.ggml.model is 't5'; supported are 'llama' and 'gpt2'");
    plan.model = "bert";
    assert_refused(&plan, NULL, ERR_UNSUPPORTED,
                   "tokenizer.ggml.model is 'bert'; supported are 'llama' and 'gpt2'");
    plan = plan_of("gpt2");
    plan.pre = "gpt-7";
    assert_refused(&plan, NULL, ERR_UNSUPPORTED,
                   "tokenizer.ggml.pre is 'gpt-7', a split rule that is not known");
}

static void add_charsmap(struct gguf_build *file)
{
    build_array(file, "tokenizer.ggml.precompiled_charsmap", GGUF_U8, 0);
}

static void lists_must_fit(void **state)
{
    (void)state;
    struct vocab_plan plan = plan_of("llama");
    plan.short_by = 1;
    assert_refused(&plan, NULL, ERR_FORMAT,
                   "tokenizer.ggml.token_type has 4 entries, expected one for each of 5 tokens");
    plan.no_kinds = true;
    assert_refused(&plan, NULL, ERR_FORMAT,
                   "tokenizer.ggml.scores has 4 entries, expected one for each of 5 tokens");
    plan = plan_of("llama");
    plan.no_scores = true;
    assert_refused(&plan, NULL, ERR_FORMAT,
                   "tokenizer.ggml.scores is missing or not a list of floats");
    plan = plan_of("llama");
    plan.n_tokens = 0;
    assert_refused(&plan, NULL, ERR_FORMAT, "tokenizer.ggml.tokens is empty");
    plan = plan_of("gpt2");
    plan.no_merges = true;
    assert_refused(&plan, NULL, ERR_FORMAT,
                   "tokenizer.ggml.merges is missing or not a list of strings");
    plan = plan_of("llama");
    assert_refused(
        &plan, add_charsmap, ERR_UNSUPPORTED,
        "tokenizer.ggml.precompiled_charsmap: own normalisation tables are not supported");
}

static void add_far_eos(struct gguf_build *file)
{
    build_u32(file, "tokenizer.ggml.eos_token_id", 5);
}

static void add_minus_bos(struct gguf_build *file)
{
    build_u32(file, "tokenizer.ggml.bos_token_id", UINT32_MAX);
}

static void ids_must_exist(void **state)
{
    (void)state;
    struct vocab_plan plan = plan_of("llama");
    assert_refused(&plan, add_far_eos, ERR_FORMAT,
                   "tokenizer.ggml.eos_token_id is 5, expected an id below 5");
    assert_refused(&plan, add_minus_bos, ERR_FORMAT,
                   "tokenizer.ggml.bos_token_id is 4294967295, expected an id below 5");
}

static void assert_token_refused(struct build_token bad, enum err_code code, const char *sentence)
{
    struct vocab_plan plan = plan_of("llama");
    struct build_token tokens[] = {few[0], few[1], few[2], few[3], bad};
    plan.tokens = tokens;
    assert_refused(&plan, NULL, code, sentence);
}

static void tokens_must_be_what_they_claim(void **state)
{
    (void)state;
    static char long_piece[2000];
    memset(long_piece, 'x', sizeof long_piece);
    assert_token_refused(
        (struct build_token){STR("<0x-1>"), BUILD_BYTE, 0}, ERR_FORMAT,
        "token 4 is of the byte kind but reads '<0x-1>', expected <0x00> to <0xFF>");
    assert_token_refused(
        (struct build_token){STR("<0x100>"), BUILD_BYTE, 0}, ERR_FORMAT,
        "token 4 is of the byte kind but reads '<0x100>', expected <0x00> to <0xFF>");
    assert_token_refused((struct build_token){STR("x"), 7, 0}, ERR_FORMAT,
                         "tokenizer.ggml.token_type of token 4 is 7, expected 0 to 6");
    assert_token_refused((struct build_token){STR("x"), -1, 0}, ERR_FORMAT,
                         "tokenizer.ggml.token_type of token 4 is -1, expected 0 to 6");
    assert_token_refused((struct build_token){STR("x"), BUILD_NORMAL, __builtin_nanf("")},
                         ERR_FORMAT, "tokenizer.ggml.scores of token 4 is not a number");
    assert_token_refused((struct build_token){{long_piece, sizeof long_piece}, BUILD_CONTROL, 0},
                         ERR_LIMIT, "special token 4 is 2000 bytes long, more than 1024");
}

/* The word whose hash is `hash`: byte_hash of eight bytes run backwards (each step can be undone).
 */
static uint64_t unhash(uint64_t hash)
{
    uint64_t inverse[2] = {0x9e3779b97f4a7c15u, 0xc4ceb9fe1a85ec53u};
    for (int k = 0; k < 2; k++) {
        uint64_t x = inverse[k]; /* Newton: the right bits double each time */
        for (int i = 0; i < 6; i++)
            x *= 2 - inverse[k] * x;
        inverse[k] = x;
    }
    hash *= inverse[1];
    for (int i = 0; i < 2; i++)
        hash = (hash ^ hash >> 32) * inverse[0];
    return hash ^ 8;
}

static void colliding_pieces_are_refused(void **state)
{
    enum { N = 1500 };
    (void)state;
    static uint64_t words[N];
    static struct build_token tokens[N];
    for (uint32_t i = 0; i < N; i++) {
        words[i] = unhash(0xabcdef0100000000u | i);
        tokens[i] = (struct build_token){str_n((const char *)&words[i], 8), BUILD_NORMAL, 0};
    }
    struct vocab_plan plan = plan_of("llama");
    plan.tokens = tokens;
    plan.n_tokens = N;
    assert_refused(&plan, NULL, ERR_LIMIT,
                   "tokenizer.ggml.tokens: more than 1024 pieces up to token 1025 collide");
}

static void assert_merge_refused(struct str merge, const char *sentence)
{
    struct vocab_plan plan = plan_of("gpt2");
    struct str merges[] = {STR("a b"), merge};
    plan.merges = merges;
    plan.n_merges = 2;
    assert_refused(&plan, NULL, ERR_FORMAT, sentence);
}

static void merges_must_name_tokens(void **state)
{
    (void)state;
    assert_merge_refused(T("a x"),
                         "tokenizer.ggml.merges, entry 1 'a x': a part of it is no token");
    assert_merge_refused(T("b a"),
                         "tokenizer.ggml.merges, entry 1 'b a': what it joins to is no token");
    static const struct str broken[] = {STR(""), STR("a"), STR("a "), STR(" a"), STR(" ")};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char sentence[128];
        snprintf(
            sentence, sizeof sentence,
            "tokenizer.ggml.merges, entry 1 '%.*s': expected two pieces with a space between them",
            STR_ARG(broken[i]));
        assert_merge_refused(broken[i], sentence);
    }
}

/* Empty and repeated pieces, pieces that are no UTF-8 and one of a megabyte: allowed, and harmless.
 */
static void odd_pieces_are_harmless(void **state)
{
    (void)state;
    struct buf huge;
    buf_init(&huge, 1 << 20);
    while (buf_putc(&huge, 'a'))
        ;
    const struct build_token tokens[] = {
        {STR(""), BUILD_NORMAL, 0},        {STR(""), BUILD_CONTROL, 0},
        {STR(""), BUILD_USER, 0},          {STR("a"), BUILD_NORMAL, -1},
        {STR("a"), BUILD_CONTROL, 0},      {STR("\xff\xfe"), BUILD_NORMAL, 5},
        {STR("\xff"), BUILD_NORMAL, 1},    {STR("\xfe"), BUILD_NORMAL, 1},
        {buf_str(&huge), BUILD_NORMAL, 9}, {STR("<unk>"), BUILD_UNKNOWN, 0},
    };
    for (int kind = 0; kind < 2; kind++) {
        struct vocab_plan plan = plan_of(kind ? "gpt2" : "llama");
        struct vocab_build build;
        struct err err = {0};
        struct buf out;
        plan.tokens = tokens;
        plan.n_tokens = sizeof tokens / sizeof *tokens;
        vocab_build_init(&build, &plan);
        build_u32(&build.file, "tokenizer.ggml.unknown_token_id", 9);
        build_bool(&build.file, "tokenizer.ggml.add_space_prefix", false);
        if (!vocab_build_open(&build, &err))
            fail_msg("%s", err.msg);
        buf_init(&out, BUF_MAX_DEFAULT);
        ids_text(&out, build.tok,
                 T("a\xff\xfe"
                   "a"),
                 TRUST_ALL);
        assert_string_equal(out.ptr, kind ? "3 3" : "3 5 3");
        buf_reset(&out);
        for (uint32_t id = 0; id < 12; id++) /* two of them past the end */
            tokenizer_decode(build.tok, &out, &id, 1, true);
        assert_true(out.len > huge.len);
        buf_release(&out);
        vocab_build_close(&build);
    }
    buf_release(&huge);
}

/* Whatever the merges say, text that is not trusted holds no control token. */
static void merges_make_no_control_token(void **state)
{
    (void)state;
    struct build_token tokens[] = {few[0], few[1], few[2], few[3], {STR("ab"), BUILD_CONTROL, 0}};
    struct str merges[] = {STR("a b")};
    struct vocab_plan plan = plan_of("gpt2");
    struct vocab_build build;
    struct err err = {0};
    struct buf out;
    plan.tokens = tokens;
    plan.merges = merges;
    plan.n_merges = 1;
    vocab_build_init(&build, &plan);
    assert_true(vocab_build_open(&build, &err));
    buf_init(&out, 100);
    ids_text(&out, build.tok, T("ab"), TRUST_NONE);
    assert_string_equal(out.ptr, "2 3");
    buf_reset(&out);
    ids_text(&out, build.tok, T("ab"), TRUST_ALL);
    assert_string_equal(out.ptr, "4");
    buf_release(&out);
    vocab_build_close(&build);
}

static void says_who_it_is(void **state)
{
    (void)state;
    struct vocab_plan plan = plan_of("llama");
    struct vocab_build build;
    struct err err = {0};
    vocab_build_init(&build, &plan);
    build_u32(&build.file, "tokenizer.ggml.bos_token_id", 1);
    build_u32(&build.file, "tokenizer.ggml.eot_token_id", 3);
    assert_true(vocab_build_open(&build, &err));
    assert_int_equal(tokenizer_size(build.tok), 5);
    assert_int_equal(tokenizer_bos(build.tok), 1);
    assert_true(tokenizer_adds_bos(build.tok));
    assert_true(tokenizer_eos(build.tok) == TOKEN_NONE);
    assert_true(tokenizer_is_end(build.tok, 3));
    assert_false(tokenizer_is_end(build.tok, 1));
    assert_false(tokenizer_is_end(build.tok, TOKEN_NONE));
    assert_true(tokenizer_is_control(build.tok, 1));
    assert_false(tokenizer_is_control(build.tok, 99));
    assert_int_equal(tokenizer_find(build.tok, T("ab")), 4);
    assert_true(tokenizer_find(build.tok, T("abc")) == TOKEN_NONE);
    assert_true(str_is(tokenizer_piece(build.tok, 1), "<s>"));
    assert_int_equal(tokenizer_piece(build.tok, 99).len, 0);
    vocab_build_close(&build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_models_agree),
        cmocka_unit_test(long_words_end_soon),
        cmocka_unit_test(refuses_texts_past_the_limit),
        cmocka_unit_test(kinds_and_rules_are_named),
        cmocka_unit_test(lists_must_fit),
        cmocka_unit_test(ids_must_exist),
        cmocka_unit_test(tokens_must_be_what_they_claim),
        cmocka_unit_test(colliding_pieces_are_refused),
        cmocka_unit_test(merges_must_name_tokens),
        cmocka_unit_test(odd_pieces_are_harmless),
        cmocka_unit_test(merges_make_no_control_token),
        cmocka_unit_test(says_who_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
