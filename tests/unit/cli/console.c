/* Tests of cli/console, cli/nearest and cli/model_name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/console.h"
#include "cli/exit.h"
#include "cli/model_name.h"
#include "os/file.h"
#include "text/nearest.h"

static void control_characters_are_shown(void **state)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"plain\n\ttext", "plain\n\ttext"},
        {"\033[2J", "<U+001B>[2J"},
        {"a\rb\ac\x7f", "a<U+000D>b<U+0007>c<U+007F>"},
        {"\xC2\x9B"
         "31m",
         "<U+009B>31m"},
        {"\xE2\x80\xAE"
         "abc\xE2\x81\xA6",
         "<U+202E>abc<U+2066>"},
        {"\xC3\xA9 \xF0\x9F\x99\x82 \xE2\x82\xAC", "\xC3\xA9 \xF0\x9F\x99\x82 \xE2\x82\xAC"},
        {"\xFF", "<U+FFFD>"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, 4096);
        console_clean(&out, str_of(cases[i].text));
        assert_true(str_is(buf_str(&out), cases[i].shown));
        buf_release(&out);
    }
}

static void durations_read_well(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0.0123, "12 ms"}, {1, "1.0 s"},      {59.9, "59.9 s"}, {59.99, "1m00s"},
                 {245, "4m05s"},    {3599.6, "1h00m"}, {7380, "2h03m"},  {1e9, "more than a year"}};
    char out[DURATION_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        format_duration(out, cases[i].seconds);
        assert_string_equal(out, cases[i].text);
    }
}

static void near_names_are_found(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("kernel", "kernel"), 0);
    assert_int_equal(nearest_distance("kernel", "kenrel"), 1);
    assert_int_equal(nearest_distance("", "abc"), 3);
    struct nearest best = {.wanted = "benchmrak"};
    nearest_offer(&best, "bench");
    nearest_offer(&best, "benchmark");
    nearest_offer(&best, "chat");
    assert_string_equal(best.name, "benchmark");
    struct nearest none = {.wanted = "frobnicate"};
    nearest_offer(&none, "bench");
    assert_null(none.name);
}

static void every_failure_has_a_status(void **state)
{
    static const enum err_code inputs[] = {ERR_IO, ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT};
    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        assert_int_equal(exit_of(&(struct err){.code = inputs[i]}), EXIT_INPUT);
    assert_int_equal(exit_of(&(struct err){.code = ERR_NONE}), 0);
    assert_int_equal(exit_of(&(struct err){.code = ERR_USAGE}), 2);
    assert_int_equal(exit_of(&(struct err){.code = ERR_INTERNAL}), 1);
    assert_int_equal(exit_of(&(struct err){.code = ERR_CANCELLED}), 130);
}

static void count_name(void *arg, const char *name)
{
    struct buf *seen = arg;
    buf_printf(seen, "%s,", name);
}

static void models_are_found_by_name(void **state)
{
    char dir[] = "/tmp/lem-test-cache-XXXXXX";
    char file[64];
    struct err err = {0};
    struct buf out;
    (void)state;
    assert_non_null(mkdtemp(dir));
    setenv("LEM_CACHE", dir, 1);
    snprintf(file, sizeof file, "%s/tiny.gguf", dir);
    assert_true(file_write_atomic(file, str_of("x"), &err));
    buf_init(&out, 4096);

    assert_true(model_name_resolve(&out, "tiny", &err));
    assert_string_equal(out.ptr, file);
    buf_reset(&out);
    assert_true(model_name_resolve(&out, "some/where", &err)); /* a path is taken as it is */
    assert_string_equal(out.ptr, "some/where");
    buf_reset(&out);
    assert_true(cache_each_model(count_name, &out, &err));
    assert_string_equal(out.ptr, "tiny,");
    buf_reset(&out);

    assert_false(model_name_resolve(&out, "tinny", &err));
    assert_int_equal(exit_of(&err), EXIT_INPUT);
    assert_non_null(strstr(err.msg, "did you mean tiny?"));
    assert_non_null(strstr(err.msg, "tools/fetch-model"));
    assert_non_null(strstr(err.msg, "gemma-3-270m"));

    buf_release(&out);
    unlink(file);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_are_shown),
        cmocka_unit_test(durations_read_well),
        cmocka_unit_test(near_names_are_found),
        cmocka_unit_test(every_failure_has_a_status),
        cmocka_unit_test(models_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
