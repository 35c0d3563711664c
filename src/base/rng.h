/* rng.h - counter-based random numbers: a pure function of (key, counter).
 * Does        Philox 4x32 with 10 rounds. Nothing is drawn "next": whoever asks for draw number n
 *             of a stream gets the same bits whatever else runs, in any order, on any machine.
 * Threads     no state.
 * See         Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3". */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng_block {
    uint32_t word[4];
};

struct rng_block rng_block(uint64_t key, uint64_t counter_hi, uint64_t counter_lo);

/* A double in [0, 1) with 53 random bits: draw `n` of stream (key, stream). */
double rng_uniform(uint64_t key, uint64_t stream, uint64_t n);

/* A well-mixed 64-bit key of a byte string (FNV-1a, then a finaliser), for naming streams. */
uint64_t rng_key(const void *bytes, uint64_t len, uint64_t seed);

#endif
