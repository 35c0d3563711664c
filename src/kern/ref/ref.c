/* ref.c - every kernel as plain loops that read like the formula; what the fast levels must equal,
 * bit for bit. */
#include <math.h>
#include <string.h>

#include "kern/kern.h"
#include "kern/numbers.h"
#include "tensor/half.h"

/* Adds 16 lanes in the one order that all levels use. */
static float tree_sum(float lane[PANEL_LANES])
{
    for (size_t half = PANEL_LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* e^x: x = n ln 2 + r, a polynomial in r, times 2^n. Zero below EXP_LOWEST; relative error below
 * 2e-7. */
static float ref_exp(float x)
{
    if (!(x >= EXP_LOWEST))
        return 0.0f;
    x = x < EXP_HIGHEST ? x : EXP_HIGHEST;
    float n = rintf(x * LOG2_E);
    float r = fmaf(n, -LN2_HIGH, x);
    r = fmaf(n, -LN2_LOW, r);
    float p = EXP_5;
    p = fmaf(p, r, EXP_4);
    p = fmaf(p, r, EXP_3);
    p = fmaf(p, r, EXP_2);
    p = fmaf(p, r, EXP_1);
    p = fmaf(p, r, EXP_0);
    p = fmaf(p, r * r, r) + 1.0f;
    return p * half_bits_to_float((uint32_t)((int)n + 127) << 23);
}

static void matmul_quant(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, size_t next, struct qrows x, size_t rows)
{
    (void)next;
    size_t group = w->quant.group, end = last * PANEL_LANES < w->n ? last * PANEL_LANES : w->n;
    for (size_t c = first * PANEL_LANES; c < end; c++) {
        float *column = y + c - first * PANEL_LANES;
        for (size_t r = 0; r < rows; r++)
            column[r * y_stride] = 0.0f;
        for (size_t i = 0; i < w->k; i += group) {
            int codes[PANEL_STEP];
            panels_codes(w, c, i / PANEL_STEP, codes);
            const int *code = codes + i % PANEL_STEP;
            float scale = panels_scale(w, c, i / group);
            for (size_t r = 0; r < rows; r++) {
                float *out = &column[r * y_stride];
                const struct qblock *block = qrows_at(x, r, i);
                float row_scale = block->scale[r % QROWS_TILE];
                int dot = 0, sum = 0;
                for (size_t j = 0; j < group; j++) {
                    int q = block->q[(i + j) % QROWS_STEP / 4][r % QROWS_TILE][j % 4];
                    dot += code[j] * q;
                    sum += q;
                }
                *out = fmaf((float)dot, scale * row_scale, *out);
                if (w->quant.has_min)
                    *out = fmaf(panels_min(w, c, i / group), row_scale * (float)sum, *out);
            }
        }
    }
}

/* The product of row r and output c in units of COARSE_UNIT; see numbers.h. */
static float coarse_product(const struct panels *w, size_t c, struct qrows x, size_t r)
{
    float product = 0.0f;
    for (size_t i = 0; i < w->k; i += PANEL_STEP) {
        const struct qblock *block = qrows_at(x, r, i);
        int code[PANEL_STEP], dot = 0, pair[2] = {0, 0};
        panels_codes(w, c, i / PANEL_STEP, code);
        for (int j = 0; j < PANEL_STEP; j++) {
            int q = block->q[j / 4][r % QROWS_TILE][j % 4];
            dot += (code[j] + 128) / 8 * q;
            pair[j % 4 / 2] += q;
        }
        dot += coarse_begin(pair[0]) + coarse_begin(pair[1]);
        float factor = panels_scale(w, c, i / PANEL_STEP) * block->scale[r % QROWS_TILE];
        product = fmaf((float)dot, factor, product);
    }
    return product;
}

static float coarse_slack(float slack[PANEL_LANES], const struct panels *w, size_t panel)
{
    float reach = 0.0f;
    memset(slack, 0, PANEL_LANES * sizeof *slack);
    for (size_t lane = 0; lane < PANEL_LANES && panel * PANEL_LANES + lane < w->n; lane++) {
        size_t c = panel * PANEL_LANES + lane;
        float rest_squares = 0.0f, scale_squares = 0.0f, code_squares = 0.0f;
        for (size_t g = 0; g < w->k / PANEL_STEP; g++) {
            int codes[PANEL_STEP], rests = 0, whole = 0;
            float scale = panels_scale(w, c, g), square = scale * scale;
            panels_codes(w, c, g, codes);
            for (size_t i = 0; i < PANEL_STEP; i++) {
                int twice = 2 * ((codes[i] + 128) % 8) - 7;
                rests += twice * twice;
                whole += codes[i] * codes[i];
            }
            rest_squares = fmaf((float)rests * 0.25f + 1.0f, square, rest_squares);
            scale_squares += square;
            code_squares = fmaf((float)whole, square, code_squares);
        }
        slack[lane] = coarse_slack_of(rest_squares, scale_squares, w->k / PANEL_STEP);
        reach = fmaxf(reach, coarse_reach_of(code_squares, scale_squares, w->k / PANEL_STEP));
    }
    return reach;
}

static void coarse_bounds(float *const *upper, const struct panels *w, size_t first, size_t last,
                          const float (*slack)[PANEL_LANES], struct qrows x, const float *length,
                          size_t rows)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t p = first; p < last; p++) {
            float highest = -INFINITY;
            for (size_t i = 0; i < PANEL_LANES; i++) {
                size_t c = p * PANEL_LANES + i;
                float product = c < w->n ? coarse_product(w, c, x, r) : 0.0f;
                float bound = fmaf(product, COARSE_UNIT, slack[p][i] * length[r]);
                highest = bound > highest ? bound : highest;
            }
            upper[r][p] = highest;
        }
}

static void best(float *value, uint32_t *id, const float *y, size_t n, uint32_t first)
{
    for (size_t i = 0; i < n; i++)
        if (y[i] > *value) {
            *value = y[i];
            *id = first + (uint32_t)i;
        }
}

static void matmul_float(float *y, size_t y_stride, const struct panels *w, size_t first,
                         size_t last, const float *x, size_t x_stride, size_t rows)
{
    size_t end = last * PANEL_LANES < w->n ? last * PANEL_LANES : w->n;
    for (size_t c = first * PANEL_LANES; c < end; c++) {
        float weight[PANEL_STEP], *column = y + c - first * PANEL_LANES;
        for (size_t r = 0; r < rows; r++)
            column[r * y_stride] = 0.0f;
        for (size_t i = 0; i < w->k; i += PANEL_STEP) {
            size_t n = w->k - i < PANEL_STEP ? w->k - i : PANEL_STEP;
            panels_row(w, c, i, n, weight);
            for (size_t r = 0; r < rows; r++) {
                float sum = column[r * y_stride];
                for (size_t j = 0; j < n; j++)
                    sum = fmaf(x[r * x_stride + i + j], weight[j], sum);
                column[r * y_stride] = sum;
            }
        }
    }
}

static float page_number(const void *run, bool is_f16, size_t index)
{
    return is_f16 ? half_to_float(((const uint16_t *)run)[index]) : ((const float *)run)[index];
}

static float page_key(const struct attend_page *page, size_t position, size_t i)
{
    size_t at = (position / PANEL_LANES * page->d + i) * PANEL_LANES + position % PANEL_LANES;
    return page_number(page->keys, page->is_f16, at);
}

static float page_value(const struct attend_page *page, size_t position, size_t i)
{
    size_t at = (i / PANEL_LANES * ATTEND_PAGE_TOK + position) * PANEL_LANES + i % PANEL_LANES;
    return page_number(page->values, page->is_f16, at);
}

static void attend(const struct attend_rows *rows, const struct attend_page *page)
{
    for (size_t r = 0; r < rows->count; r++) {
        const float *q = rows->q + r * page->d;
        float *o = rows->o + r * page->d;
        float p[ATTEND_PAGE_TOK] = {0}, highest = rows->max[r];
        for (size_t t = rows->lo[r]; t < rows->hi[r]; t++) {
            for (size_t i = 0; i < page->d; i++)
                p[t] = fmaf(q[i], page_key(page, t, i), p[t]);
            highest = p[t] > highest ? p[t] : highest;
        }
        float shrink = highest > rows->max[r] ? ref_exp(rows->max[r] - highest) : 1.0f;
        float lane[PANEL_LANES] = {0};
        for (size_t t = rows->lo[r]; t < rows->hi[r]; t++)
            p[t] = ref_exp(p[t] - highest);
        for (size_t t = 0; t < ATTEND_PAGE_TOK; t++)
            lane[t % PANEL_LANES] += p[t];
        rows->max[r] = highest;
        rows->sum[r] = fmaf(rows->sum[r], shrink, tree_sum(lane));
        for (size_t i = 0; i < page->d; i++) {
            o[i] *= shrink;
            for (size_t t = 0; t < page->used; t++)
                o[i] = fmaf(p[t], page_value(page, t, i), o[i]);
        }
    }
}

static void attend_end(float *o, float sum, size_t d)
{
    float inverse = 1.0f / sum;
    for (size_t i = 0; i < d; i++)
        o[i] *= inverse;
}

static void quantise(struct qrows out, size_t row, size_t from, const float *x, size_t n)
{
    size_t lane = row % QROWS_TILE;
    for (size_t i = 0; i < n; i += QROWS_STEP) {
        struct qblock *block = qrows_at(out, row, from + i);
        float highest = 0.0f;
        for (size_t j = 0; j < QROWS_STEP; j++)
            highest = fabsf(x[i + j]) > highest ? fabsf(x[i + j]) : highest;
        bool zero = highest < QUANT_TINY;
        float inverse = zero ? 0.0f : 127.0f / highest;
        int16_t pair[3][2] = {{0}};
        for (size_t j = 0; j < QROWS_STEP; j++) {
            int8_t q = (int8_t)rintf(x[i + j] * inverse);
            block->q[j / 4][lane][j % 4] = q;
            pair[j / 16][j % 4 / 2] = (int16_t)(pair[j / 16][j % 4 / 2] + q);
            pair[QPAIR_ALL][j % 4 / 2] = (int16_t)(pair[QPAIR_ALL][j % 4 / 2] + q);
        }
        for (size_t part = 0; part < 3; part++)
            memcpy(block->pair[part][lane], pair[part], sizeof pair[part]);
        block->scale[lane] = zero ? 0.0f : highest / 127.0f;
        block->scaled_sum[lane] =
            block->scale[lane] * (float)(pair[QPAIR_ALL][0] + pair[QPAIR_ALL][1]);
    }
}

static void rms_norm(float *y, const float *x, const float *w, size_t n, float eps)
{
    float lane[PANEL_LANES] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % PANEL_LANES] = fmaf(x[i], x[i], lane[i % PANEL_LANES]);
    float mean = tree_sum(lane) / (float)n;
    float inverse = 1.0f / sqrtf(mean + eps);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * inverse * w[i];
}

static float distance(const float *x, const float *y, size_t n)
{
    float lane[PANEL_LANES] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % PANEL_LANES] = fmaf(x[i] - y[i], x[i] - y[i], lane[i % PANEL_LANES]);
    return tree_sum(lane);
}

static void add(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

static void scale(float *y, const float *x, float factor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * factor;
}

/* gelu(x) = x / 2 (1 + tanh(u)) = x / (1 + e^(-2 u)), u = sqrt(2 / pi) (x + 0.044715 x^3): no
 * cancellation near zero. */
static void gelu_mul(float *y, const float *gate, const float *up, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float x = gate[i];
        float minus_2u = x * fmaf(x * x, GELU_CUBIC, 1.0f) * -GELU_2_ROOT;
        y[i] = x / (1.0f + ref_exp(minus_2u)) * up[i];
    }
}

static void silu_mul(float *y, const float *gate, const float *up, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = gate[i] / (1.0f + ref_exp(-gate[i])) * up[i];
}

static void rope(float *x, const float *cosine, const float *sine, size_t half)
{
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = fmaf(a, cosine[i], -(b * sine[i]));
        x[i + half] = fmaf(b, cosine[i], a * sine[i]);
    }
}

static void put(void *run, bool is_f16, size_t index, float value)
{
    if (!is_f16) {
        ((float *)run)[index] = value;
        return;
    }
    value = value > HALF_MAX ? HALF_MAX : value < -HALF_MAX ? -HALF_MAX : value;
    ((uint16_t *)run)[index] = half_from_float(value);
}

static void page_put(void *keys, void *values, bool is_f16, size_t d, size_t position,
                     const float *k, const float *v)
{
    for (size_t i = 0; i < d; i++) {
        put(keys, is_f16, (position / PANEL_LANES * d + i) * PANEL_LANES + position % PANEL_LANES,
            k[i]);
        put(values, is_f16,
            (i / PANEL_LANES * ATTEND_PAGE_TOK + position) * PANEL_LANES + i % PANEL_LANES, v[i]);
    }
}

const struct kern kern_ref = {
    .name = "ref",
    .matmul_quant = matmul_quant,
    .matmul_float = matmul_float,
    .coarse_slack = coarse_slack,
    .coarse_bounds = coarse_bounds,
    .best = best,
    .attend = attend,
    .attend_end = attend_end,
    .quantise = quantise,
    .rms_norm = rms_norm,
    .add = add,
    .distance = distance,
    .scale = scale,
    .gelu_mul = gelu_mul,
    .silu_mul = silu_mul,
    .rope = rope,
    .page_put = page_put,
};
