/* gemma.c - Gemma 3 (text): norms before and after each half, normed queries and keys, five sliding
 * layers to one full. */
#include <math.h>

#include "model/model_int.h"

static bool configure(struct config *c, const struct gguf *gguf, struct err *err)
{
    uint64_t window = 0;
    if (!gguf_need_u64(gguf, "gemma3.attention.sliding_window", &window, err))
        return false;
    if (window < 1 || window > CONFIG_CONTEXT_MAX)
        return err_set(err, ERR_FORMAT, "gemma3.attention.sliding_window is %llu, expected 1 to %d",
                       (unsigned long long)window, CONFIG_CONTEXT_MAX);
    c->window = (size_t)window;
    c->window_period = 6;
    c->rope_window = (struct rope_config){10000, 1};
    if (gguf_has(gguf, "gemma3.rope.freq_base_swa") &&
        !gguf_need_f64(gguf, "gemma3.rope.freq_base_swa", &c->rope_window.base, err))
        return false;
    if (!(c->rope_window.base > 0) || !isfinite(c->rope_window.base))
        return err_set(err, ERR_FORMAT,
                       "gemma3.rope.freq_base_swa is %g, expected a positive number",
                       c->rope_window.base);
    c->embd_scale = sqrtf((float)c->n_embd);
    /* The 27B model (62 layers) scales queries by the width of a head in the residual stream; no
     * key says so. */
    if (c->n_layers == 62)
        c->query_scale = 1.0f / sqrtf((float)(c->n_embd / c->n_heads));
    return true;
}

static void layer(struct model_run *run, const struct layer *l)
{
    part_norm(run, l->attn_norm, layer_attn_quant(run->model, l));
    part_qkv(run, l);
    part_attend(run, l);
    part_add(run, l->attn_post_norm);
    part_norm(run, l->ffn_norm, layer_ffn_quant(run->model, l));
    part_mlp(run, l, GATE_GELU);
    part_add(run, l->ffn_post_norm);
}

const struct family family_gemma3 = {
    .name = "gemma3",
    .configure = configure,
    .has_qk_norm = true,
    .has_post_norms = true,
    .layer = layer,
};
