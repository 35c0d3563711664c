/* words.c - see words.h. */
#include "score/words.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"

enum { SLOTS_MIN = 64 };

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Multiply and fold, eight bytes a step, as wyhash does. */
static uint32_t hash_word(uint64_t key, const char *p, size_t len)
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
    return (uint32_t)(hash ^ hash >> 32);
}

size_t word_count(const struct symbols *symbols)
{
    size_t words = 0, was_space = 1;
    for (size_t i = 0; i < symbols->n; i++) {
        size_t space = symbols->class[symbols->at[i]] & SYMBOL_IS_SPACE ? 1 : 0;
        words += was_space & (space ^ 1);
        was_space = space;
    }
    return words;
}

/* The table cannot be filled beyond two thirds: there are at most 128 words of one byte, and any
 * other takes three with its separator. */
bool word_set_begin(struct word_set *set, size_t pieces, struct str text, struct err *err)
{
    size_t distinct_max = size_min(pieces, 128 + text.len / 3), need = SLOTS_MIN;
    while (need < distinct_max + distinct_max / 2)
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
    return true;
}

bool word_set_add(struct word_set *set, struct str piece)
{
    uint32_t hash = hash_word((uint64_t)(uintptr_t)set->slots, piece.ptr, piece.len);
    size_t at = hash & set->mask;
    for (; set->slots[at].len; at = (at + 1) & set->mask) {
        const struct word_slot *slot = &set->slots[at];
        if (slot->hash == hash && slot->len == piece.len &&
            memcmp(set->text.ptr + slot->offset, piece.ptr, piece.len) == 0)
            return false;
    }
    set->slots[at] =
        (struct word_slot){hash, (uint32_t)(piece.ptr - set->text.ptr), (uint32_t)piece.len};
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

bool word_next(struct str *word, const struct symbols *symbols, struct str text, size_t *at)
{
    size_t len = 0, start = *at;
    while (start < text.len && space_at(symbols, text, start, &len))
        start += len;
    size_t end = start;
    while (end < text.len && !space_at(symbols, text, end, &len))
        end += len;
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

bool word_set_count(struct word_counts *counts, struct word_set *set, const struct symbols *symbols,
                    struct str text, struct err *err)
{
    struct str word;
    *counts = (struct word_counts){.total = word_count(symbols)};
    if (!word_set_begin(set, counts->total, text, err))
        return false;
    for (size_t at = 0; word_next(&word, symbols, text, &at);)
        counts->distinct += word_set_add(set, word);
    return true;
}

void word_set_release(struct word_set *set)
{
    free(set->slots);
    *set = (struct word_set){0};
}
