/* journal.c - records come back once, the first success of each key; damage costs one record at
 * most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/file.h"
#include "text/json.h"

#define HEADER "{\"v\": 1, \"type\": \"header\", \"run\": \"r\"}\n"

static char scratch[] = "/tmp/lem-test-journal-XXXXXX";

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

static void put(const char *path, const char *text)
{
    struct err err = {0};
    assert_true(file_write_atomic(path, str_of(text), &err));
}

static bool note_answer(void *arg, const json_t *record, bool *counts, struct err *err)
{
    struct buf *seen = arg;
    struct str answer = json_get_str(record, "answer");
    if (str_is(answer, "refuse"))
        return err_set(err, ERR_USAGE, "not this one");
    *counts = answer.len > 0;
    buf_add_str(seen, answer);
    buf_putc(seen, ' ');
    return true;
}

/* The answers that replaying `text` yields, and how many lines were damaged. */
static void assert_replays(const char *text, const char *answers, size_t damaged)
{
    struct err err = {0};
    struct journal *journal;
    struct buf seen;
    put("j", text);
    buf_init(&seen, 1 << 16);
    buf_puts(&seen, "");
    assert_true(journal_open(&journal, "j", &err));
    assert_non_null(journal_header(journal));
    assert_true(journal_replay(journal, note_answer, &seen, &err));
    assert_string_equal(seen.ptr, answers);
    assert_int_equal(journal_damaged(journal), damaged);
    journal_close(journal);
    buf_release(&seen);
}

static void what_is_added_comes_back(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal *journal;
    assert_true(journal_open(&journal, "new", &err));
    assert_null(journal_header(journal));
    json_t *header = json_pack("{s:i, s:s}", "v", 1, "type", "header");
    json_t *record = json_pack("{s:s, s:s%}", "key", "k", "answer", "a\n\0\xC3\xA9", (size_t)5);
    assert_true(journal_add(journal, header, &err));
    assert_true(journal_add(journal, record, &err));
    assert_true(journal_sync(journal, &err));
    journal_close(journal);

    struct buf seen;
    buf_init(&seen, 1 << 16);
    assert_true(journal_open(&journal, "new", &err));
    assert_true(json_equal(journal_header(journal), header));
    assert_true(journal_replay(journal, note_answer, &seen, &err));
    assert_int_equal(seen.len, 6);
    assert_memory_equal(seen.ptr, "a\n\0\xC3\xA9 ", 6);
    journal_close(journal);
    buf_release(&seen);
    json_decref(header);
    json_decref(record);
}

static void the_first_success_of_a_key_counts(void **state)
{
    (void)state;
    assert_replays(HEADER "{\"key\": \"a\", \"answer\": \"x\", \"error\": \"full\"}\n"
                          "{\"key\": \"a\", \"answer\": \"a1\", \"error\": null}\n"
                          "{\"key\": \"b\", \"answer\": \"b1\"}\n"
                          "{\"key\": \"a\", \"answer\": \"a2\"}\n"
                          "{\"answer\": \"free\"}\n{\"answer\": \"free\"}\n",
                   "a1 b1 free free ", 0);
    assert_replays(HEADER "{\"key\": \"a\"}\n{\"key\": \"a\", \"answer\": \"later\"}\n", " later ",
                   0);
}

static void damage_in_the_middle_is_passed_over(void **state)
{
    (void)state;
    assert_replays(HEADER "{\"key\": \"a\", \"answer\": \"a1\"}\n"
                          "\xff\xff\xff\n{\"key\": \"b\", \"ans\n[]\n"
                          "{\"key\": \"b\", \"answer\": \"b1\"}\n",
                   "a1 b1 ", 3);
}

/* Whatever a crash leaves of the last record, the records before it come back. */
static void a_cut_at_every_byte_loses_one_record_at_most(void **state)
{
    (void)state;
    char text[256];
    size_t len = (size_t)snprintf(text, sizeof text, "%s%s%s", HEADER,
                                  "{\"key\": \"a\", \"answer\": \"a1\"}\n",
                                  "{\"key\": \"b\", \"answer\": \"b1\"}\n");
    size_t second = len - strlen("{\"key\": \"b\", \"answer\": \"b1\"}\n");
    for (size_t cut = second; cut < len; cut++) {
        char shorter[256];
        memcpy(shorter, text, cut);
        shorter[cut] = '\0';
        assert_replays(shorter, "a1 ", 0);
    }
    assert_replays(text, "a1 b1 ", 0);
}

static void a_header_that_is_none_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err_code code;
    } bad[] = {
        {"{\"type\": \"probe\"}\n", ERR_FORMAT},
        {"nonsense\n", ERR_FORMAT},
        {"[1]\n", ERR_FORMAT},
        {"{\"v\": 2, \"type\": \"header\"}\n", ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        struct journal *journal = NULL;
        put("bad", bad[i].text);
        assert_false(journal_open(&journal, "bad", &err));
        assert_int_equal(err.code, bad[i].code);
        assert_non_null(strstr(err.msg, "bad"));
    }
}

static void a_visitor_may_refuse(void **state)
{
    (void)state;
    struct err err = {0};
    struct journal *journal;
    struct buf seen;
    buf_init(&seen, 1 << 16);
    put("r", HEADER "{\"answer\": \"refuse\"}\n");
    assert_true(journal_open(&journal, "r", &err));
    assert_false(journal_replay(journal, note_answer, &seen, &err));
    assert_string_equal(err.msg, "r, line 2: not this one");
    journal_close(journal);
    buf_release(&seen);
}

static void differences_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *name;
    } cases[] = {
        {"{\"x\": 1, \"y\": {\"z\": 2}}", "{\"x\": 1, \"y\": {\"z\": 2}}", NULL},
        {"{\"x\": 1}", "{\"x\": 2}", "x"},
        {"{\"x\": 1}", "{}", "x"},
        {"{}", "{\"x\": 1}", "x"},
        {"{\"y\": {\"z\": 2}}", "{\"y\": {\"z\": 3}}", "y.z"},
        {"{\"y\": {\"z\": 2}}", "{\"y\": 3}", "y"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[64] = "";
        json_t *a = json_loads(cases[i].a, 0, NULL), *b = json_loads(cases[i].b, 0, NULL);
        assert_int_equal(json_difference(name, sizeof name, a, b), cases[i].name != NULL);
        if (cases[i].name)
            assert_string_equal(name, cases[i].name);
        json_decref(a);
        json_decref(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_comes_back),
        cmocka_unit_test(the_first_success_of_a_key_counts),
        cmocka_unit_test(damage_in_the_middle_is_passed_over),
        cmocka_unit_test(a_cut_at_every_byte_loses_one_record_at_most),
        cmocka_unit_test(a_header_that_is_none_is_refused),
        cmocka_unit_test(a_visitor_may_refuse),
        cmocka_unit_test(differences_are_named),
    };
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
