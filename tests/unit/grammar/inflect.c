/* Every word, form, sentence and pair that the original's library was asked about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "grammar/imprint.h"
#include "os/file.h"
#include "text/json.h"
#include "text/utf8.h"

static json_t *vectors;

static struct str text_at(const json_t *row, size_t i)
{
    return json_str(json_array_get(row, i));
}

static bool is_base(struct str base, const json_t *expected)
{
    return json_is_null(expected) ? base.ptr == NULL : str_eq(base, json_str(expected));
}

static size_t check_words(const char *name, bool is_full)
{
    static const char *const tenses[] = {"base", "past", "gerund"};
    struct lexicon *lexicon = lexicon_create(is_full);
    struct inflection inflection;
    struct buf word;
    size_t i, bad = 0;
    json_t *row;
    inflection_init(&inflection);
    buf_init(&word, 1024);
    json_array_foreach(json_object_get(vectors, name), i, row)
    {
        buf_reset(&word);
        assert_true(utf8_lower(&word, text_at(row, 0)));
        struct str lower = buf_str(&word);
        const struct known_word *known = lexicon_find(lexicon, lower);
        struct verb_match verb = match_verb(&inflection, lexicon, lower, known);
        bool ok = is_base(verb.base, json_array_get(row, 1)) &&
                  (!verb.base.ptr || str_is(text_at(row, 2), tenses[verb.tense]));
        struct noun_match noun = match_noun(&inflection, lexicon, lower, known);
        ok = ok && is_base(noun.base, json_array_get(row, 3)) &&
             (!noun.base.ptr || noun.is_plural == json_is_true(json_array_get(row, 4)));
        if (!ok)
            print_error("%s: %s\n", name, text_at(row, 0).ptr);
        bad += !ok;
    }
    inflection_release(&inflection);
    buf_release(&word);
    lexicon_free(lexicon);
    return bad;
}

static void words_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(json_array_size(json_object_get(vectors, "words_bare")), 2889);
    assert_int_equal(check_words("words_bare", false), 0);
    assert_int_equal(check_words("words_full", true), 0);
}

static void forms_are_made(void **state)
{
    (void)state;
    static void (*const put[])(struct buf *, const struct lexicon *,
                               struct str) = {put_past, put_gerund, put_plural};
    struct lexicon *lexicon = lexicon_create(true);
    struct buf form;
    size_t i;
    json_t *row;
    buf_init(&form, 1024);
    json_array_foreach(json_object_get(vectors, "forward"), i, row)
    {
        for (size_t k = 0; k < 3; k++) {
            buf_reset(&form);
            put[k](&form, lexicon, text_at(row, 0));
            if (!str_eq(buf_str(&form), text_at(row, k + 1)))
                fail_msg("%s: %.*s, expected %s", text_at(row, 0).ptr, STR_ARG(buf_str(&form)),
                         text_at(row, k + 1).ptr);
        }
    }
    buf_release(&form);
    lexicon_free(lexicon);
}

static bool is_near(double a, const json_t *b)
{
    return fabs(a - json_number_value(b)) <= 1e-9;
}

static void check_pairs(const char *name, bool is_full)
{
    struct lexicon *lexicon = lexicon_create(is_full);
    struct imprint in, out;
    struct err err = {0};
    size_t i;
    json_t *row;
    imprint_init(&in, lexicon);
    imprint_init(&out, lexicon);
    json_array_foreach(json_object_get(vectors, name), i, row)
    {
        assert_true(imprint_load(&in, json_get_str(row, "input"), &err));
        assert_true(imprint_load(&out, json_get_str(row, "output"), &err));
        assert_true(is_near(imprint_similarity(&in, &out), json_object_get(row, "echo")));
        assert_true(is_near(imprint_similarity(&out, &in), json_object_get(row, "echo")));
        assert_true(
            is_near(imprint_measure(&in).composite, json_object_get(row, "input_composite")));
        assert_true(
            is_near(imprint_measure(&out).composite, json_object_get(row, "output_composite")));
    }
    assert_true(i > 0);
    imprint_release(&in);
    imprint_release(&out);
    lexicon_free(lexicon);
}

static void pairs_are_compared(void **state)
{
    (void)state;
    check_pairs("pairs_bare", false);
    check_pairs("pairs_full", true);
}

static void check_sentences(const char *name, bool is_full)
{
    struct lexicon *lexicon = lexicon_create(is_full);
    struct imprint imprint;
    struct err err = {0};
    size_t i;
    json_t *row;
    imprint_init(&imprint, lexicon);
    json_array_foreach(json_object_get(vectors, name), i, row)
    {
        json_t *expected = json_object_get(row, "imprint");
        assert_true(imprint_load(&imprint, json_get_str(row, "text"), &err));
        assert_int_equal(imprint.tokens.n, json_array_size(json_object_get(row, "tokens")));
        assert_true(is_near(imprint.plural_ratio, json_object_get(expected, "plural_ratio")));
        assert_true(is_near(imprint_similarity(&imprint, &imprint),
                            json_object_get(row, "self_similarity")));
        assert_true(is_near(imprint_measure(&imprint).composite,
                            json_object_get(json_object_get(row, "score"), "composite")));
    }
    assert_true(i > 0);
    imprint_release(&imprint);
    lexicon_free(lexicon);
}

static void sentences_leave_their_imprint(void **state)
{
    (void)state;
    check_sentences("sentences_bare", false);
    check_sentences("sentences_full", true);
}

static int load_vectors(void **state)
{
    struct buf bytes;
    struct err err = {0};
    (void)state;
    buf_init(&bytes, 1 << 26);
    bool ok = file_read(&bytes, "tests/oracle/grammar-vectors.json", &err) &&
              json_parse(&vectors, buf_str(&bytes), "grammar-vectors.json", &err);
    if (!ok)
        print_error("%s\n", err.msg);
    buf_release(&bytes);
    return ok ? 0 : -1;
}

static int free_vectors(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_told_apart),
        cmocka_unit_test(forms_are_made),
        cmocka_unit_test(pairs_are_compared),
        cmocka_unit_test(sentences_leave_their_imprint),
    };
    return cmocka_run_group_tests(tests, load_vectors, free_vectors);
}
