/* Folders: which files are listed, and in which order. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "os/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "os/file.h"

static char root[] = "/tmp/lem-folder-XXXXXX";

static void put(const char *name)
{
    struct err err = {0};
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_printf(&path, "%s/%s", root, name);
    char *slash = strrchr(path.ptr, '/');
    *slash = '\0';
    assert_true(file_make_dirs(path.ptr, &err));
    *slash = '/';
    assert_true(file_write_atomic(path.ptr, str_of("x"), &err));
    buf_release(&path);
}

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(root))
        return -1;
    const char *const names[] = {"b.jsonl", "a/z.jsonl",     "a/y.txt",
                                 "a.jsonl", ".hidden.jsonl", ".git/c.jsonl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put(names[i]);
    char link[64];
    snprintf(link, sizeof link, "%s/loop", root);
    return symlink(root, link);
}

static int unmake(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

static void lists_by_ending_in_order(void **state)
{
    (void)state;
    static const char *const expected[] = {"/a.jsonl", "/a/z.jsonl", "/b.jsonl"};
    struct folder folder = {0};
    struct err err = {0};
    assert_true(folder_list(&folder, root, ".jsonl", &err));
    assert_int_equal(folder.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(folder.paths[i] + strlen(root), expected[i]);
    assert_true(folder_list(&folder, root, "", &err));
    assert_int_equal(folder.count, 3 + 4);
    folder_release(&folder);
}

static void refuses_what_is_none(void **state)
{
    (void)state;
    struct folder folder = {0};
    struct err err = {0};
    assert_false(folder_list(&folder, "/no/such/folder", "", &err));
    assert_int_equal(err.code, ERR_IO);
    assert_false(folder_exists("/no/such/folder"));
    assert_true(folder_exists(root));
    folder_release(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_by_ending_in_order),
        cmocka_unit_test(refuses_what_is_none),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
