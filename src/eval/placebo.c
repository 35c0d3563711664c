/* placebo.c - see placebo.h. */
#include "eval/placebo.h"

#include <stdlib.h>

#include "base/rng.h"
#include "eval/neutral.h"
#include "eval/shuffle.h"

static const char *const names[PLACEBO_KINDS] = {
    [PLACEBO_NEUTRAL] = "neutral",
    [PLACEBO_SHUFFLED] = "shuffled",
};

const char *placebo_kind_name(enum placebo_kind kind)
{
    return names[kind];
}

bool placebo_kinds_parse(bool wanted[PLACEBO_KINDS], const char *list, struct err *err)
{
    for (int kind = 0; kind < PLACEBO_KINDS; kind++)
        wanted[kind] = false;
    for (const char *at = list;; at++) {
        struct str name = str_n(at, strcspn(at, ","));
        int kind = 0;
        while (kind < PLACEBO_KINDS && !str_is(name, names[kind]))
            kind++;
        if (kind == PLACEBO_KINDS)
            return err_set(err, ERR_USAGE, "a placebo is neutral or shuffled, not \"%.*s\"",
                           STR_ARG(name));
        wanted[kind] = true;
        at += name.len;
        if (!*at)
            return true;
    }
}

static uint64_t key_of(enum placebo_kind kind, uint64_t seed)
{
    return rng_key(names[kind], strlen(names[kind]), seed);
}

static bool make_neutral(struct buf *text, size_t *tokens, const struct kernel *kernel,
                         const struct neutral_wish *wish, struct err *err)
{
    struct neutral neutral;
    bool ends_line = kernel->text.ptr[kernel->text.len - 1] == '\n';
    if (!neutral_read(&neutral, str_of(neutral_text), "kernel/neutral.txt", err))
        return false;
    bool ok = neutral_grow(text, tokens, &neutral, wish, ends_line ? "\n" : "", err) ||
              err_in(err, "%s", kernel->path);
    neutral_release(&neutral);
    return ok;
}

static size_t gap_between(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

/* The first shuffle that has as many tokens as the kernel, or the first of the nearest. */
static bool choose_shuffle(struct buf *text, size_t *tokens, const struct shuffle *shuffle,
                           const struct neutral_wish *wish, struct err *err)
{
    struct buf one;
    bool ok = true, any = false;
    buf_init(&one, BUF_MAX_DEFAULT);
    for (uint64_t i = 0; ok && i < PLACEBO_TRIES_MAX && (!any || *tokens != wish->tokens); i++) {
        size_t count;
        buf_reset(&one);
        shuffle_write(&one, shuffle, rng_key(&i, sizeof i, wish->key));
        ok = kernel_tokens(&count, buf_str(&one), wish->tok, err);
        if (!ok || str_eq(buf_str(&one), shuffle->text) ||
            (any && gap_between(count, wish->tokens) >= gap_between(*tokens, wish->tokens)))
            continue;
        any = true;
        *tokens = count;
        buf_reset(text);
        buf_add_str(text, buf_str(&one));
    }
    buf_release(&one);
    return ok && (any || err_set(err, ERR_UNSUPPORTED, "all its shuffles are the kernel itself"));
}

static bool make_shuffled(struct buf *text, size_t *tokens, const struct kernel *kernel,
                          const struct neutral_wish *wish, struct err *err)
{
    struct shuffle shuffle;
    if (!shuffle_read(&shuffle, kernel->text, kernel->path, err))
        return false;
    bool ok = choose_shuffle(text, tokens, &shuffle, wish, err) || err_in(err, "%s", kernel->path);
    shuffle_release(&shuffle);
    return ok;
}

bool placebo_make(struct placebo *out, const struct kernel *kernel, enum placebo_kind kind,
                  const struct tokenizer *tok, uint64_t seed, struct err *err)
{
    struct neutral_wish wish = {.tok = tok, .kernel = kernel->text, .key = key_of(kind, seed)};
    struct buf text;
    *out = (struct placebo){0};
    if (kernel->text.len == 0)
        return err_set(err, ERR_UNSUPPORTED, "%s: an empty kernel has no placebo", kernel->path);
    if (kernel->text.len > PLACEBO_KERNEL_MAX)
        return err_set(err, ERR_LIMIT, "%s: placebos are made for kernels of at most %d bytes",
                       kernel->path, PLACEBO_KERNEL_MAX);
    if (!kernel_tokens(&wish.tokens, kernel->text, tok, err))
        return err_in(err, "%s", kernel->path);
    buf_init(&text, BUF_MAX_DEFAULT);
    bool ok = kind == PLACEBO_NEUTRAL ? make_neutral(&text, &out->tokens, kernel, &wish, err)
                                      : make_shuffled(&text, &out->tokens, kernel, &wish, err);
    if (ok) {
        out->kernel_tokens = wish.tokens;
        out->text.len = text.len;
        out->text.ptr = out->memory = buf_take(&text);
    }
    buf_release(&text);
    return ok;
}

void placebo_release(struct placebo *placebo)
{
    free(placebo->memory);
    *placebo = (struct placebo){0};
}
