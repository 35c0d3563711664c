/* The page's parts: numbers as in print, tables that say what their cells are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/html.h"

#define MINUS "\xE2\x88\x92"
#define DASH  "\xE2\x80\x93"
#define THIN  "\xE2\x80\x89"

static void prints_as(const char *text, const char *want)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    buf_puts(&out, "");
    html_typeset(&out, str_of(text));
    assert_string_equal(out.ptr, want);
    buf_release(&out);
}

static void numbers_are_set_in_print(void **state)
{
    (void)state;
    prints_as("-1.25 .. +3.40", MINUS "1.25 to +3.40");
    prints_as("-0.50 .. -0.20", MINUS "0.50 to " MINUS "0.20");
    prints_as("101 x 3", "101" THIN "\xC3\x97" THIN "3");
    prints_as("b - a", "b " MINUS " a");
    prints_as("2.1 -> -3", "2.1 \xE2\x86\x92 " MINUS "3");
    prints_as("-", DASH);
    prints_as("1e-04", "1e-04");
    prints_as("gemma-3 --margin a-b", "gemma-3 --margin a-b");
    prints_as("<b> -1 &", "&lt;b&gt; " MINUS "1 &amp;");
    prints_as("", "");
}

static void tables_name_rows_and_columns(void **state)
{
    (void)state;
    struct table table = {0};
    struct buf out;
    buf_init(&out, 1 << 16);
    buf_puts(&out, "");
    table_column(&table, "arm", TEXT_LEFT);
    table_column(&table, "b - a", TEXT_RIGHT);
    table_column(&table, "", TEXT_RIGHT);
    html_table(&out, &table, "Empty");
    assert_string_equal(out.ptr, "");
    table_cell(&table, "<-1>");
    table_cell(&table, "-1.20");
    table_cell(&table, "worse");
    html_table(&out, &table, "A & B");
    assert_string_equal(
        out.ptr,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: A &amp; B\">\n"
        "<table>\n<thead>\n<tr><th scope=\"col\">arm</th><th scope=\"col\" class=\"num\">b " MINUS
        " a</th><td class=\"num\"></td></tr>\n</thead>\n<tbody>\n"
        "<tr><th scope=\"row\">&lt;-1&gt;</th><td class=\"num\">" MINUS "1.20</td>"
        "<td class=\"num\"><span class=\"down\">\xE2\x96\xBC</span> worse</td></tr>\n"
        "</tbody>\n</table>\n</div>\n");
    buf_release(&out);
    table_release(&table);
}

static void the_page_has_a_policy_and_no_script(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 20);
    html_begin(&out, str_of("</title><script>"));
    html_end(&out);
    assert_non_null(strstr(out.ptr, "default-src 'none'; base-uri 'none'; form-action 'none'; "
                                    "style-src 'sha256-"));
    assert_non_null(strstr(out.ptr, "<title>&lt;/title&gt;&lt;script&gt;</title>"));
    assert_null(strstr(out.ptr, "<script"));
    assert_null(strstr(out.ptr, "http://"));
    assert_null(strstr(out.ptr, "url("));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_set_in_print),
        cmocka_unit_test(tables_name_rows_and_columns),
        cmocka_unit_test(the_page_has_a_policy_and_no_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
