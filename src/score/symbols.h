/* symbols.h - a text as one byte per character, holding just what scoring rules can see.
 * Does        turns UTF-8 into symbols: an ASCII character is itself, every other one becomes the
 *             class it belongs to for Python's re (word, digit, space, other), with separate
 *             symbols for the few that rules name. Rules then need no Unicode, count characters
 *             by subtracting indices, and may look one symbol past either end. It also checks the
 *             encoding, so a text is read with full care exactly once.
 * Lifetime    symbols_init once, symbols_load per text (memory is kept), symbols_release.
 * Threads     one thread at a time.
 * Errors      symbols_load: ERR_FORMAT naming the first bad byte; ERR_LIMIT without memory.
 * See         Python's Lib/re with Unicode 14, as in text/utf8.h. */
#ifndef SCORE_SYMBOLS_H
#define SCORE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Symbols beyond ASCII. re.IGNORECASE takes U+0130 and U+0131 for i, U+017F for s, U+212A for k. */
enum symbol {
    SYMBOL_WORD = 0x80, /* any other letter or numeral */
    SYMBOL_DIGIT,       /* any other decimal digit */
    SYMBOL_SPACE,
    SYMBOL_OTHER,
    SYMBOL_EM_DASH,
    SYMBOL_LIKE_I,
    SYMBOL_LIKE_S,
    SYMBOL_LIKE_K,
    SYMBOL_END /* before the first and after the last; in no class, equal to nothing */
};

enum symbol_class {
    SYMBOL_IS_WORD = 1, /* \w */
    SYMBOL_IS_SPACE = 2,
    SYMBOL_IS_DIGIT = 4,
    SYMBOL_IS_UPPER = 8, /* [A-Z] */
    SYMBOL_IS_LOWER = 16 /* [a-z] */
};

struct symbols {
    uint8_t class[256]; /* enum symbol_class of each symbol */
    uint8_t fold[256];  /* lower case of each symbol, under IGNORECASE */
    const uint8_t *at;  /* at[-1] and at[n] are SYMBOL_END */
    size_t n;           /* characters */
    uint8_t *memory;
    size_t cap;
};

void symbols_init(struct symbols *symbols);
MUST_USE bool symbols_load(struct symbols *symbols, struct str text, struct err *err);
void symbols_release(struct symbols *symbols);

static inline bool symbol_is(const struct symbols *symbols, uint8_t symbol, unsigned classes)
{
    return (symbols->class[symbol] & classes) != 0;
}

/* \b in front of p */
static inline bool symbol_edge(const struct symbols *symbols, const uint8_t *p)
{
    return ((symbols->class[p[-1]] ^ symbols->class[p[0]]) & SYMBOL_IS_WORD) != 0;
}

#endif
