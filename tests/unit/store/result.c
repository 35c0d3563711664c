/* result.c - OUT.jsonl grows, is replaced as a whole, and never loses an older line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/file.h"

#define SUMMARY(n) "{\"type\": \"summary\", \"n\": " #n "}"

static char scratch[] = "/tmp/lem-test-result-XXXXXX";

static int enter_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) && chdir(scratch) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", scratch);
    return chdir("/") == 0 ? system(command) : -1;
}

static int clean(void **state)
{
    (void)state;
    unlink("r.1");
    unlink("r.torn");
    return unlink("r") == 0 || !file_exists("r") ? 0 : -1;
}

static void assert_holds(const char *path, const char *text)
{
    struct err err = {0};
    struct buf buf;
    buf_init(&buf, 1 << 20);
    assert_true(file_read(&buf, path, &err));
    assert_string_equal(buf.ptr, text);
    buf_release(&buf);
}

/* Opens "r", adds the lines (NULL ends), finishes if asked; says whether anything was written. */
static bool write_lines(const char *const *lines, bool finish)
{
    struct err err = {0};
    struct result *result;
    assert_true(result_open(&result, "r", &err));
    for (; *lines; lines++)
        assert_true(result_add(result, str_of(*lines), &err));
    assert_true(!finish || result_finish(result, &err));
    bool changed = result_changed(result);
    result_close(result);
    return changed;
}

static void lines_are_appended_across_runs(void **state)
{
    (void)state;
    assert_true(write_lines((const char *[]){"a", "b", NULL}, false));
    assert_holds("r", "a\nb\n");
    assert_true(write_lines((const char *[]){"a", "b", "c", SUMMARY(3), NULL}, true));
    assert_holds("r", "a\nb\nc\n" SUMMARY(3) "\n");
    assert_false(write_lines((const char *[]){"a", "b", "c", SUMMARY(3), NULL}, true));
    assert_false(file_exists("r.1"));
}

static void a_stale_summary_goes_only_at_the_end(void **state)
{
    (void)state;
    write_lines((const char *[]){"a", SUMMARY(1), NULL}, true);
    write_lines((const char *[]){"a", "b", NULL}, false);
    assert_holds("r", "a\n" SUMMARY(1) "\n");
    write_lines((const char *[]){"a", "b", SUMMARY(2), NULL}, true);
    assert_holds("r", "a\nb\n" SUMMARY(2) "\n");
    assert_false(file_exists("r.1"));
}

static void a_line_that_would_go_is_kept_beside(void **state)
{
    (void)state;
    write_lines((const char *[]){"a", "b", SUMMARY(2), NULL}, true);
    write_lines((const char *[]){"a", "B", SUMMARY(2), NULL}, true);
    assert_holds("r", "a\nB\n" SUMMARY(2) "\n");
    assert_holds("r.1", "a\nb\n" SUMMARY(2) "\n");
}

static void a_longer_file_ends_where_it_should(void **state)
{
    (void)state;
    write_lines((const char *[]){"a", "b", "c", NULL}, false);
    write_lines((const char *[]){"a", "b", NULL}, true);
    assert_holds("r", "a\nb\n");
    assert_holds("r.1", "a\nb\nc\n");
}

static void a_torn_line_is_written_again(void **state)
{
    (void)state;
    struct err err = {0};
    assert_true(file_write_atomic("r", str_of("a\nbb"), &err));
    write_lines((const char *[]){"a", "bbb", "c", NULL}, true);
    assert_holds("r", "a\nbbb\nc\n");
    assert_holds("r.torn", "bb\n");
}

static void a_prefix_of_a_line_is_another_line(void **state)
{
    (void)state;
    write_lines((const char *[]){"aa", NULL}, true);
    write_lines((const char *[]){"a", NULL}, true);
    assert_holds("r", "a\n");
    assert_holds("r.1", "aa\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(lines_are_appended_across_runs, clean),
        cmocka_unit_test_teardown(a_stale_summary_goes_only_at_the_end, clean),
        cmocka_unit_test_teardown(a_line_that_would_go_is_kept_beside, clean),
        cmocka_unit_test_teardown(a_longer_file_ends_where_it_should, clean),
        cmocka_unit_test_teardown(a_torn_line_is_written_again, clean),
        cmocka_unit_test_teardown(a_prefix_of_a_line_is_another_line, clean),
    };
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
