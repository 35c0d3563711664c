/* Shuffles: the same bytes and the same form, every value elsewhere, nothing else touched; refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "eval/kernel.h"
#include "eval/kernel_parts.h"
#include "eval/shuffle.h"
#include "text/json.h"

/* The shuffle of a text, for free(). */
static char *shuffled(const char *text, uint64_t key)
{
    struct shuffle shuffle;
    struct buf out;
    struct err err = {0};
    buf_init(&out, BUF_MAX_DEFAULT);
    if (!shuffle_read(&shuffle, str_of(text), "k", &err))
        fail_msg("%s", err.msg);
    shuffle_write(&out, &shuffle, key);
    shuffle_release(&shuffle);
    return buf_take(&out);
}

static bool has_same_bytes(struct str a, struct str b)
{
    size_t counts[256] = {0};
    for (size_t i = 0; i < a.len; i++)
        counts[(unsigned char)a.ptr[i]]++;
    for (size_t i = 0; i < b.len; i++)
        if (counts[(unsigned char)b.ptr[i]]-- == 0)
            return false;
    return a.len == b.len;
}

static void assert_same_bytes(const char *a, const char *b)
{
    assert_true(has_same_bytes(str_of(a), str_of(b)));
}

/* No text field of an axiom holds what it held, in any order; ids stay. */
static void assert_axioms_deranged(const json_t *before, const json_t *after)
{
    static const char *const fields[] = {"name", "statement", "function", "resolution"};
    size_t n = json_array_size(before);
    assert_int_equal(n, json_array_size(after));
    for (size_t i = 0; i < n; i++) {
        const json_t *old = json_array_get(before, i), *new = json_array_get(after, i);
        assert_true(json_equal(json_object_get(old, "id"), json_object_get(new, "id")));
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
            assert_false(
                has_same_bytes(json_get_str(old, fields[f]), json_get_str(new, fields[f])));
    }
}

static void shipped_kernels_are_deranged(void **state)
{
    (void)state;
    static const char *const files[] = {"kernel/axioms.json", "kernel/compact.json",
                                        "kernel/lek-1-kernel.txt", "kernel/signature.txt"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct kernel kernel;
        struct kernel_parts before, after;
        struct err err = {0};
        assert_true(kernel_load(&kernel, files[i], &err));
        for (uint64_t key = 0; key < 20; key++) {
            char *text = shuffled(kernel.text.ptr, key);
            assert_same_bytes(kernel.text.ptr, text);
            assert_string_not_equal(kernel.text.ptr, text);
            assert_true(kernel_parts_read(&before, kernel.text, "before", &err));
            assert_true(kernel_parts_read(&after, str_of(text), "after", &err));
            assert_int_equal(before.count, after.count);
            for (size_t k = 0; k < before.count; k++)
                if (kernel_axioms(before.objects[k]))
                    assert_axioms_deranged(kernel_axioms(before.objects[k]),
                                           kernel_axioms(after.objects[k]));
            kernel_parts_release(&before);
            kernel_parts_release(&after);
            free(text);
        }
        kernel_release(&kernel);
    }
}

static void a_key_says_all(void **state)
{
    (void)state;
    static const char text[] = "One two three four. Five six seven eight. Nine ten eleven.";
    size_t differ = 0;
    char *first = shuffled(text, 7), *again = shuffled(text, 7);
    assert_string_equal(first, again);
    for (uint64_t key = 8; key < 18; key++) {
        char *other = shuffled(text, key);
        differ += strcmp(first, other) != 0;
        free(other);
    }
    assert_true(differ >= 9);
    free(first);
    free(again);
}

static void assert_shuffle(const char *text, const char *expected)
{
    char *got = shuffled(text, 1);
    assert_string_equal(got, expected);
    free(got);
}

/* Where only one order is possible it can be written down. */
static void values_change_places_with_their_kind(void **state)
{
    (void)state;
    /* Under the same key of an array's objects: labels too, ids and other members not. */
    assert_shuffle("[{\"id\":\"x\",\"n\":\"a\",\"only\":\"z\"},{\"id\":\"y\",\"n\":\"b\"}]",
                   "[{\"id\":\"x\",\"n\":\"b\",\"only\":\"z\"},{\"id\":\"y\",\"n\":\"a\"}]");
    /* Of one object or array, but no labels. */
    assert_shuffle(
        "{\"v\": \"1\", \"p\": \"a b\", \"q\": \"c, d.\", \"r\": [\"e f\", \"g h\", \"i\"]}",
        "{\"v\": \"1\", \"p\": \"c, d.\", \"q\": \"a b\", \"r\": [\"g h\", \"e f\", \"i\"]}");
    /* Under the same key of all objects of an object. */
    assert_shuffle("{\"a\":{\"s\":\"1 2\",\"t\":\"x\"},\"b\":{\"s\":\"3 4\",\"t\":\"y\"}}",
                   "{\"a\":{\"s\":\"3 4\",\"t\":\"y\"},\"b\":{\"s\":\"1 2\",\"t\":\"x\"}}");
    /* Not where an object of them lacks it: the key is then no kind. */
    assert_shuffle(
        "{\"a\":{\"s\":\"1 2\",\"t\":\"5 6\"},\"b\":{\"s\":\"3 4\",\"u\":\"7 8\"},\"c\":{}}",
        "{\"a\":{\"s\":\"5 6\",\"t\":\"1 2\"},\"b\":{\"s\":\"7 8\",\"u\":\"3 4\"},\"c\":{}}");
    /* Escapes travel with their words, and layout stays. */
    assert_shuffle(
        "{ \"a\" :\t\"\\\"q\\\" b\" ,\n\"b\":\"\\u00e9\\\\ d\"}\n{\"e\":[ ] , \"n\":-1e5}",
        "{ \"a\" :\t\"\\u00e9\\\\ d\" ,\n\"b\":\"\\\"q\\\" b\"}\n{\"e\":[ ] , \"n\":-1e5}");
}

static void texts_keep_their_lines(void **state)
{
    (void)state;
    assert_shuffle("Be kind.\nAsk first.\n", "Ask first.\nBe kind.\n");
    assert_shuffle("# A rule\n\n  1. Be kind! \n", "# Be kind!\n\n  1. A rule \n");
    assert_shuffle("> - Be kind,\n\t* Ask first?", "> - Ask first?\n\t* Be kind,");
    assert_shuffle("Be kind. Ask first.", "Ask first. Be kind.");
    assert_shuffle("\xE4\xBD\xA0\xE3\x80\x82\xE6\x88\x91\xE3\x80\x82",
                   "\xE6\x88\x91\xE3\x80\x82\xE4\xBD\xA0\xE3\x80\x82");
}

static void assert_refused(const char *text, enum err_code code, const char *message)
{
    struct shuffle shuffle;
    struct err err = {0};
    assert_false(shuffle_read(&shuffle, str_of(text), "k", &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.msg, message));
    assert_int_equal(shuffle.count, 0);
    shuffle_release(&shuffle);
}

static void what_cannot_change_is_refused(void **state)
{
    (void)state;
    assert_refused("", ERR_UNSUPPORTED, "k: nothing to shuffle");
    assert_refused("   \n\n", ERR_UNSUPPORTED, "nothing to shuffle");
    assert_refused("Obey.", ERR_UNSUPPORTED, "nothing to shuffle");
    assert_refused("Be kind.", ERR_UNSUPPORTED, "nothing to shuffle");
    assert_refused("{}", ERR_UNSUPPORTED, "nothing to shuffle");
    assert_refused("{\"a\": 1, \"b\": \"two\", \"c\": [\"x\", \"y\"]}", ERR_UNSUPPORTED, "nothing");
    assert_refused("{\"a\": \"be kind\"", ERR_FORMAT, "k: line 1, column");
    assert_refused("{\"a\": \"b c\"} and so on", ERR_FORMAT, "expected another JSON object");
    assert_refused("{\"a\": \"b c\", \"a\": \"d e\"}", ERR_FORMAT, "duplicate");
}

/* Texts made to be awkward: every one is shuffled soundly or refused. */
static void hostile_texts_do_no_harm(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "{",  "}",  "[",      "]",        "\"",           "\\",   ":",
        ",",  "a",  "b c",    " ",        "\n",           "\t",   "1.",
        "- ", "#",  "!",      "?",        "\\u0",         "true", "\"x y\"",
        "{}", "[]", "\"k\":", "\xC3\xA9", "\xE3\x80\x82", ">",    "9)",
        ".",  "  "};
    enum { N_PIECES = sizeof pieces / sizeof *pieces };
    uint64_t state_bits = 5;
    size_t read = 0;
    for (int i = 0; i < 20000; i++) {
        struct buf text;
        struct shuffle shuffle;
        struct err err = {0};
        buf_init(&text, 1 << 16);
        buf_puts(&text, i % 3 ? "" : "{\"k\":");
        for (int k = 0; k < i % 17; k++) {
            state_bits = state_bits * 6364136223846793005u + 1442695040888963407u;
            buf_puts(&text, pieces[(state_bits >> 33) % N_PIECES]);
        }
        buf_puts(&text, i % 3 ? "" : "}");
        if (shuffle_read(&shuffle, buf_str(&text), "k", &err)) {
            struct buf out;
            buf_init(&out, 1 << 16);
            shuffle_write(&out, &shuffle, (uint64_t)i);
            assert_same_bytes(text.ptr, out.ptr);
            buf_release(&out);
            read++;
        }
        shuffle_release(&shuffle);
        buf_release(&text);
    }
    assert_true(read > 3000);
}

static void nests_as_deep_as_json_may(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 16);
    for (int i = 0; i < 2000; i++)
        buf_puts(&text, i % 2 ? "{\"a\":" : "[");
    buf_puts(&text, "\"one two three\"");
    for (int i = 2000; i-- > 0;)
        buf_putc(&text, i % 2 ? '}' : ']');
    char *got = shuffled(text.ptr, 0);
    assert_same_bytes(got, text.ptr);
    free(got);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_kernels_are_deranged),
        cmocka_unit_test(a_key_says_all),
        cmocka_unit_test(values_change_places_with_their_kind),
        cmocka_unit_test(texts_keep_their_lines),
        cmocka_unit_test(what_cannot_change_is_refused),
        cmocka_unit_test(hostile_texts_do_no_harm),
        cmocka_unit_test(nests_as_deep_as_json_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
