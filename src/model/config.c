#include "model/config.h"

#include <math.h>
#include <stdio.h>

enum { KEY_MAX = 128 };

static void make_key(char key[KEY_MAX], struct str arch, const char *name)
{
    snprintf(key, KEY_MAX, "%.*s.%s", STR_ARG(arch), name);
}

/* A count between 1 and max. With `fallback` nonzero the key may be absent. */
static bool read_count(size_t *out, const struct gguf *gguf, struct str arch, const char *name,
                       size_t max, size_t fallback, struct err *err)
{
    char key[KEY_MAX];
    make_key(key, arch, name);
    uint64_t value = fallback;
    if ((!fallback || gguf_has(gguf, key)) && !gguf_need_u64(gguf, key, &value, err))
        return false;
    if (value < 1 || value > max)
        return err_set(err, ERR_FORMAT, "%s is %llu, expected 1 to %zu", key,
                       (unsigned long long)value, max);
    *out = (size_t)value;
    return true;
}

static bool read_positive(double *out, const struct gguf *gguf, struct str arch, const char *name,
                          double fallback, struct err *err)
{
    char key[KEY_MAX];
    make_key(key, arch, name);
    double value = fallback;
    if ((fallback <= 0 || gguf_has(gguf, key)) && !gguf_need_f64(gguf, key, &value, err))
        return false;
    if (!(value > 0) || !isfinite(value) || value > 1e12)
        return err_set(err, ERR_FORMAT, "%s is %g, expected a positive number", key, value);
    *out = value;
    return true;
}

static bool read_rope(struct config *c, const struct gguf *gguf, struct str arch, struct err *err)
{
    char key[KEY_MAX];
    struct str type = STR("none");
    c->rope.factor = 1;
    if (!read_positive(&c->rope.base, gguf, arch, "rope.freq_base", 10000, err))
        return false;
    make_key(key, arch, "rope.scaling.type");
    if (gguf_has(gguf, key) && !gguf_need_str(gguf, key, &type, err))
        return false;
    if (!str_is(type, "none")) {
        if (!str_is(type, "linear"))
            return err_set(err, ERR_UNSUPPORTED, "%s is \"%.*s\", expected none or linear", key,
                           STR_ARG(type));
        if (!read_positive(&c->rope.factor, gguf, arch, "rope.scaling.factor", 0, err))
            return false;
    }
    uint64_t rotated = c->head_dim;
    make_key(key, arch, "rope.dimension_count");
    if (gguf_has(gguf, key) && !gguf_need_u64(gguf, key, &rotated, err))
        return false;
    if (rotated != c->head_dim)
        return err_set(err, ERR_UNSUPPORTED, "%s is %llu, expected the head size %zu", key,
                       (unsigned long long)rotated, c->head_dim);
    return true;
}

static bool read_heads(struct config *c, const struct gguf *gguf, struct str arch, struct err *err)
{
    size_t value_dim;
    if (!read_count(&c->n_heads, gguf, arch, "attention.head_count", CONFIG_HEADS_MAX, 0, err) ||
        !read_count(&c->n_kv_heads, gguf, arch, "attention.head_count_kv", CONFIG_HEADS_MAX,
                    c->n_heads, err))
        return false;
    if (c->n_heads % c->n_kv_heads)
        return err_set(err, ERR_FORMAT, "%zu heads cannot share %zu key and value heads",
                       c->n_heads, c->n_kv_heads);
    size_t by_width = c->n_embd / c->n_heads;
    if (!read_count(&c->head_dim, gguf, arch, "attention.key_length", 1024, by_width, err) ||
        !read_count(&value_dim, gguf, arch, "attention.value_length", 1024, c->head_dim, err))
        return false;
    if (value_dim != c->head_dim)
        return err_set(err, ERR_UNSUPPORTED, "keys of %zu and values of %zu numbers a head",
                       c->head_dim, value_dim);
    if (c->head_dim % 16)
        return err_set(err, ERR_UNSUPPORTED, "heads of %zu numbers, expected a multiple of 16",
                       c->head_dim);
    return true;
}

bool config_read(struct config *c, const struct gguf *gguf, struct str arch, struct err *err)
{
    double eps;
    *c = (struct config){.embd_scale = 1, .window_period = 1};
    if (!read_count(&c->n_layers, gguf, arch, "block_count", CONFIG_LAYERS_MAX, 0, err) ||
        !read_count(&c->n_embd, gguf, arch, "embedding_length", CONFIG_WIDTH_MAX, 0, err) ||
        !read_count(&c->n_ff, gguf, arch, "feed_forward_length", CONFIG_WIDTH_MAX, 0, err) ||
        !read_count(&c->context_max, gguf, arch, "context_length", CONFIG_CONTEXT_MAX, 0, err) ||
        !read_positive(&eps, gguf, arch, "attention.layer_norm_rms_epsilon", 0, err) ||
        !read_heads(c, gguf, arch, err) || !read_rope(c, gguf, arch, err))
        return false;
    c->norm_eps = (float)eps;
    c->query_scale = 1.0f / sqrtf((float)c->head_dim);
    c->rope_window = c->rope;
    return true;
}
