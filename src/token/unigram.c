/* unigram.c - SentencePiece-style tokens (tokenizer.ggml.model "llama"): a space is written as
 * U+2581, neighbouring characters are joined to the best-scored piece until none is left, and what
 * is in no piece is spelt in bytes.
 *
 * Text is first cut wherever no piece holds the two characters side by side: no join can cross such
 * a place, so the parts are independent, mostly words, and equal ones need be done only once.
 *
 * The space that some files want before a text stands at its start and after each control token,
 * but not after a user-defined one, which is a part of the text.
 *
 * A U+2581 that stands in the text itself is spelt in bytes where the vocabulary can: SentencePiece
 * would make it a space, and the text could not be got back. */
#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"
#include "token/token_int.h"

enum { PAIR_BITS = 20, SPACE_LEN = 3 };

static const char space[] = "\xe2\x96\x81"; /* U+2581, LOWER ONE EIGHTH BLOCK */

struct unigram {
    const struct vocab *vocab;
    uint32_t *order;        /* per token: lower is joined earlier, from the scores */
    uint32_t byte_id[256];  /* <0x00> to <0xFF>, TOKEN_NONE where absent */
    uint32_t ascii_id[128]; /* the one-character pieces, TOKEN_NONE where absent */
    size_t piece_max;       /* bytes of the longest piece */
    bool add_prefix, trim_spaces, spells_bytes;
    /* A bit each, by hash: some piece holds these two characters in a row. */
    uint8_t pairs[(1 << PAIR_BITS) / 8];
};

static uint32_t pair_slot(uint32_t a, uint32_t b)
{
    uint64_t hash = (((uint64_t)a << 32) | b) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> (64 - PAIR_BITS));
}

/* The character at *at, which moves past it; a byte that belongs to none stands for itself. */
static uint32_t next_char(struct str s, size_t *at)
{
    unsigned char lead = (unsigned char)s.ptr[*at];
    if (lead < 0x80) {
        ++*at;
        return lead;
    }
    uint32_t code = utf8_next(s, at);
    return code == UTF8_BAD ? 0x80000000u | lead : code;
}

static void mark_pairs(struct unigram *uni, struct str piece)
{
    size_t at = 0;
    uint32_t before = piece.len ? next_char(piece, &at) : 0;
    while (at < piece.len) {
        uint32_t code = next_char(piece, &at), slot = pair_slot(before, code);
        uni->pairs[slot >> 3] |= (uint8_t)(1u << (slot & 7));
        before = code;
    }
}

static bool may_join(const struct unigram *uni, uint32_t a, uint32_t b)
{
    uint32_t slot = pair_slot(a, b);
    return uni->pairs[slot >> 3] >> (slot & 7) & 1;
}

/* Floats as integers that sort the other way round: the highest score gets the lowest order. */
static uint32_t order_of(float score)
{
    uint32_t bits;
    score += 0.0f; /* -0 and 0 are one score */
    memcpy(&bits, &score, sizeof bits);
    return ~(bits & 0x80000000u ? ~bits : bits | 0x80000000u);
}

static bool load_scores(struct unigram *uni, const struct gguf *gguf, struct err *err)
{
    struct gguf_array scores;
    if (!gguf_array_find(gguf, "tokenizer.ggml.scores", &scores) || scores.kind != GGUF_F32)
        return err_set(err, ERR_FORMAT, "tokenizer.ggml.scores is missing or not a list of floats");
    if (scores.count != uni->vocab->count)
        return err_set(err, ERR_FORMAT,
                       "tokenizer.ggml.scores has %zu entries, expected one for each of %zu tokens",
                       scores.count, uni->vocab->count);
    uni->order = mem_alloc(scores.count * sizeof *uni->order);
    for (size_t i = 0; i < scores.count; i++) {
        float score = (float)gguf_array_f64(&scores, i);
        if (score != score)
            return err_set(err, ERR_FORMAT, "tokenizer.ggml.scores of token %zu is not a number",
                           i);
        uni->order[i] = order_of(score);
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte a piece <0xHH> stands for, or -1. */
static int byte_of(struct str piece)
{
    if (piece.len != 6 || memcmp(piece.ptr, "<0x", 3) != 0 || piece.ptr[5] != '>')
        return -1;
    int high = hex_digit(piece.ptr[3]), low = hex_digit(piece.ptr[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool load_bytes(struct unigram *uni, struct err *err)
{
    const struct vocab *vocab = uni->vocab;
    memset(uni->byte_id, 0xff, sizeof uni->byte_id);
    for (size_t i = 0; i < vocab->count; i++) {
        if (vocab->has_kinds && vocab->kind[i] != TOKEN_BYTE)
            continue;
        int byte = byte_of(vocab->piece[i]);
        if (byte < 0 && vocab->has_kinds)
            return err_set(
                err, ERR_FORMAT,
                "token %zu is of the byte kind but reads '%.*s', expected <0x00> to <0xFF>", i,
                STR_ARG(str_sub(vocab->piece[i], 0, size_min(vocab->piece[i].len, 16))));
        if (byte >= 0 && uni->byte_id[byte] == TOKEN_NONE)
            uni->byte_id[byte] = (uint32_t)i;
    }
    return true;
}

static bool is_piece(const struct unigram *uni, uint32_t id)
{
    return uni->vocab->kind[id] == TOKEN_NORMAL || uni->vocab->kind[id] == TOKEN_UNDEFINED;
}

static uint32_t find_piece(const struct unigram *uni, struct str text)
{
    if (text.len > uni->piece_max)
        return TOKEN_NONE;
    uint32_t id = vocab_find(uni->vocab, text);
    return id != TOKEN_NONE && is_piece(uni, id) ? id : TOKEN_NONE;
}

static void index_pieces(struct unigram *uni)
{
    for (size_t i = 0; i < uni->vocab->count; i++) {
        if (!is_piece(uni, (uint32_t)i))
            continue;
        uni->piece_max = size_max(uni->piece_max, uni->vocab->piece[i].len);
        mark_pairs(uni, uni->vocab->piece[i]);
    }
    for (int c = 0; c < 128; c++)
        uni->ascii_id[c] = find_piece(uni, str_n(&(char){(char)c}, 1));
    uni->spells_bytes = true;
    for (int i = 0; i < SPACE_LEN; i++)
        uni->spells_bytes &= uni->byte_id[(unsigned char)space[i]] != TOKEN_NONE;
}

static void unigram_free(void *state)
{
    struct unigram *uni = state;
    if (uni)
        free(uni->order);
    free(uni);
}

static bool unigram_open(void **state, const struct vocab *vocab, const struct gguf *gguf,
                         struct err *err)
{
    if (gguf_has(gguf, "tokenizer.ggml.precompiled_charsmap"))
        return err_set(
            err, ERR_UNSUPPORTED,
            "tokenizer.ggml.precompiled_charsmap: own normalisation tables are not supported");
    struct unigram *uni = mem_zalloc(1, sizeof *uni);
    uni->vocab = vocab;
    uni->add_prefix = true; /* what the format means when it does not say */
    gguf_get_bool(gguf, "tokenizer.ggml.add_space_prefix", &uni->add_prefix);
    gguf_get_bool(gguf, "tokenizer.ggml.remove_extra_whitespaces", &uni->trim_spaces);
    if (!load_scores(uni, gguf, err) || !load_bytes(uni, err)) {
        unigram_free(uni);
        return false;
    }
    index_pieces(uni);
    *state = uni;
    return true;
}

/* The segment with spaces as U+2581; with trim_spaces, runs of them become one, and none is left at
 * the ends of the text. */
static void normalise(const struct unigram *uni, struct buf *norm, const struct segment *segment)
{
    struct str text = segment->text;
    buf_reset(norm);
    if (uni->trim_spaces && segment->is_last)
        while (text.len && text.ptr[text.len - 1] == ' ')
            text.len--;
    if (uni->trim_spaces && segment->is_first)
        while (text.len && text.ptr[0] == ' ')
            text = str_from(text, 1);
    if (uni->trim_spaces && text.len == 0 && segment->is_first && segment->is_last)
        return; /* nothing but spaces: nothing */
    if (uni->add_prefix && segment->follows_control)
        buf_add(norm, space, SPACE_LEN);
    for (size_t at = 0; at < text.len;) {
        if (text.ptr[at] != ' ') {
            const char *next = memchr(text.ptr + at, ' ', text.len - at);
            size_t end = next ? (size_t)(next - text.ptr) : text.len;
            buf_add(norm, text.ptr + at, end - at);
            at = end;
            continue;
        }
        buf_add(norm, space, SPACE_LEN);
        do
            at++;
        while (uni->trim_spaces && at < text.len && text.ptr[at] == ' ');
    }
}

/* What join_pieces looks at: a part of the normalised text. */
struct chunk {
    const struct unigram *uni;
    struct str text;
};

static bool join_pieces(const void *context, const struct merge_symbol *left,
                        const struct merge_symbol *right, struct merge_joined *out)
{
    const struct chunk *chunk = context;
    uint32_t id = find_piece(chunk->uni, str_sub(chunk->text, left->start, left->len + right->len));
    if (id == TOKEN_NONE)
        return false;
    *out = (struct merge_joined){chunk->uni->order[id], id};
    return true;
}

static uint32_t char_id(const struct unigram *uni, struct str text)
{
    unsigned char lead = (unsigned char)text.ptr[0];
    return lead < 0x80 ? uni->ascii_id[lead] : find_piece(uni, text);
}

/* A character in no piece: its bytes, or the unknown token where the vocabulary has not all of
 * them. Unknown characters in a row are one token. */
static bool spell(const struct unigram *uni, struct ids *out, struct str text, struct err *err)
{
    size_t known = 0;
    while (known < text.len && uni->byte_id[(unsigned char)text.ptr[known]] != TOKEN_NONE)
        known++;
    for (size_t i = 0; known == text.len && i < text.len; i++)
        ids_push(out, uni->byte_id[(unsigned char)text.ptr[i]]);
    if (known == text.len)
        return true;
    uint32_t unknown = uni->vocab->unknown;
    if (unknown == TOKEN_NONE)
        return err_set(
            err, ERR_UNSUPPORTED,
            "byte 0x%02X is in no token, and the vocabulary has neither a token <0x%02X> nor "
            "tokenizer.ggml.unknown_token_id",
            (unsigned)(unsigned char)text.ptr[known], (unsigned)(unsigned char)text.ptr[known]);
    if (out->count == 0 || out->id[out->count - 1] != unknown)
        ids_push(out, unknown);
    return true;
}

static bool encode_chunk(const struct unigram *uni, struct encoder *encoder, struct str text,
                         struct err *err)
{
    struct ids *out = encoder->out;
    struct merge *merge = &encoder->merge;
    if (word_cache_get(&encoder->words, out, text))
        return true;
    size_t first = out->count;
    bool all_known = true;
    merge_reset(merge);
    for (size_t at = 0, start = 0; at < text.len; start = at) {
        next_char(text, &at);
        merge_push(merge, (uint32_t)start, (uint32_t)(at - start),
                   char_id(uni, str_sub(text, start, at - start)));
    }
    merge_run(merge, join_pieces, &(struct chunk){uni, text});
    for (uint32_t i = 0; i != MERGE_EDGE; i = merge->symbol[i].right) {
        const struct merge_symbol *symbol = &merge->symbol[i];
        if (symbol->id != TOKEN_NONE) {
            ids_push(out, symbol->id);
            continue;
        }
        all_known = false; /* its ids may depend on what stands before it */
        if (!spell(uni, out, str_sub(text, symbol->start, symbol->len), err))
            return false;
    }
    if (all_known)
        word_cache_put(&encoder->words, out, first, text);
    return true;
}

/* Normalised text up to the next place that no piece crosses. */
static struct str next_chunk(const struct unigram *uni, struct str text)
{
    size_t at = 0;
    uint32_t before = next_char(text, &at);
    while (at < text.len) {
        size_t end = at;
        uint32_t code = next_char(text, &at);
        if (!may_join(uni, before, code))
            return str_sub(text, 0, end);
        before = code;
    }
    return text;
}

static bool encode_normalised(const struct unigram *uni, struct encoder *encoder, struct err *err)
{
    for (struct str rest = buf_str(&encoder->norm); rest.len;) {
        struct str chunk = next_chunk(uni, rest);
        if (!encode_chunk(uni, encoder, chunk, err))
            return false;
        rest = str_from(rest, chunk.len);
    }
    return true;
}

static bool unigram_encode(const void *state, struct encoder *encoder,
                           const struct segment *segment, struct err *err)
{
    const struct unigram *uni = state;
    struct segment part = *segment;
    struct str rest = segment->text;
    for (;;) {
        size_t mark = uni->spells_bytes ? str_find(rest, str_n(space, SPACE_LEN), 0) : (size_t)-1;
        bool marked = mark != (size_t)-1;
        part.text = marked ? str_sub(rest, 0, mark) : rest;
        part.is_last = segment->is_last && !marked;
        normalise(uni, &encoder->norm, &part);
        if (!encode_normalised(uni, encoder, err))
            return false;
        if (!marked)
            return true;
        if (!spell(uni, encoder->out, str_n(space, SPACE_LEN), err))
            return false;
        rest = str_from(rest, mark + SPACE_LEN);
        part.is_first = part.follows_control = false;
    }
}

static void unigram_decode(const void *state, struct buf *out, uint32_t id)
{
    const struct unigram *uni = state;
    struct str piece = uni->vocab->piece[id];
    bool may_be_byte = !uni->vocab->has_kinds || uni->vocab->kind[id] == TOKEN_BYTE;
    if (may_be_byte && byte_of(piece) >= 0) {
        buf_putc(out, (char)byte_of(piece));
        return;
    }
    for (size_t at = 0; at < piece.len;) {
        size_t mark = str_find(piece, str_n(space, SPACE_LEN), at);
        size_t end = mark == (size_t)-1 ? piece.len : mark;
        buf_add(out, piece.ptr + at, end - at);
        if (end < piece.len)
            buf_putc(out, ' ');
        at = end < piece.len ? end + SPACE_LEN : end;
    }
}

static bool unigram_has_prefix(const void *state)
{
    return ((const struct unigram *)state)->add_prefix;
}

static bool unigram_adds_bos(const void *state)
{
    (void)state;
    return true;
}

const struct token_model unigram_model = {
    "llama",        unigram_open,       unigram_free,     unigram_encode,
    unigram_decode, unigram_has_prefix, unigram_adds_bos,
};
