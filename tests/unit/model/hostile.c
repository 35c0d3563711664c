/* Files that are well-formed GGUF and no model: each is refused with one sentence that names the
 * key or tensor. Made from the tiny models by editing their bytes in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/config.h"
#include "model/model.h"
#include "os/file.h"

/* ---- editing ---- */

struct edited {
    unsigned char *bytes;
    size_t len;
};

static struct edited read_model(const char *name)
{
    char path[128];
    struct buf file;
    struct err err = {0};
    snprintf(path, sizeof path, "tests/oracle/tiny/%s/f32.gguf", name);
    buf_init(&file, BUF_MAX_DEFAULT);
    if (!file_read(&file, path, &err))
        fail_msg("%s", err.msg);
    size_t len = file.len;
    return (struct edited){(unsigned char *)buf_take(&file), len};
}

/* The bytes after a key's or a tensor's name. */
static unsigned char *after_name(const struct edited *e, const char *name)
{
    uint64_t len = strlen(name);
    for (size_t i = 24; i + 8 + len + 64 <= e->len; i++)
        if (memcmp(e->bytes + i, &len, 8) == 0 && memcmp(e->bytes + i + 8, name, len) == 0)
            return e->bytes + i + 8 + len;
    fail_msg("the file has no %s", name);
    return NULL;
}

static void drop(struct edited *e, const char *name)
{
    after_name(e, name)[-1] ^= 1;
}

/* The value of a key of four bytes. */
static void set_key(struct edited *e, const char *key, enum gguf_kind kind, const void *value)
{
    unsigned char *at = after_name(e, key);
    uint32_t as = (uint32_t)kind;
    memcpy(at, &as, 4);
    memcpy(at + 4, value, 4);
}

static void set_dim(struct edited *e, const char *tensor, size_t index, uint64_t dim)
{
    memcpy(after_name(e, tensor) + 4 + 8 * index, &dim, 8);
}

static void put_string(unsigned char **at, const char *s, size_t len)
{
    uint64_t n = len;
    memcpy(*at, &n, 8);
    memcpy(*at + 8, s, len);
    *at += 8 + len;
}

static void put_kind(unsigned char **at, enum gguf_kind kind)
{
    uint32_t as = (uint32_t)kind;
    memcpy(*at, &as, 4);
    *at += 4;
}

/* A key with a text, put before all others; a second one fills up to the alignment of the tensors.
 */
static void add_text(struct edited *e, const char *key, const char *text)
{
    static const char FILLER[32] = {0};
    size_t used = 2 * (8 + 4 + 8) + strlen(key) + strlen(text) + 6, added = size_round_up(used, 32);
    unsigned char *to = mem_alloc(e->len + added), *at = to + 24;
    uint64_t keys;
    memcpy(to, e->bytes, 24);
    memcpy(&keys, to + 16, 8);
    keys += 2;
    memcpy(to + 16, &keys, 8);
    put_string(&at, key, strlen(key));
    put_kind(&at, GGUF_STRING);
    put_string(&at, text, strlen(text));
    put_string(&at, "filler", 6);
    put_kind(&at, GGUF_STRING);
    put_string(&at, FILLER, added - used);
    memcpy(at, e->bytes + 24, e->len - 24);
    free(e->bytes);
    *e = (struct edited){to, e->len + added};
}

static struct gguf *open_edited(const struct edited *e)
{
    struct gguf *gguf = NULL;
    struct err err = {0};
    if (!gguf_open_memory(&gguf, str_n((char *)e->bytes, e->len), &err))
        fail_msg("no GGUF file: %s", err.msg);
    return gguf;
}

/* Gives the first tensor of the data, a matrix of floats, other dimensions, with zeros as data;
 * those of the others move down. */
static void grow_first_tensor(struct edited *e, const char *tensor, size_t width, size_t height)
{
    struct gguf *gguf = open_edited(e);
    const struct gguf_tensor *first = gguf_tensor_find(gguf, str_of(tensor));
    size_t start = (size_t)((const unsigned char *)first->data - e->bytes);
    size_t more = size_round_up(width * height * sizeof(float), 32) - first->bytes;
    for (size_t i = 0; i < gguf_tensor_count(gguf); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(gguf, i);
        char name[64];
        uint64_t offset = (uint64_t)((const unsigned char *)t->data - e->bytes) - start + more;
        snprintf(name, sizeof name, "%.*s", STR_ARG(t->name));
        if (t != first)
            memcpy(after_name(e, name) + 4 + 8 * t->n_dims + 4, &offset, 8);
    }
    set_dim(e, tensor, 0, width);
    set_dim(e, tensor, 1, height);
    gguf_close(gguf);
    e->bytes = mem_realloc(e->bytes, e->len + more, 1);
    memmove(e->bytes + start + more, e->bytes + start, e->len - start);
    memset(e->bytes + start, 0, more);
    e->len += more;
}

/* ---- opening ---- */

static void assert_refused(struct edited *e, enum err_code code, const char *says)
{
    struct gguf *gguf = open_edited(e);
    struct model *model = NULL;
    struct model_options options = {.precision = PRECISION_FLOAT};
    struct err err = {0};
    if (model_open(&model, gguf, &options, &err))
        fail_msg("accepted; expected a sentence about %s", says);
    if (err.code != code || !strstr(err.msg, says) || strchr(err.msg, '\n'))
        fail_msg("code %d, \"%s\"; expected code %d and %s", err.code, err.msg, code, says);
    gguf_close(gguf);
    free(e->bytes);
}

static void unedited_models_open(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"gemma3", "smollm2"};
    for (size_t i = 0; i < 2; i++) {
        struct edited e = read_model(NAMES[i]);
        add_text(&e, "note", "an edit that changes nothing");
        struct gguf *gguf;
        struct model *model;
        struct model_options options = {.precision = PRECISION_FLOAT};
        struct err err = {0};
        if (!gguf_open_memory(&gguf, str_n((char *)e.bytes, e.len), &err) ||
            !model_open(&model, gguf, &options, &err))
            fail_msg("%s", err.msg);
        gguf_close(gguf); /* everything needed is packed */
        free(e.bytes);
        assert_int_equal(model_info(model)->n_layers, i == 0 ? 7 : 2);
        model_close(model);
    }
}

/* ---- keys ---- */

struct key {
    const char *model, *name;
    bool is_count, is_required;
    uint32_t most; /* of a count */
};

static const struct key KEYS[] = {
    {"smollm2", "llama.block_count", true, true, CONFIG_LAYERS_MAX},
    {"smollm2", "llama.embedding_length", true, true, CONFIG_WIDTH_MAX},
    {"smollm2", "llama.feed_forward_length", true, true, CONFIG_WIDTH_MAX},
    {"smollm2", "llama.context_length", true, true, CONFIG_CONTEXT_MAX},
    {"smollm2", "llama.attention.head_count", true, true, CONFIG_HEADS_MAX},
    {"smollm2", "llama.attention.head_count_kv", true, false, CONFIG_HEADS_MAX},
    {"smollm2", "llama.attention.key_length", true, false, 1024},
    {"smollm2", "llama.attention.value_length", true, false, 1024},
    {"smollm2", "llama.attention.layer_norm_rms_epsilon", false, true, 0},
    {"smollm2", "llama.rope.freq_base", false, false, 0},
    {"gemma3", "gemma3.block_count", true, true, CONFIG_LAYERS_MAX},
    {"gemma3", "gemma3.attention.sliding_window", true, true, CONFIG_CONTEXT_MAX},
    {"gemma3", "gemma3.rope.freq_base_swa", false, false, 0},
};
enum { N_KEYS = sizeof KEYS / sizeof *KEYS };

static void missing_keys_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_KEYS; i++)
        if (KEYS[i].is_required) {
            struct edited e = read_model(KEYS[i].model);
            drop(&e, KEYS[i].name);
            assert_refused(&e, ERR_FORMAT, KEYS[i].name);
        }
    struct edited e = read_model("smollm2");
    drop(&e, "general.architecture");
    assert_refused(&e, ERR_FORMAT, "general.architecture");
}

static void counts_out_of_bounds_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_KEYS; i++) {
        uint32_t values[] = {0, KEYS[i].most + 1, UINT32_MAX};
        for (size_t v = 0; KEYS[i].is_count && v < 3; v++) {
            struct edited e = read_model(KEYS[i].model);
            set_key(&e, KEYS[i].name, GGUF_U32, &values[v]);
            assert_refused(&e, ERR_FORMAT, KEYS[i].name);
        }
    }
}

static void numbers_that_are_not_positive_are_named(void **state)
{
    (void)state;
    static const uint32_t BITS[] = {0,           0x80000000u, 0xbf800000u /* -1 */,
                                    0x7f800000u, 0xff800000u, 0x7fc00000u /* NaN */};
    for (size_t i = 0; i < N_KEYS; i++)
        for (size_t v = 0; !KEYS[i].is_count && v < sizeof BITS / sizeof *BITS; v++) {
            struct edited e = read_model(KEYS[i].model);
            set_key(&e, KEYS[i].name, GGUF_F32, &BITS[v]);
            assert_refused(&e, ERR_FORMAT, KEYS[i].name);
        }
}

static void keys_of_another_kind_are_named(void **state)
{
    (void)state;
    static const int32_t MINUS_ONE = -1;
    static const float HALF = 0.5f;
    for (size_t i = 0; i < N_KEYS; i++) {
        struct edited e = read_model(KEYS[i].model);
        drop(&e, KEYS[i].name);
        add_text(&e, KEYS[i].name, "12");
        assert_refused(&e, ERR_FORMAT, KEYS[i].name);
        if (!KEYS[i].is_count)
            continue;
        e = read_model(KEYS[i].model);
        set_key(&e, KEYS[i].name, GGUF_I32, &MINUS_ONE);
        assert_refused(&e, ERR_FORMAT, KEYS[i].name);
        e = read_model(KEYS[i].model);
        set_key(&e, KEYS[i].name, GGUF_F32, &HALF);
        assert_refused(&e, ERR_FORMAT, KEYS[i].name);
    }
    struct edited e = read_model("smollm2");
    drop(&e, "llama.rope.dimension_count");
    add_text(&e, "llama.rope.dimension_count", "16");
    assert_refused(&e, ERR_FORMAT, "llama.rope.dimension_count");
}

static void set_count(struct edited *e, const char *key, uint32_t value)
{
    set_key(e, key, GGUF_U32, &value);
}

static void heads_must_fit_together(void **state)
{
    (void)state;
    struct edited e = read_model("smollm2");
    set_count(&e, "llama.attention.head_count_kv", 3);
    assert_refused(&e, ERR_FORMAT, "4 heads cannot share 3");
    e = read_model("smollm2");
    set_count(&e, "llama.attention.head_count_kv", 8);
    assert_refused(&e, ERR_FORMAT, "4 heads cannot share 8");
    e = read_model("smollm2");
    set_count(&e, "llama.attention.key_length", 17);
    set_count(&e, "llama.attention.value_length", 17);
    assert_refused(&e, ERR_UNSUPPORTED, "heads of 17");
    e = read_model("smollm2");
    set_count(&e, "llama.attention.value_length", 32);
    assert_refused(&e, ERR_UNSUPPORTED, "keys of 16 and values of 32");
    e = read_model(
        "smollm2"); /* more heads than there is width for, and no key that says their size */
    set_count(&e, "llama.attention.head_count", 128);
    drop(&e, "llama.attention.key_length");
    assert_refused(&e, ERR_FORMAT, "llama.attention.key_length");
    e = read_model("smollm2");
    set_count(&e, "llama.rope.dimension_count", 8);
    assert_refused(&e, ERR_UNSUPPORTED, "llama.rope.dimension_count is 8");
}

static void other_architectures_are_unsupported(void **state)
{
    (void)state;
    struct edited e = read_model("smollm2");
    memcpy(after_name(&e, "general.architecture") + 12, "mamba", 5);
    assert_refused(&e, ERR_UNSUPPORTED, "general.architecture is \"mamba\"");
    e = read_model("smollm2");
    memcpy(after_name(&e, "general.architecture") + 12, "\0\0\0\0\0", 5);
    assert_refused(&e, ERR_UNSUPPORTED, "general.architecture");
}

static void other_rotations_are_unsupported(void **state)
{
    (void)state;
    static const char *const TYPES[] = {"yarn", "longrope", "linear ", ""};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        struct edited e = read_model("smollm2");
        add_text(&e, "llama.rope.scaling.type", TYPES[i]);
        assert_refused(&e, ERR_UNSUPPORTED, "llama.rope.scaling.type");
    }
    struct edited e = read_model("smollm2");
    add_text(&e, "llama.rope.scaling.type", "linear");
    assert_refused(&e, ERR_FORMAT, "llama.rope.scaling.factor");
}

/* ---- tensors ---- */

static const char *const LLAMA_TENSORS[] = {
    "token_embd.weight",        "output_norm.weight",    "blk.0.attn_norm.weight",
    "blk.0.attn_q.weight",      "blk.0.attn_k.weight",   "blk.0.attn_v.weight",
    "blk.0.attn_output.weight", "blk.0.ffn_norm.weight", "blk.0.ffn_gate.weight",
    "blk.0.ffn_up.weight",      "blk.1.ffn_down.weight", "blk.1.ffn_norm.weight",
};
static const char *const GEMMA_TENSORS[] = {
    "blk.0.attn_q_norm.weight",
    "blk.3.attn_k_norm.weight",
    "blk.6.post_attention_norm.weight",
    "blk.6.post_ffw_norm.weight",
};
enum { N_LLAMA = sizeof LLAMA_TENSORS / sizeof *LLAMA_TENSORS, N_GEMMA = 4 };

static const char *tensor_at(size_t i, const char **model)
{
    *model = i < N_LLAMA ? "smollm2" : "gemma3";
    return i < N_LLAMA ? LLAMA_TENSORS[i] : GEMMA_TENSORS[i - N_LLAMA];
}

static void missing_tensors_are_named(void **state)
{
    (void)state;
    const char *model;
    for (size_t i = 0; i < N_LLAMA + N_GEMMA; i++) {
        const char *name = tensor_at(i, &model);
        struct edited e = read_model(model);
        drop(&e, name);
        assert_refused(&e, ERR_FORMAT, name);
    }
}

static void layers_beyond_the_file_are_named(void **state)
{
    (void)state;
    struct edited e = read_model("smollm2");
    set_count(&e, "llama.block_count", CONFIG_LAYERS_MAX);
    assert_refused(&e, ERR_FORMAT, "blk.2.attn_norm.weight");
}

/* As many bytes as before (a vector's last one was padding), no longer what the keys say. */
static void wrong_shapes_are_named(void **state)
{
    (void)state;
    const char *model;
    for (size_t i = 0; i < N_LLAMA + N_GEMMA; i++) {
        const char *name = tensor_at(i, &model);
        struct edited e = read_model(model);
        struct gguf *gguf = open_edited(&e);
        struct gguf_tensor t = *gguf_tensor_find(gguf, str_of(name));
        gguf_close(gguf);
        set_dim(&e, name, 0, t.n_dims == 1 ? t.dim[0] - 1 : t.dim[0] * 2);
        if (t.n_dims == 2)
            set_dim(&e, name, 1, t.dim[1] / 2);
        assert_refused(&e, ERR_FORMAT, name);
    }
    struct edited e = read_model("smollm2"); /* transposed */
    set_dim(&e, "blk.0.ffn_up.weight", 0, 96);
    set_dim(&e, "blk.0.ffn_up.weight", 1, 64);
    assert_refused(&e, ERR_FORMAT, "blk.0.ffn_up.weight");
}

/* Types are numbers; Q4_K has blocks of 256, which rows of 64 cannot hold. */
static void wrong_types_are_refused_by_name(void **state)
{
    (void)state;
    static const uint32_t TYPES[] = {12 /* Q4_K */, 24 /* I8 */, 99};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        struct edited e = read_model("smollm2");
        struct gguf *gguf = NULL;
        struct err err = {0};
        memcpy(after_name(&e, "blk.0.attn_q.weight") + 4 + 16, &TYPES[i], 4);
        assert_false(gguf_open_memory(&gguf, str_n((char *)e.bytes, e.len), &err));
        assert_non_null(strstr(err.msg, "blk.0.attn_q.weight"));
        assert_true(err.code == ERR_FORMAT || err.code == ERR_UNSUPPORTED);
        free(e.bytes);
    }
}

static void vocabulary_has_a_ceiling(void **state)
{
    (void)state;
    struct edited e = read_model("smollm2");
    grow_first_tensor(&e, "token_embd.weight", 1, CONFIG_VOCAB_MAX + 1);
    assert_refused(&e, ERR_FORMAT, "token_embd.weight has 4194305 rows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unedited_models_open),
        cmocka_unit_test(missing_keys_are_named),
        cmocka_unit_test(counts_out_of_bounds_are_named),
        cmocka_unit_test(numbers_that_are_not_positive_are_named),
        cmocka_unit_test(keys_of_another_kind_are_named),
        cmocka_unit_test(heads_must_fit_together),
        cmocka_unit_test(other_architectures_are_unsupported),
        cmocka_unit_test(other_rotations_are_unsupported),
        cmocka_unit_test(missing_tensors_are_named),
        cmocka_unit_test(layers_beyond_the_file_are_named),
        cmocka_unit_test(wrong_shapes_are_named),
        cmocka_unit_test(wrong_types_are_refused_by_name),
        cmocka_unit_test(vocabulary_has_a_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
