/* bpe.c - byte-level byte-pair encoding (tokenizer.ggml.model "gpt2"): the text is cut into words,
 * and in each word neighbouring pieces are joined in the order of the merges, starting from single
 * bytes.
 *
 * Pieces are stored in an alphabet of 256 printable characters, one a byte: the printable ones of
 * Latin-1 stand for themselves, the other bytes for U+0100 and on, in order. A byte whose character
 * is no piece (SmolLM2 has none for some control characters) leaves no trace in the ids, as in the
 * tokenizers these files come from. */
#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"
#include "token/pretokenize.h"
#include "token/token_int.h"

enum { ALPHABET_END = 0x144, MERGES_MAX = 1 << 23 };

struct merge_rule { /* a slot of the table; left TOKEN_NONE: free */
    uint32_t left, right, rank, joined;
};

struct bpe {
    const struct vocab *vocab;
    struct pretokenizer *pre;
    struct merge_rule *rules; /* open addressing, 1 << bits slots, at most half of them taken */
    unsigned bits;
    uint32_t byte_id[256];         /* the one-byte pieces, TOKEN_NONE where absent */
    int16_t byte_of[ALPHABET_END]; /* alphabet character to byte, -1 where it is none */
    uint16_t character[256];       /* byte to alphabet character */
    size_t piece_max;              /* bytes of the longest piece */
};

static bool is_printable(unsigned byte)
{
    return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

static void build_alphabet(struct bpe *bpe)
{
    unsigned next = 0x100;
    memset(bpe->byte_of, 0xff, sizeof bpe->byte_of);
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned character = is_printable(byte) ? byte : next++;
        bpe->character[byte] = (uint16_t)character;
        bpe->byte_of[character] = (int16_t)byte;
    }
}

static void index_bytes(struct bpe *bpe)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[UTF8_LEN_MAX];
        uint32_t id = vocab_find(bpe->vocab, str_n(text, utf8_encode(text, bpe->character[byte])));
        bpe->byte_id[byte] = id != TOKEN_NONE && vocab_is_text(bpe->vocab, id) ? id : TOKEN_NONE;
    }
    for (size_t i = 0; i < bpe->vocab->count; i++)
        bpe->piece_max = size_max(bpe->piece_max, bpe->vocab->piece[i].len);
}

static struct merge_rule *rule_slot(const struct bpe *bpe, uint32_t left, uint32_t right)
{
    uint64_t hash = (((uint64_t)left << 32) | right) * 0x9e3779b97f4a7c15u;
    size_t mask = ((size_t)1 << bpe->bits) - 1;
    for (size_t i = hash >> (64 - bpe->bits);; i = (i + 1) & mask) {
        struct merge_rule *rule = &bpe->rules[i];
        if (rule->left == TOKEN_NONE || (rule->left == left && rule->right == right))
            return rule;
    }
}

static bool fail_merge(size_t rank, struct str merge, const char *why, struct err *err)
{
    struct str shown = str_n(merge.ptr, size_min(merge.len, 64));
    return err_set(err, ERR_FORMAT, "tokenizer.ggml.merges, entry %zu '%.*s': %s", rank,
                   STR_ARG(shown), why);
}

/* "a b": a and b are pieces, and so is ab. */
static bool parse_merge(const struct bpe *bpe, struct merge_rule *out, struct buf *joined,
                        struct str merge, size_t rank, struct err *err)
{
    size_t gap = merge.len ? str_find(merge, (struct str)STR(" "), 1) : (size_t)-1;
    if (gap == (size_t)-1 || gap + 1 == merge.len)
        return fail_merge(rank, merge, "expected two pieces with a space between them", err);
    struct str left = str_sub(merge, 0, gap), right = str_from(merge, gap + 1);
    *out = (struct merge_rule){vocab_find(bpe->vocab, left), vocab_find(bpe->vocab, right),
                               (uint32_t)rank, TOKEN_NONE};
    if (out->left == TOKEN_NONE || out->right == TOKEN_NONE)
        return fail_merge(rank, merge, "a part of it is no token", err);
    buf_reset(joined);
    buf_add_str(joined, left);
    buf_add_str(joined, right);
    out->joined = joined->full ? TOKEN_NONE : vocab_find(bpe->vocab, buf_str(joined));
    if (out->joined == TOKEN_NONE)
        return fail_merge(rank, merge, "what it joins to is no token", err);
    return true;
}

static bool load_merges(struct bpe *bpe, const struct gguf *gguf, struct err *err)
{
    struct gguf_array merges;
    if (!gguf_array_find(gguf, "tokenizer.ggml.merges", &merges) || merges.kind != GGUF_STRING)
        return err_set(err, ERR_FORMAT,
                       "tokenizer.ggml.merges is missing or not a list of strings");
    if (merges.count > MERGES_MAX)
        return err_set(err, ERR_LIMIT, "tokenizer.ggml.merges has %zu entries, more than %d",
                       merges.count, (int)MERGES_MAX);
    for (bpe->bits = 4; (size_t)1 << bpe->bits < merges.count * 2;)
        bpe->bits++;
    size_t bytes = sizeof *bpe->rules << bpe->bits;
    bpe->rules = mem_alloc(bytes);
    memset(bpe->rules, 0xff, bytes);
    struct buf joined;
    buf_init(&joined, bpe->piece_max);
    bool ok = true;
    for (size_t i = 0; ok && i < merges.count; i++) {
        struct merge_rule rule = {0};
        ok = parse_merge(bpe, &rule, &joined, merges.strings[i], i, err);
        /* Running text never becomes a control token, whatever the merges say. */
        if (!ok || !vocab_is_text(bpe->vocab, rule.joined))
            continue;
        struct merge_rule *slot = rule_slot(bpe, rule.left, rule.right);
        if (slot->left == TOKEN_NONE) /* of two equal merges the earlier counts */
            *slot = rule;
    }
    buf_release(&joined);
    return ok;
}

static void bpe_free(void *state)
{
    struct bpe *bpe = state;
    if (bpe) {
        pretokenizer_free(bpe->pre);
        free(bpe->rules);
    }
    free(bpe);
}

static bool bpe_open(void **state, const struct vocab *vocab, const struct gguf *gguf,
                     struct err *err)
{
    struct str name;
    if (!gguf_need_str(gguf, "tokenizer.ggml.pre", &name, err))
        return false;
    struct bpe *bpe = mem_zalloc(1, sizeof *bpe);
    bpe->vocab = vocab;
    build_alphabet(bpe);
    index_bytes(bpe);
    if (!pretokenizer_open(&bpe->pre, name, err) || !load_merges(bpe, gguf, err)) {
        bpe_free(bpe);
        return false;
    }
    *state = bpe;
    return true;
}

static bool join_ids(const void *context, const struct merge_symbol *left,
                     const struct merge_symbol *right, struct merge_joined *out)
{
    const struct merge_rule *rule = rule_slot(context, left->id, right->id);
    if (rule->left == TOKEN_NONE)
        return false;
    *out = (struct merge_joined){rule->rank, rule->joined};
    return true;
}

/* The piece that is this whole word, or TOKEN_NONE. */
static uint32_t find_word(const struct bpe *bpe, struct buf *spelt, struct str word)
{
    if (word.len > bpe->piece_max)
        return TOKEN_NONE;
    buf_reset(spelt);
    for (size_t i = 0; i < word.len; i++)
        utf8_put(spelt, bpe->character[(unsigned char)word.ptr[i]]);
    uint32_t id = vocab_find(bpe->vocab, buf_str(spelt));
    return id != TOKEN_NONE && vocab_is_text(bpe->vocab, id) ? id : TOKEN_NONE;
}

static void merge_word(const struct bpe *bpe, struct encoder *encoder, struct str word)
{
    struct merge *merge = &encoder->merge;
    merge_reset(merge);
    for (size_t i = 0; i < word.len; i++) {
        uint32_t id = bpe->byte_id[(unsigned char)word.ptr[i]];
        if (id != TOKEN_NONE)
            merge_push(merge, (uint32_t)i, 1, id);
    }
    merge_run(merge, join_ids, bpe);
    for (uint32_t i = merge->n_symbols ? 0 : MERGE_EDGE; i != MERGE_EDGE;
         i = merge->symbol[i].right)
        ids_push(encoder->out, merge->symbol[i].id);
}

static void encode_word(const struct bpe *bpe, struct encoder *encoder, struct str word)
{
    struct ids *out = encoder->out;
    if (word_cache_get(&encoder->words, out, word))
        return;
    size_t first = out->count;
    uint32_t id = TOKEN_NONE;
    if (pretokenizer_takes_words(bpe->pre))
        id = find_word(bpe, &encoder->spelt, word);
    if (id != TOKEN_NONE)
        ids_push(out, id);
    else
        merge_word(bpe, encoder, word);
    word_cache_put(&encoder->words, out, first, word);
}

/* NFC of valid text; text whose bytes are all below U+0300 is in that form already. */
static struct str normalise(struct buf *norm, struct str text)
{
    enum { LEAD_U0300 = 0xcc };
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= LEAD_U0300) {
            buf_reset(norm);
            utf8_nfc(norm, text);
            return buf_str(norm);
        }
    }
    return text;
}

static bool encode_valid(const struct bpe *bpe, struct encoder *encoder, struct str text,
                         struct err *err)
{
    if (pretokenizer_is_nfc(bpe->pre))
        text = normalise(&encoder->norm, text);
    if (!pretokenizer_split(bpe->pre, &encoder->cuts, text, err))
        return false;
    for (size_t i = 0, from = 0; i < encoder->cuts.count; from = encoder->cuts.end[i++])
        encode_word(bpe, encoder, str_sub(text, from, encoder->cuts.end[i] - from));
    return true;
}

/* Bytes that are no UTF-8 stand for themselves, between the valid stretches. */
static bool bpe_encode(const void *state, struct encoder *encoder, const struct segment *segment,
                       struct err *err)
{
    const struct bpe *bpe = state;
    for (struct str rest = segment->text; rest.len;) {
        size_t valid = utf8_check(rest);
        if (!encode_valid(bpe, encoder, str_sub(rest, 0, valid), err))
            return false;
        if (valid == rest.len)
            return true;
        uint32_t id = bpe->byte_id[(unsigned char)rest.ptr[valid]];
        if (id != TOKEN_NONE)
            ids_push(encoder->out, id);
        rest = str_from(rest, valid + 1);
    }
    return true;
}

static void bpe_decode(const void *state, struct buf *out, uint32_t id)
{
    const struct bpe *bpe = state;
    struct str piece = bpe->vocab->piece[id];
    size_t before = out->len;
    for (size_t at = 0; at < piece.len;) {
        uint32_t character = utf8_next(piece, &at);
        if (character >= ALPHABET_END || bpe->byte_of[character] < 0) {
            out->len = before; /* not written in the alphabet: the text itself */
            buf_add_str(out, piece);
            return;
        }
        buf_putc(out, (char)bpe->byte_of[character]);
    }
}

static bool bpe_has_prefix(const void *state)
{
    (void)state;
    return false;
}

static bool bpe_adds_bos(const void *state)
{
    return pretokenizer_adds_bos(((const struct bpe *)state)->pre);
}

const struct token_model bpe_model = {
    "gpt2", bpe_open, bpe_free, bpe_encode, bpe_decode, bpe_has_prefix, bpe_adds_bos,
};
