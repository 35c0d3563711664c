/* check.h - counting checks for the numerics programs, which link no test library so that they run
 * under an emulator. */
#ifndef NUMERICS_CHECK_H
#define NUMERICS_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

struct check {
    int passed, failed, skipped;
};

/* Counts a pass, or prints what failed and counts it. */
#define CHECK(c, ok, ...)                                 \
    do {                                                  \
        if (ok) {                                         \
            (c)->passed++;                                \
        } else {                                          \
            (c)->failed++;                                \
            printf("FAILED %s:%d: ", __FILE__, __LINE__); \
            printf(__VA_ARGS__);                          \
            printf("\n");                                 \
        }                                                 \
    } while (0)

static inline int check_end(const struct check *c)
{
    printf("%d passed, %d failed, %d skipped\n", c->passed, c->failed, c->skipped);
    return c->failed ? 1 : 0;
}

/* A stream of numbers that looks like activations: mostly small, some large, both signs, some
 * zeros. */
struct draw {
    uint64_t key, n;
};

static inline double draw_unit(struct draw *d)
{
    return rng_uniform(d->key, 0, d->n++);
}

static inline float draw_float(struct draw *d)
{
    double u = draw_unit(d) * 2 - 1, kind = draw_unit(d);
    return (float)(kind < 0.05 ? 0.0 : kind < 0.1 ? u * 40 : u);
}

static inline size_t draw_below(struct draw *d, size_t n)
{
    return (size_t)(draw_unit(d) * (double)n);
}

#endif
