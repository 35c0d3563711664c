/* Extraction: bytes and sentences as the original's tool gave them for the same runs. */
#include "lesson/extract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "os/file.h"

#define ORACLE "tests/oracle/ab-golden/"

static void read_file(struct buf *out, const char *path)
{
    struct err err = {0};
    buf_init(out, BUF_MAX_DEFAULT);
    if (!file_read(out, path, &err))
        fail_msg("%s", err.msg);
}

static void assert_bytes(const struct buf *got, const char *path)
{
    struct buf expected;
    read_file(&expected, path);
    assert_int_equal(got->len, expected.len);
    assert_memory_equal(got->ptr, expected.ptr, expected.len);
    buf_release(&expected);
}

static void assert_run(const char *run, const char *keep_name)
{
    struct extract extract;
    struct buf text, lines, notes;
    struct err err = {0};
    char path[160], input[96], output[96];
    enum extract_keep keep;
    snprintf(input, sizeof input, "distill/%s/output.jsonl", run);
    snprintf(output, sizeof output, "extract/%s-%s.jsonl", run, keep_name);
    snprintf(path, sizeof path, ORACLE "%s", input);
    read_file(&text, path);
    buf_init(&lines, BUF_MAX_DEFAULT);
    buf_init(&notes, BUF_MAX_DEFAULT);
    assert_true(extract_keep_of_name(&keep, keep_name));
    assert_true(extract_read(&extract, buf_str(&text), input, &err));
    buf_printf(&notes, "Loaded %zu training records from %s\n", extract.count, input);
    extract_choose(&extract, keep);
    extract_put(&lines, &extract);
    extract_put_source(&notes, &extract);
    buf_printf(&notes, "Wrote %zu training examples to %s\n", extract.count, output);
    extract_put_stats(&notes, &extract);
    snprintf(path, sizeof path, ORACLE "%s", output);
    assert_bytes(&lines, path);
    snprintf(path, sizeof path, ORACLE "extract/%s-%s.stderr.txt", run, keep_name);
    assert_bytes(&notes, path);
    extract_release(&extract);
    buf_release(&text);
    buf_release(&lines);
    buf_release(&notes);
}

static void as_the_original(void **state)
{
    (void)state;
    static const char *const runs[] = {"run1", "run3-none-kept", "run4-empty-kernel"};
    static const char *const keeps[] = {"best", "all", "first"};
    for (size_t r = 0; r < 3; r++)
        for (size_t k = 0; k < 3; k++)
            assert_run(runs[r], keeps[k]);
}

static void broken_files(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "no line of type"},
        {"{\"type\":\"summary\"}", "no line of type"},
        {"{\"type\":\"training\"}", "line 1: expected \"training\""},
        {"{\"type\":\"training\",\"training\":{\"messages\":[]},\"meta\":{}}", "lek_score"},
        {"{\"type\":", "line 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct extract extract;
        struct err err = {0};
        assert_false(extract_read(&extract, str_of(cases[i][0]), "f.jsonl", &err));
        assert_int_equal(err.code, ERR_FORMAT);
        if (str_find(str_of(err.msg), str_of(cases[i][1]), 0) == (size_t)-1)
            fail_msg("\"%s\"", err.msg);
    }
    enum extract_keep keep;
    assert_false(extract_keep_of_name(&keep, "worst"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_original),
        cmocka_unit_test(broken_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
