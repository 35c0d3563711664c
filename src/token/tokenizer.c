#include "token/tokenizer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"
#include "token/special.h"
#include "token/token_int.h"

static const struct token_model *const models[] = {&unigram_model, &bpe_model};

struct tokenizer {
    struct vocab vocab;
    struct special_set special;
    const struct token_model *model;
    void *state;
    bool adds_bos;
};

static const struct token_model *model_find(struct str name)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (str_is(name, models[i]->name))
            return models[i];
    return NULL;
}

static bool open_parts(struct tokenizer *tok, const struct gguf *gguf, struct err *err)
{
    struct str name;
    if (!gguf_need_str(gguf, "tokenizer.ggml.model", &name, err))
        return false;
    tok->model = model_find(name);
    if (!tok->model)
        return err_set(err, ERR_UNSUPPORTED,
                       "tokenizer.ggml.model is '%.*s'; supported are 'llama' and 'gpt2'",
                       STR_ARG(name));
    if (!vocab_open(&tok->vocab, gguf, err) || !special_open(&tok->special, &tok->vocab, err) ||
        !tok->model->open(&tok->state, &tok->vocab, gguf, err))
        return false;
    tok->adds_bos = tok->model->adds_bos(tok->state);
    gguf_get_bool(gguf, "tokenizer.ggml.add_bos_token", &tok->adds_bos);
    tok->adds_bos = tok->adds_bos && tok->vocab.bos != TOKEN_NONE;
    return true;
}

bool tokenizer_open(struct tokenizer **out, const struct gguf *gguf, struct err *err)
{
    struct tokenizer *tok = mem_zalloc(1, sizeof *tok);
    bool ok = open_parts(tok, gguf, err);
    if (!ok) {
        tokenizer_free(tok);
        tok = NULL;
    }
    *out = tok;
    return ok;
}

void tokenizer_free(struct tokenizer *tok)
{
    if (!tok)
        return;
    if (tok->state)
        tok->model->free(tok->state);
    special_release(&tok->special);
    vocab_release(&tok->vocab);
    free(tok);
}

static void encoder_init(struct encoder *encoder, struct ids *out, size_t text_bytes)
{
    *encoder = (struct encoder){.out = out};
    merge_init(&encoder->merge);
    word_cache_init(&encoder->words, text_bytes);
    buf_init(&encoder->norm, BUF_MAX_DEFAULT);
    buf_init(&encoder->spelt, BUF_MAX_DEFAULT);
}

static void encoder_release(struct encoder *encoder)
{
    merge_release(&encoder->merge);
    word_cache_release(&encoder->words);
    buf_release(&encoder->norm);
    buf_release(&encoder->spelt);
    cuts_release(&encoder->cuts);
}

/* Text between special tokens. Nothing is also a segment where a space prefix belongs before a
 * user-defined token. */
static bool encode_segment(const struct tokenizer *tok, struct encoder *encoder,
                           const struct segment *segment, struct err *err)
{
    if (segment->text.len == 0 && !(segment->follows_control && !segment->is_last &&
                                    tok->model->has_space_prefix(tok->state)))
        return true;
    return tok->model->encode(tok->state, encoder, segment, err);
}

static bool encode_text(const struct tokenizer *tok, struct encoder *encoder, struct str text,
                        struct token_trust trust, struct err *err)
{
    struct special_match match;
    struct segment segment = {.follows_control = true, .is_first = true};
    size_t done = 0;
    while (special_find(&tok->special, &match, text, done, trust)) {
        bool is_control = vocab_is_hidden(&tok->vocab, match.id);
        segment.text = str_sub(text, done, match.at - done);
        if ((segment.text.len || !is_control) && !encode_segment(tok, encoder, &segment, err))
            return false;
        ids_push(encoder->out, match.id);
        done = match.at + match.len;
        segment.follows_control = is_control;
        segment.is_first = false;
    }
    segment.text = str_from(text, done);
    segment.is_last = true;
    return encode_segment(tok, encoder, &segment, err);
}

bool tokenizer_encode(const struct tokenizer *tok, struct ids *out, struct str text,
                      struct token_trust trust, struct err *err)
{
    if (text.len > TOKENIZER_TEXT_MAX)
        return err_set(err, ERR_LIMIT,
                       "a text of %zu bytes is more than the %d that are tokenized at once",
                       text.len, (int)TOKENIZER_TEXT_MAX);
    size_t before = out->count;
    struct encoder encoder;
    encoder_init(&encoder, out, text.len);
    bool ok = encode_text(tok, &encoder, text, trust, err);
    encoder_release(&encoder);
    if (!ok)
        out->count = before;
    return ok;
}

/* Appends what one id stands for. *at_start: a space prefix would stand here, and is not part of
 * the text. */
static void decode_one(const struct tokenizer *tok, struct buf *out, uint32_t id, bool show_special,
                       bool *at_start)
{
    if (id >= tok->vocab.count)
        return;
    bool was_start = *at_start;
    size_t before = out->len;
    *at_start = vocab_is_hidden(&tok->vocab, id);
    if (*at_start && !show_special)
        return;
    if (*at_start || tok->vocab.kind[id] == TOKEN_USER_DEFINED) {
        buf_add_str(out, tok->vocab.piece[id]);
        return;
    }
    tok->model->decode(tok->state, out, id);
    if (was_start && out->len > before && out->ptr[before] == ' ' &&
        tok->model->has_space_prefix(tok->state)) {
        memmove(out->ptr + before, out->ptr + before + 1, out->len - before);
        out->len--;
    }
}

void tokenizer_decode(const struct tokenizer *tok, struct buf *out, const uint32_t *ids,
                      size_t count, bool show_special)
{
    bool at_start = true;
    for (size_t i = 0; i < count; i++)
        decode_one(tok, out, ids[i], show_special, &at_start);
}

void token_stream_init(struct token_stream *stream, const struct tokenizer *tok)
{
    *stream = (struct token_stream){.tok = tok};
}

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Bytes at the end of `s` that begin a character and lack only its rest. */
static size_t count_started(struct str s)
{
    for (size_t back = 1; back < UTF8_LEN_MAX && back <= s.len; back++) {
        unsigned char lead = (unsigned char)s.ptr[s.len - back];
        if ((lead & 0xc0) == 0x80)
            continue;
        size_t need = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
        return lead <= 0xf4 && back < need ? back : 0;
    }
    return 0;
}

/* Makes the bytes of `out` from `from` on valid, each that is not becoming U+FFFD. */
static void repair(struct buf *out, size_t from)
{
    struct str added = str_from(buf_str(out), from);
    if (utf8_is_valid(added))
        return;
    struct buf broken;
    buf_init(&broken, added.len);
    buf_add_str(&broken, added);
    out->len = from;
    for (struct str rest = buf_str(&broken); rest.len;) {
        size_t valid = utf8_check(rest);
        buf_add(out, rest.ptr, valid);
        if (valid < rest.len)
            buf_add(out, replacement, 3);
        rest = str_from(rest, size_min(valid + 1, rest.len));
    }
    buf_release(&broken);
}

void token_stream_push(struct token_stream *stream, struct buf *out, uint32_t id)
{
    size_t from = out->len;
    bool at_start = !stream->started;
    buf_add(out, stream->pending, stream->n_pending);
    decode_one(stream->tok, out, id, false, &at_start);
    stream->started = !at_start;
    size_t started = count_started(str_from(buf_str(out), from));
    stream->n_pending = started;
    out->len -= started;
    if (started)
        memcpy(stream->pending, out->ptr + out->len, started);
    repair(out, from);
    if (out->ptr)
        out->ptr[out->len] = '\0';
}

void token_stream_end(struct token_stream *stream, struct buf *out)
{
    if (stream->n_pending)
        buf_add(out, replacement, 3);
    token_stream_init(stream, stream->tok);
}

size_t tokenizer_size(const struct tokenizer *tok)
{
    return tok->vocab.count;
}

struct str tokenizer_piece(const struct tokenizer *tok, uint32_t id)
{
    return id < tok->vocab.count ? tok->vocab.piece[id] : str_n("", 0);
}

bool tokenizer_is_control(const struct tokenizer *tok, uint32_t id)
{
    return id < tok->vocab.count && tok->vocab.kind[id] == TOKEN_CONTROL;
}

bool tokenizer_is_end(const struct tokenizer *tok, uint32_t id)
{
    for (size_t i = 0; i < tok->vocab.n_ends; i++)
        if (tok->vocab.end[i] == id)
            return true;
    return false;
}

uint32_t tokenizer_bos(const struct tokenizer *tok)
{
    return tok->vocab.bos;
}

uint32_t tokenizer_eos(const struct tokenizer *tok)
{
    return tok->vocab.eos;
}

bool tokenizer_adds_bos(const struct tokenizer *tok)
{
    return tok->adds_bos;
}

uint32_t tokenizer_find(const struct tokenizer *tok, struct str piece)
{
    return vocab_find(&tok->vocab, piece);
}
