/* kern.h - the operations everything heavy is made of, one table per instruction set.
 * Does        pure functions on arrays. Every level gives the same bits: kern_ref is plain loops
 *             that read like the formula; the others are one body (kern/body) compiled per
 *             instruction set.
 * Threads     no state. Callers split work over outputs or rows, never over a reduction.
 * Limits      shapes are the caller's duty; nothing here checks.
 * See         docs/numerics.md, where each operation's order of sums is written down;
 *             tests/numerics/kernels.c. */
#ifndef KERN_KERN_H
#define KERN_KERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kern/panel.h"

enum { ATTEND_PAGE_TOK = 64 };

/* Activations rounded to int8: 32 inputs of 8 rows, x ~ scale * q, with what products need of them
 * besides, so that a product walks one stream. Rows of a block share cache lines: whoever fills one
 * row should fill all. */
enum { QROWS_TILE = 8, QROWS_STEP = 32 };

struct qblock {
    int8_t q[QROWS_STEP / 4][QROWS_TILE][4]; /* inputs 4 v .. 4 v + 3 of every row, side by side */
    float scale[QROWS_TILE];
    float scaled_sum[QROWS_TILE]; /* scale * float(sum of q): what a min is multiplied by */
    /* Sums of q over the inputs i with i % 4 < 2, and over the others: of the first 16 inputs, of
     * the last 16, of all. */
    int16_t pair[3][QROWS_TILE][2];
};
enum { QPAIR_ALL = 2 };

struct qrows {
    struct qblock *block; /* [rows / 8][k / 32], rows rounded up */
    size_t k;             /* a multiple of 32 */
};

/* The block that holds input i of a row; the blocks of the following inputs come after it. */
static inline struct qblock *qrows_at(struct qrows x, size_t row, size_t i)
{
    return x.block + row / QROWS_TILE * (x.k / QROWS_STEP) + i / QROWS_STEP;
}

/* Rows from `row` on, a multiple of 8. */
static inline struct qrows qrows_from(struct qrows x, size_t row)
{
    return (struct qrows){qrows_at(x, row, 0), x.k};
}

static inline size_t qrows_bytes(size_t rows, size_t k)
{
    return (rows + QROWS_TILE - 1) / QROWS_TILE * (k / QROWS_STEP) * sizeof(struct qblock);
}

/* One page of keys or values of one head: float or float16, 64 positions.
 *   keys    [4][d][16]       16 positions side by side
 *   values  [d / 16][64][16]  16 dimensions side by side */
struct attend_page {
    void *keys, *values;
    bool is_f16;
    size_t d;                            /* head size, a multiple of 16 */
    size_t used;                         /* positions written, 1 .. 64 */
    const void *next_keys, *next_values; /* of the page wanted after this one, or NULL: a hint */
};

/* Query rows with their running softmax. */
struct attend_rows {
    const float *q;         /* (rows, d), already scaled */
    float *o;               /* (rows, d), sum of p v so far */
    float *max, *sum;       /* (rows) */
    const uint8_t *lo, *hi; /* (rows): positions lo <= i < hi of the page are seen; lo < hi */
    size_t count;
};

struct kern {
    const char *name;

    /* y (rows, y_stride): the columns of panels [first, last) of x w^T, and no others. Quantised x
     * and w (N5): per group, the exact integer dot product becomes one fma; groups in order. next:
     * the panel that is likely wanted after these, or w->count; a hint. */
    void (*matmul_quant)(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, size_t next, struct qrows x, size_t rows);
    /* The same with float x (rows, x_stride); w of any kind, as floats. One chain of fma along k.
     */
    void (*matmul_float)(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, const float *x, size_t x_stride, size_t rows);

    /* For the likeliest id (model/bounds.c), of split panels: bounds on logits from the high 5 bits of
     * the weights alone, in integer products like those of 5-bit codes (numbers.h).
     * coarse_pays: this level computes them in much less time than the logits.
     * coarse_slack: how far, for activations of length 1, a bound lies above the coarse product, for
     * the 16 outputs of a panel, rounding included. Returns how much higher a logit can be than the
     * bound for other activations, for each unit of the distance between the two.
     * coarse_bounds: upper[r][p], for panels first <= p < last: no logit that matmul_quant gives for
     * row r and panel p is higher. slack of all panels; length (rows): coarse_length of the rows. */
    bool coarse_pays;
    float (*coarse_slack)(float slack[PANEL_LANES], const struct panels *w, size_t panel);
    void (*coarse_bounds)(float *const *upper, const struct panels *w, size_t first, size_t last,
                          const float (*slack)[PANEL_LANES], struct qrows x, const float *length,
                          size_t rows);
    /* Where one of y (n, at most 16) is above *value, the highest and its id become *value and *id;
     * y[i] is of id first + i. The lowest id among equals. */
    void (*best)(float *value, uint32_t *id, const float *y, size_t n, uint32_t first);

    /* One page of attention for all rows: online softmax (N6). */
    void (*attend)(const struct attend_rows *rows, const struct attend_page *page);
    /* o (d) *= 1 / sum: ends the softmax of one row. */
    void (*attend_end)(float *o, float sum, size_t d);

    /* x (n) becomes inputs [from, from + n) of row `row` of out; both are multiples of 32. */
    void (*quantise)(struct qrows out, size_t row, size_t from, const float *x, size_t n);
    /* y = x / sqrt(mean(x^2) + eps) * w */
    void (*rms_norm)(float *y, const float *x, const float *w, size_t n, float eps);
    void (*add)(float *y, const float *x, size_t n);                 /* y += x */
    float (*distance)(const float *x, const float *y, size_t n);     /* sum of (x - y)^2 */
    void (*scale)(float *y, const float *x, float factor, size_t n); /* y = x * factor */
    void (*gelu_mul)(float *y, const float *gate, const float *up,
                     size_t n); /* gelu_tanh(gate) * up */
    void (*silu_mul)(float *y, const float *gate, const float *up, size_t n); /* silu(gate) * up */
    /* Rotates pairs (x[i], x[i + half]) by the angle whose cosine and sine are given (half). */
    void (*rope)(float *x, const float *cosine, const float *sine, size_t half);
    /* Writes one position of a page; values beyond float16 saturate. */
    void (*page_put)(void *keys, void *values, bool is_f16, size_t d, size_t position,
                     const float *k, const float *v);
};

/* The length of the activations of a row, or a little more, as coarse_bounds wants it; and the
 * activations themselves (x.k), scale * q. */
float coarse_length(struct qrows x, size_t row);
void qrow_floats(float *to, struct qrows x, size_t row);

/* The level named by `name` ("ref", "avx2", "avx512", "avx512-vnni", "neon"), or with NULL the one
 * LEM_ISA names, or the best this processor has. ERR_USAGE names the levels there are;
 * ERR_UNSUPPORTED when the processor lacks it. */
MUST_USE bool kern_select(const struct kern **out, const char *name, struct err *err);

/* Levels this program was built with that this processor can run; ref is index 0. NULL past the
 * end. */
const struct kern *kern_at(size_t index);

extern const struct kern kern_ref;

#endif
