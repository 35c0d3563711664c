/* Tests of lem perplexity, and with it of how near the model's logits are to independent ones
 * (tests/oracle/README.md): the tiny models in every position, the demo models, if they are in the
 * cache, on the oracle's short texts, with LEM_TEST_LONG=1 on all of them. */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/model_name.h"
#include "os/file.h"
#include "text/jsonl.h"

enum { SHORT_TOK = 32 };

/* How far our numbers are from the oracle's, over all texts compared. */
struct distance {
    double nll, lse, logit; /* the largest differences */
    double nll_squares;
    size_t n_nll, n_top, top_agrees;
};

static double number_at(const json_t *array, size_t index)
{
    const json_t *value = json_array_get(array, index);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void compare_arrays(double *worst, double *squares, const json_t *want, const json_t *got)
{
    assert_int_equal(json_array_size(want), json_array_size(got));
    for (size_t i = 0; i < json_array_size(want); i++) {
        double d = number_at(want, i) - number_at(got, i);
        *worst = fmax(*worst, fabs(d));
        *squares += d * d;
    }
}

/* Largest logits at some positions. Where ids differ (near ties) their logits are not compared. */
static void compare_top(struct distance *d, const json_t *want, const json_t *got)
{
    for (size_t i = 0; i < json_array_size(want); i++) {
        const json_t *w = json_array_get(want, i);
        size_t pos = (size_t)json_integer_value(json_object_get(w, "pos"));
        const json_t *g = json_array_get(got, pos);
        const json_t *wid = json_object_get(w, "id"), *gid = json_object_get(g, "id");
        double lse = json_number_value(json_object_get(w, "lse")) -
                     json_number_value(json_object_get(g, "lse"));
        d->lse = fmax(d->lse, fabs(lse));
        d->n_top++;
        d->top_agrees += number_at(wid, 0) == number_at(gid, 0);
        for (size_t k = 0; k < json_array_size(wid); k++) {
            if (number_at(wid, k) == number_at(gid, k))
                d->logit = fmax(d->logit, fabs(number_at(json_object_get(w, "logit"), k) -
                                               number_at(json_object_get(g, "logit"), k)));
        }
    }
}

static void compare_row(struct distance *d, const json_t *want, const json_t *got)
{
    double ignored = 0;
    const json_t *nll = json_object_get(want, "nll");
    compare_arrays(&d->nll, &d->nll_squares, nll, json_object_get(got, "nll"));
    d->n_nll += json_array_size(nll);
    if (json_object_get(want, "top"))
        compare_top(d, json_object_get(want, "top"), json_object_get(got, "top"));
    if (json_object_get(want, "lse"))
        compare_arrays(&d->lse, &ignored, json_object_get(want, "lse"),
                       json_object_get(got, "lse"));
}

static json_t *parse_line(struct jsonl *in, struct str line)
{
    struct err err = {0};
    json_t *row = NULL;
    if (!jsonl_parse(&row, in, line, &err))
        fail_msg("%s", err.msg);
    return row;
}

/* Keeps the rows of at most `longest` ids, as the program's input. */
static void write_input(const char *path, struct str oracle, size_t longest)
{
    struct jsonl in;
    struct str line;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    jsonl_init(&in, oracle, "oracle");
    while (jsonl_next(&in, &line)) {
        json_t *row = parse_line(&in, line);
        if (json_array_size(json_object_get(row, "ids")) <= longest)
            fprintf(file, "%.*s\n", STR_ARG(line));
        json_decref(row);
    }
    fclose(file);
}

static void read_output(struct buf *out, const char *model, const char *precision,
                        const char *input)
{
    char command[1024];
    snprintf(command, sizeof command,
             "./lem perplexity --quiet --model '%s' --precision %s --top 16 --input '%s'", model,
             precision, input);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    for (int c; (c = getc(pipe)) != EOF;)
        buf_putc(out, (char)c);
    assert_int_equal(pclose(pipe), 0);
}

static struct distance distance_of(const char *model, const char *precision, const char *oracle,
                                   size_t longest)
{
    char input[] = "/tmp/lem-test-perplexity-XXXXXX";
    struct distance d = {0};
    struct err err = {0};
    struct buf want, got;
    struct jsonl want_in, got_in;
    struct str want_line, got_line;
    buf_init(&want, BUF_MAX_DEFAULT);
    buf_init(&got, BUF_MAX_DEFAULT);
    close(mkstemp(input));
    assert_true(file_read(&want, oracle, &err));
    write_input(input, buf_str(&want), longest);
    buf_reset(&want);
    assert_true(file_read(&want, input, &err));
    read_output(&got, model, precision, input);
    unlink(input);
    jsonl_init(&want_in, buf_str(&want), "oracle");
    jsonl_init(&got_in, buf_str(&got), "lem perplexity");
    while (jsonl_next(&want_in, &want_line)) {
        assert_true(jsonl_next(&got_in, &got_line));
        json_t *w = parse_line(&want_in, want_line), *g = parse_line(&got_in, got_line);
        compare_row(&d, w, g);
        json_decref(w);
        json_decref(g);
    }
    assert_false(jsonl_next(&got_in, &got_line));
    assert_true(d.n_nll > 0);
    buf_release(&want);
    buf_release(&got);
    return d;
}

static void assert_below(const char *what, double value, double bound)
{
    if (!(value <= bound))
        fail_msg("%s is %g, more than %g", what, value, bound);
}

static void tiny_models_are_near(void **state)
{
    static const char *const names[] = {"gemma3", "smollm2"};
    static const char *const types[] = {"f32", "bf16"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        char model[128], oracle[128];
        snprintf(model, sizeof model, "tests/oracle/tiny/%s/%s.gguf", names[i / 2], types[i % 2]);
        snprintf(oracle, sizeof oracle, "tests/oracle/tiny/%s/expected.jsonl", names[i / 2]);
        struct distance d = distance_of(model, "float", oracle, SIZE_MAX);
        assert_below("nll", d.nll, 1e-4);
        assert_below("lse", d.lse, 1e-4);
    }
}

/* skip() unless the model is in the cache. */
static void need_model(const char *name)
{
    struct buf path;
    struct err err = {0};
    buf_init(&path, 4096);
    bool found = model_name_resolve(&path, name, &err);
    buf_release(&path);
    if (!found)
        skip();
}

static void check_real(const char *name, const char *oracle, double top_agreement, double nll_rms)
{
    need_model(name);
    bool all = getenv("LEM_TEST_LONG") != NULL;
    struct distance d = distance_of(name, "float", oracle, all ? SIZE_MAX : SHORT_TOK);
    assert_below("float nll", d.nll, 1e-3);
    assert_below("float lse", d.lse, 1e-3);
    assert_below("float logit", d.logit, 1e-3);
    d = distance_of(name, "fast", oracle, all ? SIZE_MAX : SHORT_TOK);
    double rms = sqrt(d.nll_squares / (double)d.n_nll);
    double missed = 1 - (double)d.top_agrees / (double)d.n_top;
    print_message("%s fast: rms error of nll %.4f over %zu, largest logit agrees in %zu of %zu\n",
                  name, rms, d.n_nll, d.top_agrees, d.n_top);
    /* A few texts scatter more than the bounds, which are what others reach on many. */
    assert_below("fast nll rms", rms, all ? nll_rms : 2 * nll_rms);
    assert_below("share of other largest logits", missed, (all ? 1 : 2) * (1 - top_agreement));
}

static void gemma_is_near(void **state)
{
    (void)state;
    check_real("gemma-3-270m", "tests/oracle/logits-gemma3.jsonl", 0.944, 0.108);
}

static void smollm2_is_near(void **state)
{
    (void)state;
    check_real("smollm2-135m-instruct", "tests/oracle/logits-smollm2.jsonl", 0.956, 0.084);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_models_are_near),
        cmocka_unit_test(gemma_is_near),
        cmocka_unit_test(smollm2_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
