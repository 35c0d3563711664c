/* Kernel parts: objects that run together, faults by place, axioms alone and removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "eval/kernel.h"
#include "eval/kernel_parts.h"
#include "text/json.h"

static void finds_objects_that_run_together(void **state)
{
    (void)state;
    struct kernel_parts parts;
    struct err err = {0};
    assert_true(kernel_parts_read(&parts, str_of(" {\"a\":1}{\"b\":\"}\"}\n\n{} "), "k", &err));
    assert_int_equal(parts.count, 3);
    assert_non_null(json_object_get(parts.objects[1], "b"));
    kernel_parts_release(&parts);
}

static void prose_has_no_objects(void **state)
{
    (void)state;
    struct kernel_parts parts;
    struct err err = {0};
    assert_true(kernel_parts_read(&parts, str_of("Be kind {\"a\":"), "k", &err));
    assert_int_equal(parts.count, 0);
    assert_true(kernel_parts_read(&parts, str_of(""), "k", &err));
    assert_int_equal(parts.count, 0);
}

static void assert_refused(const char *text, const char *message)
{
    struct kernel_parts parts;
    struct err err = {0};
    assert_false(kernel_parts_read(&parts, str_of(text), "k", &err));
    kernel_parts_release(&parts);
    assert_int_equal(err.code, ERR_FORMAT);
    if (!strstr(err.msg, message))
        fail_msg("\"%s\" lacks \"%s\"", err.msg, message);
}

static void faults_name_their_place(void **state)
{
    (void)state;
    assert_refused("{\"a\":1} and so on", "k: line 1, column 9: expected another JSON object");
    assert_refused("{\"a\":1}\n{\"b\":\n  oops}", "k: line 3, column");
    assert_refused("{\"a\":1,\"a\":2}", "duplicate");
    assert_refused("{\"a\":1", "k: line 1, column 7");
}

static size_t count_faults(const char *text, const char *expected)
{
    struct kernel_parts parts;
    struct err err = {0};
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    assert_true(kernel_parts_read(&parts, str_of(text), "k", &err));
    size_t faults = kernel_parts_check(&out, parts.objects[0]);
    assert_string_equal(out.len ? out.ptr : "", expected);
    kernel_parts_release(&parts);
    buf_release(&out);
    return faults;
}

static void checks_axioms(void **state)
{
    (void)state;
    assert_int_equal(count_faults("{\"terms\":{}}", ""), 0);
    assert_int_equal(count_faults("{\"meta\":{\"hierarchy\":[1]},\"axioms\":[{\"id\":1,\"name\":"
                                  "\"a\",\"statement\":\"b\"}]}",
                                  ""),
                     0);
    assert_int_equal(count_faults("{\"meta\":{\"hierarchy\":[1,3]},\"axioms\":[{\"id\":1,\"name\":"
                                  "\"a\",\"statement\":\"b\"},{\"id\":2,\"name\":\"c\"}]}",
                                  "axiom 2 has no statement\n"
                                  "meta.hierarchy does not list axiom 2 once\n"),
                     2);
    assert_int_equal(count_faults("{\"axioms\":[{\"id\":1,\"name\":\"a\",\"statement\":\"b\"},"
                                  "{\"id\":1,\"name\":\"c\",\"statement\":\"d\"}]}",
                                  "axiom 2 has the id of an earlier one\n"),
                     1);
    assert_int_equal(count_faults("{\"axioms\":[7]}", "axiom 1 has no id\naxiom 1 has no name\n"
                                                      "axiom 1 has no statement\n"),
                     3);
}

static void the_shipped_kernels_are_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t objects;
    } shipped[] = {{"kernel/axioms.json", 1},
                   {"kernel/compact.json", 1},
                   {"kernel/lek-1-kernel.txt", 4},
                   {"kernel/signature.txt", 0}};
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
        struct kernel kernel;
        struct kernel_parts parts;
        struct buf out;
        struct err err = {0};
        buf_init(&out, BUF_MAX_DEFAULT);
        assert_true(kernel_load(&kernel, shipped[i].path, &err));
        assert_true(kernel_parts_read(&parts, kernel.text, kernel.path, &err));
        assert_int_equal(parts.count, shipped[i].objects);
        for (size_t k = 0; k < parts.count; k++)
            assert_int_equal(kernel_parts_check(&out, parts.objects[k]), 0);
        kernel_parts_release(&parts);
        kernel_release(&kernel);
        buf_release(&out);
    }
}

static void assert_ids(const json_t *array, const char *key, const char *expected)
{
    char ids[KERNEL_AXIOMS_MAX + 1] = {0};
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i);
        ids[i] = (char)('0' + json_integer_value(key ? json_object_get(value, key) : value));
    }
    assert_string_equal(ids, expected);
}

static void isolates_one_axiom_and_keeps_the_rest(void **state)
{
    (void)state;
    struct kernel kernel;
    struct kernel_parts parts;
    struct err err = {0};
    assert_true(kernel_load(&kernel, "kernel/axioms.json", &err));
    assert_true(kernel_parts_read(&parts, kernel.text, kernel.path, &err));
    json_t *alone = kernel_isolate(parts.objects[0], 1, KERNEL_ALONE);
    json_t *removed = kernel_isolate(parts.objects[0], 1, KERNEL_REMOVED);
    assert_ids(kernel_axioms(alone), "id", "2");
    assert_ids(kernel_axioms(removed), "id", "1345");
    assert_ids(json_object_get(json_object_get(alone, "meta"), "hierarchy"), NULL, "2");
    assert_ids(json_object_get(json_object_get(removed, "meta"), "hierarchy"), NULL, "1345");
    assert_true(json_equal(json_array_get(kernel_axioms(parts.objects[0]), 1),
                           json_array_get(kernel_axioms(alone), 0)));
    assert_true(json_equal(json_object_get(parts.objects[0], "origin"),
                           json_object_get(removed, "origin")));
    assert_ids(kernel_axioms(parts.objects[0]), "id", "12345"); /* itself unchanged */
    json_decref(alone);
    json_decref(removed);
    kernel_parts_release(&parts);
    kernel_release(&kernel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_objects_that_run_together),
        cmocka_unit_test(prose_has_no_objects),
        cmocka_unit_test(faults_name_their_place),
        cmocka_unit_test(checks_axioms),
        cmocka_unit_test(the_shipped_kernels_are_in_order),
        cmocka_unit_test(isolates_one_axiom_and_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
