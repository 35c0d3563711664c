/* symbols.h - a text as one byte per character, holding just what scoring rules can see.
 * Does        turns UTF-8 into symbols: an ASCII character is itself, every other one becomes the
 *             class it belongs to (word, digit, space, other), with separate symbols for the few
 *             that rules name. Rules then need no Unicode, count characters by subtracting
 *             indices, and may look one symbol past either end. What a class holds and how case is
 *             ignored depends on the dialect: the original's rules ran in Python and in Go. It
 *             also checks the encoding, so a text is read with full care exactly once.
 * Lifetime    symbols_init once, symbols_load per text (memory is kept) and symbols_map after it
 *             where blocks are wanted, symbols_release.
 * Threads     one thread at a time.
 * Errors      symbols_load: ERR_FORMAT naming the first bad byte; ERR_LIMIT without memory.
 * See         Python's Lib/re with Unicode 14, as in text/utf8.h; Go's regexp and strings. */
#ifndef SCORE_SYMBOLS_H
#define SCORE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* How case is ignored, and what \w, \d and white space are. */
enum symbol_dialect {
    SYMBOLS_PYTHON,       /* re.IGNORECASE: U+0130, U+0131 are i, U+017F is s, U+212A is k */
    SYMBOLS_PYTHON_LOWER, /* str.lower first: U+0130 becomes two characters, U+212A is k */
    SYMBOLS_GO,           /* (?i): U+017F is s, U+212A is k; \w and \d are ASCII */
    SYMBOLS_GO_LOWER      /* strings.ToLower first: U+0130 is i, U+212A is k; \w, \d ASCII */
};

/* Symbols beyond ASCII. */
enum symbol {
    SYMBOL_WORD = 0x80, /* any other letter or numeral */
    SYMBOL_DIGIT,       /* any other decimal digit */
    SYMBOL_SPACE,
    SYMBOL_OTHER,
    SYMBOL_EM_DASH,
    SYMBOL_DOTTED_I,  /* U+0130 */
    SYMBOL_DOTLESS_I, /* U+0131 */
    SYMBOL_LONG_S,    /* U+017F */
    SYMBOL_KELVIN,    /* U+212A */
    SYMBOL_END        /* before the first and after the last; in no class, equal to nothing */
};

enum symbol_class {
    SYMBOL_IS_WORD = 1,  /* \w */
    SYMBOL_IS_SPACE = 2, /* what splitting and trimming go by */
    SYMBOL_IS_DIGIT = 4,
    SYMBOL_IS_UPPER = 8,  /* [A-Z] */
    SYMBOL_IS_LOWER = 16, /* [a-z] */
    SYMBOL_IS_BLANK = 32, /* \s; in Go fewer than SPACE */
    SYMBOL_IS_MARK =
        64, /* what a rule about layout may begin with: . * _ > # | ? \n and the dash */
    SYMBOL_IS_LETTER = 128 /* a letter from a to z, when case is ignored */
};

/* For 64 symbols, a bit each: is it of that class? Most rules begin at few places, and find them
 * here 64 at a time. */
struct symbol_block {
    uint64_t word, space, digit, upper, mark, letter;
};
enum { SYMBOLS_PER_BLOCK = 64 };

struct symbols {
    enum symbol_dialect dialect;
    uint8_t class[256]; /* enum symbol_class bits of each symbol */
    uint8_t fold[256];  /* lower case of each symbol, in this dialect */
    const uint8_t *at;  /* at[-1] and at[n] are SYMBOL_END */
    size_t n;           /* characters */
    uint8_t *memory;
    size_t cap;
    struct symbol_block *blocks; /* symbols_map; bits past the last symbol are 0 */
    size_t n_blocks, cap_blocks;
};

void symbols_init(struct symbols *symbols, enum symbol_dialect dialect);
MUST_USE bool symbols_load(struct symbols *symbols, struct str text, struct err *err);
/* Fills the blocks of the text that was loaded. */
void symbols_map(struct symbols *symbols);
void symbols_release(struct symbols *symbols);

/* The bits of `class` whose symbol does not follow one of the same: where its runs begin. *last
 * carries the end of one block over to the next, 0 at first. */
static inline uint64_t symbol_starts(uint64_t class, uint64_t *last)
{
    uint64_t starts = class & ~(class << 1 | *last);
    *last = class >> (SYMBOLS_PER_BLOCK - 1);
    return starts;
}

/* A run of characters of a loaded text. */
struct symbol_span {
    const uint8_t *start, *end;
};

struct symbol_span symbols_strip(const struct symbols *symbols, struct symbol_span span);
static inline struct symbol_span symbols_all(const struct symbols *symbols)
{
    return (struct symbol_span){symbols->at, symbols->at + symbols->n};
}

static inline bool symbol_is(const struct symbols *symbols, uint8_t symbol, unsigned classes)
{
    return (symbols->class[symbol] & classes) != 0;
}

/* \b in front of p */
static inline bool symbol_edge(const struct symbols *symbols, const uint8_t *p)
{
    return ((symbols->class[p[-1]] ^ symbols->class[p[0]]) & SYMBOL_IS_WORD) != 0;
}

/* The symbol of the lowest bit, of which there is one, in a block. */
static inline size_t symbol_of_bit(size_t block, uint64_t bits)
{
    return block * SYMBOLS_PER_BLOCK + (size_t)__builtin_ctzll(bits);
}

#endif
