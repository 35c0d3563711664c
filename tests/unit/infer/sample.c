/* Tests of sampling: greedy ties, each filter against a plain sorted version, and the share of
 * draws. */
#include "infer/sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"

enum { WIDE = 5000 };

static float random_logit(uint64_t seed, uint64_t i)
{
    return (float)(int)(rng_uniform(seed, 1, i) * 200) / 8 - 12.5F; /* coarse, so ties occur */
}

static void greedy_takes_the_lowest_of_equals(void **state)
{
    (void)state;
    struct sample_scratch *scratch = sample_scratch_create(WIDE);
    float *logits = mem_alloc(WIDE * sizeof *logits);
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    for (uint64_t seed = 0; seed < 50; seed++) {
        size_t n = 1 + (size_t)(rng_uniform(seed, 2, 0) * WIDE);
        size_t best = 0;
        for (size_t i = 0; i < n; i++) {
            logits[i] = random_logit(seed, i);
            best = logits[i] > logits[best] ? i : best;
        }
        assert_int_equal(sample_pick(scratch, logits, n, n, &params, NULL, 0, 0), best);
    }
    free(logits);
    sample_scratch_free(scratch);
}

static void forbidden_ids_are_never_chosen(void **state)
{
    (void)state;
    struct sample_scratch *scratch = sample_scratch_create(4);
    const float logits[] = {1, 2, 9, 9};
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    assert_int_equal(sample_pick(scratch, logits, 4, 2, &params, NULL, 0, 0), 1);
    params.temperature = 1;
    for (size_t i = 0; i < 100; i++)
        assert_true(sample_pick(scratch, logits, 4, 2, &params, NULL, i, 0) < 2);
    sample_scratch_free(scratch);
}

static void penalty_pushes_both_signs_down_once(void **state)
{
    (void)state;
    struct sample_scratch *scratch = sample_scratch_create(4);
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    params.repetition_penalty = 2;
    const uint32_t history[] = {1, 1, 1, 3};
    const float positive[] = {1.5F, 2.5F, 1, 2.9F}; /* 1.5, 1.25, 1, 1.45 */
    assert_int_equal(sample_pick(scratch, positive, 4, 4, &params, history, 4, 0), 0);
    const float negative[] = {-2, -0.75F, -1.75F, -0.9F}; /* -2, -1.5, -1.75, -1.8 */
    assert_int_equal(sample_pick(scratch, negative, 4, 4, &params, history, 4, 0), 1);
    sample_scratch_free(scratch);
}

/* The plain version: sort everything, cut, draw. */
struct entry {
    double weight;
    float logit;
    uint32_t id;
};

static int by_rank(const void *pa, const void *pb)
{
    const struct entry *a = pa, *b = pb;
    if (a->logit > b->logit || a->logit < b->logit)
        return a->logit > b->logit ? -1 : 1;
    return a->id < b->id ? -1 : 1;
}

/* The set of ids that may be chosen: allowed[id]. */
static void plain_filter(bool *allowed, const float *logits, size_t n,
                         const struct sample_params *params)
{
    struct entry *all = mem_zalloc(n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct entry){.logit = logits[i], .id = (uint32_t)i};
    qsort(all, n, sizeof *all, by_rank);
    size_t count = params->top_k && params->top_k < n ? params->top_k : n;
    double total = 0, sum = 0;
    for (size_t i = 0; i < count; i++)
        total += all[i].weight = exp((double)(all[i].logit - all[0].logit) / params->temperature);
    for (size_t i = 0; i < n; i++)
        allowed[i] = false;
    for (size_t i = 0; i < count && (i == 0 || sum < params->top_p * total); i++) {
        sum += all[i].weight;
        allowed[all[i].id] = all[i].weight >= params->min_p;
    }
    free(all);
}

static void filters_agree_with_a_plain_sort(void **state)
{
    (void)state;
    enum { N = 40, DRAWS = 2000 };
    struct sample_scratch *scratch = sample_scratch_create(N);
    for (uint64_t seed = 0; seed < 60; seed++) {
        float logits[N];
        for (size_t i = 0; i < N; i++)
            logits[i] = random_logit(seed, i) / 8;
        struct sample_params params = SAMPLE_PARAMS_DEFAULT;
        params.temperature = 0.5 + rng_uniform(seed, 3, 0);
        params.top_k = seed % 2 ? 1 + (uint32_t)(rng_uniform(seed, 3, 1) * 20) : 0;
        params.top_p = seed % 3 ? 0.3 + 0.6 * rng_uniform(seed, 3, 2) : 1;
        params.min_p = seed % 5 ? 0 : 0.2 * rng_uniform(seed, 3, 3);
        params.seed = seed;
        bool allowed[N], drawn[N] = {false};
        plain_filter(allowed, logits, N, &params);
        for (size_t i = 0; i < DRAWS; i++)
            drawn[sample_pick(scratch, logits, N, N, &params, NULL, i, 5)] = true;
        double total = 0;
        for (size_t i = 0; i < N; i++)
            total += allowed[i] ? exp((double)logits[i] / params.temperature) : 0;
        for (size_t i = 0; i < N; i++) {
            assert_true(!drawn[i] || allowed[i]);
            /* Expected at least 20 times: never is one in half a billion. */
            if (allowed[i] && exp((double)logits[i] / params.temperature) / total > 20.0 / DRAWS)
                assert_true(drawn[i]);
        }
    }
    sample_scratch_free(scratch);
}

static void shares_follow_the_weights(void **state)
{
    (void)state;
    enum { DRAWS = 20000 };
    struct sample_scratch *scratch = sample_scratch_create(3);
    const float logits[] = {0, 0.6931472F, 1.3862944F}; /* 1 : 2 : 4 at temperature 1 */
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    params.temperature = 1;
    size_t count[3] = {0};
    for (size_t i = 0; i < DRAWS; i++)
        count[sample_pick(scratch, logits, 3, 3, &params, NULL, i, 99)]++;
    for (size_t i = 0; i < 3; i++) {
        double expected = DRAWS * (double)(1 << i) / 7;
        assert_true(fabs((double)count[i] - expected) < 5 * sqrt(expected));
    }
    sample_scratch_free(scratch);
}

static void a_draw_depends_on_seed_key_and_position_only(void **state)
{
    (void)state;
    struct sample_scratch *a = sample_scratch_create(WIDE), *b = sample_scratch_create(WIDE);
    float *logits = mem_alloc(WIDE * sizeof *logits);
    for (size_t i = 0; i < WIDE; i++)
        logits[i] = random_logit(9, i) / 16;
    struct sample_params params = SAMPLE_PARAMS_DEFAULT;
    params.temperature = 1;
    params.seed = 4;
    size_t other_key = 0, other_seed = 0;
    for (size_t i = 0; i < 50; i++) {
        uint32_t id = sample_pick(a, logits, WIDE, WIDE, &params, NULL, i, 1);
        assert_int_equal(sample_pick(b, logits, WIDE, WIDE, &params, NULL, i, 1), id);
        other_key += sample_pick(b, logits, WIDE, WIDE, &params, NULL, i, 2) != id;
        params.seed = 5;
        other_seed += sample_pick(b, logits, WIDE, WIDE, &params, NULL, i, 1) != id;
        params.seed = 4;
    }
    assert_true(other_key > 40 && other_seed > 40);
    free(logits);
    sample_scratch_free(a);
    sample_scratch_free(b);
}

static void parameters_out_of_range_are_refused(void **state)
{
    (void)state;
    struct sample_params bad[] = {
        {.temperature = -1, .top_p = 1, .repetition_penalty = 1, .max_tokens = 1},
        {.temperature = NAN, .top_p = 1, .repetition_penalty = 1, .max_tokens = 1},
        {.temperature = 1e308, .top_p = 1, .repetition_penalty = 1, .max_tokens = 1},
        {.top_p = 0, .repetition_penalty = 1, .max_tokens = 1},
        {.top_p = NAN, .repetition_penalty = 1, .max_tokens = 1},
        {.top_p = 1, .min_p = 1.5, .repetition_penalty = 1, .max_tokens = 1},
        {.top_p = 1, .repetition_penalty = 0, .max_tokens = 1},
        {.top_p = 1, .repetition_penalty = INFINITY, .max_tokens = 1},
        {.top_p = 1, .repetition_penalty = 1, .max_tokens = 0},
        {.top_p = 1, .repetition_penalty = 1, .max_tokens = 1, .n_stops = STOPS_MAX + 1},
        {.top_p = 1, .repetition_penalty = 1, .max_tokens = 1, .n_stops = 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_false(sample_params_check(&bad[i], &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
    struct sample_params good = SAMPLE_PARAMS_DEFAULT;
    struct err err = {0};
    assert_true(sample_params_check(&good, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greedy_takes_the_lowest_of_equals),
        cmocka_unit_test(forbidden_ids_are_never_chosen),
        cmocka_unit_test(penalty_pushes_both_signs_down_once),
        cmocka_unit_test(filters_agree_with_a_plain_sort),
        cmocka_unit_test(shares_follow_the_weights),
        cmocka_unit_test(a_draw_depends_on_seed_key_and_position_only),
        cmocka_unit_test(parameters_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
