/* symbols.c - see symbols.h. */
#include "score/symbols.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"

static void init_ascii(struct symbols *symbols)
{
    for (unsigned c = 0; c < 256; c++)
        symbols->fold[c] = (uint8_t)c;
    for (unsigned c = 'a'; c <= 'z'; c++) {
        unsigned upper = c - 'a' + 'A';
        symbols->class[c] = SYMBOL_IS_WORD | SYMBOL_IS_LOWER;
        symbols->class[upper] = SYMBOL_IS_WORD | SYMBOL_IS_UPPER;
        symbols->fold[upper] = (uint8_t)c;
    }
    for (unsigned c = '0'; c <= '9'; c++)
        symbols->class[c] = SYMBOL_IS_WORD | SYMBOL_IS_DIGIT;
    symbols->class['_'] = SYMBOL_IS_WORD;
    symbols->class[SYMBOL_SPACE] = SYMBOL_IS_SPACE;
}

static void init_python(struct symbols *symbols)
{
    for (unsigned c = 0; c < 0x80; c++)
        if (utf8_is_space(c))
            symbols->class[c] = SYMBOL_IS_SPACE | SYMBOL_IS_BLANK;
    symbols->class[SYMBOL_SPACE] |= SYMBOL_IS_BLANK;
    symbols->class[SYMBOL_WORD] = SYMBOL_IS_WORD;
    symbols->class[SYMBOL_DIGIT] = SYMBOL_IS_WORD | SYMBOL_IS_DIGIT;
    for (unsigned c = SYMBOL_DOTTED_I; c <= SYMBOL_KELVIN; c++)
        symbols->class[c] = SYMBOL_IS_WORD;
}

static void init_go(struct symbols *symbols)
{
    for (const char *c = "\t\n\f\r "; *c; c++)
        symbols->class[(uint8_t)*c] = SYMBOL_IS_SPACE | SYMBOL_IS_BLANK;
    symbols->class['\v'] = SYMBOL_IS_SPACE;
}

void symbols_init(struct symbols *symbols, enum symbol_dialect dialect)
{
    static const struct {
        char dotted_i, dotless_i, long_s;
    } folds[] = {
        [SYMBOLS_PYTHON] = {'i', 'i', 's'},
        [SYMBOLS_PYTHON_LOWER] = {0},
        [SYMBOLS_GO] = {.long_s = 's'},
        [SYMBOLS_GO_LOWER] = {.dotted_i = 'i'},
    };
    *symbols = (struct symbols){.dialect = dialect};
    init_ascii(symbols);
    if (dialect == SYMBOLS_GO || dialect == SYMBOLS_GO_LOWER)
        init_go(symbols);
    else
        init_python(symbols);
    if (folds[dialect].dotted_i)
        symbols->fold[SYMBOL_DOTTED_I] = (uint8_t)folds[dialect].dotted_i;
    if (folds[dialect].dotless_i)
        symbols->fold[SYMBOL_DOTLESS_I] = (uint8_t)folds[dialect].dotless_i;
    if (folds[dialect].long_s)
        symbols->fold[SYMBOL_LONG_S] = (uint8_t)folds[dialect].long_s;
    symbols->fold[SYMBOL_KELVIN] = 'k';
    for (const char *c = ".*_>#|?\n"; *c; c++)
        symbols->class[(uint8_t)*c] |= SYMBOL_IS_MARK;
    symbols->class[SYMBOL_EM_DASH] |= SYMBOL_IS_MARK;
    for (unsigned c = 0; c < 256; c++)
        if (symbols->fold[c] >= 'a' && symbols->fold[c] <= 'z')
            symbols->class[c] |= SYMBOL_IS_LETTER;
}

void symbols_release(struct symbols *symbols)
{
    free(symbols->memory);
    free(symbols->blocks);
    *symbols = (struct symbols){0};
}

static bool reserve(struct symbols *symbols, size_t len, struct err *err)
{
    /* A whole block may be read from the last symbol on. */
    size_t cap = size_round_up(len + 2 + SYMBOLS_PER_BLOCK, 4096);
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
    case 0x130: return SYMBOL_DOTTED_I;
    case 0x131: return SYMBOL_DOTLESS_I;
    case 0x17F: return SYMBOL_LONG_S;
    case 0x212A: return SYMBOL_KELVIN;
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
        if (out[-1] == SYMBOL_DOTTED_I && symbols->dialect == SYMBOLS_PYTHON_LOWER) {
            out[-1] = 'i'; /* two bytes became i and a combining dot: still no more than there is */
            *out++ = SYMBOL_OTHER;
        }
    }
    *out = SYMBOL_END;
    symbols->n = (size_t)(out - symbols->at);
    return true;
}

struct symbol_span symbols_strip(const struct symbols *symbols, struct symbol_span span)
{
    while (span.start < span.end && symbol_is(symbols, *span.start, SYMBOL_IS_SPACE))
        span.start++;
    while (span.end > span.start && symbol_is(symbols, span.end[-1], SYMBOL_IS_SPACE))
        span.end--;
    return span;
}

/* Of eight bytes, bit `bit` of each, as eight bits: the product moves the one of byte j to bit 56 +
 * j, and nothing else gets there. */
static uint64_t gather(uint64_t bytes, unsigned bit)
{
    return (bytes >> bit & 0x0101010101010101u) * 0x0102040810204080u >> 56;
}

static void map_block(struct symbol_block *block, const uint8_t class[256], const uint8_t *p)
{
    *block = (struct symbol_block){0};
    for (unsigned i = 0; i < SYMBOLS_PER_BLOCK; i += 8) {
        uint64_t classes = 0;
        for (unsigned j = 0; j < 8; j++)
            classes |= (uint64_t) class[p[i + j]] << 8 * j;
        block->word |= gather(classes, 0) << i;
        block->space |= gather(classes, 1) << i;
        block->digit |= gather(classes, 2) << i;
        block->upper |= gather(classes, 3) << i;
        block->mark |= gather(classes, 6) << i;
        block->letter |= gather(classes, 7) << i;
    }
}

void symbols_map(struct symbols *symbols)
{
    size_t n = (symbols->n + SYMBOLS_PER_BLOCK - 1) / SYMBOLS_PER_BLOCK;
    if (n > symbols->cap_blocks) {
        symbols->cap_blocks = size_max(n, 2 * symbols->cap_blocks);
        free(symbols->blocks);
        symbols->blocks = mem_alloc(symbols->cap_blocks * sizeof *symbols->blocks);
    }
    symbols->n_blocks = n;
    /* What an earlier text left behind the last symbol is in no class. */
    memset(symbols->memory + 1 + symbols->n, SYMBOL_END, SYMBOLS_PER_BLOCK);
    for (size_t i = 0; i < n; i++)
        map_block(&symbols->blocks[i], symbols->class, symbols->at + i * SYMBOLS_PER_BLOCK);
}
