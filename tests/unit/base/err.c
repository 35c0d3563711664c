/* Errors: the code, the sentence, and how a sentence that is too long is cut. */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/utf8.h"

enum { LONG = 2 * ERR_MSG_MAX };

static bool is_utf8(const char *s)
{
    return utf8_is_valid(str_of(s));
}

/* LONG characters of `width` bytes after `shift` ASCII letters. */
static void fill(char *to, const char *character, size_t shift)
{
    size_t width = strlen(character), at = shift;
    memset(to, 'a', shift);
    for (; at + width < LONG; at += width)
        memcpy(to + at, character, width);
    to[at] = '\0';
}

static void set_gives_code_sentence_and_false(void **state)
{
    (void)state;
    struct err err = {0};
    assert_false(err_set(&err, ERR_FORMAT, "line %d of %s", 7, "x.json"));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.msg, "line 7 of x.json");
}

static void errno_adds_the_reason(void **state)
{
    (void)state;
    struct err err = {0};
    assert_false(err_errno(&err, ERR_IO, ENOENT, "cannot open %s", "x"));
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(err.msg, "cannot open x: No such file or directory");
}

static void in_prepends_and_keeps_the_code(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, ERR_LIMIT, "too big");
    assert_false(err_in(&err, "model %s", "m.gguf"));
    assert_false(err_in(&err, "run"));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.msg, "run: model m.gguf: too big");
}

/* Characters of 2, 3 and 4 bytes at every offset to the end of the sentence. */
static void long_sentences_are_cut_at_a_character(void **state)
{
    (void)state;
    static const char *const CHARACTERS[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x99\x82"};
    char text[LONG + 1];
    struct err err;
    for (size_t c = 0; c < 3; c++)
        for (size_t shift = 0; shift < 4; shift++) {
            fill(text, CHARACTERS[c], shift);
            err_set(&err, ERR_FORMAT, "%s", text);
            assert_true(is_utf8(err.msg));
            assert_in_range(strlen(err.msg), ERR_MSG_MAX - 4, ERR_MSG_MAX - 1);
            assert_memory_equal(err.msg, text, strlen(err.msg));
            err_errno(&err, ERR_IO, EIO, "%s", text);
            assert_true(is_utf8(err.msg));
        }
}

/* A sentence that just fits loses nothing. */
static void full_sentences_keep_their_last_character(void **state)
{
    (void)state;
    char text[ERR_MSG_MAX];
    struct err err;
    memset(text, 'a', sizeof text);
    strncpy(text + ERR_MSG_MAX - 4, "\xe2\x82\xac", 4);
    err_set(&err, ERR_FORMAT, "%s", text);
    assert_string_equal(err.msg, text);
}

static void long_context_keeps_what_is_wrong(void **state)
{
    (void)state;
    static const char *const CHARACTERS[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x99\x82"};
    char context[LONG + 1];
    for (size_t c = 0; c < 3; c++)
        for (size_t shift = 0; shift < 4; shift++) {
            struct err err;
            fill(context, CHARACTERS[c], shift);
            err_set(&err, ERR_FORMAT, "offset 91 past end 88");
            err_in(&err, "%s", context);
            assert_true(is_utf8(err.msg));
            assert_non_null(strstr(err.msg, ": offset 91 past end 88"));
            for (int depth = 0; depth < 6; depth++)
                err_in(&err, "%s", context);
            assert_true(is_utf8(err.msg));
        }
}

/* The sentence itself may be long: a short context must not cost any of it that fits. */
static void short_context_keeps_a_long_sentence(void **state)
{
    (void)state;
    char text[ERR_MSG_MAX - 8], want[ERR_MSG_MAX];
    struct err err;
    memset(text, 'b', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&err, ERR_FORMAT, "%s", text);
    err_in(&err, "ctx");
    memcpy(want, "ctx: ", 5);
    memcpy(want + 5, text, sizeof text);
    assert_string_equal(err.msg, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_gives_code_sentence_and_false),
        cmocka_unit_test(errno_adds_the_reason),
        cmocka_unit_test(in_prepends_and_keeps_the_code),
        cmocka_unit_test(long_sentences_are_cut_at_a_character),
        cmocka_unit_test(full_sentences_keep_their_last_character),
        cmocka_unit_test(long_context_keeps_what_is_wrong),
        cmocka_unit_test(short_context_keeps_a_long_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
