/* resample.h - what bootstrap and permutation share: how many draws, from which seed, on which
 * threads.
 * Does        RESAMPLE_CHUNKS slices of the draws go to the pool; draw r takes its random numbers
 *             from (seed, r) alone, so the pool's size never changes an answer. */
#ifndef STAT_RESAMPLE_H
#define STAT_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "os/threads.h"

enum { RESAMPLE_CHUNKS = 64, RESAMPLES_DEFAULT = 10000, RESAMPLES_MAX = 1 << 24 };

struct resample_options {
    uint64_t seed;
    size_t resamples;  /* 1 .. RESAMPLES_MAX */
    struct pool *pool; /* NULL: the calling thread */
};

/* First draw of a chunk; that of the next chunk ends it. */
static inline size_t resample_chunk(size_t resamples, size_t chunk)
{
    return resamples * chunk / RESAMPLE_CHUNKS;
}

#endif
