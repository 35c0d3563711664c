/* tokenizer.c - fuzzes a vocabulary and a text together. The input is: kind and split rule,
 * options, pieces (length, kind, score, bytes) up to a length of 255, merges (length, bytes) up to
 * the same, and the text. */
#include "../support/vocab_build.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOKENS_MAX = 400, MERGES_MAX = 100, END = 255 };

struct input {
    const uint8_t *at, *end;
};

static unsigned take(struct input *in)
{
    return in->at < in->end ? *in->at++ : END;
}

static struct str take_text(struct input *in, size_t len)
{
    struct str s = {(const char *)in->at, len};
    if (len > (size_t)(in->end - in->at))
        s.len = (size_t)(in->end - in->at);
    in->at += s.len;
    return s;
}

static size_t take_tokens(struct input *in, struct build_token *tokens)
{
    size_t n = 0;
    for (unsigned len; n < TOKENS_MAX && (len = take(in)) != END; n++) {
        tokens[n].kind = (int32_t)take(in) % 8;
        tokens[n].score = (float)(int8_t)take(in);
        tokens[n].piece = take_text(in, len);
    }
    return n;
}

static size_t take_merges(struct input *in, struct str *merges)
{
    size_t n = 0;
    for (unsigned len; n < MERGES_MAX && (len = take(in)) != END; n++)
        merges[n] = take_text(in, len);
    return n;
}

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_decoding(const struct tokenizer *tok, const struct ids *ids)
{
    struct buf out;
    struct token_stream stream;
    buf_init(&out, BUF_MAX_DEFAULT);
    tokenizer_decode(tok, &out, ids->id, ids->count, true);
    buf_reset(&out);
    token_stream_init(&stream, tok);
    for (size_t i = 0; i < ids->count; i++) {
        token_stream_push(&stream, &out, ids->id[i]);
        check(utf8_is_valid(buf_str(&out)));
    }
    token_stream_end(&stream, &out);
    check(utf8_is_valid(buf_str(&out)));
    buf_release(&out);
}

static void check_text(const struct tokenizer *tok, struct str text, bool trusted, uint32_t unknown)
{
    struct ids ids = {0};
    struct err err = {0};
    if (!tokenizer_encode(tok, &ids, text, (struct token_trust){.all = trusted}, &err)) {
        check(err.code != ERR_NONE && ids.count == 0);
        return;
    }
    for (size_t i = 0; i < ids.count; i++) {
        check(ids.id[i] < tokenizer_size(tok));
        check(trusted || ids.id[i] == unknown || !tokenizer_is_control(tok, ids.id[i]));
    }
    check_decoding(tok, &ids);
    ids_release(&ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const rules[] = {"gpt-2", "smollm", "llama-bpe",
                                        "qwen2", "gpt-4o", "nobody's"};
    struct input in = {data, data + size};
    struct build_token tokens[TOKENS_MAX];
    struct str merges[MERGES_MAX];
    unsigned kind = take(&in), options = take(&in), unknown = take(&in);
    struct vocab_plan plan = {.model = kind & 1 ? "gpt2" : "llama",
                              .pre = rules[(kind >> 1) % 6],
                              .tokens = tokens,
                              .merges = merges,
                              .no_kinds = options & 1};
    plan.n_tokens = take_tokens(&in, tokens);
    plan.n_merges = take_merges(&in, merges);
    struct vocab_build build;
    struct err err = {0};
    vocab_build_init(&build, &plan);
    build_bool(&build.file, "tokenizer.ggml.add_space_prefix", options & 2);
    build_bool(&build.file, "tokenizer.ggml.remove_extra_whitespaces", options & 4);
    build_u32(&build.file, "tokenizer.ggml.unknown_token_id", unknown);
    if (vocab_build_open(&build, &err)) {
        struct str text = take_text(&in, (size_t)-1);
        check_text(build.tok, text, false, unknown);
        check_text(build.tok, text, true, unknown);
    } else {
        check(err.code != ERR_NONE && err.msg[0]);
    }
    vocab_build_close(&build);
    return 0;
}
