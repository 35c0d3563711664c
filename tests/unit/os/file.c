/* file.c - whole files: what is read, what is refused, and that a failed write leaves the old file.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char scratch[] = "/tmp/lem-test-file-XXXXXX";

static int enter_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) && chdir(scratch) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
    (void)state;
    char command[sizeof scratch + 16];
    snprintf(command, sizeof command, "rm -rf %s", scratch);
    return chdir("/") == 0 ? system(command) : -1;
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void expect_content(const char *path, const char *text)
{
    struct err err = {0};
    struct buf buf;
    buf_init(&buf, 1 << 20);
    assert_true(file_read(&buf, path, &err));
    assert_string_equal(buf.ptr, text);
    buf_release(&buf);
}

static unsigned entries_here(void)
{
    FILE *p = popen("ls -A | wc -l", "r");
    unsigned n = 0;
    assert_non_null(p);
    assert_int_equal(fscanf(p, "%u", &n), 1);
    pclose(p);
    return n;
}

static void read_appends_and_honours_the_ceiling(void **state)
{
    (void)state;
    struct err err = {0};
    struct buf buf;
    buf_init(&buf, 8);
    put("five", "12345");
    assert_true(file_read(&buf, "five", &err));
    assert_int_equal(buf.len, 5);
    assert_false(file_read(&buf, "five", &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(buf.len, 5);
    assert_string_equal(buf.ptr, "12345");
    put("three", "678");
    assert_true(file_read(&buf, "three", &err)); /* exactly full is not too much */
    assert_string_equal(buf.ptr, "12345678");
    buf_release(&buf);
}

static void read_refuses_what_is_no_file(void **state)
{
    (void)state;
    static const char *const paths[] = {"absent", ".", "/dev/zero"};
    struct buf buf;
    buf_init(&buf, 100);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct err err = {0};
        assert_false(file_read(&buf, paths[i], &err));
        assert_int_equal(err.code, ERR_IO);
        assert_non_null(strstr(err.msg, paths[i]));
    }
    buf_release(&buf);
}

static void read_takes_pipes_and_stops_at_the_ceiling(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGPIPE, SIG_IGN);
        int fd = open("pipe", O_WRONLY);
        for (int i = 0; i < 1000 && write(fd, "0123456789", 10) == 10; i++)
            ;
        _exit(0);
    }
    struct err err = {0};
    struct buf buf;
    buf_init(&buf, 1234);
    assert_false(file_read(&buf, "pipe", &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(buf.len, 0);
    buf_release(&buf);
    waitpid(child, NULL, 0);
    unlink("pipe");
}

/* Nothing is mapped at address 0, so reading it is an I/O error. */
static void failed_read_adds_nothing(void **state)
{
    (void)state;
    struct err err = {0};
    struct buf buf;
    buf_init(&buf, 100);
    assert_false(file_read(&buf, "/proc/self/mem", &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.msg, "cannot read /proc/self/mem"));
    assert_int_equal(buf.len, 0);
    buf_release(&buf);
}

static void read_of_sizeless_file_works(void **state)
{
    (void)state;
    struct err err = {0};
    struct buf buf;
    buf_init(&buf, 1 << 20);
    assert_true(file_read(&buf, "/proc/self/status", &err)); /* st_size is 0, content is not */
    assert_true(buf.len > 10);
    buf_release(&buf);
}

static void write_creates_replaces_and_keeps_the_mode(void **state)
{
    (void)state;
    struct err err = {0};
    struct stat st;
    unsigned before = entries_here();
    umask(022);
    assert_true(file_write_atomic("w", (struct str)STR("one"), &err));
    expect_content("w", "one");
    assert_int_equal(stat("w", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(chmod("w", 0640), 0);
    assert_true(file_write_atomic("w", (struct str)STR(""), &err));
    expect_content("w", "");
    assert_int_equal(stat("w", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(entries_here(), before + 1);
}

static void write_follows_links_and_spares_devices(void **state)
{
    (void)state;
    struct err err = {0};
    struct stat st;
    put("target", "old");
    assert_int_equal(symlink("target", "link"), 0);
    assert_true(file_write_atomic("link", (struct str)STR("new"), &err));
    expect_content("target", "new");
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_false(file_write_atomic("/dev/null", (struct str)STR("x"), &err));
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_false(file_write_atomic(".", (struct str)STR("x"), &err));
    assert_false(file_write_atomic("no/such/folder", (struct str)STR("x"), &err));
    assert_non_null(strstr(err.msg, "no/such/folder"));
}

static void stale_temp_file_is_no_obstacle(void **state)
{
    (void)state;
    struct err err = {0};
    char stale[64];
    snprintf(stale, sizeof stale, "w2.tmp-%ld-0", (long)getpid());
    put(stale, "left by a crash");
    assert_true(file_write_atomic("w2", (struct str)STR("fresh"), &err));
    expect_content("w2", "fresh");
    expect_content(stale, "left by a crash");
}

/* In a child whose files may not pass 4 KiB, writing 64 KiB fails half-way, as on a full disk. */
static void failed_write_keeps_the_old_file(void **state)
{
    (void)state;
    static char big[1 << 16];
    memset(big, 'x', sizeof big);
    put("keep", "old");
    unsigned before = entries_here();
    pid_t child = fork();
    if (child == 0) {
        struct err err = {0};
        struct rlimit limit = {4096, 4096};
        signal(SIGXFSZ, SIG_IGN);
        bool refused = setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                       !file_write_atomic("keep", str_n(big, sizeof big), &err);
        _exit(refused && err.code == ERR_IO && strstr(err.msg, "keep") ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    expect_content("keep", "old");
    assert_int_equal(entries_here(), before);
}

static void full_disk_keeps_the_old_file(void **state)
{
    (void)state;
    static char big[1 << 16];
    memset(big, 'x', sizeof big);
    assert_int_equal(mkdir("disk", 0700), 0);
    if (system("mount -t tmpfs -o size=16k lem disk 2>/dev/null") != 0) {
        rmdir("disk");
        skip(); /* mounting needs root */
    }
    put("disk/keep", "old");
    struct err err = {0};
    bool ok = file_write_atomic("disk/keep", str_n(big, sizeof big), &err);
    bool left = system("test \"$(ls -A disk)\" = keep") != 0;
    struct buf buf;
    buf_init(&buf, 100);
    struct err read_err = {0};
    bool readable = file_read(&buf, "disk/keep", &read_err);
    assert_int_equal(system("umount disk"), 0);
    assert_false(ok);
    assert_non_null(strstr(err.msg, strerror(ENOSPC)));
    assert_false(left);
    assert_true(readable);
    assert_string_equal(buf.ptr, "old");
    buf_release(&buf);
    rmdir("disk");
}

static void make_dirs_makes_all_or_says_why(void **state)
{
    (void)state;
    struct err err = {0};
    assert_true(file_make_dirs("a/b//c/", &err));
    assert_true(file_exists("a/b/c"));
    assert_true(file_make_dirs("a/b/c", &err));
    assert_true(file_make_dirs("/", &err));
    put("a/plain", "");
    assert_false(file_make_dirs("a/plain/x", &err));
    assert_non_null(strstr(err.msg, "a/plain"));
    assert_false(file_make_dirs("", &err));
    assert_false(file_exists("a/none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_appends_and_honours_the_ceiling),
        cmocka_unit_test(read_refuses_what_is_no_file),
        cmocka_unit_test(read_takes_pipes_and_stops_at_the_ceiling),
        cmocka_unit_test(failed_read_adds_nothing),
        cmocka_unit_test(read_of_sizeless_file_works),
        cmocka_unit_test(write_creates_replaces_and_keeps_the_mode),
        cmocka_unit_test(write_follows_links_and_spares_devices),
        cmocka_unit_test(stale_temp_file_is_no_obstacle),
        cmocka_unit_test(failed_write_keeps_the_old_file),
        cmocka_unit_test(full_disk_keeps_the_old_file),
        cmocka_unit_test(make_dirs_makes_all_or_says_why),
    };
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
