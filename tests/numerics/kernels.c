/* kernels.c - every kernel of every level this processor has, against ref, bit for bit, on ragged
 * sizes and at a guard page. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "kern/kern.h"
#include "support/panel_memory.h"
#include "tensor/half.h"

/* `count` floats that end at an inaccessible page, so that reading or writing past them crashes. */
struct guarded {
    void *base;
    size_t bytes;
    float *at;
};

static struct guarded guarded_floats(size_t count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), want = count * sizeof(float);
    size_t body = (want + page - 1) / page * page;
    char *base =
        mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED || mprotect(base + body, page, PROT_NONE) != 0)
        abort();
    return (struct guarded){base, body + page, (float *)(void *)(base + body - want)};
}

static struct guarded guarded_draw(struct draw *d, size_t count)
{
    struct guarded g = guarded_floats(count);
    for (size_t i = 0; i < count; i++)
        g.at[i] = draw_float(d);
    return g;
}

static void guarded_free(struct guarded g)
{
    munmap(g.base, g.bytes);
}

/* A storage format for tests: k codes as bytes, then scales, then mins. Its shape is set per test.
 */
static struct dtype test_type;

static size_t number_bytes(struct quant_shape shape)
{
    return shape.scale_is_f16 ? sizeof(uint16_t) : sizeof(float);
}

static void test_unpack(uint8_t *codes, void *scales, void *mins, const void *src, size_t n)
{
    size_t numbers = n / test_type.quant.group * number_bytes(test_type.quant);
    const unsigned char *p = src;
    memcpy(codes, p, n);
    memcpy(scales, p + n, numbers);
    if (test_type.quant.has_min)
        memcpy(mins, p + n + numbers, numbers);
}

struct rows_of {
    const unsigned char *bytes;
    size_t stride;
};

static const void *row_at(const void *arg, size_t r)
{
    const struct rows_of *rows = arg;
    return rows->bytes + r * rows->stride;
}

static struct panels make_panels(const struct dtype *type, const unsigned char *bytes,
                                 size_t stride, size_t n, size_t k, bool split)
{
    struct panels p;
    struct err err = {0};
    if (!panels_init(&p, type, n, k, &err))
        abort();
    if (split)
        panels_split(&p);
    panel_memory_take(&p);
    struct rows_of rows = {bytes, stride};
    void *scratch = malloc(panels_scratch_bytes(&p) + 1);
    for (size_t i = 0; i < p.count; i++)
        panels_pack(&p, type, i, row_at, &rows, scratch);
    free(scratch);
    return p;
}

static struct panels draw_quant(struct draw *d, struct quant_shape shape, bool split, size_t n,
                                size_t k)
{
    size_t groups = k / shape.group, stride = k + groups * 8;
    unsigned char *bytes = malloc(n * stride);
    for (size_t r = 0; r < n; r++) {
        unsigned char *row = bytes + r * stride;
        for (size_t i = 0; i < k; i++)
            row[i] = (unsigned char)(draw_unit(d) < 0.1 ? (1u << shape.bits) - 1
                                                        : draw_below(d, 1u << shape.bits));
        for (size_t g = 0; g < 2 * groups; g++) {
            float f = draw_float(d) * 0.01f;
            uint16_t h = half_from_float(f);
            memcpy(row + k + g * number_bytes(shape), shape.scale_is_f16 ? (void *)&h : (void *)&f,
                   number_bytes(shape));
        }
    }
    test_type =
        (struct dtype){.name = "test", .is_quantised = true, .quant = shape, .unpack = test_unpack};
    struct panels p = make_panels(&test_type, bytes, stride, n, k, split);
    free(bytes);
    return p;
}

static void same_floats(struct check *c, const struct kern *kern, const char *what, const float *a,
                        const float *b, size_t n)
{
    size_t i = 0;
    while (i < n && memcmp(&a[i], &b[i], 4) == 0)
        i++;
    CHECK(c, i == n, "%s %s: element %zu of %zu is %.9g, ref says %.9g", kern->name, what, i, n,
          (double)b[i], (double)a[i]);
}

/* Rows past the last of a tile hold rubbish, which must not matter. */
static struct qrows qrows_alloc(size_t rows, size_t k)
{
    struct qrows q = {malloc(qrows_bytes(rows, k)), k};
    memset(q.block, 0x5a, qrows_bytes(rows, k));
    return q;
}

static void qrows_free(struct qrows q)
{
    free(q.block);
}

static void check_matmul(struct check *c, const struct kern *kern, const struct panels *w,
                         struct draw *d, const char *what)
{
    static const size_t ROWS[] = {1, 2, 3, 5, 8, 13, 65};
    for (size_t s = 0; s < sizeof ROWS / sizeof *ROWS; s++) {
        size_t rows = ROWS[s], stride = w->n + 3;
        struct guarded x = guarded_draw(d, rows * w->k), y = guarded_floats(rows * stride - 3);
        float *want = calloc(rows * stride, sizeof *want);
        kern_ref.matmul_float(want, stride, w, 0, w->count, x.at, w->k, rows);
        kern->matmul_float(y.at, stride, w, 0, w->count, x.at, w->k, rows);
        same_floats(c, kern, what, want, y.at, rows * stride - 3);
        if (w->kind == PANEL_QUANT) {
            struct qrows q = qrows_alloc(rows, w->k);
            for (size_t r = 0; r < rows; r++)
                kern_ref.quantise(q, r, 0, x.at + r * w->k, w->k);
            kern_ref.matmul_quant(want, stride, w, 0, w->count, w->count, q, rows);
            kern->matmul_quant(y.at, stride, w, 0, w->count, w->count, q, rows);
            same_floats(c, kern, what, want, y.at, rows * stride - 3);
            qrows_free(q);
        }
        free(want);
        guarded_free(x);
        guarded_free(y);
    }
}

/* The bounds of split panels w (at most 48 outputs) on logits of rows q (at most 9): their slack and
 * themselves as ref has them, and no logit above them. */
static void check_bounds(struct check *c, const struct kern *kern, const struct panels *w,
                         struct qrows q, size_t rows, const char *what)
{
    enum { PANELS = 3, ROWS = 9, STRIDE = PANELS * PANEL_LANES, K_MAX = 1088 };
    float slack[PANELS][PANEL_LANES], same[PANELS][PANEL_LANES], reach[PANELS], length[ROWS];
    float exact[ROWS * STRIDE], want[ROWS * PANELS], got[ROWS * PANELS], *to[2][ROWS], x[2][K_MAX];
    size_t above = 0, beyond = 0;
    for (size_t p = 0; p < w->count; p++) {
        reach[p] = kern_ref.coarse_slack(slack[p], w, p);
        float also = kern->coarse_slack(same[p], w, p);
        same_floats(c, kern, what, &reach[p], &also, 1);
    }
    same_floats(c, kern, what, slack[0], same[0], w->count * PANEL_LANES);
    for (size_t r = 0; r < rows; r++) {
        length[r] = coarse_length(q, r);
        to[0][r] = want + r * w->count;
        to[1][r] = got + r * w->count;
    }
    const float(*bounds)[PANEL_LANES] = (const float(*)[PANEL_LANES])slack;
    kern_ref.coarse_bounds(to[0], w, 0, w->count, bounds, q, length, rows);
    kern->coarse_bounds(to[1], w, 0, w->count, bounds, q, length, rows);
    same_floats(c, kern, what, want, got, rows * w->count);
    kern->coarse_bounds(to[1], w, w->count - 1, w->count, bounds, q, length, 1);
    same_floats(c, kern, what, want, got, rows * w->count); /* one row, one panel */
    kern_ref.matmul_quant(exact, STRIDE, w, 0, w->count, w->count, q, rows);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < w->n; i++)
            above += !(exact[r * STRIDE + i] <= got[r * w->count + i / PANEL_LANES]);
    for (size_t r = 0; r + 1 < rows; r++) { /* the bounds of r for the next row */
        qrow_floats(x[0], q, r);
        qrow_floats(x[1], q, r + 1);
        float far = sqrtf(kern->distance(x[0], x[1], w->k)) * 1.001f;
        for (size_t i = 0; i < w->n; i++)
            beyond += !(exact[(r + 1) * STRIDE + i] <=
                        got[r * w->count + i / PANEL_LANES] + reach[i / PANEL_LANES] * far);
    }
    CHECK(c, above == 0, "%s %s: %zu logits above their bound", kern->name, what, above);
    CHECK(c, beyond == 0, "%s %s: %zu logits above another row's", kern->name, what, beyond);
}

static void check_coarse(struct check *c, const struct kern *kern, struct draw *d)
{
    enum { N = 37, ROWS = 9 };
    static const struct quant_shape SHAPE = {8, 128, 32, false, true};
    for (size_t k = 32; k <= 1088; k = k * 2 + 32) {
        char what[32];
        struct panels w = draw_quant(d, SHAPE, true, N, k);
        struct qrows q = qrows_alloc(ROWS, k);
        for (size_t r = 0; r < ROWS; r++) {
            struct guarded x = guarded_draw(d, k);
            if (r == 0) /* codes as a row: where the rests add up */
                panels_row(&w, 5, 0, k, x.at);
            kern_ref.quantise(q, r, 0, x.at, w.k);
            guarded_free(x);
        }
        snprintf(what, sizeof what, "bounds, k %zu", k);
        check_bounds(c, kern, &w, q, ROWS, what);
        qrows_free(q);
        panel_memory_give(&w);
    }
}

static void check_best(struct check *c, const struct kern *kern, struct draw *d)
{
    size_t right = 0;
    enum { TRIES = 200 };
    for (size_t t = 0; t < TRIES; t++) {
        size_t n = t % 3 ? PANEL_LANES : 1 + draw_below(d, PANEL_LANES);
        struct guarded y = guarded_floats(n);
        float value[2] = {t % 5 ? -INFINITY : 2.0f, t % 5 ? -INFINITY : 2.0f};
        uint32_t id[2] = {7, 7};
        for (size_t i = 0; i < n; i++)
            y.at[i] = (float)draw_below(d, 5);
        kern_ref.best(&value[0], &id[0], y.at, n, 100);
        kern->best(&value[1], &id[1], y.at, n, 100);
        right += memcmp(&value[0], &value[1], sizeof *value) == 0 && id[0] == id[1];
        guarded_free(y);
    }
    CHECK(c, right == TRIES, "%s best: %zu of %d", kern->name, right, TRIES);
}

/* Every shape that a kernel is specialised by. */
static const struct {
    struct quant_shape shape;
    bool split;
} FORMATS[] = {
    {{4, 8, 32, false, true}, false},   {{4, 0, 32, true, true}, false},
    {{5, 16, 32, false, true}, false},  {{5, 0, 32, true, true}, false},
    {{8, 128, 32, false, true}, false}, {{8, 128, 32, false, true}, true},
    {{4, 0, 16, true, false}, false},   {{4, 4, 16, false, false}, false},
    {{4, 0, 32, true, false}, false},   {{5, 0, 32, true, false}, false},
    {{6, 32, 16, false, false}, false},
};

static void check_formats(struct check *c, const struct kern *kern, struct draw *d)
{
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        for (size_t k = 32; k <= 1088; k = k * 2 + 32) {
            char what[64];
            bool split = FORMATS[i].split;
            struct panels w = draw_quant(d, FORMATS[i].shape, split, 21, k);
            snprintf(what, sizeof what, "%u bits%s, groups of %u, k %zu", FORMATS[i].shape.bits,
                     split ? " split" : "", FORMATS[i].shape.group, k);
            check_matmul(c, kern, &w, d, what);
            panel_memory_give(&w);
        }
}

/* The largest sums there can be: codes at either end of their range, inputs at +-127. */
static void check_extremes(struct check *c, const struct kern *kern, struct draw *d)
{
    enum { N = 16, K = 96, ROWS = 5, GROUPS_MAX = K / 16 };
    for (size_t s = 0; s < sizeof FORMATS / sizeof *FORMATS; s++) {
        struct quant_shape shape = FORMATS[s].shape;
        unsigned char bytes[N][K + 8 * GROUPS_MAX];
        float x[ROWS][K], want[ROWS * N], got[ROWS * N];
        for (size_t r = 0; r < N; r++) {
            for (size_t i = 0; i < K; i++) /* all low, all high, and by the sign of an input row */
                bytes[r][i] =
                    (unsigned char)((r & 1 ? r & 2 : (i * (r + 1) / 2) & 1) ? (1u << shape.bits) - 1
                                                                            : 0);
            for (size_t g = 0; g < 2 * GROUPS_MAX; g++)
                memcpy(&bytes[r][K + 4 * g], &(float){0.5f}, 4);
        }
        for (size_t r = 0; r < ROWS; r++)
            for (size_t i = 0; i < K; i++)
                x[r][i] = r == 0 ? 1.0f : r == 1 ? -1.0f : draw_below(d, 2) ? 1.0f : -1.0f;
        test_type = (struct dtype){
            .name = "test", .is_quantised = true, .quant = shape, .unpack = test_unpack};
        struct panels w =
            make_panels(&test_type, bytes[0], sizeof bytes[0], N, K, FORMATS[s].split);
        struct qrows q = qrows_alloc(ROWS, K);
        for (size_t r = 0; r < ROWS; r++)
            kern_ref.quantise(q, r, 0, x[r], q.k);
        kern_ref.matmul_quant(want, N, &w, 0, 1, 1, q, ROWS);
        kern->matmul_quant(got, N, &w, 0, 1, 1, q, ROWS);
        same_floats(c, kern, "extreme codes", want, got, ROWS * N);
        if (FORMATS[s].split)
            check_bounds(c, kern, &w, q, ROWS, "bounds of extreme codes");
        qrows_free(q);
        panel_memory_give(&w);
    }
}

static void check_float_panels(struct check *c, const struct kern *kern, struct draw *d)
{
    static const struct dtype TYPES[] = {{.name = "F32", .block = 1, .block_bytes = 4},
                                         {.name = "F16", .block = 1, .block_bytes = 2},
                                         {.name = "BF16", .block = 1, .block_bytes = 2}};
    for (size_t t = 0; t < 3; t++)
        for (size_t k = 1; k < 200; k = k * 3 + 2) {
            size_t n = 37, size = TYPES[t].block_bytes;
            unsigned char *bytes = malloc(n * k * size);
            for (size_t i = 0; i < n * k; i++) {
                float f = draw_float(d);
                uint32_t bits = half_float_to_bits(f);
                uint16_t half = t == 1 ? half_from_float(f) : (uint16_t)(bits >> 16);
                memcpy(bytes + i * size, size == 4 ? (void *)&f : (void *)&half, size);
            }
            struct panels w = make_panels(&TYPES[t], bytes, k * size, n, k, false);
            check_matmul(c, kern, &w, d, TYPES[t].name);
            panel_memory_give(&w);
            free(bytes);
        }
}

static void check_rows(struct check *c, const struct kern *kern, struct draw *d)
{
    for (size_t n = 1; n < 120; n += n < 34 ? 1 : 13) {
        struct guarded a = guarded_draw(d, n), b = guarded_draw(d, n), y = guarded_floats(n);
        float *want = malloc(n * sizeof *want);
        const size_t bytes = n * sizeof *want;
        kern_ref.rms_norm(want, a.at, b.at, n, 1e-6f);
        kern->rms_norm(y.at, a.at, b.at, n, 1e-6f);
        same_floats(c, kern, "rms_norm", want, y.at, n);
        kern_ref.gelu_mul(want, a.at, b.at, n);
        kern->gelu_mul(y.at, a.at, b.at, n);
        same_floats(c, kern, "gelu_mul", want, y.at, n);
        kern_ref.silu_mul(want, a.at, b.at, n);
        kern->silu_mul(y.at, a.at, b.at, n);
        same_floats(c, kern, "silu_mul", want, y.at, n);
        kern_ref.scale(want, a.at, 0.3f, n);
        kern->scale(y.at, a.at, 0.3f, n);
        same_floats(c, kern, "scale", want, y.at, n);
        memcpy(want, a.at, bytes);
        memcpy(y.at, a.at, bytes);
        kern_ref.add(want, b.at, n);
        kern->add(y.at, b.at, n);
        same_floats(c, kern, "add", want, y.at, n);
        if (n % 2 == 0) {
            struct guarded cosine = guarded_draw(d, n / 2), sine = guarded_draw(d, n / 2);
            memcpy(want, a.at, bytes);
            memcpy(y.at, a.at, bytes);
            kern_ref.rope(want, cosine.at, sine.at, n / 2);
            kern->rope(y.at, cosine.at, sine.at, n / 2);
            same_floats(c, kern, "rope", want, y.at, n);
            guarded_free(cosine);
            guarded_free(sine);
        }
        free(want);
        guarded_free(a);
        guarded_free(b);
        guarded_free(y);
    }
}

/* The exponential inside silu over its whole range, infinities and the borders of underflow
 * included. */
static void check_exp(struct check *c, const struct kern *kern)
{
    enum { N = 4096 };
    static float x[N], one[N], want[N], y[N];
    for (size_t i = 0; i < N; i++) {
        x[i] = (float)((double)i / N * 240 - 120);
        one[i] = 1.0f;
    }
    x[0] = INFINITY;
    x[1] = -INFINITY;
    x[2] = 87.33f;
    x[3] = 88.4f;
    kern_ref.silu_mul(want, x, one, N);
    kern->silu_mul(y, x, one, N);
    same_floats(c, kern, "silu over the range of exp", want, y, N);
    double worst = 0;
    for (size_t i = 4; i < N; i++) {
        double exact = (double)x[i] / (1 + exp(-(double)x[i]));
        if (fabs((double)x[i]) < 80)
            worst = fmax(worst, fabs((double)y[i] - exact) / fabs(exact));
    }
    CHECK(c, worst < 3e-7, "%s silu: relative error %.3g", kern->name, worst);
}

static void check_quantise(struct check *c, const struct kern *kern, struct draw *d)
{
    for (size_t k = 32; k <= 320; k += 96) {
        struct guarded x = guarded_draw(d, k);
        for (size_t i = 0; i < 32; i++)
            x.at[i] *= k == 32 ? 0.0f : k == 128 ? 1e-33f : 1.0f;
        struct qrows a = qrows_alloc(11, k), b = qrows_alloc(11, k);
        size_t split = k / 2 / 32 * 32; /* in two parts, as in one */
        kern_ref.quantise(a, 10, 0, x.at, k);
        kern->quantise(b, 10, split, x.at + split, k - split);
        kern->quantise(b, 10, 0, x.at, split);
        CHECK(c, memcmp(a.block, b.block, qrows_bytes(11, k)) == 0, "%s quantise, k %zu",
              kern->name, k);
        qrows_free(a);
        qrows_free(b);
        guarded_free(x);
    }
}

enum { MAX_ROWS = 21 };

struct attend_state {
    float o[MAX_ROWS * 128], max[MAX_ROWS], sum[MAX_ROWS];
};

static void attend_once(const struct kern *kern, struct attend_state *s,
                        const struct attend_page *page, const float *q, const uint8_t *lo,
                        const uint8_t *hi, size_t count)
{
    struct attend_rows rows = {q, s->o, s->max, s->sum, lo, hi, count};
    kern->attend(&rows, page);
}

static void check_attend(struct check *c, const struct kern *kern, struct draw *d, size_t head,
                         bool is_f16, size_t count)
{
    size_t element = is_f16 ? 2 : 4, run = 64 * head * element;
    struct attend_state *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
    struct guarded q = guarded_draw(d, count * head);
    unsigned char *pages[2][2];
    for (size_t i = 0; i < count; i++)
        a->max[i] = b->max[i] = -INFINITY;
    for (int turn = 0; turn < 3; turn++) {
        uint8_t lo[MAX_ROWS], hi[MAX_ROWS];
        size_t used = turn == 2 ? 1 + draw_below(d, 64) : 64;
        for (size_t i = 0; i < count; i++) {
            lo[i] = (uint8_t)(draw_unit(d) < 0.5 ? 0 : draw_below(d, used));
            hi[i] = (uint8_t)(lo[i] + 1 + draw_below(d, used - lo[i]));
        }
        for (int level = 0; level < 2; level++) {
            pages[level][0] = calloc(1, run);
            pages[level][1] = calloc(1, run);
        }
        for (size_t t = 0; t < used; t++) {
            struct guarded k = guarded_draw(d, head), v = guarded_draw(d, head);
            k.at[0] *= 1e4f;
            v.at[0] *= 1e4f;
            kern_ref.page_put(pages[0][0], pages[0][1], is_f16, head, t, k.at, v.at);
            kern->page_put(pages[1][0], pages[1][1], is_f16, head, t, k.at, v.at);
            guarded_free(k);
            guarded_free(v);
        }
        bool same = memcmp(pages[0][0], pages[1][0], run) == 0 &&
                    memcmp(pages[0][1], pages[1][1], run) == 0;
        CHECK(c, same, "%s page_put, head %zu", kern->name, head);
        struct attend_page page = {.keys = pages[0][0],
                                   .values = pages[0][1],
                                   .is_f16 = is_f16,
                                   .d = head,
                                   .used = used,
                                   .next_keys = used % 2 ? pages[0][0] : NULL,
                                   .next_values = used % 2 ? pages[0][1] : NULL};
        attend_once(&kern_ref, a, &page, q.at, lo, hi, count);
        attend_once(kern, b, &page, q.at, lo, hi, count);
        for (int level = 0; level < 2; level++) {
            free(pages[level][0]);
            free(pages[level][1]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        kern_ref.attend_end(a->o + i * head, a->sum[i], head);
        kern->attend_end(b->o + i * head, b->sum[i], head);
    }
    same_floats(c, kern, "attend", a->o, b->o, count * head);
    same_floats(c, kern, "attend sums", a->sum, b->sum, count);
    guarded_free(q);
    free(a);
    free(b);
}

int main(void)
{
    struct check c = {0};
    struct draw d = {2026, 0};
    for (size_t level = 1; kern_at(level); level++) {
        const struct kern *kern = kern_at(level);
        check_formats(&c, kern, &d);
        check_extremes(&c, kern, &d);
        check_coarse(&c, kern, &d);
        check_best(&c, kern, &d);
        check_float_panels(&c, kern, &d);
        check_rows(&c, kern, &d);
        check_exp(&c, kern);
        check_quantise(&c, kern, &d);
        for (size_t head = 16; head <= 128; head *= 2)
            for (size_t count = 1; count <= MAX_ROWS; count += 5)
                for (int f16 = 0; f16 < 2; f16++)
                    check_attend(&c, kern, &d, head, f16, count);
        printf("%s: done\n", kern->name);
    }
    return check_end(&c);
}
