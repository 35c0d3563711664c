/* Tokens: what a memo of words and a pass over eight bytes at a time give is what looking at every
 * word anew and at every character gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "grammar/tokens.h"
#include "os/file.h"
#include "text/jsonl.h"
#include "text/utf8.h"

enum { N_TEXTS = 3000, WORDS_MAX = 80 };

struct pair {
    struct tokens quick, plain;
};

/* White space as Go's unicode.IsSpace has it. */
static bool is_space(uint32_t cp)
{
    return utf8_is_space(cp) && !(cp >= 0x1C && cp <= 0x1F);
}

/* Words and marks cover all that is not white space, and nothing else. */
static void check_coverage(const struct tokens *tokens, struct str text)
{
    size_t i = 0, end = 0;
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        if (is_space(utf8_next(text, &at)))
            continue;
        while (start >= end) {
            assert_true(i < tokens->n);
            assert_true(tokens->items[i].start >= end);
            end = tokens->items[i].start + tokens->items[i].len;
            i++;
        }
        assert_true(start >= tokens->items[i - 1].start);
    }
    assert_int_equal(i, tokens->n);
}

static void check_same(struct pair *pair, struct str text)
{
    struct err err = {0};
    assert_true(tokens_load(&pair->quick, text, &err));
    assert_true(tokens_load(&pair->plain, text, &err));
    assert_int_equal(pair->quick.n, pair->plain.n);
    assert_int_equal(pair->quick.n_keys, pair->plain.n_keys);
    for (size_t i = 0; i < pair->quick.n; i++) {
        const struct token *a = &pair->quick.items[i], *b = &pair->plain.items[i];
        assert_true(a->type == b->type && a->form == b->form && a->roles == b->roles &&
                    a->is_dual == b->is_dual && a->key == b->key && a->start == b->start &&
                    a->len == b->len && a->certainty == b->certainty);
    }
    for (size_t i = 0; i < pair->quick.n_keys; i++) {
        assert_true(str_eq(pair->quick.keys[i], pair->plain.keys[i]));
        assert_int_equal(tokens_find_key(&pair->quick, pair->quick.keys[i]), i);
    }
    assert_int_equal(tokens_find_key(&pair->quick, str_of("no such base")), MAP_NONE);
    check_coverage(&pair->quick, text);
}

static void open_pair(struct pair *pair, const struct lexicon *lexicon)
{
    tokens_init(&pair->quick, lexicon);
    tokens_init(&pair->plain, lexicon);
    pair->plain.has_no_memo = true;
}

static void close_pair(struct pair *pair)
{
    tokens_release(&pair->quick);
    tokens_release(&pair->plain);
}

static void put_text(struct buf *out, uint64_t text)
{
    static const char *const pieces[] = {"the",
                                         "The",
                                         "walked",
                                         "run",
                                         "RAN",
                                         "files",
                                         "commit",
                                         "a",
                                         "Why?",
                                         "wait...",
                                         "so,",
                                         "?",
                                         "...",
                                         "internationalisations",
                                         "counterrevolutionaries!",
                                         "abcdefghijklmnop",
                                         "abcdefghijklmnopq",
                                         "\xC3\x89t\xC3\xA9s",
                                         "\xC4\xB0",
                                         "caf\xC3\xA9s,",
                                         "x\x1Cy",
                                         "\xE6\x97\xA5",
                                         "running",
                                         "children:",
                                         "\x01",
                                         "\x7F",
                                         "12345678",
                                         "1234567\xC3\xA9"};
    static const char *const spaces[] = {" ",   "\n\n", "\xC2\xA0", "\xE2\x80\xA8", "\xE3\x80\x80",
                                         "\r\n"};
    size_t n = (size_t)(rng_uniform(1, text, 0) * WORDS_MAX);
    buf_reset(out);
    for (uint64_t i = 0; i < n; i++) {
        double u = rng_uniform(2, text, i), v = rng_uniform(3, text, i);
        buf_puts(out, pieces[(size_t)(u * (sizeof pieces / sizeof *pieces))]);
        if (v < 0.2)
            buf_printf(out, "%us", (unsigned)(v * 1e5)); /* words that have not been met before */
        buf_puts(out, v < 0.9 ? " " : spaces[(size_t)((v - 0.9) * 60)]);
    }
}

static void random_texts_give_the_same(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 16);
    for (int full = 0; full < 2; full++) {
        struct lexicon *lexicon = lexicon_create(full);
        struct pair pair;
        open_pair(&pair, lexicon);
        for (uint64_t t = 0; t < N_TEXTS; t++) {
            put_text(&text, t);
            check_same(&pair, buf_str(&text));
        }
        close_pair(&pair);
        lexicon_free(lexicon);
    }
    buf_release(&text);
}

static void the_oracle_s_texts_give_the_same(void **state)
{
    (void)state;
    static const char path[] = "tests/oracle/texts-public.jsonl";
    struct lexicon *lexicon = lexicon_create(true);
    struct buf bytes;
    struct jsonl in;
    struct str line;
    struct err err = {0};
    struct pair pair;
    open_pair(&pair, lexicon);
    buf_init(&bytes, 1 << 26);
    assert_true(file_read(&bytes, path, &err));
    jsonl_init(&in, buf_str(&bytes), path);
    while (jsonl_next(&in, &line)) {
        json_t *row;
        assert_true(jsonl_parse(&row, &in, line, &err));
        check_same(&pair, json_get_str(row, "text"));
        json_decref(row);
    }
    buf_release(&bytes);
    close_pair(&pair);
    lexicon_free(lexicon);
}

/* More bases than are kept: those of earlier texts are forgotten, those of this one never. */
static void bases_are_forgotten_between_texts(void **state)
{
    (void)state;
    struct lexicon *lexicon = lexicon_create(false);
    struct pair pair;
    struct buf text;
    open_pair(&pair, lexicon);
    buf_init(&text, 1 << 24);
    for (int round = 0; round < 3; round++) {
        buf_reset(&text);
        for (int i = 0; i < 40000; i++)
            buf_printf(&text, "w%dx%ds ", round, i);
        check_same(&pair, buf_str(&text));
        assert_int_equal(pair.quick.n_keys, 40000);
        check_same(&pair, str_of("The children walked; keys run"));
        assert_int_equal(pair.quick.n_keys, 4);
    }
    buf_release(&text);
    close_pair(&pair);
    lexicon_free(lexicon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_texts_give_the_same),
        cmocka_unit_test(the_oracle_s_texts_give_the_same),
        cmocka_unit_test(bases_are_forgotten_between_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
