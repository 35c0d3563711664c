/* Hostile answers: 10 MB made to be slow are scored in under a second by every scorer, or refused in
 * one sentence, and explained without taking the machine. An everyday run tries
 * 100 kB of each, which shows what is quadratic; LEM_TEST_LONG tries all ten megabytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "score/score.h"

enum { SCORERS_MAX = 32, LONG_BYTES = 10000000, EVERYDAY_BYTES = 100000 };

/* A sanitizer makes everything slower; only quadratic steps would take minutes. */
#ifdef __SANITIZE_ADDRESS__
#define SECONDS_MAX 60.0
#else
#define SECONDS_MAX 1.0
#endif

static struct score *scores[SCORERS_MAX];
static const struct scorer *const *all;
static size_t n_scorers, size;
static double slowest;
static char slowest_what[128];

static int open_scores(void **state)
{
    (void)state;
    size = getenv("LEM_TEST_LONG") ? LONG_BYTES : EVERYDAY_BYTES;
    all = scorer_list(&n_scorers);
    assert_true(n_scorers <= SCORERS_MAX);
    for (size_t i = 0; i < n_scorers; i++)
        scores[i] = score_create(all[i]);
    return 0;
}

static int close_scores(void **state)
{
    (void)state;
    print_message("slowest: %g s for %zu bytes, %s\n", slowest, size, slowest_what);
    for (size_t i = 0; i < n_scorers; i++)
        score_free(scores[i]);
    return 0;
}

/* Of the processor, for others use the machine too. */
static double seconds_of(struct score *score, const struct score_item *item, struct err *err,
                         bool *ok)
{
    struct score_result result;
    clock_t started = clock();
    *err = (struct err){0};
    *ok = score_item(score, &result, item, err);
    return (double)(clock() - started) / CLOCKS_PER_SEC;
}

static void check(const char *name, struct str text)
{
    for (size_t k = 0; k < n_scorers; k++) {
        struct err err;
        bool ok;
        struct score_item item = {.text = text,
                                  .prompt = text,
                                  .expected = text,
                                  .probe = str_of(k % 2 ? "word_01" : "code_03")};
        double seconds = seconds_of(scores[k], &item, &err, &ok);
        if (!ok && (err.code != ERR_LIMIT || strlen(err.msg) < 20))
            fail_msg("%s of %s: %s", all[k]->name, name, err.msg);
        if (seconds > slowest) {
            slowest = seconds;
            snprintf(slowest_what, sizeof slowest_what, "%s of '%s'", all[k]->name, name);
        }
        if (seconds > SECONDS_MAX)
            print_error("%s takes %.2f s for %zu bytes of '%s'%s\n", all[k]->name, seconds,
                        text.len, name, ok ? "" : ", refused");
    }
}

static void repeated_pieces(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "a",
        " ",
        "\n",
        ".",
        "?",
        "I",
        "#",
        "*",
        "_",
        "|",
        "9",
        ",",
        "\x1C",
        "I ",
        "he ",
        "he",
        "I am ",
        ". I",
        "####",
        "= 1,",
        "1_1",
        "1,",
        "1.",
        "A",
        "Aa",
        "Aaa ",
        "i cannoti",
        "a.",
        "it's important to ",
        "both ",
        "both and",
        "while x also ",
        "right to ",
        "from a perspective",
        "consider where ",
        "think of as ",
        "\r\n",
        "\r\n\r\n",
        "\xE5\x93\x88",
        "\xCC\x81",
        "e\xCC\x81",
        "\xF0\x9F\x98\x80",
        "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",
        "\xC2\xA0",
        "\xE2\x80\x8B",
        "\xC4\xB0",
        "\xE2\x84\xAA",
        "\xC5\xBF",
        "\xE2\x80\x94",
        "unsettinging ",
        "eded ",
        "ingings",
        "sses ",
        "commit ",
        "commit the commits ",
        "what?! ",
        "\n\n",
        "okay,",
        "<|im_end|>",
        "<|eot_id|",
        "disallowed not ",
        "<think>",
        "</think><think>",
        "ERROR",
        "<pad",
        "=-",
        "1991 len",
        "3 hou",
        "three ",
        "aaaaaaaaab",
        "i don't have ",
        "I'm",
        "'",
        "not allowed",
    };
    char *text = malloc(size);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t len = strlen(pieces[i]), n = 0;
        for (; n + len <= size; n += len)
            memcpy(text + n, pieces[i], len);
        check(pieces[i], str_n(text, n));
    }
    free(text);
}

/* Each of these fills the text by its own rule. */
static char fibonacci(size_t i)
{
    /* 0 where the fractional part of (i + 2) / golden ratio lies below it: cubes, but no fifth
     * powers */
    double x = (double)(i + 2) * 0.61803398874989484820;
    return x - (double)(size_t)x < 0.61803398874989484820 ? 'a' : 'b';
}

static char thue_morse(size_t i)
{
    return __builtin_popcountll(i) % 2 ? 'b' : 'a';
}

static char no_space(size_t i)
{
    return (char)('a' + (size_t)(rng_uniform(1, i, 0) * 26));
}

static char near_repeats(size_t i) /* four copies of each of many periods, never five */
{
    size_t block = i / 1000, period = 10 + block % 230;
    return i % 1000 < 4 * period ? (char)('a' + i % 1000 % period % 26) : (char)('A' + i % 7);
}

static char nested(size_t i) /* repeats within repeats: the ruler sequence */
{
    return (char)('a' + (size_t)__builtin_ctzll(i + 1) % 26);
}

static char distinct_words(size_t i)
{
    size_t word = i / 6, digit = i % 6;
    return digit == 5 ? ' ' : (char)('a' + (word >> (5 * digit)) % 26);
}

static char long_words(size_t i)
{
    return i % 40000 == 39999 ? ' ' : (char)('a' + i % 26 % 7 + (i / 40000) % 19);
}

static char numbers(size_t i)
{
    return "0123456789,.-=# \n"[(size_t)(rng_uniform(2, i, 0) * 17)];
}

static char capitals(size_t i)
{
    return "AbcDef. "[(size_t)(rng_uniform(3, i, 0) * 8)];
}

static char markup(size_t i)
{
    return "#*_>|. \n-1a"[(size_t)(rng_uniform(4, i, 0) * 11)];
}

static void generated_texts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        char (*at)(size_t);
    } texts[] = {{"Fibonacci word", fibonacci}, {"Thue-Morse", thue_morse},
                 {"no space", no_space},        {"near repeats", near_repeats},
                 {"nested repeats", nested},    {"distinct words", distinct_words},
                 {"long words", long_words},    {"numbers", numbers},
                 {"capitals", capitals},        {"markup", markup}};
    char *text = malloc(size);
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        for (size_t i = 0; i < size; i++)
            text[i] = texts[t].at(i);
        check(texts[t].name, str_n(text, size));
    }
    free(text);
}

/* Millions of hits: as many as are kept, and a word about the others. */
static void too_many_hits_are_said(void **state)
{
    (void)state;
    size_t n = 2 * (size_t)HITS_MAX;
    char *text = malloc(n);
    struct hits hits;
    hits_init(&hits);
    memset(text, '?', n);
    for (size_t k = 0; k < n_scorers; k++) {
        struct err err = {0};
        struct score_result result;
        struct score_item item = {.text = str_n(text, n)};
        hits_reset(&hits);
        assert_true(score_explain(scores[k], &result, &hits, &item, &err) || err.code == ERR_LIMIT);
        assert_true(hits.n <= HITS_MAX);
        if (k == 0)
            assert_true(hits.full);
    }
    hits_release(&hits);
    free(text);
}

static void nothing_was_slow(void **state)
{
    (void)state;
    assert_true(slowest <= SECONDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated_pieces),
        cmocka_unit_test(generated_texts),
        cmocka_unit_test(too_many_hits_are_said),
        cmocka_unit_test(nothing_was_slow),
    };
    return cmocka_run_group_tests(tests, open_scores, close_scores);
}
