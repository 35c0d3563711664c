/* symbols.c - see symbols.h. */
#include "score/symbols.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"

void symbols_init(struct symbols *symbols)
{
    *symbols = (struct symbols){0};
    for (unsigned c = 0; c < 256; c++)
        symbols->fold[c] = (uint8_t)c;
    for (unsigned c = 0; c < 0x80; c++)
        if (utf8_is_space(c))
            symbols->class[c] = SYMBOL_IS_SPACE;
    for (unsigned c = 'a'; c <= 'z'; c++) {
        unsigned upper = c - 'a' + 'A';
        symbols->class[c] = SYMBOL_IS_WORD | SYMBOL_IS_LOWER;
        symbols->class[upper] = SYMBOL_IS_WORD | SYMBOL_IS_UPPER;
        symbols->fold[upper] = (uint8_t)c;
    }
    for (unsigned c = '0'; c <= '9'; c++)
        symbols->class[c] = SYMBOL_IS_WORD | SYMBOL_IS_DIGIT;
    symbols->class['_'] = symbols->class[SYMBOL_WORD] = SYMBOL_IS_WORD;
    symbols->class[SYMBOL_DIGIT] = SYMBOL_IS_WORD | SYMBOL_IS_DIGIT;
    symbols->class[SYMBOL_SPACE] = SYMBOL_IS_SPACE;
    for (unsigned c = SYMBOL_LIKE_I; c <= SYMBOL_LIKE_K; c++)
        symbols->class[c] = SYMBOL_IS_WORD;
    symbols->fold[SYMBOL_LIKE_I] = 'i';
    symbols->fold[SYMBOL_LIKE_S] = 's';
    symbols->fold[SYMBOL_LIKE_K] = 'k';
}

void symbols_release(struct symbols *symbols)
{
    free(symbols->memory);
    *symbols = (struct symbols){0};
}

static bool reserve(struct symbols *symbols, size_t len, struct err *err)
{
    size_t cap = size_round_up(len + 2, 4096);
    if (cap <= symbols->cap)
        return true;
    uint8_t *memory = mem_try_aligned(cap, 64);
    if (!memory)
        return err_set(err, ERR_LIMIT, "no memory to score a text of %zu bytes", len);
    free(symbols->memory);
    symbols->memory = memory;
    symbols->cap = cap;
    return true;
}

static uint8_t symbol_of(uint32_t cp)
{
    switch (cp) {
    case 0x2014: return SYMBOL_EM_DASH;
    case 0x130:
    case 0x131: return SYMBOL_LIKE_I;
    case 0x17F: return SYMBOL_LIKE_S;
    case 0x212A: return SYMBOL_LIKE_K;
    default: break;
    }
    if (utf8_is_digit(cp))
        return SYMBOL_DIGIT;
    if (utf8_is_alnum(cp))
        return SYMBOL_WORD;
    return utf8_is_space(cp) ? SYMBOL_SPACE : SYMBOL_OTHER;
}

/* Length of the run of ASCII at s[at]. */
static size_t ascii_run(struct str s, size_t at)
{
    size_t start = at;
    uint64_t word;
    for (; s.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, s.ptr + at, sizeof word);
        if (word & 0x8080808080808080u)
            break;
    }
    while (at < s.len && !(s.ptr[at] & 0x80))
        at++;
    return at - start;
}

bool symbols_load(struct symbols *symbols, struct str text, struct err *err)
{
    if (!reserve(symbols, text.len, err))
        return false;
    uint8_t *out = symbols->memory;
    *out++ = SYMBOL_END;
    symbols->at = out;
    for (size_t at = 0; at < text.len;) {
        size_t run = ascii_run(text, at);
        memcpy(out, text.ptr + at, run);
        out += run;
        at += run;
        if (at == text.len)
            break;
        size_t here = at;
        uint32_t cp = utf8_next(text, &at);
        if (cp == UTF8_BAD)
            return err_set(err, ERR_FORMAT, "byte %zu of the text is not UTF-8", here + 1);
        *out++ = symbol_of(cp);
    }
    *out = SYMBOL_END;
    symbols->n = (size_t)(out - symbols->at);
    return true;
}
