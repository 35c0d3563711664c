/* Attention over pages, at every level, against softmax attention written plainly in double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "kern/kern.h"

enum { CASES = 60, POSITIONS_MAX = 400, ROWS_MAX = 21, HEAD_MAX = 256 };

/* One timeline's keys and values, and queries at ragged positions of it. */
struct scene {
    size_t d, positions, rows, window; /* window 0: everything */
    float *key, *value, *query;        /* (positions, d), (positions, d), (rows, d) */
    size_t at[ROWS_MAX];               /* position of each query */
    struct attend_page *page;
    size_t n_pages;
};

struct draws {
    uint64_t seed, n;
};

static size_t draw_size(struct draws *d, size_t low, size_t high)
{
    return low + (size_t)(rng_uniform(d->seed, 0, d->n++) * (double)(high - low + 1));
}

static float *draw_floats(struct draws *d, size_t count, double spread)
{
    float *x = mem_alloc(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)((rng_uniform(d->seed, 0, d->n++) * 2 - 1) * spread);
    return x;
}

/* From flat softmaxes to ones so sharp that most probabilities vanish. */
static struct scene draw_scene(uint64_t seed)
{
    static const size_t HEADS[] = {16, 32, 64, 80, HEAD_MAX};
    static const double SPREADS[] = {0.3, 1, 3};
    struct draws d = {seed, 0};
    struct scene s = {.d = HEADS[seed % 5]};
    double spread = SPREADS[seed % 3];
    s.positions = draw_size(&d, 1, POSITIONS_MAX);
    s.rows = draw_size(&d, 1, ROWS_MAX);
    s.window = seed % 2 ? draw_size(&d, 1, 150) : 0;
    s.key = draw_floats(&d, s.positions * s.d, spread);
    s.value = draw_floats(&d, s.positions * s.d, 1);
    s.query = draw_floats(&d, s.rows * s.d, spread / 4);
    for (size_t r = 0; r < s.rows; r++)
        s.at[r] = draw_size(&d, 0, s.positions - 1);
    s.n_pages = (s.positions + ATTEND_PAGE_TOK - 1) / ATTEND_PAGE_TOK;
    return s;
}

static void fill_pages(struct scene *s, const struct kern *kern)
{
    size_t bytes = s->d * ATTEND_PAGE_TOK * sizeof(float);
    s->page = mem_zalloc(s->n_pages, sizeof *s->page);
    for (size_t p = 0; p < s->n_pages; p++)
        s->page[p] = (struct attend_page){.keys = mem_try_aligned(bytes, 64),
                                          .values = mem_try_aligned(bytes, 64),
                                          .d = s->d};
    for (size_t i = 0; i < s->positions; i++) {
        struct attend_page *page = &s->page[i / ATTEND_PAGE_TOK];
        kern->page_put(page->keys, page->values, false, s->d, i % ATTEND_PAGE_TOK,
                       s->key + i * s->d, s->value + i * s->d);
        page->used = i % ATTEND_PAGE_TOK + 1;
    }
}

static void release_pages(struct scene *s)
{
    for (size_t p = 0; p < s->n_pages; p++) {
        free(s->page[p].keys);
        free(s->page[p].values);
    }
    free(s->page);
}

static void release_scene(struct scene *s)
{
    free(s->key);
    free(s->value);
    free(s->query);
}

static size_t first_seen(const struct scene *s, size_t r)
{
    return s->window && s->at[r] + 1 > s->window ? s->at[r] + 1 - s->window : 0;
}

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* out (d) = softmax(q k^T) v of what row r sees. */
static void attend_plainly(double *out, const struct scene *s, size_t r)
{
    double score[POSITIONS_MAX], highest = -INFINITY, sum = 0;
    for (size_t t = first_seen(s, r); t <= s->at[r]; t++) {
        score[t] = dot(s->query + r * s->d, s->key + t * s->d, s->d);
        highest = fmax(highest, score[t]);
    }
    for (size_t i = 0; i < s->d; i++)
        out[i] = 0;
    for (size_t t = first_seen(s, r); t <= s->at[r]; t++) {
        double p = exp(score[t] - highest);
        sum += p;
        for (size_t i = 0; i < s->d; i++)
            out[i] += p * (double)s->value[t * s->d + i];
    }
    for (size_t i = 0; i < s->d; i++)
        out[i] /= sum;
}

/* All rows that see something of a page look at it together, whatever they see of it. */
static void attend_by_pages(float *out, const struct scene *s, const struct kern *kern)
{
    float max[ROWS_MAX], sum[ROWS_MAX] = {0};
    memset(out, 0, s->rows * s->d * sizeof *out);
    for (size_t r = 0; r < s->rows; r++)
        max[r] = -INFINITY;
    for (size_t p = 0; p < s->n_pages; p++) {
        size_t start = p * ATTEND_PAGE_TOK, n = 0;
        uint8_t lo[ROWS_MAX], hi[ROWS_MAX];
        for (size_t r = 0; r <= s->rows; r++) {
            size_t first = r < s->rows ? first_seen(s, r) : 0, end = r < s->rows ? s->at[r] + 1 : 0;
            size_t from = first > start ? first - start : 0, to = end > start ? end - start : 0;
            if (from < size_min(to, ATTEND_PAGE_TOK)) {
                lo[n] = (uint8_t)from;
                hi[n++] = (uint8_t)size_min(to, ATTEND_PAGE_TOK);
                continue;
            }
            size_t at = r - n; /* the run of rows that ends before r */
            struct attend_rows rows = {
                s->query + at * s->d, out + at * s->d, max + at, sum + at, lo, hi, n};
            if (n)
                kern->attend(&rows, &s->page[p]);
            n = 0;
        }
    }
    for (size_t r = 0; r < s->rows; r++)
        kern->attend_end(out + r * s->d, sum[r], s->d);
}

/* Values lie in [-1, 1]: an error of 1e-5 is one of 1e-5 of their size. */
static void check_scene(struct scene *s, const struct kern *kern, uint64_t seed)
{
    static float got[ROWS_MAX * HEAD_MAX];
    double want[HEAD_MAX];
    fill_pages(s, kern);
    attend_by_pages(got, s, kern);
    for (size_t r = 0; r < s->rows; r++) {
        attend_plainly(want, s, r);
        for (size_t i = 0; i < s->d; i++)
            if (!(fabs((double)got[r * s->d + i] - want[i]) <= 1e-5))
                fail_msg("%s, scene %llu (head %zu, window %zu), position %zu: [%zu] is %.9g, "
                         "expected %.9g",
                         kern->name, (unsigned long long)seed, s->d, s->window, s->at[r], i,
                         (double)got[r * s->d + i], want[i]);
    }
    release_pages(s);
}

static void pages_give_softmax_attention(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct scene s = draw_scene(seed);
        for (size_t level = 0; kern_at(level); level++)
            check_scene(&s, kern_at(level), seed);
        release_scene(&s);
    }
}

/* One position seen: its value, whatever the score. */
static void a_window_of_one_gives_the_value(void **state)
{
    (void)state;
    static float got[ROWS_MAX * HEAD_MAX];
    for (size_t level = 0; kern_at(level); level++) {
        struct scene s = draw_scene(3);
        s.window = 1;
        fill_pages(&s, kern_at(level));
        attend_by_pages(got, &s, kern_at(level));
        for (size_t r = 0; r < s.rows; r++)
            assert_memory_equal(got + r * s.d, s.value + s.at[r] * s.d, s.d * sizeof *got);
        release_pages(&s);
        release_scene(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_give_softmax_attention),
        cmocka_unit_test(a_window_of_one_gives_the_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
