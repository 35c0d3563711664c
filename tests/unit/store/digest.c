/* digest.c - the hash of a file, and that what is remembered is never wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/file.h"

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static char scratch[] = "/tmp/lem-test-digest-XXXXXX";

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

static void assert_digest(const char *path, const char *cache, const char *expected)
{
    struct err err = {0};
    char hex[SHA256_HEX_LEN + 1];
    assert_true(digest_wait(hex, digest_start(path, cache), &err));
    assert_string_equal(hex, expected);
}

static void hashes_and_remembers(void **state)
{
    (void)state;
    put("m", "abc");
    assert_digest("m", NULL, abc);
    assert_false(file_exists("cache"));
    assert_digest("m", "cache/digest", abc);
    assert_true(file_exists("cache/digest"));
    assert_digest("m", "cache/digest", abc);
}

/* The remembered digest is used, so a forged one shows; a changed file does not meet it again. */
static void a_changed_file_is_hashed_again(void **state)
{
    (void)state;
    struct err err = {0};
    char forged[SHA256_HEX_LEN + 1], name[SHA256_HEX_LEN + 1], path[80];
    struct buf line;
    memset(forged, 'f', sizeof forged - 1);
    forged[sizeof forged - 1] = '\0';
    put("n", "xyz");
    assert_true(digest_wait(name, digest_start("n", "cache"), &err));
    sha256_hex(name, str_of("n"));
    snprintf(path, sizeof path, "cache/%.32s", name);
    buf_init(&line, 1 << 10);
    assert_true(file_read(&line, path, &err));
    memcpy(line.ptr + line.len - SHA256_HEX_LEN, forged, SHA256_HEX_LEN);
    assert_true(file_write_atomic(path, buf_str(&line), &err));
    assert_digest("n", "cache", forged);
    put("n", "abc"); /* same size, other inode and time */
    assert_digest("n", "cache", abc);
    line.ptr[line.len - 1] = 'G';
    assert_true(file_write_atomic(path, buf_str(&line), &err));
    assert_digest("n", "cache", abc);
    buf_release(&line);
}

static void a_missing_file_is_an_error_and_a_bad_cache_is_not(void **state)
{
    (void)state;
    struct err err = {0};
    char hex[SHA256_HEX_LEN + 1];
    assert_false(digest_wait(hex, digest_start("none", "cache"), &err));
    assert_int_equal(err.code, ERR_IO);
    put("file", "");
    put("o", "abc");
    assert_digest("o", "file/under", abc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_and_remembers),
        cmocka_unit_test(a_changed_file_is_hashed_again),
        cmocka_unit_test(a_missing_file_is_an_error_and_a_bad_cache_is_not),
    };
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
