/* Text from anywhere as markup: nothing of it acts, nothing of it is lost from sight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/markup.h"

static void becomes_n(struct str text, const char *want)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    buf_puts(&out, "");
    markup_text(&out, text);
    assert_string_equal(out.ptr, want);
    buf_release(&out);
}

static void becomes(const char *text, const char *want)
{
    becomes_n(str_of(text), want);
}

static void escapes_what_markup_is_made_of(void **state)
{
    (void)state;
    becomes("</script><!--\"'&amp;]]>", "&lt;/script&gt;&lt;!--&quot;&#39;&amp;amp;]]&gt;");
    becomes("one\n\ttwo", "one\n\ttwo");
}

static void shows_what_is_not_seen(void **state)
{
    (void)state;
    becomes_n(str_n("a\0b", 3), "a\xE2\x90\x80"
                                "b");
    becomes("\r\n\x1B[31m\x7F", "\xE2\x90\x8D\n\xE2\x90\x9B[31m\xE2\x90\xA1");
    becomes("\xC2\x9B", "[U+009B]");
    becomes("\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F", "[U+202E][U+2066][U+200F]");
    becomes("\xEF\xBF\xBF\xEF\xBB\xBF", "[U+FFFF][U+FEFF]");
    becomes("\xF3\xA0\x81\x81\xF0\x9F\xBF\xBE", "[U+E0041][U+1FFFE]");
    becomes("\xFFx\xC3", "\xEF\xBF\xBDx\xEF\xBF\xBD");
    becomes("\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"); /* a surrogate */
    /* A family is several people and joiners. */
    becomes("\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9",
            "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9");
}

static void cuts_lines(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 16);
    markup_line(&out, str_of("a\nb<c"), 5);
    buf_putc(&out, '|');
    markup_line(&out, str_of("\xC3\xA9t\xC3\xA9 et"), 4);
    buf_putc(&out, '|');
    markup_line(&out, str_of(""), 4);
    assert_string_equal(out.ptr, "a b&lt;c|\xC3\xA9t\xC3\xA9\xE2\x80\xA6|");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_markup_is_made_of),
        cmocka_unit_test(shows_what_is_not_seen),
        cmocka_unit_test(cuts_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
