/* log_file.c - whole lines survive; torn ones are moved, never kept, never lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/log_file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/file.h"
#include "os/lock_file.h"

static char scratch[] = "/tmp/lem-test-log-XXXXXX";

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

static void assert_holds(const char *path, const char *text)
{
    struct err err = {0};
    struct buf buf;
    buf_init(&buf, 1 << 20);
    assert_true(file_read(&buf, path, &err));
    assert_string_equal(buf.ptr, text);
    buf_release(&buf);
}

static void appends_whole_lines(void **state)
{
    (void)state;
    struct err err = {0};
    struct log_file log;
    struct buf lines;
    size_t torn;
    buf_init(&lines, 1 << 20);
    for (int i = 0; i < 2; i++) {
        assert_true(log_file_open(&log, &lines, &torn, "a.log", true, &err));
        assert_int_equal(torn, 0);
        assert_true(log_file_add(&log, str_of("one"), &err));
        assert_true(log_file_add(&log, str_of(""), &err));
        assert_true(log_file_sync(&log, &err));
        log_file_close(&log);
    }
    assert_string_equal(lines.ptr, "one\n\n");
    assert_holds("a.log", "one\n\none\n\n");
    buf_release(&lines);
}

static void moves_a_torn_tail_aside(void **state)
{
    (void)state;
    struct err err = {0};
    struct log_file log;
    struct buf lines;
    size_t torn;
    put("t.log", "one\ntwo\nthr");
    put("t.log.torn", "before\n");
    buf_init(&lines, 1 << 20);
    assert_true(log_file_open(&log, &lines, &torn, "t.log", true, &err));
    assert_int_equal(torn, 3);
    assert_string_equal(lines.ptr, "one\ntwo\n");
    assert_true(log_file_add(&log, str_of("three"), &err));
    log_file_close(&log);
    assert_holds("t.log", "one\ntwo\nthree\n");
    assert_holds("t.log.torn", "before\nthr\n");
    buf_release(&lines);
}

static void does_not_create_unasked_nor_open_folders(void **state)
{
    (void)state;
    struct err err = {0};
    struct log_file log;
    struct buf lines;
    size_t torn;
    buf_init(&lines, 1 << 20);
    assert_true(log_file_open(&log, &lines, &torn, "none.log", false, &err));
    assert_false(file_exists("none.log"));
    log_file_close(&log);
    assert_false(log_file_open(&log, &lines, &torn, ".", true, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_false(log_file_open(&log, &lines, &torn, "/dev/null", true, &err));
    assert_int_equal(err.code, ERR_IO);
    buf_release(&lines);
}

/* A file-size limit stands in for a full disk: the line before stays the last. */
static void a_full_disk_leaves_no_half_line(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct err err = {0};
        struct log_file log;
        struct buf lines;
        size_t torn;
        struct rlimit limit = {10, 10};
        signal(SIGXFSZ, SIG_IGN);
        buf_init(&lines, 1 << 20);
        bool ok = log_file_open(&log, &lines, &torn, "full.log", true, &err) &&
                  setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                  log_file_add(&log, str_of("fits"), &err) &&
                  !log_file_add(&log, str_of("does not fit"), &err) && err.code == ERR_IO &&
                  log_file_add(&log, str_of("1234"), &err);
        _exit(ok ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_holds("full.log", "fits\n1234\n");
}

static void older_files_are_set_aside_in_pairs(void **state)
{
    (void)state;
    struct err err = {0};
    struct buf name;
    buf_init(&name, 1 << 10);
    put("o.jsonl", "a\n");
    put("o.jsonl.j", "b\n");
    put("o.jsonl.1.j", "older\n");
    assert_true(file_set_aside(&name, "o.jsonl", ".j", &err));
    assert_string_equal(name.ptr, "o.jsonl.2");
    assert_false(file_exists("o.jsonl"));
    assert_holds("o.jsonl.2", "a\n");
    assert_holds("o.jsonl.2.j", "b\n");
    assert_holds("o.jsonl.1.j", "older\n");
    buf_reset(&name);
    assert_true(file_set_aside(&name, "o.jsonl", ".j", &err));
    assert_int_equal(name.len, 0);
    buf_release(&name);
}

static void one_writer_at_a_time(void **state)
{
    (void)state;
    struct err err = {0};
    struct lock_file lock, second;
    put("x.lock", "99999999\n"); /* left by a crash */
    assert_true(lock_file_take(&lock, "x.lock", &err));
    assert_false(lock_file_take(&second, "x.lock", &err));
    assert_int_equal(err.code, ERR_BUSY);
    char mine[32];
    snprintf(mine, sizeof mine, "process %ld", (long)getpid());
    assert_non_null(strstr(err.msg, mine));
    lock_file_release(&second);
    lock_file_release(&lock);
    assert_false(file_exists("x.lock"));
    assert_true(lock_file_take(&lock, "x.lock", &err));
    lock_file_release(&lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_whole_lines),
        cmocka_unit_test(moves_a_torn_tail_aside),
        cmocka_unit_test(does_not_create_unasked_nor_open_folders),
        cmocka_unit_test(a_full_disk_leaves_no_half_line),
        cmocka_unit_test(older_files_are_set_aside_in_pairs),
        cmocka_unit_test(one_writer_at_a_time),
    };
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
