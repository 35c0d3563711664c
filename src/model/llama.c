/* llama.c - Llama and what is built like it (SmolLM2): one norm before each half, gated SiLU, full
 * attention. */
#include "model/model_int.h"

static bool configure(struct config *c, const struct gguf *gguf, struct err *err)
{
    (void)gguf;
    (void)err;
    c->rope_pairs_adjacent = true;
    return true;
}

static void layer(struct model_run *run, const struct layer *l)
{
    part_norm(run, l->attn_norm, layer_attn_quant(run->model, l));
    part_qkv(run, l);
    part_attend(run, l);
    part_add(run, NULL);
    part_norm(run, l->ffn_norm, layer_ffn_quant(run->model, l));
    part_mlp(run, l, GATE_SILU);
    part_add(run, NULL);
}

const struct family family_llama = {
    .name = "llama",
    .configure = configure,
    .layer = layer,
};
