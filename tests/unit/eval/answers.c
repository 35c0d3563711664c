/* Answers from files of any kind: A/B results, responses, plain lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "eval/answers.h"
#include "os/file.h"

static char file[] = "/tmp/lem-answers-XXXXXX";
static struct answers in;
static struct answer answer;

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(file);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file);
}

static void open_text(const char *text)
{
    struct err err = {0};
    assert_true(file_write_atomic(file, str_of(text), &err));
    assert_true(answers_open(&in, file, &err));
}

static bool next(void)
{
    struct err err = {0};
    bool more;
    if (!answers_next(&in, &answer, &more, &err))
        fail_msg("%s", err.msg);
    return more;
}

static void reads_results_by_condition(void **state)
{
    (void)state;
    open_text("{\"type\": \"probe\", \"id\": \"P1\", \"prompt\": \"q\", \"conditions\": {"
              "\"baseline\": {\"response\": \"a\", \"lek_score\": 2}, "
              "\"json\": {\"response\": \"b\"}}}\n\n"
              "{\"type\": \"note\", \"text\": \"not an answer\"}\n"
              "{\"type\": \"probe\", \"id\": \"P2\", \"conditions\": {}}\n"
              "{\"type\": \"summary\", \"model\": \"m\"}\n");
    assert_true(next());
    assert_string_equal(json_string_value(answer.id), "P1");
    assert_true(str_is(answer.condition, "baseline") && str_is(answer.text, "a"));
    assert_true(str_is(answer.prompt, "q"));
    assert_true(answer.has_stored && answer.stored == 2);
    assert_null(in.model);
    assert_true(next());
    assert_true(str_is(answer.condition, "json") && str_is(answer.text, "b"));
    assert_false(answer.has_stored);
    assert_int_equal(answer.line, 1);
    assert_false(next());
    assert_string_equal(in.model, "m");
    answers_close(&in);
}

static void reads_responses(void **state)
{
    (void)state;
    open_text("{\"id\": 7, \"response\": \"a\\u0000b\", \"prompt\": \"q\"}\n{\"text\": \"t\"}");
    assert_true(next());
    assert_int_equal(json_integer_value(answer.id), 7);
    assert_int_equal(answer.text.len, 3);
    assert_true(str_is(answer.prompt, "q"));
    assert_null(answer.condition.ptr);
    assert_true(next());
    assert_int_equal(json_integer_value(answer.id), 2);
    assert_true(str_is(answer.text, "t"));
    assert_null(answer.prompt.ptr);
    assert_false(next());
    answers_close(&in);
}

static void reads_plain_lines(void **state)
{
    (void)state;
    open_text("one line\n\n  another\r\n");
    assert_true(next());
    assert_true(str_is(answer.text, "one line"));
    assert_true(next());
    assert_true(str_is(answer.text, "  another"));
    assert_int_equal(json_integer_value(answer.id), 3);
    assert_false(next());
    answers_close(&in);
    open_text("");
    assert_false(next());
    answers_close(&in);
}

static void names_the_line_at_fault(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"text\": \"a\"}\n{\"id\": 1}",
        "{\"text\": \"a\"}\n{\"text\": 5}",
        "{\"text\": \"a\"}\n[1]",
        "{\"text\": \"a\"}\n{\"text\": ",
        "{\"text\": \"a\"}\n{\"type\": \"probe\", \"conditions\": {\"x\": {}}}",
        "plain\n\xFF",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err err = {0};
        bool more;
        open_text(texts[i]);
        assert_true(next());
        assert_false(answers_next(&in, &answer, &more, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_non_null(strstr(err.msg, file));
        assert_non_null(strstr(err.msg, "line 2"));
        answers_close(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_results_by_condition),
        cmocka_unit_test(reads_responses),
        cmocka_unit_test(reads_plain_lines),
        cmocka_unit_test(names_the_line_at_fault),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
