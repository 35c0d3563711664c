/* mersenne.c - see mersenne.h. */
#include "base/mersenne.h"

enum { MIDDLE = 397 };

static void seed_word(struct mersenne *mt, uint32_t seed)
{
    mt->state[0] = seed;
    for (uint32_t i = 1; i < MERSENNE_WORDS; i++)
        mt->state[i] = 1812433253u * (mt->state[i - 1] ^ (mt->state[i - 1] >> 30)) + i;
    mt->at = MERSENNE_WORDS;
}

void mersenne_seed_words(struct mersenne *mt, const uint32_t *key, size_t n)
{
    uint32_t *s = mt->state;
    size_t i = 1, k = 0;
    seed_word(mt, 19650218u);
    for (size_t left = n > MERSENNE_WORDS ? n : MERSENNE_WORDS; left > 0; left--) {
        s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1664525u)) + key[k] + (uint32_t)k;
        k = (k + 1) % n;
        if (++i == MERSENNE_WORDS) {
            s[0] = s[MERSENNE_WORDS - 1];
            i = 1;
        }
    }
    for (size_t left = MERSENNE_WORDS - 1; left > 0; left--) {
        s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1566083941u)) - (uint32_t)i;
        if (++i == MERSENNE_WORDS) {
            s[0] = s[MERSENNE_WORDS - 1];
            i = 1;
        }
    }
    s[0] = 0x80000000u;
}

void mersenne_seed(struct mersenne *mt, uint64_t seed)
{
    const uint32_t key[] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    mersenne_seed_words(mt, key, key[1] ? 2 : 1);
}

static void refill(struct mersenne *mt)
{
    uint32_t *s = mt->state;
    for (size_t i = 0; i < MERSENNE_WORDS; i++) {
        uint32_t y = (s[i] & 0x80000000u) | (s[(i + 1) % MERSENNE_WORDS] & 0x7fffffffu);
        s[i] = s[(i + MIDDLE) % MERSENNE_WORDS] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
    }
    mt->at = 0;
}

uint32_t mersenne_next(struct mersenne *mt)
{
    if (mt->at == MERSENNE_WORDS)
        refill(mt);
    uint32_t y = mt->state[mt->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

uint32_t mersenne_below(struct mersenne *mt, uint32_t n)
{
    int unused_bits = __builtin_clz(n);
    uint32_t draw;
    do {
        draw = mersenne_next(mt) >> unused_bits;
    } while (draw >= n);
    return draw;
}

void mersenne_shuffle(uint32_t *order, size_t n, uint64_t seed)
{
    struct mersenne mt;
    mersenne_seed(&mt, seed);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = n; i-- > 1;) {
        uint32_t k = mersenne_below(&mt, (uint32_t)i + 1), moved = order[i];
        order[i] = order[k];
        order[k] = moved;
    }
}
