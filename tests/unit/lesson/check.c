/* What check finds, with any number of threads; secrets one by one; lengths. */
#include "lesson/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lesson/secret.h"

static const struct lint_kernel KERNEL = {
    "k.txt", STR("{\"axiom\": \"Every mind that knows itself shall be left to choose its way.\"}")};

static void read_set(struct lesson_set *set, const char *text, const char *name)
{
    struct err err = {0};
    if (!lesson_set_read_text(set, str_of(text), name, &err))
        fail_msg("%s", err.msg);
}

/* "line:kind line:kind" of the findings. */
static void put_findings(struct buf *out, const struct lesson_set *set, size_t threads)
{
    struct lesson_check_options options = {
        .near = 0.85, .chars_min = 5, .chars_max = 2000, .kernels = &KERNEL, .n_kernels = 1};
    struct pool *pool = pool_create(threads);
    struct lesson_check check;
    struct err err = {0};
    if (!lesson_check(&check, set, &options, pool, &err))
        fail_msg("%s", err.msg);
    for (size_t i = 0; i < check.n_findings; i++)
        buf_printf(out, "%s%zu:%s", i ? " " : "", set->items[check.findings[i].lesson].line,
                   lesson_fault_name(check.findings[i].kind));
    size_t sum = 0;
    for (size_t i = 0; i < N_LESSON_FAULTS; i++)
        sum += check.by_fault[i];
    assert_int_equal(sum, check.n_findings);
    lesson_check_release(&check);
    pool_free(pool);
}

static void assert_findings(const char *text, const char *expected)
{
    for (size_t threads = 1; threads <= 3; threads++) {
        struct lesson_set set = {0};
        struct buf got;
        buf_init(&got, BUF_MAX_DEFAULT);
        read_set(&set, text, "f.jsonl");
        put_findings(&got, &set, threads);
        assert_string_equal(got.len ? got.ptr : "", expected);
        buf_release(&got);
        lesson_set_release(&set);
    }
}

#define U(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define A(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define S(text) "{\"role\":\"system\",\"content\":\"" text "\"}"
#define T(text) "{\"role\":\"tool\",\"content\":\"" text "\"}"
#define CALL    "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[1]}"
#define M(list) "{\"messages\":[" list "]}\n"

static void roles(void **state)
{
    (void)state;
    assert_findings(M(U("q") "," A("answer")), "");
    assert_findings(M(S("s") "," U("q") "," A("answer") "," U("more") "," A("answers")), "");
    assert_findings(M(U("q") "," CALL "," T("r") "," T("r2") "," A("answer")), "");
    assert_findings(M(U("q") "," U("q") "," A("answer")), "1:role-order");
    assert_findings(M(A("answer")), "1:role-order");
    assert_findings(M(U("q") "," A("answer") "," A("again")), "1:role-order");
    assert_findings(M(U("q") "," A("answer") "," S("late")), "1:role-order");
    assert_findings(M(U("q") "," T("r") "," A("answer")), "1:role-order");
    assert_findings(M(U("q") "," CALL "," U("q2") "," A("answer")), "1:role-order");
    assert_findings(M(U("q") "," CALL "," T("r") "," U("q2") "," A("answer")), "1:role-order");
    assert_findings(M(U("q") "," A("answer") "," U("left alone")), "1:role-order");
    assert_findings(M(S("s") "," U("q")), "1:no-answer 1:answer-short");
}

static void contents(void **state)
{
    (void)state;
    assert_findings(M(U(" \\n") "," A("answer")), "1:turn-empty");
    assert_findings(M(U("q") "," A("  ")), "1:turn-empty 1:answer-short");
    assert_findings(M(U("q") "," A("no")), "1:answer-short");
    assert_findings(M(U("q") "," A("ERROR: gone")), "1:answer-failed");
    assert_findings(M(U("q") "," A("so <|im_end|> it ends")), "1:control-token");
    assert_findings(M(U("q") "," A("caf\xEF\xBF\xBD au lait")), "1:lost-characters");
    assert_findings(M(U("q") "," A("a\\u0007bell")), "1:lost-characters");
    assert_findings(M(U("q") "," A("tabs\\tand\\nlines")), "");
    assert_findings("{\"text\":\"a text that anybody may read\"}", "");
    assert_findings("{\"text\":\"no\"}", "1:answer-short");
}

static void too_long(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    buf_puts(&text, "{\"text\":\"");
    for (int i = 0; i < 2001; i++)
        buf_puts(&text, "\xC3\xA9");
    buf_puts(&text, "\"}\n");
    assert_findings(text.ptr, "1:too-long");
    buf_release(&text);
}

static void kernel_leaks(void **state)
{
    (void)state;
    assert_findings(M(U("q") "," A("As we hold, a mind that knows itself shall BE left free.")),
                    "1:kernel-leak");
    assert_findings(M(U("q") "," A("A mind that knows itself is rare.")), "");
    assert_findings(M(U("every mind that knows itself shall be left") "," A("What kernel?")), "");
}

static void repeats(void **state)
{
    (void)state;
#define LONG "The ferry goes twice a day when the wind is kind and the captain has slept well"
    assert_findings(M(U("q") "," A("answer")) M(U("q") "," A("answer")), "2:twice");
    assert_findings(M(U("q") "," A("answer")) M(U("p") "," A("answer")), "");
    assert_findings(M(U("q") "," A(LONG ".")) M(U("p") "," A(LONG "!")), "2:answer-near");
    assert_findings(M(U("q") "," A(LONG ".")) M(U("q") "," A(LONG ".")), "2:twice");
}

static void places_are_told(void **state)
{
    (void)state;
    struct lesson_set set = {0};
    struct lesson_check check;
    struct lesson_check_options options = {.near = 2};
    struct err err = {0};
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    read_set(&set, M(U("q") "," A("answer")), "train.jsonl");
    read_set(&set, "\n" M(U("q") "," A("answer")), "valid.jsonl");
    assert_true(lesson_check(&check, &set, &options, NULL, &err));
    assert_int_equal(check.n_findings, 1);
    lesson_describe(&text, &check.findings[0], &set);
    assert_string_equal(text.ptr, "is the same as train.jsonl: line 1");
    buf_release(&text);
    lesson_check_release(&check);
    lesson_set_release(&set);
}

static void spreads(void **state)
{
    (void)state;
    size_t values[100], few[] = {7, 3};
    for (size_t i = 0; i < 100; i++)
        values[i] = (i * 37) % 100 + 1;
    struct lesson_spread spread = lesson_spread_of(values, 100);
    assert_int_equal(spread.min, 1);
    assert_int_equal(spread.p10, 10);
    assert_int_equal(spread.median, 50);
    assert_int_equal(spread.p90, 90);
    assert_int_equal(spread.p95, 95);
    assert_int_equal(spread.p99, 99);
    assert_int_equal(spread.max, 100);
    assert_int_equal(spread.sum, 5050);
    spread = lesson_spread_of(few, 2);
    assert_int_equal(spread.median, 3);
    assert_int_equal(spread.p99, 7);
    spread = lesson_spread_of(NULL, 0);
    assert_int_equal(spread.max, 0);
}

/* Kinds of secrets in a text, with commas between. Their beginnings stand apart from the rest, so
 * that nobody takes this file for a leak. */
static void secrets(void **state)
{
    (void)state;
    static const struct {
        const char *begin, *rest, *kinds;
    } cases[] = {
        {"AKI", "AIOSFODNN7EXAMPLE", "AWS access key"},
        {"AKI", "AIOSFODNN7EXAMPLEX", ""},
        {"gh", "p_0123456789abcdefghijABCDEFGHIJ012345", "GitHub token"},
        {"github_", "pat_11ABCDEFG0abcdefghijkl_mnop", "GitHub token"},
        {"glp", "at-abcdefghij0123456789", "GitLab token"},
        {"h", "f_abcdefghijABCDEFGHIJ0123456789abcd", "Hugging Face token"},
        {"AIz", "aSyA0123456789abcdefghijklmnopqrstuv", "Google API key"},
        {"s", "k-ant-api03-abcdefghijABCDEFGHIJ01", "OpenAI or Anthropic key"},
        {"s", "k-learn is a library", ""},
        {"xo", "xb-123456789012-abcdef", "Slack token"},
        {"sk_", "live_0123456789abcdef", "Stripe key"},
        {"npm", "_abcdefghijABCDEFGHIJ0123456789abcdef", "npm token"},
        {"-----BEGIN RSA ", "PRIVATE KEY-----", "private key"},
        {"eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4", "JSON web token"},
        {"Bearer ", "abcdefghijklmnopqrstuvwxyz012345", "bearer token"},
        {"Bearer of", " good news to everybody in town", ""},
        {"postgres://ann:", "hunter2@db.local/x", "password in an address,e-mail address"},
        {"https://a.org/x", "?t=1:2@3", ""},
        {"write to jo.k", "@firma.de today", "e-mail address"},
        {"write to jo", "@example.com or a@b.example", ""},
        {"@", "mention and a@b", ""},
        {"4111 1111", " 1111 1111", "card number"},
        {"4111 1111", " 1111 1112", ""},
        {"in 1984", " and 2001 there were 3,000,000", ""},
    };
    struct secret_scan *scan;
    struct err err = {0};
    assert_true(secret_scan_create(&scan, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct secret found[SECRET_KINDS_MAX];
        struct buf text, kinds;
        size_t count;
        buf_init(&text, BUF_MAX_DEFAULT);
        buf_init(&kinds, BUF_MAX_DEFAULT);
        buf_printf(&text, "see: %s%s, and so on", cases[i].begin, cases[i].rest);
        struct byte_set bytes = byte_set_of(buf_str(&text));
        assert_true(secret_find(found, &count, scan, buf_str(&text), &bytes, &err));
        for (size_t k = 0; k < count; k++)
            buf_printf(&kinds, "%s%s", k ? "," : "", found[k].kind);
        if (!str_is(buf_str(&kinds), cases[i].kinds))
            fail_msg("%s: \"%s\", not \"%s\"", text.ptr, kinds.ptr, cases[i].kinds);
        buf_release(&text);
        buf_release(&kinds);
    }
    secret_scan_free(scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles),    cmocka_unit_test(contents),
        cmocka_unit_test(too_long), cmocka_unit_test(kernel_leaks),
        cmocka_unit_test(repeats),  cmocka_unit_test(places_are_told),
        cmocka_unit_test(spreads),  cmocka_unit_test(secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
