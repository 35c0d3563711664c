/* map_file.c - mapped files: the bytes are there, the refusals are clear, forgetting loses nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/map_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BIG = 3 * 4096 + 17 };

static char path[] = "/tmp/lem-test-map-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    for (int i = 0; i < BIG; i++) {
        unsigned char byte = (unsigned char)(i % 251);
        if (write(fd, &byte, 1) != 1)
            return -1;
    }
    return close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void expect_pattern(const struct map_file *map)
{
    assert_int_equal(map->bytes.len, BIG);
    for (int i = 0; i < BIG; i++)
        assert_int_equal((unsigned char)map->bytes.ptr[i], i % 251);
}

static void forgotten_pages_come_back(void **state)
{
    (void)state;
    struct err err = {0};
    struct map_file map;
    assert_true(map_file_open(&map, path, &err));
    expect_pattern(&map);
    map_file_forget(&map, 100, 5000);
    map_file_forget(&map, 0, SIZE_MAX);
    map_file_forget(&map, BIG, 1);
    map_file_forget(&map, SIZE_MAX, SIZE_MAX);
    expect_pattern(&map);
    map_file_close(&map);
    map_file_close(&map); /* closing twice is harmless */
}

static void empty_file_is_empty(void **state)
{
    (void)state;
    char empty[] = "/tmp/lem-test-empty-XXXXXX";
    assert_int_equal(close(mkstemp(empty)), 0);
    struct err err = {0};
    struct map_file map;
    assert_true(map_file_open(&map, empty, &err));
    assert_int_equal(map.bytes.len, 0);
    map_file_forget(&map, 0, 1);
    map_file_close(&map);
    unlink(empty);
}

static void only_regular_files_open(void **state)
{
    (void)state;
    char pipe[] = "/tmp/lem-test-pipe-XXXXXX";
    assert_int_equal(close(mkstemp(pipe)), 0);
    assert_int_equal(unlink(pipe), 0);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    const char *const paths[] = {"/nonexistent/x", "/tmp", "/dev/zero", pipe}; /* none may hang */
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct err err = {0};
        struct map_file map;
        assert_false(map_file_open(&map, paths[i], &err));
        assert_int_equal(err.code, ERR_IO);
        assert_non_null(strstr(err.msg, paths[i]));
        map_file_close(&map);
    }
    unlink(pipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forgotten_pages_come_back),
        cmocka_unit_test(empty_file_is_empty),
        cmocka_unit_test(only_regular_files_open),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
