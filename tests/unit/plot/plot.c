/* Plots: the same bytes as the committed drawings, and nothing breaks on what cannot be drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "os/file.h"

/* With LEM_UPDATE set, a drawing that changed replaces the committed one: look at it. */
static void is_golden(const char *name, const struct buf *drawing)
{
    char path[128];
    struct err err = {0};
    struct buf want;
    snprintf(path, sizeof path, "tests/data/plots/%s.svg", name);
    if (getenv("LEM_UPDATE"))
        assert_true(file_write_atomic(path, buf_str(drawing), &err));
    buf_init(&want, BUF_MAX_DEFAULT);
    assert_true(file_read(&want, path, &err));
    assert_string_equal(drawing->ptr, want.ptr);
    buf_release(&want);
}

/* --- what is plotted --- */

enum { N_PROBES = 101 };

struct run {
    struct plot_pair pairs[N_PROBES];
    struct plot_point points[2][N_PROBES];
    char names[N_PROBES][24];
    double mean_a, mean_b;
};

/* Nearly normal with variance 1: enough of them, and the same on every machine. */
static double draw(uint64_t stream, uint64_t n)
{
    double sum = 0;
    for (uint64_t i = 0; i < 12; i++)
        sum += rng_uniform(7, stream, 12 * n + i);
    return sum - 6;
}

static void run_init(struct run *run)
{
    *run = (struct run){0};
    for (size_t i = 0; i < N_PROBES; i++) {
        struct plot_pair *pair = &run->pairs[i];
        snprintf(run->names[i], sizeof run->names[i], "P%02zu_%s", i + 1,
                 i % 3 ? "NETWORK_MESH" : "WHO_DECIDES");
        pair->name = str_of(run->names[i]);
        pair->a = floor(180 + 45 * draw(1, i)) / 10;
        pair->b = i % 10 == 3 ? pair->a : floor(10 * pair->a + 14 + 38 * draw(2, i)) / 10;
        run->points[0][i] = (struct plot_point){pair->name, floor(310 + 60 * draw(3, i)), pair->a};
        run->points[1][i] = (struct plot_point){pair->name, floor(360 + 70 * draw(4, i)), pair->b};
        run->mean_a += pair->a / N_PROBES;
        run->mean_b += pair->b / N_PROBES;
    }
}

static struct plot_differences differences_of(const struct run *run)
{
    double mean = run->mean_b - run->mean_a;
    return (struct plot_differences){.a = str_of("baseline"),
                                     .b = str_of("axioms"),
                                     .metric = str_of("v2-ab"),
                                     .pairs = run->pairs,
                                     .n_pairs = N_PROBES,
                                     .band = 0.5,
                                     .direction = PLOT_MORE_IS_BETTER,
                                     .mean = {mean, mean - 0.71, mean + 0.73}};
}

static const struct plot plain = {"plot", false, 2};

static void draws_differences(void **state)
{
    (void)state;
    struct run run;
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    run_init(&run);
    struct plot_differences in = differences_of(&run);
    plot_differences(&out, &plain, &in);
    is_golden("differences", &out);
    /* Half of them are ties: too high for dots. */
    for (size_t i = 0; i < N_PROBES; i += 2)
        run.pairs[i].b = run.pairs[i].a;
    buf_reset(&out);
    plot_differences(&out, &plain, &in);
    is_golden("differences-bars", &out);
    buf_release(&out);
}

static void draws_slopes(void **state)
{
    (void)state;
    struct run run;
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    run_init(&run);
    struct plot_slope in = {.a = str_of("baseline"),
                            .b = str_of("axioms"),
                            .metric = str_of("v2-ab"),
                            .pairs = run.pairs,
                            .n_pairs = N_PROBES,
                            .band = 0.5,
                            .direction = PLOT_MORE_IS_BETTER,
                            .mean_a = run.mean_a,
                            .mean_b = run.mean_b};
    plot_slope(&out, &plain, &in);
    is_golden("slope", &out);
    buf_release(&out);
}

static void draws_forests(void **state)
{
    (void)state;
    struct buf out;
    const struct plot_row rows[] = {
        {str_of("hypnos"), 18, {2.41, 0.62, 4.2}, 2.03, PLOT_MORE_IS_BETTER, false, false},
        {str_of("un-cloud"), 15, {1.13, -0.7, 2.96}, 1.11, PLOT_MORE_IS_BETTER, false, false},
        {str_of("forgotten history"),
         15,
         {-2.94, -4.81, -1.07},
         -1.2,
         PLOT_MORE_IS_BETTER,
         false,
         false},
        {str_of("a category whose name is much too long"),
         12,
         {0.02, -1.9, 1.94},
         0.4,
         PLOT_MORE_IS_BETTER,
         false,
         false},
        {str_of("identity"), 3, {9.07, -14.2, 32.3}, 1.3, PLOT_MORE_IS_BETTER, true, false},
        {str_of("labor"), 1, {-3.6, NAN, NAN}, NAN, PLOT_MORE_IS_BETTER, true, false},
        {str_of("nothing in it"), 0, {NAN, NAN, NAN}, NAN, PLOT_MORE_IS_BETTER, true, false},
        {str_of("all probes"), 101, {1.09, 0.38, 1.82}, NAN, PLOT_MORE_IS_BETTER, false, true},
    };
    struct plot_forest in = {.title = str_of("Difference by category"),
                             .rows_are = str_of("category"),
                             .direction = PLOT_MORE_IS_BETTER,
                             .rows = rows,
                             .n_rows = sizeof rows / sizeof *rows};
    buf_init(&out, BUF_MAX_DEFAULT);
    plot_forest(&out, &plain, &in);
    is_golden("forest", &out);
    buf_release(&out);
}

static void draws_lengths(void **state)
{
    (void)state;
    struct run run;
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    run_init(&run);
    struct plot_length in = {
        .unit = str_of("tokens"),
        .metric = str_of("v2-ab"),
        .a = {str_of("baseline"), str_of("\xCF\x81 0.12"), run.points[0], N_PROBES},
        .b = {str_of("axioms"), str_of("\xCF\x81 0.31"), run.points[1], N_PROBES}};
    plot_length(&out, &plain, &in);
    is_golden("length", &out);
    buf_release(&out);
}

static void draws_curves(void **state)
{
    (void)state;
    struct buf out;
    const double shares[] = {0.25, 0.5, 0.75, 1};
    const struct plot_interval at[3][4] = {
        {{3.1, 2.5, 3.7}, {8.7, 7.9, 9.5}, {12.9, 12, 13.8}, {16.3, 15.2, 17.4}},
        {{4.0, 3.3, 4.7}, {9.9, 9.1, 10.7}, {14.2, 13.3, 15.1}, {17.4, 16.4, 18.4}},
        {{3.2, 2.6, 3.8}, {8.8, 8.0, 9.6}, {12.2, 11.3, 13.1}, {16.1, 15, 17.2}}};
    const struct plot_curve_arm arms[] = {
        {str_of("baseline"), at[0]}, {str_of("axioms"), at[1]}, {str_of("placebo"), at[2]}};
    struct plot_curve in = {str_of("v2-ab"), shares, 4, arms, 3};
    buf_init(&out, BUF_MAX_DEFAULT);
    plot_curve(&out, &plain, &in);
    is_golden("curve", &out);
    buf_release(&out);
}

/* --- many probes --- */

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static void drawings_do_not_grow_with_the_run(void **state)
{
    (void)state;
    enum { MANY = 10 * PLOT_POINTS_MAX };
    struct plot_pair *pairs = mem_alloc(MANY * sizeof *pairs);
    struct plot_point *points = mem_alloc(MANY * sizeof *points);
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < MANY; i++) {
        pairs[i] = (struct plot_pair){str_of("P"), draw(1, i), draw(2, i)};
        points[i] = (struct plot_point){str_of("P"), (double)i, pairs[i].a};
    }
    const struct str name = str_of("x");
    struct plot_differences differences = {
        .a = name, .b = name, .metric = name, .pairs = pairs, .n_pairs = MANY, .mean = {0, -1, 1}};
    struct plot_slope slope = {.a = name,
                               .b = name,
                               .metric = name,
                               .pairs = pairs,
                               .n_pairs = MANY,
                               .direction = PLOT_MORE_IS_BETTER};
    struct plot_length length = {name, name, {name, name, points, MANY}, {name, name, points, 5}};
    plot_differences(&out, &plain, &differences);
    assert_true(out.len < 16384);
    buf_reset(&out);
    plot_slope(&out, &plain, &slope);
    assert_int_equal(count(out.ptr, "line thin"), PLOT_POINTS_MAX);
    assert_non_null(strstr(out.ptr, "1 probe in 10 is drawn"));
    buf_reset(&out);
    plot_length(&out, &plain, &length);
    assert_int_equal(count(out.ptr, "<circle"), PLOT_POINTS_MAX + 5 + 2);
    buf_release(&out);
    free(pairs);
    free(points);
}

/* --- colours --- */

static double channel(const char *hex)
{
    char digits[3] = {hex[0], hex[1], 0};
    double c = (double)strtoul(digits, NULL, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(const char *colour)
{
    return 0.2126 * channel(colour + 1) + 0.7152 * channel(colour + 3) +
           0.0722 * channel(colour + 5);
}

/* WCAG 2.2: contrast ratio. */
static double contrast(const char *a, const char *b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static void colours_can_be_read(void **state)
{
    (void)state;
    const struct palette *both[] = {&palette_light, &palette_dark};
    for (size_t i = 0; i < 2; i++) {
        const struct palette *p = both[i];
        const char *const text[] = {p->ink, p->mute, p->up, p->down};
        for (size_t k = 0; k < 4; k++) {
            assert_true(contrast(text[k], p->paper) >= 4.5);
            assert_true(contrast(text[k], p->wash) >= 4.5);
        }
        assert_true(contrast(p->ink, p->up_wash) >= 4.5);
        assert_true(contrast(p->ink, p->down_wash) >= 4.5);
        assert_true(contrast(p->axis, p->paper) >= 3);
    }
}

/* --- what cannot be drawn --- */

/* Numbers of the drawing are finite and of a size that renderers take; markup stays closed. */
static void assert_sound(const struct buf *out)
{
    assert_false(out->full);
    assert_null(strstr(out->ptr, "nan"));
    assert_null(strstr(out->ptr, "inf"));
    assert_null(strstr(out->ptr, "<script"));
    assert_non_null(strstr(out->ptr, "</svg>"));
}

static void survives_any_numbers(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY, 0, -0.0, 1e308, -1e308, 5e-324, 1, 1e9};
    enum { N = sizeof odd / sizeof *odd };
    const struct str name = str_of("</title><script>\xFF");
    for (size_t first = 0; first < N; first++) {
        for (size_t n = 0; n <= N - first; n++) {
            struct plot_pair pairs[N];
            struct plot_point points[N];
            struct plot_row rows[N];
            struct plot_interval at[N];
            for (size_t i = 0; i < n; i++) {
                double x = odd[first + i], y = odd[(first + 3 * i) % N];
                pairs[i] = (struct plot_pair){name, x, y};
                points[i] = (struct plot_point){name, x, y};
                at[i] = (struct plot_interval){x, y, odd[(7 * i) % N]};
                rows[i] = (struct plot_row){
                    name, i, at[i], y, (enum plot_direction)((int)(i % 3) - 1), i % 2 == 0, i == 3};
            }
            struct plot_interval mean = n ? at[0] : (struct plot_interval){NAN, NAN, NAN};
            struct plot_differences differences = {
                name, name, name, pairs, n, 0, PLOT_LESS_IS_BETTER, mean};
            struct plot_slope slope = {name, name,         name,    pairs,   n,
                                       0,    PLOT_NEUTRAL, mean.at, mean.low};
            struct plot_forest forest = {name, name, PLOT_NEUTRAL, rows, n};
            struct plot_length length = {
                name, name, {name, name, points, n}, {name, name, points, n}};
            struct plot_curve_arm arms[] = {{name, at}, {name, at}};
            struct plot_curve curve = {name, odd, n, arms, 2};
            struct buf out;
            buf_init(&out, 1 << 24);
            plot_differences(&out, &plain, &differences);
            plot_slope(&out, &plain, &slope);
            plot_forest(&out, &plain, &forest);
            plot_length(&out, &plain, &length);
            plot_curve(&out, &plain, &curve);
            assert_sound(&out);
            buf_release(&out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_differences),   cmocka_unit_test(draws_slopes),
        cmocka_unit_test(draws_forests),       cmocka_unit_test(draws_lengths),
        cmocka_unit_test(draws_curves),        cmocka_unit_test(survives_any_numbers),
        cmocka_unit_test(colours_can_be_read), cmocka_unit_test(drawings_do_not_grow_with_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
