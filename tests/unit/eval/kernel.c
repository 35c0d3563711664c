/* Kernels: names, line ends, encoding, and the shape of the two that are shipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "eval/kernel.h"
#include "os/file.h"
#include "text/json.h"

static char folder[] = "/tmp/lem-kernel-XXXXXX";
static char file[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/k.test.txt", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static void write_file(struct str bytes)
{
    struct err err = {0};
    assert_true(file_write_atomic(file, bytes, &err));
}

static void names_by_stem_or_as_told(void **state)
{
    (void)state;
    struct kernel kernel;
    struct err err = {0};
    char spec[128];
    write_file(str_of("x"));
    assert_true(kernel_load(&kernel, file, &err));
    assert_string_equal(kernel.name, "k.test");
    assert_string_equal(kernel.path, file);
    kernel_release(&kernel);
    snprintf(spec, sizeof spec, "json=%s", file);
    assert_true(kernel_load(&kernel, spec, &err));
    assert_string_equal(kernel.name, "json");
    assert_string_equal(kernel.path, file);
    kernel_release(&kernel);
}

static void refuses_bad_names(void **state)
{
    (void)state;
    static const char *const specs[] = {"baseline=x.txt",   "baseline.json", "=x.txt", "x=", "",
                                        "dir/baseline.txt", "\xFF=x.txt"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct kernel kernel;
        struct err err = {0};
        assert_false(kernel_load(&kernel, specs[i], &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_null(kernel.name);
    }
}

static void reads_as_text(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        const char *text;
        size_t chars;
    } cases[] = {
        {STR("a\r\nb\rc\nd"), "a\nb\nc\nd", 7},
        {STR("\r\r\n\r"), "\n\n\n", 3},
        {STR(""), "", 0},
        {STR("\xC3\xA9\xE2\x80\x94\xF0\x9F\x99\x82"), NULL, 3},
        {STR("end\r"), "end\n", 4},
        {STR("\xEF\xBB\xBFx"), NULL, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kernel kernel;
        struct err err = {0};
        char hex[SHA256_HEX_LEN + 1];
        write_file(cases[i].bytes);
        assert_true(kernel_load(&kernel, file, &err));
        assert_true(cases[i].text ? str_is(kernel.text, cases[i].text)
                                  : str_eq(kernel.text, cases[i].bytes));
        assert_int_equal(kernel.chars, cases[i].chars);
        assert_int_equal(kernel.file_bytes, cases[i].bytes.len);
        sha256_hex(hex, cases[i].bytes);
        assert_string_equal(kernel.sha256, hex);
        kernel_release(&kernel);
    }
}

static void says_where_it_is_not_text(void **state)
{
    (void)state;
    struct kernel kernel;
    struct err err = {0};
    write_file(str_of("ab\n\xC3\xA9\xC3("));
    assert_false(kernel_load(&kernel, file, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_non_null(strstr(err.msg, file));
    assert_non_null(strstr(err.msg, "line 2, column 2: byte 0xc3"));
    assert_false(kernel_load(&kernel, "x=no/such/kernel", &err));
    assert_int_equal(err.code, ERR_IO);
}

static void agrees_with_the_golden_kernels(void **state)
{
    (void)state;
    struct kernel kernel;
    struct err err = {0};
    assert_true(kernel_load(&kernel, "tests/oracle/ab-golden/kernel-a.json", &err));
    assert_string_equal(kernel.name, "kernel-a");
    assert_int_equal(kernel.chars, 242);
    kernel_release(&kernel);
    assert_true(kernel_load(&kernel, "tests/oracle/ab-golden/kernel-b.txt", &err));
    assert_null(memchr(kernel.text.ptr, '\r', kernel.text.len));
    assert_int_equal(kernel.file_bytes, kernel.text.len + 3);
    kernel_release(&kernel);
}

static void axioms_have_their_shape(void **state)
{
    (void)state;
    static const char *const names[] = {"prime-imperative", "self-validation", "intent-alignment",
                                        "inter-substrate-respect", "benevolent-intervention"};
    static const char *const functions[] = {"meta-override", "grounding", "motivation", "protocol",
                                            "boundary"};
    struct kernel kernel;
    struct err err = {0};
    json_t *root;
    assert_true(kernel_load(&kernel, "kernel/axioms.json", &err));
    assert_int_equal(kernel.file_bytes, 3076);
    assert_true(json_parse(&root, kernel.text, "axioms", &err));
    const json_t *axioms = json_object_get(root, "axioms");
    assert_int_equal(json_array_size(axioms), 5);
    for (size_t i = 0; i < 5; i++) {
        const json_t *axiom = json_array_get(axioms, i);
        assert_int_equal(json_integer_value(json_object_get(axiom, "id")), i + 1);
        assert_true(str_is(json_get_str(axiom, "name"), names[i]));
        assert_true(str_is(json_get_str(axiom, "function"), functions[i]));
    }
    assert_true(str_is(json_get_str(root, "license"), "EUPL-1.2"));
    json_decref(root);
    kernel_release(&kernel);
}

/* Several JSON objects run together, each valid alone. */
static void the_text_kernel_is_four_objects(void **state)
{
    (void)state;
    struct kernel kernel;
    struct err err = {0};
    size_t objects = 0;
    assert_true(kernel_load(&kernel, "kernel/lek-1-kernel.txt", &err));
    assert_int_equal(kernel.file_bytes, 9189);
    for (size_t at = 0; at < kernel.text.len; objects++) {
        json_error_t where;
        json_t *value =
            json_loadb(kernel.text.ptr + at, kernel.text.len - at, JSON_DISABLE_EOF_CHECK, &where);
        assert_true(json_is_object(value));
        json_decref(value);
        at += (size_t)where.position;
        while (at < kernel.text.len && kernel.text.ptr[at] == '\n')
            at++;
    }
    assert_int_equal(objects, 4);
    kernel_release(&kernel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_by_stem_or_as_told),
        cmocka_unit_test(refuses_bad_names),
        cmocka_unit_test(reads_as_text),
        cmocka_unit_test(says_where_it_is_not_text),
        cmocka_unit_test(agrees_with_the_golden_kernels),
        cmocka_unit_test(axioms_have_their_shape),
        cmocka_unit_test(the_text_kernel_is_four_objects),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
