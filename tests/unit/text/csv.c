/* CSV: quotes, line ends, and faults that name file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/csv.h"

#include <stdlib.h>

#include "base/mem.h"

/* Rows as one string: fields between brackets, rows on lines that begin with their number. */
static void reads_as(const char *text, const char *want)
{
    struct err err = {0};
    struct csv in;
    struct buf got;
    bool more;
    csv_init(&in, str_of(text), "x.csv", ',');
    buf_init(&got, BUF_MAX_DEFAULT);
    buf_puts(&got, "");
    while (csv_next(&in, &more, &err) && more) {
        buf_printf(&got, "%zu", in.line);
        for (size_t i = 0; i < in.n_fields; i++)
            buf_printf(&got, "[%.*s]", STR_ARG(in.field[i]));
        buf_putc(&got, '\n');
    }
    if (err.code)
        buf_printf(&got, "%s", err.msg);
    assert_string_equal(got.ptr ? got.ptr : "", want);
    buf_release(&got);
    csv_release(&in);
}

static void splits_fields_and_rows(void **state)
{
    (void)state;
    reads_as("", "");
    reads_as("a,b\n1,2", "1[a][b]\n2[1][2]\n");
    reads_as("a,\r\n,b\r\n", "1[a][]\n2[][b]\n");
    reads_as("\xEF\xBB\xBF"
             "a\n\n\r\nb\n",
             "1[a]\n4[b]\n");
    reads_as("a\rb,c\r", "1[a\rb][c]\n");
}

static void quotes_hold_anything(void **state)
{
    (void)state;
    reads_as("\"a,b\",\"c\"\"d\"\n", "1[a,b][c\"d]\n");
    reads_as("\"one\r\ntwo\",x\ny\n", "1[one\r\ntwo][x]\n3[y]\n");
    reads_as("\"\"\n\"\",\"\"", "1[]\n2[][]\n");
}

static void says_where_a_quote_is_wrong(void **state)
{
    (void)state;
    reads_as("a\n\"b\nc\n", "1[a]\nx.csv: line 2: the quote opened here is never closed");
    reads_as("a\n\"b\"c\n",
             "1[a]\nx.csv: line 2: after a closing quote comes ',' or the line's end");
    reads_as("a\"b\n", "x.csv: line 1: a quote inside a field that does not begin with one");
}

static void has_ceilings(void **state)
{
    (void)state;
    struct err err = {0};
    struct csv in;
    bool more;
    size_t len = CSV_FIELDS_MAX + 1;
    char *commas = mem_alloc(len);
    memset(commas, ',', len);
    csv_init(&in, str_n(commas, len), "x.csv", ',');
    assert_false(csv_next(&in, &more, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    csv_release(&in);
    csv_init(&in, str_n(commas, CSV_FIELDS_MAX - 1), "x.csv", ',');
    assert_true(csv_next(&in, &more, &err));
    assert_int_equal(in.n_fields, CSV_FIELDS_MAX);
    csv_release(&in);
    free(commas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_fields_and_rows),
        cmocka_unit_test(quotes_hold_anything),
        cmocka_unit_test(says_where_a_quote_is_wrong),
        cmocka_unit_test(has_ceilings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
