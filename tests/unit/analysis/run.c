/* run.c - result files read back: nothing is dropped, nothing is believed blindly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/run.h"
#include "os/file.h"

static char file[] = "/tmp/lem-run-XXXXXX";
static char journal[64];
static struct err err;

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(file);
    snprintf(journal, sizeof journal, "%s.journal", file);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(journal);
    return unlink(file);
}

static struct run *load(const char *text)
{
    struct run *run = NULL;
    err = (struct err){0};
    assert_true(file_write_atomic(file, str_of(text), &err));
    if (!run_load(&run, file, &err))
        fail_msg("%s", err.msg);
    return run;
}

static void assert_refused(const char *text, enum err_code code, const char *part)
{
    struct run *run = NULL;
    err = (struct err){0};
    assert_true(file_write_atomic(file, str_of(text), &err));
    assert_false(run_load(&run, file, &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.msg, part))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, part);
}

static void every_answer_has_its_place(void **state)
{
    (void)state;
    struct run *run =
        load("{\"type\": \"probe\", \"id\": \"A\", \"category\": \"x\", \"prompt\": \"q\", "
             "\"conditions\": {\"baseline\": {\"response\": \"one two\", \"lek_score\": 3, "
             "\"time_s\": 1.5}, \"k\": {\"response\": \"\xC3\xA9\", \"tokens\": 4, "
             "\"finish_reason\": \"length\"}}}\n"
             "{\"id\": 7, \"domain\": \"y\", \"conditions\": {\"late\": {\"response\": \"\"}}, "
             "\"errors\": {\"baseline\": \"out of memory\"}}\n"
             "{\"type\": \"note\"}\n"
             "{\"type\": \"summary\", \"model\": \"m\"}\n");
    assert_int_equal(run->n_probes, 2);
    assert_int_equal(run->n_arms, 3);
    assert_int_equal(run->samples, 1);
    assert_int_equal(run->n_foreign, 1);
    assert_true(str_is(run->model, "m") && run->summary && !run->provenance);
    assert_true(str_is(run->arms[2].name, "late"));
    assert_int_equal(run_find_arm(run, str_of("k")), 1);
    assert_true(run_find_arm(run, str_of("K")) == (size_t)-1);
    assert_true(str_is(run->probes[1].id, "7") && str_is(run->probes[1].category, "y"));
    const struct run_answer *first = run_answer(run, 0, 0, 0);
    assert_true(first->state == RUN_ANSWERED && first->words == 2 && first->stored == 3);
    assert_true(first->time_ms == 1500 && isnan(first->tokens) && !first->finish.ptr);
    const struct run_answer *second = run_answer(run, 0, 1, 0);
    assert_true(second->chars == 1 && second->tokens == 4 && str_is(second->finish, "length"));
    assert_int_equal(run_answer(run, 0, 2, 0)->state, RUN_ABSENT);
    assert_int_equal(run_answer(run, 1, 0, 0)->state, RUN_FAILED);
    assert_true(str_is(run_answer(run, 1, 0, 0)->error, "out of memory"));
    assert_int_equal(run_answer(run, 1, 2, 0)->state, RUN_ANSWERED);
    run_free(run);
}

static void samples_stand_side_by_side(void **state)
{
    (void)state;
    struct run *run =
        load("{\"type\": \"probe\", \"id\": \"A\", \"conditions\": {\"baseline\": {\"response\": "
             "\"a\", \"samples\": [{\"response\": \"a\"}, {\"error\": \"no\"}, {\"response\": "
             "\"c\"}]}, \"k\": {\"response\": \"d\"}}}\n");
    assert_int_equal(run->samples, 3);
    assert_int_equal(run_answer(run, 0, 0, 1)->state, RUN_FAILED);
    assert_true(str_is(run_answer(run, 0, 0, 2)->text, "c"));
    assert_int_equal(run_answer(run, 0, 1, 0)->state, RUN_ANSWERED);
    assert_int_equal(run_answer(run, 0, 1, 1)->state, RUN_ABSENT);
    assert_null(run->summary);
    run_free(run);
}

static void the_journal_adds_what_it_alone_knows(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"v\": 1, \"type\": \"header\"}\n"
        "{\"type\": \"sample\", \"probe\": \"A\", \"condition\": \"baseline\", \"sample\": 0, "
        "\"seed\": 5, \"response\": \"a\", \"ttft_ms\": 2.5, \"time_ms\": 9}\n"
        "{\"type\": \"sample\", \"probe\": \"A\", \"condition\": \"k\", \"sample\": 0, "
        "\"seed\": 5, \"response\": \"of another run\", \"ttft_ms\": 2.5}\n"
        "{\"type\": \"sample\", \"probe\": \"A\", \"condition\": \"k\", \"sample\": -1}\n"
        "not JSON\n";
    err = (struct err){0};
    assert_true(file_write_atomic(journal, str_of(lines), &err));
    struct run *run = load("{\"type\": \"probe\", \"id\": \"A\", \"conditions\": {\"baseline\": "
                           "{\"response\": \"a\"}, \"k\": {\"response\": \"b\"}}}\n");
    unlink(journal);
    assert_true(str_is(run_answer(run, 0, 0, 0)->seed, "5"));
    assert_true(run_answer(run, 0, 0, 0)->ttft_ms == 2.5 && run_answer(run, 0, 0, 0)->time_ms == 9);
    assert_true(isnan(run_answer(run, 0, 1, 0)->ttft_ms) && !run_answer(run, 0, 1, 0)->seed.ptr);
    run_free(run);
}

static void hostile_files_are_refused_with_a_place(void **state)
{
    (void)state;
    assert_refused("", ERR_USAGE, "holds no probe");
    assert_refused("{\"type\": \"summary\"}\n", ERR_USAGE, "holds no probe");
    assert_refused("[1, 2]\n", ERR_FORMAT, "line 1: not a JSON object");
    assert_refused("\n{\"type\": \"probe\"\n", ERR_FORMAT, "line 2");
    assert_refused("{\"type\": \"probe\", \"id\": \"A\"}\n", ERR_FORMAT,
                   "line 1: a probe without an object \"conditions\"");
    assert_refused("{\"type\": \"probe\", \"conditions\": {\"k\": 3}}\n", ERR_FORMAT,
                   "a condition that is not an object");
    assert_refused("{\"type\": \"probe\", \"conditions\": {\"k\": {\"response\": null}}}\n",
                   ERR_FORMAT, "whose \"response\" is not a string");
    assert_refused("{\"type\": \"probe\", \"conditions\": {}}\n", ERR_USAGE,
                   "none of its probes has a condition");
    assert_refused("{\"conditions\": {\"k\": {\"samples\": [1]}}}\n", ERR_FORMAT, "response");
    assert_refused("{\"conditions\": {\"k\": {\"response\": \"\xFF\"}}}\n", ERR_FORMAT, "line 1");
}

/* One probe of more samples than a run may hold answers must not become an allocation. */
static void counts_are_bounded(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "{\"conditions\": {\"k%d\": {\"response\": \"\"}}}\n", i);
    assert_refused(text.ptr, ERR_LIMIT, "more than 256 conditions");
    buf_reset(&text);
    buf_puts(&text, "{\"conditions\": {\"k\": {\"samples\": [");
    for (int i = 0; i < 40000; i++)
        buf_puts(&text, i ? ",{\"error\": \"\"}" : "{\"error\": \"\"}");
    buf_puts(&text, "]}}}\n");
    for (int i = 0; i < 120; i++)
        buf_puts(&text, "{\"conditions\": {\"k\": {\"response\": \"\"}}}\n");
    assert_refused(text.ptr, ERR_LIMIT, "answers");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_has_its_place),
        cmocka_unit_test(samples_stand_side_by_side),
        cmocka_unit_test(the_journal_adds_what_it_alone_knows),
        cmocka_unit_test(hostile_files_are_refused_with_a_place),
        cmocka_unit_test(counts_are_bounded),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
