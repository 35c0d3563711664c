/* mersenne.h - the random numbers of Python's random module, for orders that must be those of a
 * Python script. Whatever is our own uses rng.h.
 * Does        the Mersenne Twister MT19937, seeded and drawn from as CPython 3 does it.
 * Threads     a generator belongs to one thread.
 * See         Matsumoto, Nishimura 1998, "Mersenne twister"; CPython, Modules/_randommodule.c and
 *             Lib/random.py: seed, getrandbits, _randbelow_with_getrandbits, shuffle. */
#ifndef BASE_MERSENNE_H
#define BASE_MERSENNE_H

#include <stddef.h>
#include <stdint.h>

enum { MERSENNE_WORDS = 624 };

struct mersenne {
    uint32_t state[MERSENNE_WORDS];
    size_t at;
};

void mersenne_seed_words(struct mersenne *mt, const uint32_t *key, size_t n); /* init_by_array */
void mersenne_seed(struct mersenne *mt, uint64_t seed);                       /* random.seed */
uint32_t mersenne_next(struct mersenne *mt);                                  /* 32 bits */
/* random._randbelow: uniform below n, 1 <= n <= 2^32 - 1. */
uint32_t mersenne_below(struct mersenne *mt, uint32_t n);
/* Fills order[n] with the places that random.shuffle puts things in: place i gets what stood at
 * order[i]. */
void mersenne_shuffle(uint32_t *order, size_t n, uint64_t seed);

#endif
