/* Rephrasing: ids, fields, their order and the choice of opening as the original's files have them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "os/file.h"
#include "probe/rephrase.h"
#include "text/json.h"

#define ORACLE "tests/oracle/ab-golden/rephrase/"

static json_t *read_json(const char *path)
{
    struct buf bytes;
    struct err err = {0};
    json_t *value = NULL;
    buf_init(&bytes, BUF_MAX_DEFAULT);
    if (!file_read(&bytes, path, &err) || !json_parse(&value, buf_str(&bytes), path, &err))
        fail_msg("%s", err.msg);
    buf_release(&bytes);
    return value;
}

static json_t *variants_of(const json_t *probes)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(probes); i++)
        rephrase_add(list, json_array_get(probes, i));
    return list;
}

static void assert_field(const json_t *variant, const json_t *expected, const char *name)
{
    assert_true(json_equal(json_object_get(variant, name), json_object_get(expected, name)));
}

static size_t kind_of(struct str type)
{
    return str_is(type, "perspective") ? 0 : str_is(type, "urgency") ? 1 : 2;
}

static void assert_variant(json_t *variant, const json_t *expected)
{
    static const char *const fields[] = {"id", "category", "domain", "source_probe",
                                         "rephrase_type"};
    const json_t *order = json_object_get(expected, "fields_in_order");
    const char *key;
    json_t *value;
    size_t at = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_field(variant, expected, fields[i]);
    json_object_foreach(variant, key, value)
        assert_string_equal(key, json_string_value(json_array_get(order, at++)));
    assert_int_equal(at, json_array_size(order));

    struct str prompt = json_get_str(variant, "prompt");
    size_t kind = kind_of(json_get_str(variant, "rephrase_type"));
    size_t index = (size_t)json_integer_value(json_object_get(expected, "template_index"));
    assert_true(str_starts(prompt, str_of(rephrase_opening(kind, index))));
    assert_true(str_ends(prompt, json_get_str(expected, "prompt_tail")));
}

static void variants_are_the_originals(void **state)
{
    (void)state;
    json_t *probes = read_json(ORACLE "input.json"), *golden = read_json(ORACLE "expected.json");
    json_t *variants = variants_of(probes), *entries = json_object_get(golden, "entries");
    size_t n_probes = json_array_size(probes);
    assert_int_equal(json_array_size(variants), 3 * n_probes);
    for (size_t i = 0; i < 3 * n_probes; i++)
        assert_variant(json_array_get(variants, i), json_array_get(entries, n_probes + i));
    json_decref(variants);
    json_decref(probes);
    json_decref(golden);
}

static void openings_differ(void **state)
{
    (void)state;
    for (size_t a = 0; a < REPHRASE_KINDS * REPHRASE_OPENINGS; a++)
        for (size_t b = 0; b < a; b++)
            assert_string_not_equal(rephrase_opening(a / 3, a % 3), rephrase_opening(b / 3, b % 3));
}

/* The original stops at such ids; ours take the first opening. */
static void odd_ids_take_the_first_opening(void **state)
{
    (void)state;
    static const char *const ids[] = {"PX_1", "P_1", "P", "", "P1X", "p01", "7"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        json_t *record = json_pack("{s:s, s:s}", "id", ids[i], "prompt", "Why?");
        json_t *list = json_array();
        rephrase_add(list, record);
        struct str prompt = json_get_str(json_array_get(list, 1), "prompt");
        assert_true(str_starts(prompt, str_of(rephrase_opening(1, 0))));
        json_decref(list);
        json_decref(record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_are_the_originals),
        cmocka_unit_test(openings_differ),
        cmocka_unit_test(odd_ids_take_the_first_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
