/* Tests of cli/flags: what a command line, an environment and a configuration file come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/exit.h"
#include "cli/flags.h"

static const struct flag_spec OWN[] = {
    {"max-tokens", 'n', FLAG_U64, "N", .preset = "1024", .min = 1, .max = 4096, .help = "length"},
    {"temperature", 't', FLAG_DOUBLE, "T", .preset = "0", .min = 0, .max = 2, .help = "heat"},
    {"kernel", 'k', FLAG_LIST, "PATH", .help = "kernels"},
    {"output", 'o', FLAG_PATH, "FILE", .help = "where to", .argv_only = true},
    {"greedy", 'g', FLAG_BOOL, .help = "a boolean"},
    {0}};

static const struct flags_usage USAGE = {
    .command = "try", .synopsis = "", .about = "", .groups = {{"Own", OWN}}, .args_max = 2};

/* Parses the NULL-ended words; status is that of a refusal, or EXIT_OK. */
#define BEGIN(flags, ...)                                                                    \
    begin(flags, (int)(sizeof((const char *[]){"try", __VA_ARGS__}) / sizeof(const char *)), \
          (const char *[]){"try", __VA_ARGS__})

static int begin(struct flags *flags, int argc, const char **words)
{
    char *argv[16] = {0};
    int status = EXIT_OK;
    for (int i = 0; i < argc; i++)
        argv[i] = (char *)(uintptr_t)words[i];
    return flags_begin(flags, &USAGE, argc, argv, &status) ? EXIT_OK : status;
}

static void spellings_mean_the_same(void **state)
{
    static const char *const words[][2] = {{"--max-tokens=7", NULL},
                                           {"--max_tokens=7", NULL},
                                           {"--max-tokens", "7"},
                                           {"--max_tokens", "7"},
                                           {"-n", "7"},
                                           {"-n7", NULL},
                                           {"-n=7", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct flags flags;
        const char *argv[] = {"try", words[i][0], words[i][1]};
        assert_int_equal(begin(&flags, words[i][1] ? 3 : 2, argv), EXIT_OK);
        assert_int_equal(flags_u64(&flags, "max-tokens"), 7);
        assert_true(flags_given(&flags, "max-tokens"));
        flags_release(&flags);
    }
}

static void defaults_are_filled_in(void **state)
{
    struct flags flags;
    size_t n;
    (void)state;
    assert_int_equal(BEGIN(&flags, "--"), EXIT_OK);
    assert_int_equal(flags_u64(&flags, "max-tokens"), 1024);
    assert_true(flags_double(&flags, "temperature") == 0);
    assert_false(flags_given(&flags, "max-tokens"));
    assert_null(flags_str(&flags, "output"));
    flags_list(&flags, "kernel", &n);
    assert_int_equal(n, 0);
    flags_release(&flags);
}

static void lists_and_arguments_keep_their_order(void **state)
{
    struct flags flags;
    size_t n;
    (void)state;
    assert_int_equal(BEGIN(&flags, "-k", "a=1", "one", "--kernel=b", "--", "--kernel"), EXIT_OK);
    const char *const *list = flags_list(&flags, "kernel", &n);
    assert_int_equal(n, 2);
    assert_string_equal(list[0], "a=1");
    assert_string_equal(list[1], "b");
    assert_int_equal(flags.n_args, 2);
    assert_string_equal(flags.args[0], "one");
    assert_string_equal(flags.args[1], "--kernel");
    flags_release(&flags);
}

static void last_of_a_single_value_wins(void **state)
{
    struct flags flags;
    (void)state;
    assert_int_equal(BEGIN(&flags, "-n", "5", "-n", "6", "-g", "--greedy=off"), EXIT_OK);
    assert_int_equal(flags_u64(&flags, "max-tokens"), 6);
    assert_false(flags_bool(&flags, "greedy"));
    flags_release(&flags);
}

static void nonsense_is_refused(void **state)
{
    static const char *const words[] = {"--max-tokens=",
                                        "--max-tokens=0",
                                        "--max-tokens=4097",
                                        "--max-tokens=1e3",
                                        "--max-tokens=-1",
                                        "--max-tokens= 5",
                                        "--max-tokens=99999999999999999999",
                                        "--temperature=x",
                                        "--temperature=nan",
                                        "--temperature=inf",
                                        "--temperature=2.1",
                                        "--max-token",
                                        "--greedy=2",
                                        "--output=",
                                        "-n",
                                        "-z",
                                        "-gn",
                                        "--=3",
                                        "--max-tokens"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct flags flags;
        if (BEGIN(&flags, words[i]) != EXIT_USAGE)
            fail_msg("%s was accepted", words[i]);
    }
    struct flags flags;
    assert_int_equal(BEGIN(&flags, "1", "2", "3"), EXIT_USAGE);
}

static void environment_stands_behind_flags(void **state)
{
    struct flags flags;
    (void)state;
    setenv("LEM_MAX_TOKENS", "33", 1);
    setenv("LEM_OUTPUT", "/tmp/x", 1);
    assert_int_equal(BEGIN(&flags, "--"), EXIT_OK);
    assert_int_equal(flags_u64(&flags, "max-tokens"), 33);
    assert_null(flags_str(&flags, "output"));
    flags_release(&flags);
    assert_int_equal(BEGIN(&flags, "-n", "5"), EXIT_OK);
    assert_int_equal(flags_u64(&flags, "max-tokens"), 5);
    flags_release(&flags);
    setenv("LEM_MAX_TOKENS", "", 1); /* as if it were not there */
    assert_int_equal(BEGIN(&flags, "--"), EXIT_OK);
    assert_int_equal(flags_u64(&flags, "max-tokens"), 1024);
    flags_release(&flags);
    unsetenv("LEM_MAX_TOKENS");
    unsetenv("LEM_OUTPUT");
}

/* Parses with this configuration file. */
static int begin_with_config(struct flags *flags, const char *text)
{
    char path[] = "/tmp/lem-test-flags-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    int status = BEGIN(flags, "--config", path);
    unlink(path);
    return status;
}

static void configuration_stands_behind_both(void **state)
{
    struct flags flags;
    size_t n;
    (void)state;
    setenv("LEM_TEMPERATURE", "0.5", 1);
    assert_int_equal(begin_with_config(&flags, "{\"max_tokens\": 1, \"lem\": {\"max_tokens\": 9,"
                                               "\"temperature\": 0.7, \"kernel\": [\"a\", \"b\"],"
                                               "\"greedy\": true, \"output\": \"/tmp/x\","
                                               "\"someone_elses\": {}}}"),
                     EXIT_OK);
    assert_int_equal(flags_u64(&flags, "max-tokens"), 9);
    assert_true(flags_double(&flags, "temperature") == 0.5);
    assert_true(flags_bool(&flags, "greedy"));
    flags_list(&flags, "kernel", &n);
    assert_int_equal(n, 2);
    assert_null(flags_str(&flags, "output"));
    flags_release(&flags);
    unsetenv("LEM_TEMPERATURE");
}

static void bad_configuration_is_refused(void **state)
{
    struct flags flags;
    (void)state;
    assert_int_equal(begin_with_config(&flags, "{\"lem\": []}"), EXIT_INPUT);
    assert_int_equal(begin_with_config(&flags, "{\"lem\": {\"kernel\": [1]}}"), EXIT_USAGE);
    assert_int_equal(begin_with_config(&flags, "{\"lem\": {\"max_tokens\": []}}"), EXIT_USAGE);
    assert_int_equal(begin_with_config(&flags, "{\"lem\": {\"max_tokens\": 0}}"), EXIT_USAGE);
    assert_int_equal(begin_with_config(&flags, "not json"), EXIT_INPUT);
}

int main(void)
{
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_mean_the_same),
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(lists_and_arguments_keep_their_order),
        cmocka_unit_test(last_of_a_single_value_wins),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(environment_stands_behind_flags),
        cmocka_unit_test(configuration_stands_behind_both),
        cmocka_unit_test(bad_configuration_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
