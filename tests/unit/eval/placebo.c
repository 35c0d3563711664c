/* Placebos: as long as their kernels on every model at hand, the same for the same seed, refused with a
 * sentence where there is none; and as arms of a comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval/condition.h"
#include "os/file.h"

static const char *const KERNELS[] = {"kernel/axioms.json", "kernel/compact.json",
                                      "kernel/lek-1-kernel.txt", "kernel/signature.txt"};
enum { N_KERNELS = sizeof KERNELS / sizeof *KERNELS };

#define TINY "tests/oracle/tiny/smollm2/f32.gguf"

struct opened {
    struct gguf *gguf;
    struct tokenizer *tok;
};

static struct opened open_tokenizer(const char *path)
{
    struct opened opened = {0};
    struct err err = {0};
    if (!gguf_open(&opened.gguf, path, &err) || !tokenizer_open(&opened.tok, opened.gguf, &err))
        fail_msg("%s", err.msg);
    return opened;
}

static void close_tokenizer(struct opened *opened)
{
    tokenizer_free(opened->tok);
    gguf_close(opened->gguf);
}

static void assert_matched(const struct kernel *kernel, enum placebo_kind kind,
                           const struct tokenizer *tok)
{
    struct placebo placebo, again;
    struct err err = {0};
    size_t tokens;
    if (!placebo_make(&placebo, kernel, kind, tok, 0, &err))
        fail_msg("%s", err.msg);
    assert_true(kernel_tokens(&tokens, placebo.text, tok, &err));
    assert_int_equal(tokens, placebo.tokens);
    assert_true(kernel_tokens(&tokens, kernel->text, tok, &err));
    assert_int_equal(tokens, placebo.kernel_tokens);
    if (placebo.tokens != placebo.kernel_tokens)
        fail_msg("%s placebo of %s: %zu tokens instead of %zu", placebo_kind_name(kind),
                 kernel->path, placebo.tokens, placebo.kernel_tokens);
    assert_false(str_eq(placebo.text, kernel->text));
    assert_true(placebo_make(&again, kernel, kind, tok, 0, &err));
    assert_true(str_eq(placebo.text, again.text));
    placebo_release(&again);
    assert_true(placebo_make(&again, kernel, kind, tok, 1, &err));
    assert_false(str_eq(placebo.text, again.text));
    placebo_release(&again);
    placebo_release(&placebo);
}

static void match_all(const char *model)
{
    struct opened opened = open_tokenizer(model);
    for (size_t k = 0; k < N_KERNELS; k++) {
        struct kernel kernel;
        struct err err = {0};
        assert_true(kernel_load(&kernel, KERNELS[k], &err));
        assert_matched(&kernel, PLACEBO_NEUTRAL, opened.tok);
        assert_matched(&kernel, PLACEBO_SHUFFLED, opened.tok);
        kernel_release(&kernel);
    }
    close_tokenizer(&opened);
}

static void as_long_as_the_kernel(void **state)
{
    (void)state;
    match_all("tests/oracle/tiny/gemma3/f32.gguf");
    match_all(TINY);
}

static void as_long_on_the_demo_models(void **state)
{
    (void)state;
    static const char *const models[] = {"gemma-3-270m", "smollm2-135m-instruct"};
    const char *cache = getenv("LEM_CACHE"), *home = getenv("HOME");
    size_t matched = 0;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s%s/%s.gguf",
                 cache  ? cache
                 : home ? home
                        : "",
                 cache ? "" : "/.cache/lem", models[i]);
        if (!file_exists(path))
            continue;
        match_all(path);
        matched++;
    }
    if (matched == 0)
        skip();
}

static struct kernel kernel_of(const char *text)
{
    struct kernel kernel;
    struct buf copy;
    buf_init(&copy, BUF_MAX_DEFAULT);
    buf_puts(&copy, text);
    size_t len = copy.len;
    kernel_take(&kernel, "k", buf_take(&copy), len);
    kernel.path = strdup("k.txt");
    return kernel;
}

static void assert_refused(struct kernel kernel, enum placebo_kind kind, enum err_code code,
                           const char *message)
{
    struct opened opened = open_tokenizer(TINY);
    struct placebo placebo;
    struct err err = {0};
    assert_false(placebo_make(&placebo, &kernel, kind, opened.tok, 0, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.msg, message);
    assert_null(placebo.memory);
    kernel_release(&kernel);
    close_tokenizer(&opened);
}

static void what_has_no_placebo_is_refused(void **state)
{
    (void)state;
    assert_refused(kernel_of(""), PLACEBO_NEUTRAL, ERR_UNSUPPORTED,
                   "k.txt: an empty kernel has no placebo");
    assert_refused(
        kernel_of("Obey."), PLACEBO_SHUFFLED, ERR_UNSUPPORTED,
        "k.txt: nothing to shuffle: it has neither two sentences nor three words in one");
    assert_refused(kernel_of("no no no no. no no no no."), PLACEBO_SHUFFLED, ERR_UNSUPPORTED,
                   "k.txt: all its shuffles are the kernel itself");
    struct buf big;
    buf_init(&big, PLACEBO_KERNEL_MAX + 2);
    while (big.len <= PLACEBO_KERNEL_MAX)
        buf_putc(&big, 'a');
    assert_refused(kernel_of(big.ptr), PLACEBO_NEUTRAL, ERR_LIMIT,
                   "k.txt: placebos are made for kernels of at most 1048576 bytes");
    buf_release(&big);
}

static void lists_of_kinds(void **state)
{
    (void)state;
    bool wanted[PLACEBO_KINDS];
    struct err err = {0};
    assert_true(placebo_kinds_parse(wanted, "shuffled", &err));
    assert_true(!wanted[PLACEBO_NEUTRAL] && wanted[PLACEBO_SHUFFLED]);
    assert_true(placebo_kinds_parse(wanted, "shuffled,neutral,neutral", &err));
    assert_true(wanted[PLACEBO_NEUTRAL] && wanted[PLACEBO_SHUFFLED]);
    static const char *const bad[] = {"", ",", "neutral,", "Neutral", "neutral shuffled", "salad"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err = (struct err){0};
        assert_false(placebo_kinds_parse(wanted, bad[i], &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
}

static void arms_follow_their_kernels(void **state)
{
    (void)state;
    static const bool both[PLACEBO_KINDS] = {true, true};
    struct opened opened = open_tokenizer(TINY);
    struct conditions *set = malloc(sizeof *set);
    struct err err = {0};
    conditions_init(set);
    assert_true(conditions_add(set, "a=kernel/axioms.json", &err));
    assert_true(conditions_add(set, "b=kernel/signature.txt", &err));
    assert_true(conditions_add_placebos(set, both, opened.tok, 9, &err));
    static const char *const names[] = {"baseline",   "a",         "b",         "a~neutral",
                                        "a~shuffled", "b~neutral", "b~shuffled"};
    assert_int_equal(set->count, 7);
    for (size_t i = 0; i < 7; i++) {
        const struct condition *arm = &set->items[i];
        assert_true(str_is(arm->name, names[i]));
        assert_int_equal(arm->placebo_of, i < 3 ? 0 : i < 5 ? 1 : 2);
        if (!arm->placebo_of)
            continue;
        assert_int_equal(arm->placebo, i % 2 ? PLACEBO_NEUTRAL : PLACEBO_SHUFFLED);
        assert_int_equal(arm->placebo_seed, 9);
        assert_int_equal(arm->tokens, arm->kernel_tokens);
        assert_null(arm->kernel.path);
        assert_int_equal(arm->kernel.file_bytes, arm->kernel.text.len);
    }
    /* Placebos have no placebos; and their names are taken. */
    assert_false(conditions_add_placebos(set, both, opened.tok, 9, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(set->count, 7);
    assert_false(conditions_add(set, "a~neutral=kernel/axioms.json", &err));
    conditions_release(set);
    free(set);
    close_tokenizer(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_long_as_the_kernel),
        cmocka_unit_test(as_long_on_the_demo_models),
        cmocka_unit_test(what_has_no_placebo_is_refused),
        cmocka_unit_test(lists_of_kinds),
        cmocka_unit_test(arms_follow_their_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
