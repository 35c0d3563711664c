/* gguf.c - GGUF files: the two committed models, one small file with every kind of value, and that
 * file with each of its numbers made hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/gguf_walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
enum { ADDRESS_SPACE_IS_OURS = 0 };
#else
enum { ADDRESS_SPACE_IS_OURS = 1 };
#endif

/* A file under construction: bytes, and where its named numbers stand. */
struct sketch {
    unsigned char bytes[2048];
    size_t len, field_count;
    struct field {
        const char *name;
        size_t at, width;
    } fields[64];
};

static void put(struct sketch *s, const void *bytes, size_t n)
{
    assert_true(n <= sizeof s->bytes - s->len);
    memcpy(s->bytes + s->len, bytes, n);
    s->len += n;
}

static void put_number(struct sketch *s, const char *name, uint64_t value, size_t width)
{
    if (name) {
        assert_true(s->field_count < sizeof s->fields / sizeof *s->fields);
        s->fields[s->field_count++] = (struct field){name, s->len, width};
    }
    put(s, &value, width);
}

static void put_text(struct sketch *s, const char *length_name, const char *text)
{
    put_number(s, length_name, strlen(text), 8);
    put(s, text, strlen(text));
}

static void put_key(struct sketch *s, const char *key, enum gguf_kind kind, uint64_t bits,
                    size_t width)
{
    put_text(s, NULL, key);
    put_number(s, NULL, kind, 4);
    put_number(s, NULL, bits, width);
}

static uint64_t float_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static uint64_t double_bits(double f)
{
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static void put_scalars(struct sketch *s)
{
    put_text(s, "key length", "general.alignment");
    put_number(s, "alignment kind", GGUF_U32, 4);
    put_number(s, "alignment", 32, 4);
    put_key(s, "n.u8", GGUF_U8, 200, 1);
    put_key(s, "n.i8", GGUF_I8, (uint8_t)-3, 1);
    put_key(s, "n.u16", GGUF_U16, 60000, 2);
    put_key(s, "n.i16", GGUF_I16, (uint16_t)-30000, 2);
    put_key(s, "n.i32", GGUF_I32, 70000, 4);
    put_key(s, "n.u64", GGUF_U64, UINT64_MAX, 8);
    put_key(s, "n.i64", GGUF_I64, (uint64_t)INT64_MIN, 8);
    put_key(s, "n.f32", GGUF_F32, float_bits(0.5f), 4);
    put_key(s, "n.f64", GGUF_F64, double_bits(-1e-6), 8);
    put_text(s, NULL, "n.bool");
    put_number(s, "bool kind", GGUF_BOOL, 4);
    put_number(s, "bool", 1, 1);
    put_text(s, NULL, "n.str");
    put_number(s, "string kind", GGUF_STRING, 4);
    put_text(s, "string length", "text");
}

static void put_arrays(struct sketch *s)
{
    put_text(s, NULL, "a.str");
    put_number(s, "array kind", GGUF_ARRAY, 4);
    put_number(s, "element kind", GGUF_STRING, 4);
    put_number(s, "array length", 3, 8);
    put_text(s, "element length", "x");
    put_text(s, NULL, "");
    put_text(s, NULL, "yz");
    put_text(s, NULL, "a.i16");
    put_number(s, NULL, GGUF_ARRAY, 4);
    put_number(s, "number kind", GGUF_I16, 4);
    put_number(s, "number count", 3, 8);
    put_number(s, NULL, (uint16_t)-1, 2);
    put_number(s, NULL, 2, 2);
    put_number(s, NULL, 300, 2);
}

enum { SCALARS = 12, ARRAYS = 2, C_OFFSET = 256, DATA_BYTES = 320 + 4 };

/* Three tensors: b.weight, 32 x 2 of F32; c.weight, 32 of Q8_0; after padding d.weight, one F32. */
static void put_tensors(struct sketch *s)
{
    put_text(s, "tensor name length", "b.weight");
    put_number(s, "b dims", 2, 4);
    put_number(s, "b dim 0", 32, 8);
    put_number(s, "b dim 1", 2, 8);
    put_number(s, "b type", 0, 4);
    put_number(s, "b offset", 0, 8);
    put_text(s, NULL, "c.weight");
    put_number(s, "c dims", 1, 4);
    put_number(s, "c dim 0", 32, 8);
    put_number(s, "c type", 8, 4);
    put_number(s, "c offset", C_OFFSET, 8);
    put_text(s, NULL, "d.weight");
    put_number(s, NULL, 1, 4);
    put_number(s, NULL, 1, 8);
    put_number(s, NULL, 0, 4);
    put_number(s, "d offset", 320, 8);
    while (s->len % 32)
        put_number(s, NULL, 0, 1);
    for (unsigned i = 0; i < DATA_BYTES; i++)
        put_number(s, NULL, i % 7, 1);
}

static void put_file(struct sketch *s)
{
    *s = (struct sketch){0};
    put(s, "GGUF", 4);
    put_number(s, "version", 3, 4);
    put_number(s, "tensor count", 3, 8);
    put_number(s, "key count", SCALARS + ARRAYS, 8);
    put_scalars(s);
    put_arrays(s);
    put_tensors(s);
}

static void set_field(struct sketch *s, const char *name, uint64_t value)
{
    for (size_t i = 0; i < s->field_count; i++)
        if (strcmp(s->fields[i].name, name) == 0) {
            memcpy(s->bytes + s->fields[i].at, &value, s->fields[i].width);
            return;
        }
    fail_msg("no field %s", name);
}

static void set_text(struct sketch *s, const char *old, const char *new)
{
    size_t at = str_find(str_n((const char *)s->bytes, s->len), str_of(old), 0);
    assert_true(at != (size_t)-1 && strlen(old) == strlen(new));
    memcpy(s->bytes + at, new, strlen(new));
}

/* Opens a copy that ends where its allocation ends, reads all of it, and closes it. */
static bool try_bytes(const unsigned char *bytes, size_t len, struct err *err)
{
    char *copy = mem_alloc(len);
    memcpy(copy, bytes, len);
    struct gguf *gguf;
    *err = (struct err){0};
    bool ok = gguf_open_memory(&gguf, str_n(copy, len), err);
    if (ok) {
        volatile unsigned sum = gguf_walk(gguf);
        (void)sum;
    } else {
        assert_null(gguf);
        assert_true(err->code == ERR_FORMAT || err->code == ERR_UNSUPPORTED ||
                    err->code == ERR_LIMIT);
        assert_true(err->msg[0]);
    }
    gguf_close(gguf);
    free(copy);
    return ok;
}

static void expect_refusal(const struct sketch *s, enum err_code code, const char *part)
{
    struct err err;
    if (try_bytes(s->bytes, s->len, &err))
        fail_msg("opened, expected: %s", part);
    if (err.code != code || !strstr(err.msg, part))
        fail_msg("code %d, \"%s\"; expected %d, \"%s\"", (int)err.code, err.msg, (int)code, part);
}

static struct gguf *open_sketch(const struct sketch *s)
{
    struct gguf *gguf;
    struct err err = {0};
    if (!gguf_open_memory(&gguf, str_n((const char *)s->bytes, s->len), &err))
        fail_msg("%s", err.msg);
    return gguf;
}

static void scalars_are_read_by_kind(void **state)
{
    (void)state;
    struct sketch s;
    put_file(&s);
    struct gguf *g = open_sketch(&s);
    uint64_t u = 7;
    double d = 7;
    bool b = false;
    struct str text;
    struct err err = {0};
    assert_int_equal(gguf_key_count(g), SCALARS + ARRAYS);
    assert_true(str_is(gguf_key_at(g, 1), "n.u8"));
    assert_true(gguf_get_u64(g, "n.u8", &u) && u == 200);
    assert_true(gguf_get_u64(g, "n.u16", &u) && u == 60000);
    assert_true(gguf_get_u64(g, "n.i32", &u) && u == 70000);
    assert_true(gguf_get_u64(g, "n.u64", &u) && u == UINT64_MAX);
    assert_true(gguf_get_f64(g, "n.i8", &d) && d == -3);
    assert_true(gguf_get_f64(g, "n.i16", &d) && d == -30000);
    assert_true(gguf_get_f64(g, "n.i64", &d) && d == -0x1p63);
    assert_true(gguf_get_f64(g, "n.u64", &d) && d == 0x1p64);
    assert_true(gguf_get_f64(g, "n.f32", &d) && d == 0.5);
    assert_true(gguf_need_f64(g, "n.f64", &d, &err) && d == -1e-6);
    assert_true(gguf_get_bool(g, "n.bool", &b) && b);
    assert_true(gguf_need_str(g, "n.str", &text, &err) && str_is(text, "text"));
    gguf_close(g);
}

static void other_kinds_and_absent_keys_leave_the_answer_alone(void **state)
{
    (void)state;
    static const char *const no_number[] = {"n.i8",   "n.i16", "n.i64", "n.f32",
                                            "n.bool", "n.str", "a.i16", "none"};
    struct sketch s;
    put_file(&s);
    struct gguf *g = open_sketch(&s);
    uint64_t u = 7;
    double d = 7;
    bool b = true;
    struct str text = STR("as it was");
    for (size_t i = 0; i < sizeof no_number / sizeof *no_number; i++) {
        struct err err = {0};
        assert_false(gguf_get_u64(g, no_number[i], &u));
        assert_false(gguf_need_u64(g, no_number[i], &u, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_non_null(strstr(err.msg, no_number[i]));
    }
    assert_int_equal(u, 7);
    assert_false(gguf_get_f64(g, "n.bool", &d) || gguf_get_f64(g, "n.str", &d));
    assert_true(d == 7);
    assert_false(gguf_get_bool(g, "n.u8", &b) || gguf_get_bool(g, "none", &b));
    assert_true(b);
    assert_false(gguf_get_str(g, "n.u8", &text) || gguf_get_str(g, "a.str", &text));
    assert_true(str_is(text, "as it was"));
    assert_true(gguf_has(g, "n.i8") && !gguf_has(g, "n.i"));
    gguf_close(g);
}

static void arrays_are_read_by_kind(void **state)
{
    (void)state;
    struct sketch s;
    put_file(&s);
    struct gguf *g = open_sketch(&s);
    struct gguf_array array;
    assert_true(gguf_array_find(g, "a.str", &array));
    assert_true(array.kind == GGUF_STRING && array.count == 3);
    assert_true(str_is(array.strings[0], "x"));
    assert_true(str_is(array.strings[1], ""));
    assert_true(str_is(array.strings[2], "yz"));
    assert_true(gguf_array_find(g, "a.i16", &array));
    assert_int_equal(array.count, 3);
    assert_int_equal(gguf_array_i64(&array, 0), -1);
    assert_true(gguf_array_f64(&array, 2) == 300);
    assert_false(gguf_array_find(g, "n.str", &array) || gguf_array_find(g, "none", &array));
    gguf_close(g);
}

static void tensors_are_views(void **state)
{
    (void)state;
    struct sketch s;
    put_file(&s);
    struct gguf *g = open_sketch(&s);
    const struct gguf_tensor *c = gguf_tensor_find(g, (struct str)STR("c.weight"));
    assert_int_equal(gguf_tensor_count(g), 3);
    assert_ptr_equal(c, gguf_tensor_at(g, 1));
    assert_string_equal(c->dtype->name, "Q8_0");
    assert_int_equal(c->n_dims, 1);
    assert_true(c->dim[0] == 32 && c->dim[1] == 1 && c->dim[3] == 1);
    assert_int_equal(c->bytes, 34);
    assert_ptr_equal(c->data, s.bytes + s.len - DATA_BYTES + C_OFFSET);
    assert_null(gguf_tensor_find(g, (struct str)STR("c.weigh")));
    assert_int_equal(gguf_bytes(g).len, s.len);
    gguf_close(g);
}

static void version_two_is_read_too(void **state)
{
    (void)state;
    struct sketch s;
    struct err err;
    put_file(&s);
    set_field(&s, "version", 2);
    assert_true(try_bytes(s.bytes, s.len, &err));
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct sketch s;
    struct err err;
    put_file(&s);
    assert_true(try_bytes(s.bytes, s.len, &err));
    for (size_t len = 0; len < s.len; len++)
        assert_false(try_bytes(s.bytes, len, &err));
}

/* Numbers that a valid file may hold in that place. */
static bool is_tolerable(const char *field, uint64_t value)
{
    static const char *const zero_is_fine[] = {"tensor count", "bool", "bool kind", "b offset",
                                               "b type"};
    if (value == 1)
        return true;
    for (size_t i = 0; i < sizeof zero_is_fine / sizeof *zero_is_fine; i++)
        if (value == 0 && strcmp(field, zero_is_fine[i]) == 0)
            return true;
    return false;
}

static void every_number_made_hostile_is_refused(void **state)
{
    (void)state;
    static const uint64_t hostile[] = {
        0,
        1,
        INT32_MAX,
        UINT64_C(1) << 31,
        (UINT64_C(1) << 31) + 1,
        UINT32_MAX,
        UINT64_C(1) << 32,
        (UINT64_C(1) << 32) + 1,
        INT64_MAX,
        UINT64_C(1) << 63,
        (UINT64_C(1) << 63) + 32,
        UINT64_MAX - 31,
        UINT64_MAX,
    };
    struct sketch valid, s;
    struct err err;
    put_file(&valid);
    for (size_t f = 0; f < valid.field_count; f++)
        for (size_t v = 0; v < sizeof hostile / sizeof *hostile; v++) {
            const struct field *field = &valid.fields[f];
            if (field->width < 8 && hostile[v] >> (8 * field->width))
                continue;
            s = valid;
            set_field(&s, field->name, hostile[v]);
            if (try_bytes(s.bytes, s.len, &err) && !is_tolerable(field->name, hostile[v]))
                fail_msg("%s = %" PRIu64 " was accepted", field->name, hostile[v]);
        }
}

static void wrong_numbers_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        uint64_t value;
        enum err_code code;
        const char *part;
    } cases[] = {
        {"version", 1, ERR_UNSUPPORTED, "version 1"},
        {"version", 4, ERR_UNSUPPORTED, "version 4"},
        {"version", 0x03000000, ERR_UNSUPPORTED, "big-endian"},
        {"tensor count", UINT64_MAX, ERR_FORMAT, "tensors cannot fit"},
        {"key count", 1000, ERR_FORMAT, "keys cannot fit"},
        {"key length", 0, ERR_FORMAT, "byte 24: the name of a key"},
        {"alignment", 0, ERR_FORMAT, "general.alignment is 0"},
        {"alignment", 3, ERR_FORMAT, "general.alignment is 3"},
        {"alignment", 4, ERR_FORMAT, "general.alignment is 4"},
        {"alignment", 96, ERR_FORMAT, "general.alignment is 96"},
        {"alignment", 1 << 30, ERR_FORMAT, "general.alignment is 1073741824"},
        {"alignment kind", GGUF_F32, ERR_FORMAT, "general.alignment is not"},
        {"alignment kind", 13, ERR_FORMAT, "unknown kind of value 13"},
        {"bool", 2, ERR_FORMAT, "key n.bool: a truth value is 2"},
        {"string length", UINT64_MAX, ERR_FORMAT, "key n.str: byte"},
        {"array length", UINT64_MAX, ERR_FORMAT, "key a.str: byte"},
        {"array length", 200, ERR_FORMAT, "200 strings cannot fit"},
        {"element kind", GGUF_ARRAY, ERR_UNSUPPORTED, "arrays of arrays"},
        {"number count", UINT64_C(1) << 63, ERR_FORMAT, "key a.i16: byte"},
        {"tensor name length", 70000, ERR_FORMAT, "ends inside the name of a tensor"},
        {"b dims", 0, ERR_FORMAT, "tensor b.weight: 0 dimensions"},
        {"b dims", 5, ERR_FORMAT, "tensor b.weight: 5 dimensions"},
        {"b dim 1", 0, ERR_FORMAT, "tensor b.weight: dimensions 32 x 0"},
        {"b dim 1", UINT64_C(1) << 59, ERR_FORMAT, "hold nothing or too much"},
        {"b dim 1", UINT64_C(1) << 58, ERR_FORMAT, "more than memory can hold"},
        {"b dim 1", UINT64_C(1) << 40, ERR_FORMAT, "pass the end"},
        {"b type", 4, ERR_UNSUPPORTED, "tensor b.weight: storage type 4"},
        {"c type", 4000, ERR_UNSUPPORTED, "tensor c.weight: storage type 4000"},
        {"c type", 12, ERR_FORMAT, "rows of 32 weights, but Q4_K stores 256"},
        {"b offset", 8, ERR_FORMAT, "tensor b.weight: offset 8 is not a multiple"},
        {"b offset", 32, ERR_FORMAT, "tensor b.weight: offset 32 leaves a gap"},
        {"c offset", 0, ERR_FORMAT, "tensor c.weight: offset 0 overlaps"},
        {"c offset", 224, ERR_FORMAT, "tensor c.weight: offset 224 overlaps"},
        {"c offset", 288, ERR_FORMAT, "tensor c.weight: offset 288 leaves a gap"},
        {"d offset", 288, ERR_FORMAT, "tensor d.weight: offset 288 overlaps"},
        {"c offset", 320, ERR_FORMAT, "pass the end of the 324 bytes"},
        {"c offset", UINT64_MAX - 31, ERR_FORMAT, "pass the end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sketch s;
        put_file(&s);
        set_field(&s, cases[i].field, cases[i].value);
        expect_refusal(&s, cases[i].code, cases[i].part);
    }
}

static void wrong_names_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *part;
    } cases[] = {
        {"GGUF", "GGML", "not a GGUF file"},
        {"n.i8", "n.u8", "key n.u8 occurs twice"},
        {"c.weight", "b.weight", "tensor b.weight occurs twice"},
        {"n.i8", "n\033i8", "not printable"},
        {"n.i8", "n\177i8", "not printable"},
        {"c.weight", "c.w\xc3\xa9ght", "not printable"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sketch s;
        put_file(&s);
        set_text(&s, cases[i].old, cases[i].new);
        expect_refusal(&s, ERR_FORMAT, cases[i].part);
    }
}

/* Counts past the ceilings, in files long enough for them to fit. */
static void tables_have_ceilings(void **state)
{
    (void)state;
    enum { BYTES = 3 << 20 };
    static unsigned char big[BYTES];
    struct err err;
    uint64_t too_many = 65537;
    memcpy(big, "GGUF\3\0\0", 8);
    memcpy(big + 8, &too_many, 8);
    assert_false(try_bytes(big, BYTES, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    memset(big + 8, 0, 8);
    memcpy(big + 16, &too_many, 8);
    assert_false(try_bytes(big, BYTES, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

/* Four million empty strings need an index of twice the file's 32 MB; with less, that is an error
 * to read. */
static void memory_for_strings_may_run_out(void **state)
{
    (void)state;
    enum { STRINGS = 4 << 20, BYTES = 64 + 8 * STRINGS };
    if (!ADDRESS_SPACE_IS_OURS)
        skip();
    pid_t child = fork();
    if (child == 0) {
        struct sketch s = {0};
        put(&s, "GGUF\3\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 24);
        put_text(&s, NULL, "k");
        put_number(&s, NULL, GGUF_ARRAY, 4);
        put_number(&s, NULL, GGUF_STRING, 4);
        put_number(&s, NULL, STRINGS, 8);
        char *bytes = mem_zalloc(BYTES, 1);
        memcpy(bytes, s.bytes, s.len);
        struct gguf *gguf;
        struct err err = {0};
        struct rlimit limit = {BYTES + (48 << 20), BYTES + (48 << 20)};
        bool refused = setrlimit(RLIMIT_AS, &limit) == 0 &&
                       !gguf_open_memory(&gguf, str_n(bytes, BYTES), &err);
        _exit(refused && err.code == ERR_LIMIT && strstr(err.msg, "key k: no memory") ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void opening_says_which_file(void **state)
{
    (void)state;
    static const char *const paths[] = {"/nonexistent.gguf", "/tmp", "Makefile"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct gguf *gguf;
        struct err err = {0};
        assert_false(gguf_open(&gguf, paths[i], &err));
        assert_null(gguf);
        assert_non_null(strstr(err.msg, paths[i]));
    }
}

static float *tensor_floats(const struct gguf_tensor *t, size_t *n)
{
    *n = (size_t)(t->dim[0] * t->dim[1] * t->dim[2] * t->dim[3]);
    float *floats = mem_alloc(*n * sizeof *floats);
    t->dtype->to_float(floats, t->data, *n);
    return floats;
}

/* The committed models exist twice, in F32 and BF16, with the same values. */
static void both_files_of_a_model_agree(void **state)
{
    (void)state;
    static const char *const folders[] = {"tests/oracle/tiny/gemma3", "tests/oracle/tiny/smollm2"};
    static const size_t tensors[] = {93, 20};
    for (size_t m = 0; m < 2; m++) {
        char path[100];
        struct err err = {0};
        struct gguf *a, *b;
        snprintf(path, sizeof path, "%s/f32.gguf", folders[m]);
        assert_true(gguf_open(&a, path, &err));
        snprintf(path, sizeof path, "%s/bf16.gguf", folders[m]);
        assert_true(gguf_open(&b, path, &err));
        assert_int_equal(gguf_tensor_count(a), tensors[m]);
        for (size_t part = 0; part < 3; part++)
            gguf_forget_tensors(a, part, 3);
        unsigned formats_differ = 0;
        for (size_t i = 0; i < tensors[m]; i++) {
            const struct gguf_tensor *t = gguf_tensor_at(a, i), *u = gguf_tensor_find(b, t->name);
            assert_non_null(u);
            formats_differ += t->dtype != u->dtype;
            size_t n, n_other;
            float *x = tensor_floats(t, &n), *y = tensor_floats(u, &n_other);
            assert_int_equal(n, n_other);
            assert_memory_equal(x, y, n * sizeof *x);
            free(x);
            free(y);
        }
        assert_true(formats_differ > tensors[m] / 3);
        gguf_close(a);
        gguf_close(b);
    }
}

int main(void)
{
    /* Far above what these files justify: a count taken at its word would end the program here. */
    struct rlimit limit = {256 << 20, 256 << 20};
    if (ADDRESS_SPACE_IS_OURS && setrlimit(RLIMIT_AS, &limit) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_read_by_kind),
        cmocka_unit_test(other_kinds_and_absent_keys_leave_the_answer_alone),
        cmocka_unit_test(arrays_are_read_by_kind),
        cmocka_unit_test(tensors_are_views),
        cmocka_unit_test(version_two_is_read_too),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_number_made_hostile_is_refused),
        cmocka_unit_test(wrong_numbers_are_named),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(tables_have_ceilings),
        cmocka_unit_test(memory_for_strings_may_run_out),
        cmocka_unit_test(opening_says_which_file),
        cmocka_unit_test(both_files_of_a_model_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
