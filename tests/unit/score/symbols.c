/* Symbols: blocks of bits say what symbol_is says, symbol by symbol, on random texts and at every
 * length around a block's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "score/symbols.h"

enum { N_TEXTS = 2000, CHARS_MAX = 300, N_DIALECTS = 4 };

/* Characters of every class and some of none; ASCII more often. */
static void put_char(struct buf *out, uint64_t text, uint64_t i)
{
    static const char *const odd[] = {"\xC3\x89", "\xE2\x80\x94",     "\xC4\xB0", "\xC4\xB1",
                                      "\xC5\xBF", "\xE2\x84\xAA",     "\xC2\xA0", "\xE2\x80\xA8",
                                      "\xD9\xA3", "\xF0\x9F\x99\x82", "\xCC\x81"};
    double u = rng_uniform(1, text, i);
    if (u < 0.1)
        buf_puts(out, odd[(size_t)(u * 10 * (sizeof odd / sizeof *odd))]);
    else
        buf_putc(out, (char)((u - 0.1) / 0.9 * 128));
}

static bool bit(uint64_t bits, size_t i)
{
    return bits >> i % SYMBOLS_PER_BLOCK & 1;
}

static void check_blocks(const struct symbols *s)
{
    assert_int_equal(s->n_blocks, (s->n + SYMBOLS_PER_BLOCK - 1) / SYMBOLS_PER_BLOCK);
    for (size_t i = 0; i < s->n_blocks * SYMBOLS_PER_BLOCK; i++) {
        const struct symbol_block *block = &s->blocks[i / SYMBOLS_PER_BLOCK];
        uint8_t symbol = i < s->n ? s->at[i] : SYMBOL_END;
        assert_int_equal(bit(block->word, i), symbol_is(s, symbol, SYMBOL_IS_WORD));
        assert_int_equal(bit(block->space, i), symbol_is(s, symbol, SYMBOL_IS_SPACE));
        assert_int_equal(bit(block->digit, i), symbol_is(s, symbol, SYMBOL_IS_DIGIT));
        assert_int_equal(bit(block->upper, i), symbol_is(s, symbol, SYMBOL_IS_UPPER));
        assert_int_equal(bit(block->mark, i), symbol_is(s, symbol, SYMBOL_IS_MARK));
        assert_int_equal(bit(block->letter, i), s->fold[symbol] >= 'a' && s->fold[symbol] <= 'z');
    }
}

static void blocks_say_what_symbols_are(void **state)
{
    (void)state;
    struct symbols symbols[N_DIALECTS];
    struct err err = {0};
    struct buf text;
    buf_init(&text, 1 << 16);
    for (size_t d = 0; d < N_DIALECTS; d++)
        symbols_init(&symbols[d], (enum symbol_dialect)d);
    for (uint64_t t = 0; t < N_TEXTS; t++) {
        size_t n =
            t < 3 * SYMBOLS_PER_BLOCK ? (size_t)t : (size_t)(rng_uniform(2, t, 0) * CHARS_MAX);
        buf_reset(&text);
        for (uint64_t i = 0; i < n; i++)
            put_char(&text, t, i);
        for (size_t d = 0; d < N_DIALECTS; d++) {
            assert_true(symbols_load(&symbols[d], buf_str(&text), &err));
            symbols_map(&symbols[d]);
            check_blocks(&symbols[d]);
        }
    }
    for (size_t d = 0; d < N_DIALECTS; d++)
        symbols_release(&symbols[d]);
    buf_release(&text);
}

static void a_run_is_found_across_blocks(void **state)
{
    (void)state;
    uint64_t last = 0;
    assert_true(symbol_starts(0xC000000000000007u, &last) == 0x4000000000000001u);
    assert_true(symbol_starts(0x0000000000000005u, &last) == 0x0000000000000004u);
    assert_int_equal(last, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_say_what_symbols_are),
        cmocka_unit_test(a_run_is_found_across_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
