/* What intervals and tests promise, checked by drawing thousands of samples from known
 * distributions: coverage, false-positive rate and power within Monte Carlo error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stat/compare.h"

#include <math.h>

#include "base/rng.h"
#include "stat/binary.h"
#include "stat/max_t.h"
#include "stat/multiple.h"

/* Independent numbers; each test has a key of its own. */
struct source {
    uint64_t key, used;
};

static double uniform(struct source *s)
{
    return rng_uniform(s->key, 1, s->used++);
}

static double normal(struct source *s)
{
    double radius = sqrt(-2 * log(1 - uniform(s)));
    return radius * cos(6.283185307179586 * uniform(s));
}

static double exponential(struct source *s) /* skewed, mean 0 */
{
    return -log(1 - uniform(s)) - 1;
}

static double heavy(struct source *s) /* Student's t with 3 degrees of freedom */
{
    double z = normal(s), a = normal(s), b = normal(s), c = normal(s);
    return z / sqrt((a * a + b * b + c * c) / 3);
}

typedef double (*draw_fn)(struct source *s);

static void fill(double *x, size_t n, draw_fn draw, struct source *s)
{
    for (size_t i = 0; i < n; i++)
        x[i] = draw(s);
}

/* `hits` of `n` within 3.5 standard errors of between `low` and `high`. */
static void rate_between(const char *what, size_t hits, size_t n, double low, double high)
{
    double rate = (double)hits / (double)n, size = (double)n;
    if (rate < low - 3.5 * sqrt(low * (1 - low) / size) ||
        rate > high + 3.5 * sqrt(high * (1 - high) / size))
        fail_msg("%s: %.4f of %zu, expected %.4f .. %.4f", what, rate, n, low, high);
}

static bool covers(struct interval range, double truth)
{
    return range.low <= truth && truth <= range.high;
}

static void t_interval_covers_and_t_test_rejects_as_promised(void **state)
{
    (void)state;
    enum { RUNS = 6000, N = 12 };
    struct source s = {.key = 1};
    double x[N];
    size_t covered = 0, rejected = 0, equivalent = 0;
    for (size_t r = 0; r < RUNS; r++) {
        fill(x, N, normal, &s);
        struct t_test test = t_test(x, N, 0.95);
        covered += covers(test.interval, 0);
        rejected += test.p <= 0.05;
        for (size_t i = 0; i < N; i++)
            x[i] += 2; /* at the margin: the worst case of "not equivalent" */
        test = t_test(x, N, 0.95);
        equivalent += tost_p(&test, 2) <= 0.05;
    }
    rate_between("t interval", covered, RUNS, 0.95, 0.95);
    rate_between("t test", rejected, RUNS, 0.05, 0.05);
    rate_between("TOST", equivalent, RUNS, 0.05, 0.05);
}

static void power_is_as_computed(void **state)
{
    (void)state;
    enum { RUNS = 6000, N = 20 };
    struct source s = {.key = 2};
    double x[N], effect = minimum_detectable_effect(N, 0.05, 0.8);
    size_t found = 0;
    for (size_t r = 0; r < RUNS; r++) {
        fill(x, N, normal, &s);
        for (size_t i = 0; i < N; i++)
            x[i] += effect;
        found += t_test(x, N, 0.95).p <= 0.05;
    }
    rate_between("power", found, RUNS, 0.8, 0.8);
    assert_int_equal(pairs_needed(effect * 1.0001, 0.05, 0.8), N);
}

static void bootstrap_covers(draw_fn draw, double low, double low_bca)
{
    enum { RUNS = 1000, N = 100 };
    struct source s = {.key = 3};
    double x[N];
    struct bootstrap_source source = {.statistic = bootstrap_mean, .data = x, .units = N};
    struct resample_options options = {.resamples = 300};
    size_t percentile = 0, bca = 0;
    for (size_t r = 0; r < RUNS; r++) {
        fill(x, N, draw, &s);
        options.seed = r;
        struct bootstrap b = bootstrap_run(&source, 0.95, &options);
        percentile += covers(b.percentile, 0);
        bca += covers(b.bca, 0);
    }
    rate_between("percentile bootstrap", percentile, RUNS, low, 0.95);
    rate_between("BCa bootstrap", bca, RUNS, low_bca, 0.95);
}

/* The bootstrap's promise holds for many units; at 100 it falls short by about one in a hundred,
 * more for skewed units and less with BCa. */
static void bootstrap_intervals_cover(void **state)
{
    (void)state;
    bootstrap_covers(normal, 0.94, 0.94);
    bootstrap_covers(exponential, 0.93, 0.935);
}

static void only_whole_clusters_cover(void **state)
{
    (void)state;
    enum { RUNS = 600, CLUSTERS = 40, SIZE = 4, N = CLUSTERS * SIZE };
    struct source s = {.key = 4};
    double x[N];
    uint32_t label[N];
    struct clusters clusters;
    size_t rows = 0, whole = 0, both = 0;
    for (size_t i = 0; i < N; i++)
        label[i] = (uint32_t)(i / SIZE);
    clusters_init(&clusters, label, N, CLUSTERS);
    for (size_t r = 0; r < RUNS; r++) {
        struct resample_options options = {.seed = r, .resamples = 250};
        struct bootstrap_source source = {.statistic = bootstrap_mean, .data = x, .units = N};
        for (size_t i = 0; i < N; i += SIZE) {
            double shared = normal(&s);
            for (size_t j = 0; j < SIZE; j++)
                x[i + j] = shared + normal(&s);
        }
        rows += covers(bootstrap_run(&source, 0.95, &options).percentile, 0);
        source.clusters = &clusters;
        whole += covers(bootstrap_run(&source, 0.95, &options).percentile, 0);
        source.two_level = true;
        both += covers(bootstrap_run(&source, 0.95, &options).percentile, 0);
    }
    clusters_release(&clusters);
    rate_between("clusters", whole, RUNS, 0.93, 0.95);
    rate_between("clusters and rows", both, RUNS, 0.95, 0.975); /* counts rows' spread twice */
    assert_true(rows < RUNS * 85 / 100); /* what taking samples for probes would do */
}

static void permutation_and_ranks_keep_their_level(void **state)
{
    (void)state;
    enum { RUNS = 5000, N = 10, MANY = 30 };
    struct source s = {.key = 5};
    double x[MANY];
    size_t exact = 0, drawn = 0, ranks = 0, ranks_normal = 0;
    for (size_t r = 0; r < RUNS; r++) {
        struct resample_options options = {.seed = r, .resamples = 199};
        fill(x, MANY, heavy, &s);
        exact += sign_flip(x, N, &options).p <= 0.05;
        drawn += sign_flip(x, MANY, &options).p <= 0.05;
        ranks += wilcoxon(x, N).p <= 0.05;
        x[0] = 0; /* a zero: the normal approximation */
        ranks_normal += wilcoxon(x, MANY).p <= 0.05;
    }
    rate_between("all sign flips", exact, RUNS, 50.0 / 1024, 50.0 / 1024);
    rate_between("drawn sign flips", drawn, RUNS, 0.05, 0.05);
    rate_between("Wilcoxon, exact", ranks, RUNS, 50.0 / 1024, 50.0 / 1024); /* W <= 8 or >= 47 */
    rate_between("Wilcoxon, normal", ranks_normal, RUNS, 0.045, 0.055);
}

/* Small unequal groups of skewed numbers, where an F test would not hold. */
static void labels_and_rank_correlations_keep_their_level(void **state)
{
    (void)state;
    enum { RUNS = 3000, N = 24 };
    static const uint32_t LABEL[N] = {0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3,
                                      3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4};
    struct source s = {.key = 9};
    double x[N], y[N];
    size_t differ = 0, covered = 0;
    /* rho of normals with correlation 0.6: 6 asin(0.3) / pi */
    double truth = 6 * asin(0.3) / 3.141592653589793;
    for (size_t r = 0; r < RUNS; r++) {
        struct resample_options options = {.seed = r, .resamples = 199};
        fill(x, N, exponential, &s);
        differ += group_permutation_p(x, LABEL, N, 5, &options) <= 0.05;
        fill(x, N, normal, &s);
        for (size_t i = 0; i < N; i++)
            y[i] = 0.6 * x[i] + 0.8 * normal(&s);
        covered += covers(spearman_interval(spearman(x, y, N), N, 0.95), truth);
    }
    rate_between("labels handed out anew", differ, RUNS, 0.05, 0.05);
    rate_between("interval of a rank correlation", covered, RUNS, 0.93, 0.97);
}

static void proportions_keep_their_level(void **state)
{
    (void)state;
    enum { RUNS = 4000, N = 60 };
    struct source s = {.key = 6};
    double a[N], b[N];
    size_t rejected = 0, covered = 0, alone = 0;
    for (size_t r = 0; r < RUNS; r++) {
        for (size_t i = 0; i < N; i++) {
            double easy = uniform(&s); /* items differ in how hard they are: answers correlate */
            a[i] = uniform(&s) < easy;
            b[i] = uniform(&s) < easy;
        }
        struct pair_table table = pair_table(a, b, N);
        rejected += mcnemar_exact(&table) <= 0.05;
        covered += covers(newcombe(&table, 0.95), 0);
        alone += covers(wilson((double)(table.both + table.only_a), N, 0.95), 0.5);
    }
    rate_between("McNemar", rejected, RUNS, 0.01, 0.05); /* discrete, so below its level */
    rate_between("Newcombe", covered, RUNS, 0.95, 0.985);
    rate_between("Wilson", alone, RUNS, 0.94, 0.96);
}

static void length_control_keeps_its_level(void **state)
{
    (void)state;
    enum { RUNS = 5000, N = 25 };
    struct source s = {.key = 7};
    double d[N], length[N];
    size_t rejected = 0, naive = 0;
    for (size_t r = 0; r < RUNS; r++) {
        for (size_t i = 0; i < N; i++) {
            length[i] = 50 + 40 * normal(&s);
            d[i] = 0.02 * length[i] + normal(&s);
        }
        rejected += ancova(d, length, N).intercept_p <= 0.05;
        naive += t_test(d, N, 0.95).p <= 0.05;
    }
    rate_between("ANCOVA", rejected, RUNS, 0.05, 0.05);
    assert_true(naive > RUNS * 9 / 10); /* length alone would have been taken for quality */
}

static bool any_at_most(const double *p, size_t m, double alpha)
{
    for (size_t i = 0; i < m; i++)
        if (p[i] <= alpha)
            return true;
    return false;
}

/* Five metrics that move together, all without effect, or the first two with one. */
static void families_keep_their_level(void **state)
{
    (void)state;
    enum { RUNS = 2000, M = 5, N = 14 };
    struct source s = {.key = 8};
    double d[M * N], p[M], holm[M], bh[M], joint[M];
    size_t wrong_holm = 0, wrong_joint = 0, wrong_raw = 0, right_holm = 0, right_joint = 0;
    double false_share = 0;
    for (size_t r = 0; r < RUNS; r++) {
        bool effect = r % 2;
        struct resample_options options = {.seed = r, .resamples = 199};
        for (size_t i = 0; i < N; i++) {
            double shared = normal(&s);
            for (size_t j = 0; j < M; j++)
                d[j * N + i] = 2 * shared + normal(&s) + (effect && j < 2 ? 1.5 : 0);
        }
        for (size_t j = 0; j < M; j++)
            p[j] = sign_flip(d + j * N, N, &options).p;
        holm_adjust(holm, p, M);
        bh_adjust(bh, p, M);
        max_t_adjust(joint, d, M, N, &options);
        size_t first = effect ? 2 : 0; /* of the metrics without effect */
        wrong_holm += any_at_most(holm + first, M - first, 0.05);
        wrong_joint += any_at_most(joint + first, M - first, 0.05);
        wrong_raw += any_at_most(p + first, M - first, 0.05);
        right_holm += effect && any_at_most(holm, 2, 0.05);
        right_joint += effect && any_at_most(joint, 2, 0.05);
        size_t found = 0, wrong = 0;
        for (size_t j = 0; j < M; j++) {
            found += bh[j] <= 0.05;
            wrong += bh[j] <= 0.05 && j >= first;
        }
        false_share += found ? (double)wrong / (double)found : 0;
    }
    rate_between("Holm", wrong_holm, RUNS, 0, 0.05);
    rate_between("max-T", wrong_joint, RUNS, 0.03, 0.05);
    rate_between("Benjamini-Hochberg", (size_t)false_share, RUNS, 0, 0.05);
    assert_true(wrong_raw > RUNS * 8 / 100); /* what adjusting is for */
    assert_true(right_joint > right_holm);   /* and what knowing the dependence is for */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_interval_covers_and_t_test_rejects_as_promised),
        cmocka_unit_test(power_is_as_computed),
        cmocka_unit_test(bootstrap_intervals_cover),
        cmocka_unit_test(only_whole_clusters_cover),
        cmocka_unit_test(permutation_and_ranks_keep_their_level),
        cmocka_unit_test(labels_and_rank_correlations_keep_their_level),
        cmocka_unit_test(proportions_keep_their_level),
        cmocka_unit_test(length_control_keeps_its_level),
        cmocka_unit_test(families_keep_their_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
