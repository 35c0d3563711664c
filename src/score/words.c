/* words.c - see words.h. */
#include "score/words.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"

enum { SLOTS_MIN = 64, SLOTS_AT_FIRST = 1 << 14, KEY_LEN = 8 };

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Multiply and fold, eight bytes a step, as wyhash does. */
static uint64_t hash_long(uint64_t key, const char *p, size_t len)
{
    uint64_t hash = key ^ len * 0x9E3779B97F4A7C15u;
    while (len > 0) {
        uint64_t chunk = 0;
        size_t n = size_min(len, sizeof chunk);
        memcpy(&chunk, p, n);
        hash = mix(chunk ^ hash ^ 0xA0761D6478BD642Fu, 0xE7037ED1A0B428DBu);
        p += n;
        len -= n;
    }
    return hash;
}

/* The bytes of a short piece, with zeros behind them; eight are read where the text has as many. */
static uint64_t short_key(const struct word_set *set, struct str piece)
{
    uint64_t key = 0;
    if (piece.ptr + KEY_LEN > set->text.ptr + set->text.len) {
        memcpy(&key, piece.ptr, piece.len);
        return key;
    }
    memcpy(&key, piece.ptr, KEY_LEN);
    return key & UINT64_MAX >> (8 * (KEY_LEN - piece.len)); /* the first byte is the lowest */
}

/* Addresses differ from run to run, so no text can be written to collide. */
static uint64_t salt_of(const struct word_set *set)
{
    return (uint64_t)(uintptr_t)set ^ 0xA0761D6478BD642Fu;
}

static size_t first_slot(const struct word_set *set, uint64_t key)
{
    return (size_t)mix(key ^ salt_of(set), 0xE7037ED1A0B428DBu) & set->mask;
}

size_t word_count(const struct symbols *symbols)
{
    size_t words = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < symbols->n_blocks; i++) {
        size_t n = size_min(symbols->n - i * SYMBOLS_PER_BLOCK, SYMBOLS_PER_BLOCK);
        uint64_t there = UINT64_MAX >> (SYMBOLS_PER_BLOCK - n);
        words +=
            (size_t)__builtin_popcountll(symbol_starts(~symbols->blocks[i].space & there, &last));
    }
    return words;
}

bool word_set_begin(struct word_set *set, size_t pieces, struct str text, struct err *err)
{
    size_t need = SLOTS_MIN;
    while (need < SLOTS_AT_FIRST && need < pieces + pieces / 2)
        need *= 2;
    if (need > set->cap) {
        struct word_slot *slots = mem_try_aligned(need * sizeof *slots, 64);
        if (!slots)
            return err_set(err, ERR_LIMIT, "no memory to count %zu words", pieces);
        free(set->slots);
        set->slots = slots;
        set->cap = need;
    } else {
        memset(set->slots, 0, need * sizeof *set->slots);
    }
    set->mask = need - 1;
    set->text = text;
    set->n = 0;
    set->is_short = false;
    return true;
}

bool word_set_end(const struct word_set *set, struct err *err)
{
    return !set->is_short ||
           err_set(err, ERR_LIMIT, "no memory to count the words of %zu bytes", set->text.len);
}

/* Twice the slots, when two thirds of them are taken. */
static void grow(struct word_set *set)
{
    size_t n_old = set->mask + 1, n = 2 * n_old;
    struct word_slot *old = set->slots, *slots = mem_try_aligned(n * sizeof *slots, 64);
    if (!slots) {
        set->is_short = true;
        return;
    }
    set->slots = slots;
    set->cap = n;
    set->mask = n - 1;
    for (size_t i = 0; i < n_old; i++) {
        size_t at = first_slot(set, old[i].key);
        if (!old[i].len)
            continue;
        while (slots[at].len)
            at = (at + 1) & set->mask;
        slots[at] = old[i];
    }
    free(old);
}

bool word_set_add(struct word_set *set, struct str piece)
{
    bool is_key = piece.len <= KEY_LEN;
    uint64_t key = is_key ? short_key(set, piece) : hash_long(salt_of(set), piece.ptr, piece.len);
    size_t at = first_slot(set, key);
    for (; set->slots[at].len; at = (at + 1) & set->mask) {
        const struct word_slot *slot = &set->slots[at];
        if (slot->key == key && slot->len == piece.len &&
            (is_key || memcmp(set->text.ptr + slot->offset, piece.ptr, piece.len) == 0))
            return false;
    }
    if (set->is_short)
        return true;
    set->slots[at] =
        (struct word_slot){key, (uint32_t)(piece.ptr - set->text.ptr), (uint32_t)piece.len};
    if (++set->n > set->mask / 3 * 2)
        grow(set);
    return true;
}

/* Is the character at text[at] white space? *len gets its length in bytes. */
static bool space_at(const struct symbols *symbols, struct str text, size_t at, size_t *len)
{
    uint8_t byte = (uint8_t)text.ptr[at];
    *len = 1;
    if (byte < 0x80)
        return symbol_is(symbols, byte, SYMBOL_IS_SPACE);
    size_t next = at;
    uint32_t cp = utf8_next(text, &next);
    *len = next - at;
    return utf8_is_space(cp);
}

/* Bytes that white space may begin with; the others can be passed over without a further look. */
static bool may_be_space(const struct symbols *symbols, uint8_t byte)
{
    return byte < 0x80 ? symbol_is(symbols, byte, SYMBOL_IS_SPACE)
                       : byte == 0xC2 || (byte >= 0xE1 && byte <= 0xE3);
}

bool word_next(struct str *word, const struct symbols *symbols, struct str text, size_t *at)
{
    size_t len = 0, start = *at;
    while (start < text.len && space_at(symbols, text, start, &len))
        start += len;
    size_t end = start;
    for (; end < text.len; end += len) {
        len = 1;
        if (may_be_space(symbols, (uint8_t)text.ptr[end]) && space_at(symbols, text, end, &len))
            break;
    }
    *word = str_sub(text, start, end - start);
    *at = end < text.len ? end + len : end;
    return end > start;
}

struct str words_strip(const struct symbols *symbols, struct str text)
{
    size_t len, start = 0, end = text.len;
    while (start < end && space_at(symbols, text, start, &len))
        start += len;
    while (end > start && space_at(symbols, text, utf8_prev(text, end), &len))
        end -= len;
    return str_sub(text, start, end - start);
}

/* Adds the words of a text of ASCII alone, whose symbols are its bytes: between two places where
 * white space begins or ends there is one or there is none. */
static size_t add_ascii_words(struct word_set *set, const struct symbols *symbols, struct str text,
                              size_t enough)
{
    size_t distinct = 0, start = 0;
    uint64_t last = 1; /* the text stands behind white space */
    bool inside = false;
    for (size_t b = 0; b < symbols->n_blocks; b++) {
        uint64_t space = symbols->blocks[b].space, edges = space ^ (space << 1 | last);
        last = space >> (SYMBOLS_PER_BLOCK - 1);
        for (; edges; edges &= edges - 1) {
            size_t at = symbol_of_bit(b, edges);
            if (inside &&
                (distinct += word_set_add(set, str_sub(text, start, at - start))) == enough)
                return distinct;
            start = at;
            inside = !inside;
        }
    }
    if (inside && start < text.len)
        distinct += word_set_add(set, str_from(text, start));
    return distinct;
}

bool word_set_count(struct word_counts *counts, struct word_set *set, const struct symbols *symbols,
                    struct str text, size_t enough, struct err *err)
{
    struct str word;
    *counts = (struct word_counts){.total = word_count(symbols)};
    if (!word_set_begin(set, counts->total, text, err))
        return false;
    if (symbols->n == text.len)
        counts->distinct = add_ascii_words(set, symbols, text, enough);
    else
        for (size_t at = 0; counts->distinct < enough && word_next(&word, symbols, text, &at);)
            counts->distinct += word_set_add(set, word);
    return word_set_end(set, err);
}

void word_set_release(struct word_set *set)
{
    free(set->slots);
    *set = (struct word_set){0};
}
