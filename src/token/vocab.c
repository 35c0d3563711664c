#include "token/vocab.h"

#include <stdlib.h>

#include "base/mem.h"
#include "os/memory.h"
#include "token/byte_hash.h"
#include "token/tokenizer.h"

/* Eight bytes a slot instead of base/map's 32: a vocabulary's table then lies in the second-level
 * cache, which halves the time to open one and to look pieces up. The text is compared only where
 * 32 bits of hash agree. */
struct vocab_slot {
    uint32_t hash, number; /* id + 1; 0: free */
};

/* Control tokens that end an answer whatever the file's eos_token_id says: instruction-tuned files
 * often name only one of two. */
static const char *const end_names[] = {
    "<end_of_turn>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>",
    "<|endoftext|>", "</s>",       "<|return|>", "<|call|>",
};

static size_t home_of(const struct vocab *vocab, uint64_t hash)
{
    return hash >> (64 - vocab->slot_bits);
}

/* The slot of this piece, or the free one where it belongs. */
static struct vocab_slot *slot_of(const struct vocab *vocab, struct str piece, uint64_t hash)
{
    size_t mask = ((size_t)1 << vocab->slot_bits) - 1;
    for (size_t i = home_of(vocab, hash);; i = (i + 1) & mask) {
        struct vocab_slot *slot = &vocab->slots[i];
        if (!slot->number ||
            (slot->hash == (uint32_t)hash && str_eq(vocab->piece[slot->number - 1], piece)))
            return slot;
    }
}

uint32_t vocab_find(const struct vocab *vocab, struct str piece)
{
    return slot_of(vocab, piece, byte_hash(piece))->number - 1; /* of a free slot TOKEN_NONE */
}

static size_t slots_bytes(const struct vocab *vocab)
{
    return sizeof *vocab->slots << vocab->slot_bits;
}

/* The hash is no secret, so a hostile file can make pieces collide. Honest ones stay within some
 * dozens of slots of their place; a file whose pieces do not is refused, before it costs time. */
enum { SLOTS_FROM_HOME_MAX = 1024 };

static bool index_piece(struct vocab *vocab, size_t id, uint64_t hash, struct err *err)
{
    struct vocab_slot *slot = slot_of(vocab, vocab->piece[id], hash);
    size_t mask = ((size_t)1 << vocab->slot_bits) - 1;
    if ((((size_t)(slot - vocab->slots) - home_of(vocab, hash)) & mask) > SLOTS_FROM_HOME_MAX)
        return err_set(err, ERR_LIMIT,
                       "tokenizer.ggml.tokens: more than %d pieces up to token %zu collide",
                       SLOTS_FROM_HOME_MAX, id);
    if (!slot->number)
        *slot = (struct vocab_slot){(uint32_t)hash, (uint32_t)id + 1};
    return true;
}

/* A slot is far from the one before, and asked for some pieces ahead. */
static bool index_pieces(struct vocab *vocab, struct err *err)
{
    enum { AHEAD = 16 };
    uint64_t hash[AHEAD];
    for (vocab->slot_bits = 4; (size_t)1 << vocab->slot_bits < vocab->count * 2;)
        vocab->slot_bits++;
    vocab->slots = memory_take(slots_bytes(vocab));
    if (!vocab->slots)
        return err_set(err, ERR_LIMIT, "no memory for %zu tokens", vocab->count);
    for (size_t i = 0; i < vocab->count + AHEAD; i++) {
        if (i >= AHEAD && !index_piece(vocab, i - AHEAD, hash[i % AHEAD], err))
            return false;
        if (i >= vocab->count)
            continue;
        hash[i % AHEAD] = byte_hash(vocab->piece[i]);
        __builtin_prefetch(&vocab->slots[home_of(vocab, hash[i % AHEAD])], 1);
    }
    return true;
}

static bool load_pieces(struct vocab *vocab, const struct gguf *gguf, struct err *err)
{
    struct gguf_array tokens;
    if (!gguf_array_find(gguf, "tokenizer.ggml.tokens", &tokens) || tokens.kind != GGUF_STRING)
        return err_set(err, ERR_FORMAT,
                       "tokenizer.ggml.tokens is missing or not a list of strings");
    if (tokens.count == 0)
        return err_set(err, ERR_FORMAT, "tokenizer.ggml.tokens is empty");
    if (tokens.count > VOCAB_TOKENS_MAX)
        return err_set(err, ERR_LIMIT, "tokenizer.ggml.tokens has %zu tokens, more than %d",
                       tokens.count, (int)VOCAB_TOKENS_MAX);
    vocab->piece = tokens.strings;
    vocab->count = tokens.count;
    return index_pieces(vocab, err);
}

static bool load_kinds(struct vocab *vocab, const struct gguf *gguf, struct err *err)
{
    vocab->kind = mem_alloc(vocab->count);
    memset(vocab->kind, TOKEN_NORMAL, vocab->count);
    if (!gguf_has(gguf, "tokenizer.ggml.token_type"))
        return true;
    struct gguf_array kinds;
    if (!gguf_array_find(gguf, "tokenizer.ggml.token_type", &kinds) || kinds.kind > GGUF_I32)
        return err_set(err, ERR_FORMAT, "tokenizer.ggml.token_type is not a list of integers");
    if (kinds.count != vocab->count)
        return err_set(
            err, ERR_FORMAT,
            "tokenizer.ggml.token_type has %zu entries, expected one for each of %zu tokens",
            kinds.count, vocab->count);
    for (size_t i = 0; i < vocab->count; i++) {
        int64_t kind = gguf_array_i64(&kinds, i);
        if (kind < 0 || kind >= TOKEN_KINDS)
            return err_set(err, ERR_FORMAT,
                           "tokenizer.ggml.token_type of token %zu is %lld, expected 0 to %d", i,
                           (long long)kind, TOKEN_KINDS - 1);
        vocab->kind[i] = (uint8_t)kind;
    }
    vocab->has_kinds = true;
    return true;
}

static bool load_id(const struct vocab *vocab, uint32_t *out, const struct gguf *gguf,
                    const char *key, struct err *err)
{
    *out = TOKEN_NONE;
    if (!gguf_has(gguf, key))
        return true;
    uint64_t id;
    if (!gguf_need_u64(gguf, key, &id, err))
        return false;
    if (id >= vocab->count)
        return err_set(err, ERR_FORMAT, "%s is %llu, expected an id below %zu", key,
                       (unsigned long long)id, vocab->count);
    *out = (uint32_t)id;
    return true;
}

static void add_end(struct vocab *vocab, uint32_t id)
{
    if (id == TOKEN_NONE)
        return;
    for (size_t i = 0; i < vocab->n_ends; i++)
        if (vocab->end[i] == id)
            return;
    vocab->end[vocab->n_ends++] = id;
}

/* The token of the unknown kind, for files that do not name it. */
static uint32_t find_unknown(const struct vocab *vocab)
{
    const uint8_t *found = memchr(vocab->kind, TOKEN_UNKNOWN, vocab->count);
    return found ? (uint32_t)(found - vocab->kind) : TOKEN_NONE;
}

static bool load_ids(struct vocab *vocab, const struct gguf *gguf, struct err *err)
{
    uint32_t eot, eom;
    if (!load_id(vocab, &vocab->bos, gguf, "tokenizer.ggml.bos_token_id", err) ||
        !load_id(vocab, &vocab->eos, gguf, "tokenizer.ggml.eos_token_id", err) ||
        !load_id(vocab, &vocab->unknown, gguf, "tokenizer.ggml.unknown_token_id", err) ||
        !load_id(vocab, &eot, gguf, "tokenizer.ggml.eot_token_id", err) ||
        !load_id(vocab, &eom, gguf, "tokenizer.ggml.eom_token_id", err))
        return false;
    if (vocab->unknown == TOKEN_NONE)
        vocab->unknown = find_unknown(vocab);
    add_end(vocab, vocab->eos);
    add_end(vocab, eot);
    add_end(vocab, eom);
    _Static_assert(3 + sizeof end_names / sizeof *end_names <= VOCAB_ENDS_MAX,
                   "room for every end");
    for (size_t i = 0; i < sizeof end_names / sizeof *end_names; i++) {
        uint32_t id = vocab_find(vocab, str_of(end_names[i]));
        if (id != TOKEN_NONE && vocab->kind[id] == TOKEN_CONTROL)
            add_end(vocab, id);
    }
    return true;
}

bool vocab_open(struct vocab *vocab, const struct gguf *gguf, struct err *err)
{
    *vocab = (struct vocab){0};
    if (load_pieces(vocab, gguf, err) && load_kinds(vocab, gguf, err) && load_ids(vocab, gguf, err))
        return true;
    vocab_release(vocab);
    return false;
}

void vocab_release(struct vocab *vocab)
{
    memory_give(vocab->slots, slots_bytes(vocab));
    free(vocab->kind);
    *vocab = (struct vocab){0};
}
