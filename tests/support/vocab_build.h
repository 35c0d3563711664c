/* vocab_build.h - small tokenizers made in memory, for tests and fuzzing.
 * Lifetime    vocab_build_open / vocab_build_close; the parts live as long as the struct. */
#ifndef SUPPORT_VOCAB_BUILD_H
#define SUPPORT_VOCAB_BUILD_H

#include <stdio.h>
#include <stdlib.h>

#include "support/gguf_build.h"
#include "token/tokenizer.h"

enum { BUILD_NORMAL = 1, BUILD_UNKNOWN, BUILD_CONTROL, BUILD_USER, BUILD_UNUSED, BUILD_BYTE };

struct build_token {
    struct str piece;
    int32_t kind;
    float score;
};

struct vocab_build {
    struct gguf_build file;
    struct gguf *gguf;
    struct tokenizer *tok;
};

/* What a file holds; NULL and 0 leave a key out. */
struct vocab_plan {
    const char *model, *pre;
    const struct build_token *tokens;
    size_t n_tokens;
    const struct str *merges;
    size_t n_merges;
    bool no_kinds, no_scores, no_merges;
    size_t short_by; /* scores and kinds are this many fewer than tokens */
};

static inline void build_merges(struct gguf_build *file, const struct vocab_plan *plan)
{
    build_array(file, "tokenizer.ggml.merges", GGUF_STRING, plan->n_merges);
    for (size_t i = 0; i < plan->n_merges; i++)
        build_text(file, plan->merges[i]);
}

static inline void vocab_build_init(struct vocab_build *build, const struct vocab_plan *plan)
{
    struct gguf_build *file = &build->file;
    size_t n = plan->n_tokens, n_short = n - plan->short_by;
    *build = (struct vocab_build){0};
    gguf_build_init(file);
    if (plan->model)
        build_string(file, "tokenizer.ggml.model", plan->model);
    if (plan->pre)
        build_string(file, "tokenizer.ggml.pre", plan->pre);
    build_array(file, "tokenizer.ggml.tokens", GGUF_STRING, n);
    for (size_t i = 0; i < n; i++)
        build_text(file, plan->tokens[i].piece);
    if (!plan->no_kinds)
        build_array(file, "tokenizer.ggml.token_type", GGUF_I32, n_short);
    for (size_t i = 0; !plan->no_kinds && i < n_short; i++)
        build_number(file, (uint32_t)plan->tokens[i].kind, 4);
    if (!plan->no_scores)
        build_array(file, "tokenizer.ggml.scores", GGUF_F32, n_short);
    for (size_t i = 0; !plan->no_scores && i < n_short; i++)
        buf_add(&file->bytes, &plan->tokens[i].score, 4);
    if (!plan->no_merges)
        build_merges(file, plan);
}

/* Opens what was built; further keys may have been added since vocab_build_init. */
static inline bool vocab_build_open(struct vocab_build *build, struct err *err)
{
    return gguf_open_memory(&build->gguf, gguf_build_end(&build->file), err) &&
           tokenizer_open(&build->tok, build->gguf, err);
}

static inline void vocab_build_close(struct vocab_build *build)
{
    tokenizer_free(build->tok);
    gguf_close(build->gguf);
    gguf_build_release(&build->file);
}

#endif
