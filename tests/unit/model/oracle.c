/* Logits of whole models against an independent implementation in float64 (tests/oracle/README.md).
 *
 * The real models run when they are in the cache. A full run reads 6,800 tokens twice and takes
 * minutes, so by default the short rows and one essay are read, with bounds that suit so few
 * positions; LEM_TEST_LONG=1 reads every row and holds the program to the bounds it promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/model_name.h"
#include "os/file.h"
#include "support/open_model.h"
#include "text/jsonl.h"

enum { CONTEXT = 4096 };

/* ---- numbers of one row of logits ---- */

static double log_sum_exp(const float *logits, size_t n)
{
    double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        max = fmax(max, (double)logits[i]);
    for (size_t i = 0; i < n; i++)
        sum += exp((double)logits[i] - max);
    return max + log(sum);
}

static uint32_t best_of(const float *logits, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = logits[i] > logits[best] ? i : best;
    return (uint32_t)best;
}

/* ---- rows of an oracle file ---- */

struct rows {
    struct buf text;
    json_t *all; /* array of objects */
};

static void rows_read(struct rows *rows, const char *path)
{
    struct jsonl in;
    struct str line;
    struct err err = {0};
    json_t *row;
    rows->all = json_array();
    buf_init(&rows->text, BUF_MAX_DEFAULT);
    if (!file_read(&rows->text, path, &err))
        fail_msg("%s", err.msg);
    jsonl_init(&in, buf_str(&rows->text), path);
    while (jsonl_next(&in, &line)) {
        if (!jsonl_parse(&row, &in, line, &err))
            fail_msg("%s", err.msg);
        json_array_append_new(rows->all, row);
    }
    assert_true(json_array_size(rows->all) > 0);
}

static void rows_release(struct rows *rows)
{
    json_decref(rows->all);
    buf_release(&rows->text);
}

static double number_at(const json_t *row, const char *key, size_t index)
{
    const json_t *n = json_array_get(json_object_get(row, key), index);
    assert_true(json_is_number(n));
    return json_number_value(n);
}

static uint32_t *ids_of(const json_t *row, const char *key, size_t *count)
{
    const json_t *ids = json_object_get(row, key);
    *count = json_array_size(ids);
    uint32_t *id = mem_zalloc(*count, sizeof *id);
    for (size_t i = 0; i < *count; i++)
        id[i] = (uint32_t)json_integer_value(json_array_get(ids, i));
    return id;
}

static void assert_near(double got, double want, double most, const char *what, size_t at)
{
    if (!(fabs(got - want) <= most))
        fail_msg("%s at %zu is %.7f, expected %.7f", what, at, got, want);
}

/* ---- tiny models ---- */

enum { TINY_ERROR_E6 = 100 };

static void check_tiny_row(struct opened *o, const json_t *row)
{
    double most = TINY_ERROR_E6 * 1e-6;
    size_t n;
    uint32_t *ids = ids_of(row, "ids", &n);
    opened_rewind(o);
    for (size_t at = 0; at < n; at += OPENED_CHUNK) {
        size_t count = size_min(n - at, OPENED_CHUNK);
        const float *logits = opened_feed(o, ids + at, count);
        assert_non_null(logits);
        for (size_t i = at; i < at + count; i++, logits += o->vocab) {
            double lse = log_sum_exp(logits, o->vocab);
            assert_near(lse, number_at(row, "lse", i), most, "lse", i);
            assert_int_equal(best_of(logits, o->vocab), number_at(row, "argmax", i));
            if (i + 1 < n)
                assert_near(lse - (double)logits[ids[i + 1]], number_at(row, "nll", i), most, "nll",
                            i);
            for (size_t v = 0; i + 1 == n && v < o->vocab; v++)
                assert_near((double)logits[v], number_at(row, "last", v), most, "last logit", v);
        }
    }
    free(ids);
}

static void tiny_model_agrees(const char *name, const char *type)
{
    char path[128];
    struct rows rows;
    struct opened o;
    struct err err = {0};
    snprintf(path, sizeof path, "tests/oracle/tiny/%s/expected.jsonl", name);
    rows_read(&rows, path);
    snprintf(path, sizeof path, "tests/oracle/tiny/%s/%s.gguf", name, type);
    if (!opened_init(&o, path, PRECISION_FLOAT, CONTEXT, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(o.vocab,
                     json_array_size(json_object_get(json_array_get(rows.all, 0), "last")));
    for (size_t i = 0; i < json_array_size(rows.all); i++)
        check_tiny_row(&o, json_array_get(rows.all, i));
    opened_release(&o);
    rows_release(&rows);
}

static void tiny_gemma_agrees(void **state)
{
    (void)state;
    tiny_model_agrees("gemma3", "f32");
    tiny_model_agrees("gemma3", "bf16");
}

static void tiny_smollm_agrees(void **state)
{
    (void)state;
    tiny_model_agrees("smollm2", "f32");
    tiny_model_agrees("smollm2", "bf16");
}

/* ---- real models ---- */

/* What has been seen of one model so far. */
struct tally {
    double worst;       /* largest error of a nll, lse or logit */
    double loss, loss2; /* sums of the errors of next-token losses and of their squares */
    size_t losses, tops,
        right; /* positions with a loss; with `top`; where the best id is the same */
};

static void tally_error(struct tally *t, double got, double want)
{
    t->worst = fmax(t->worst, fabs(got - want));
}

static void tally_position(struct tally *t, const json_t *row, size_t at, const float *logits,
                           size_t vocab, double lse, const uint32_t *next)
{
    const json_t *top, *tops = json_object_get(row, "top");
    size_t i;
    if (next) {
        double error = lse - (double)logits[*next] - number_at(row, "nll", at);
        t->losses++;
        t->loss += error;
        t->loss2 += error * error;
        tally_error(t, error, 0);
    }
    json_array_foreach(tops, i, top)
    {
        if ((size_t)json_integer_value(json_object_get(top, "pos")) != at)
            continue;
        t->tops++;
        t->right += best_of(logits, vocab) == number_at(top, "id", 0);
        tally_error(t, lse, json_number_value(json_object_get(top, "lse")));
        for (size_t k = 0; k < json_array_size(json_object_get(top, "id")); k++)
            tally_error(t, (double)logits[(uint32_t)number_at(top, "id", k)],
                        number_at(top, "logit", k));
    }
}

/* Greedy tokens must be the reference's up to its first near tie; *last are the logits so far. */
static void check_greedy(struct opened *o, const json_t *row, const float *last)
{
    size_t n = json_array_size(json_object_get(row, "greedy"));
    for (size_t i = 0; i < n && number_at(row, "gap", i) >= 0.5; i++) {
        uint32_t best = best_of(last, o->vocab);
        if (best != number_at(row, "greedy", i))
            fail_msg("%s: greedy token %zu is %u, expected %.0f",
                     json_string_value(json_object_get(row, "id")), i, best,
                     number_at(row, "greedy", i));
        last = opened_feed(o, &best, 1);
        assert_non_null(last);
    }
}

static void read_row(struct tally *t, struct opened *o, const json_t *row, bool greedy)
{
    size_t n, count = 0;
    uint32_t *ids = ids_of(row, "ids", &n);
    const float *logits = NULL;
    opened_rewind(o);
    for (size_t at = 0; at < n; at += count) {
        count = size_min(n - at, OPENED_CHUNK);
        logits = opened_feed(o, ids + at, count);
        assert_non_null(logits);
        for (size_t i = 0; i < count; i++) {
            const float *here = logits + i * o->vocab;
            tally_position(t, row, at + i, here, o->vocab, log_sum_exp(here, o->vocab),
                           at + i + 1 < n ? &ids[at + i + 1] : NULL);
        }
    }
    if (greedy)
        check_greedy(o, row, logits + (count - 1) * o->vocab);
    free(ids);
}

static bool long_run(void)
{
    return getenv("LEM_TEST_LONG") != NULL;
}

static bool row_is_read(const json_t *row)
{
    const char *id = json_string_value(json_object_get(row, "id"));
    return long_run() || !(strstr(id, "long") || strstr(id, "essay1") || strstr(id, "essay2"));
}

/* Reads the model of the cache, or skips the test. */
static void open_cached(struct opened *o, const char *name, enum precision precision)
{
    struct buf path;
    struct err err = {0};
    buf_init(&path, 4096);
    if (!model_name_resolve(&path, name, &err)) {
        print_message("%s is not in the cache\n", name);
        buf_release(&path);
        skip();
    }
    if (!opened_init(o, path.ptr, precision, CONTEXT, &err))
        fail_msg("%s", err.msg);
    buf_release(&path);
}

static struct tally read_model(const char *name, const char *oracle, enum precision precision)
{
    struct opened o;
    struct rows rows;
    struct tally t = {0};
    open_cached(&o, name, precision);
    rows_read(&rows, oracle);
    for (size_t i = 0; i < json_array_size(rows.all); i++) {
        const json_t *row = json_array_get(rows.all, i);
        if (row_is_read(row))
            read_row(&t, &o, row, precision == PRECISION_FLOAT);
    }
    rows_release(&rows);
    opened_release(&o);
    print_message("%s %s: largest error %.2g; of %zu losses mean %+.4f, rms %.4f; top %zu of %zu\n",
                  name, precision_name(precision), t.worst, t.losses, t.loss / (double)t.losses,
                  sqrt(t.loss2 / (double)t.losses), t.right, t.tops);
    return t;
}

struct real {
    const char *name, *oracle;
    /* Over all rows, and over those of the default run: root mean square and mean of the errors of
     * the next-token loss, and the share of positions whose best token is the reference's. */
    struct {
        double rms, mean, top;
    } all, some;
};

static const struct real GEMMA = {"gemma-3-270m",
                                  "tests/oracle/logits-gemma3.jsonl",
                                  {0.108, 0.005, 0.944},
                                  {0.130, 0.020, 0.900}};
static const struct real SMOLLM = {"smollm2-135m-instruct",
                                   "tests/oracle/logits-smollm2.jsonl",
                                   {0.084, 0.005, 0.956},
                                   {0.150, 0.020, 0.900}};

static void float_agrees(const struct real *real)
{
    struct tally t = read_model(real->name, real->oracle, PRECISION_FLOAT);
    assert_true(t.worst <= 1e-3);
}

static void fast_stays_near(const struct real *real)
{
    struct tally t = read_model(real->name, real->oracle, PRECISION_FAST);
    double n = (double)t.losses;
    assert_true(t.losses > 100 && t.tops > 50);
    assert_true(sqrt(t.loss2 / n) <= (long_run() ? real->all.rms : real->some.rms));
    assert_true(fabs(t.loss / n) < (long_run() ? real->all.mean : real->some.mean));
    assert_true((double)t.right >= (double)t.tops * (long_run() ? real->all.top : real->some.top));
}

static void gemma_float_agrees(void **state)
{
    (void)state;
    float_agrees(&GEMMA);
}

static void gemma_fast_stays_near(void **state)
{
    (void)state;
    fast_stays_near(&GEMMA);
}

static void smollm_float_agrees(void **state)
{
    (void)state;
    float_agrees(&SMOLLM);
}

static void smollm_fast_stays_near(void **state)
{
    (void)state;
    fast_stays_near(&SMOLLM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_gemma_agrees),   cmocka_unit_test(tiny_smollm_agrees),
        cmocka_unit_test(gemma_float_agrees),  cmocka_unit_test(gemma_fast_stays_near),
        cmocka_unit_test(smollm_float_agrees), cmocka_unit_test(smollm_fast_stays_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
