/* table.c - columns line up, and finished runs stand in one table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/run_summary.h"

#include <stdlib.h>
#include <unistd.h>

#include "os/file.h"

static void assert_table(const struct table *table, const char *expected)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    table_format(&out, table);
    assert_string_equal(buf_str(&out).ptr, expected);
    buf_release(&out);
}

static void padding_counts_characters(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 10);
    text_pad(&out, str_of("\xC3\x89t\xC3\xA9"), 5, TEXT_LEFT);
    text_pad(&out, str_of("x"), 3, TEXT_RIGHT);
    text_pad(&out, str_of("longer"), 3, TEXT_RIGHT);
    assert_string_equal(out.ptr, "\xC3\x89t\xC3\xA9    xlonger");
    buf_release(&out);
}

static void columns_are_as_wide_as_their_cells(void **state)
{
    (void)state;
    struct table table = {0};
    assert_table(&table, "");
    table_column(&table, "NAME", TEXT_LEFT);
    table_column(&table, "N", TEXT_RIGHT);
    table_cell(&table, "%s", "a");
    table_cell(&table, "%d", 1);
    table_cell(&table, "%s", "long name");
    table_cell(&table, "%d", 234);
    table_cell(&table, "%s", "open");
    assert_table(&table, "NAME         N\n---------  ---\na            1\nlong name  234\nopen\n");
    table_release(&table);
}

static void finished_runs_stand_in_one_table(void **state)
{
    (void)state;
    static const char *const paths[] = {"tests/oracle/ab-golden/run1-system/output.jsonl",
                                        "tests/oracle/ab-golden/run4-kernel-stem/output.jsonl"};
    struct err err = {0};
    struct table table = {0};
    run_summary_columns(&table);
    for (size_t i = 0; i < 2; i++) {
        json_t *summary;
        assert_true(run_summary_load(&summary, paths[i], &err));
        run_summary_rows(&table, summary);
        json_decref(summary);
    }
    assert_table(
        &table,
        "MODEL         CONDITION  PROBES   MEAN  DELTA  IMPROVED  REGRESSED  UNCHANGED  TIME\n"
        "------------  ---------  ------  -----  -----  --------  ---------  ---------  ----\n"
        "stub/model-a  baseline       14   1.85                                           0s\n"
        "              json                6.37  +4.52         6          4          4\n"
        "              txt                -2.89  -4.74         3          7          4\n"
        "stub/model-a  baseline       14   1.85                                           0s\n"
        "              kernel-a            6.37  +4.52         6          4          4\n");
    table_release(&table);
}

static void what_has_no_summary_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err_code code;
    } cases[] = {
        {"", ERR_USAGE},
        {"{\"type\": \"probe\", \"id\": \"summary\"}\n", ERR_USAGE},
        {"{\"type\": \"summary\"}\n", ERR_FORMAT},
        {"{\"type\": \"summary\"\n", ERR_FORMAT},
    };
    char path[] = "/tmp/lem-test-summary-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        json_t *summary;
        assert_true(file_write_atomic(path, str_of(cases[i].text), &err));
        assert_false(run_summary_load(&summary, path, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_non_null(strstr(err.msg, path));
    }
    unlink(path);
}

/* A cell is a cell, whatever stands in it. */
static void cells_cannot_break_out(void **state)
{
    (void)state;
    struct table table = {0};
    struct buf out;
    buf_init(&out, 1 << 16);
    table_column(&table, "a", TEXT_LEFT);
    table_column(&table, "b", TEXT_RIGHT);
    table_cell_str(&table, str_of("x|y\n`<b>` & *z*"));
    table_cell(&table, "%d", 7);
    assert_int_equal(table_rows(&table), 1);
    table_markdown(&out, &table);
    assert_string_equal(buf_str(&out).ptr, "| a | b |\n|---|--:|\n| x\\|y \\`&lt;b>\\` &amp; "
                                           "\\*z\\* | 7 |\n");
    table_release(&table);
    buf_reset(&out);
    table_column(&table, "a", TEXT_LEFT);
    table_column(&table, "b", TEXT_RIGHT);
    table_cell_str(&table, str_of("say \"no\",\r\nthen"));
    table_cell(&table, "-1.5");
    table_csv(&out, &table);
    assert_string_equal(buf_str(&out).ptr, "a,b\r\n\"say \"\"no\"\",\r\nthen\",-1.5\r\n");
    table_release(&table);
    buf_reset(&out);
    table_markdown(&out, &table); /* no columns: nothing */
    assert_int_equal(table_rows(&table) + out.len, 0);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_cannot_break_out),
        cmocka_unit_test(padding_counts_characters),
        cmocka_unit_test(columns_are_as_wide_as_their_cells),
        cmocka_unit_test(finished_runs_stand_in_one_table),
        cmocka_unit_test(what_has_no_summary_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
