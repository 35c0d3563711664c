/* analysis.c - what is said of runs is what their answers say: pairs, verdicts, missing answers,
 * layouts, published values; on any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "base/buf.h"
#include "os/file.h"
#include "report/report_json.h"
#include "text/json.h"

#define RUNS "tests/data/runs/"

static char files[2][32] = {"/tmp/lem-analysis-XXXXXX", "/tmp/lem-analysis-XXXXXX"};
static struct run *runs[2];
static struct analysis *an;
static struct err err;

static int make_files(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        int fd = mkstemp(files[i]);
        if (fd < 0 || close(fd) != 0)
            return -1;
    }
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    return unlink(files[0]) | unlink(files[1]);
}

static struct analysis_options options_of(size_t resamples)
{
    return (struct analysis_options){
        .compare = {.alpha = 0.05, .power = 0.8, .resample = {.resamples = resamples}},
        .n_changes = 5};
}

static void drop(void)
{
    analysis_free(an);
    an = NULL;
    for (int i = 0; i < 2; i++) {
        run_free(runs[i]);
        runs[i] = NULL;
    }
}

static void load(int i, const char *path)
{
    err = (struct err){0};
    if (!run_load(&runs[i], path, &err))
        fail_msg("%s", err.msg);
}

static void analyse(const struct analysis_options *options)
{
    err = (struct err){0};
    if (!analysis_of_runs(&an, runs, runs[1] ? 2 : 1, options, &err))
        fail_msg("%s", err.msg);
}

/* ---- runs made here: answers are so many question marks, half a point each up to six ---- */

static void add_answer(struct buf *out, const char *name, int marks)
{
    buf_printf(out, "%s\"%s\": {\"response\": \"This answer has words enough to count as one",
               out->ptr[out->len - 1] == '{' ? "" : ", ", name);
    for (int i = 0; i < marks; i++)
        buf_putc(out, '?');
    buf_puts(out, "\"}");
}

/* Answers below zero are left out. */
static void write_run(int i, int (*marks)[2], size_t n)
{
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t p = 0; p < n; p++) {
        buf_printf(&text,
                   "{\"type\": \"probe\", \"id\": \"P%zu\", \"category\": \"c%zu\", \"prompt\": "
                   "\"q\", \"conditions\": {",
                   p, p % 2);
        for (int side = 0; side < 2; side++)
            if (marks[p][side] >= 0)
                add_answer(&text, side ? "k" : "baseline", marks[p][side]);
        buf_puts(&text, "}}\n");
    }
    buf_puts(&text, "{\"type\": \"summary\", \"model\": \"m\"}\n");
    err = (struct err){0};
    assert_true(file_write_atomic(files[i], buf_str(&text), &err));
    buf_release(&text);
    load(i, files[i]);
}

static int RISING[8][2] = {{0, 2}, {1, 4}, {0, 3}, {2, 4}, {0, 2}, {1, 3}, {0, 4}, {1, 5}};

static void a_clear_gain_is_better(void **state)
{
    (void)state;
    struct analysis_options options = options_of(500);
    write_run(0, RISING, 8);
    analyse(&options);
    assert_int_equal(an->n_contrasts, 1);
    const struct contrast *c = &an->contrasts[0];
    const struct finding *f = &c->findings[an->primary];
    assert_true(str_is(an->metrics[an->primary].name, "v2-ab") && f->is_primary);
    assert_true(c->kind == CONTRAST_KERNEL && str_is(c->name, "k"));
    assert_int_equal(c->n_pairs, 8);
    assert_int_equal(c->n_incomplete + c->n_alone, 0);
    /* 22 more marks over 8 probes at half a point each */
    assert_true(fabs(f->numbers.t.mean - 22 * 0.5 / 8) < 1e-9);
    assert_true(f->numbers.sign_flip.exact && f->numbers.sign_flip.p == 2.0 / 256);
    assert_true(f->p_adjusted == f->numbers.sign_flip.p && an->n_declared == 1);
    assert_int_equal(f->verdict, VERDICT_BETTER);
    assert_int_equal(f->banded.win, 8);
    assert_true(!analysis_has_regression(an) && !analysis_is_inconclusive(an));
    assert_int_equal(c->improvements.total, 8);
    assert_int_equal(c->improvements.count, 5);
    assert_int_equal(c->regressions.total, 0);
    assert_true(c->improvements.items[0].mean_d >= c->improvements.items[4].mean_d);
    assert_int_equal(c->categories.n_cells, 2);
    assert_true(c->categories.cells[0].n == 4 && c->categories.cells[0].is_small);
    size_t last = c->signals.n_cells - 1;
    assert_true(str_is(c->signals.cells[last].name, "questioning"));
    assert_true(fabs(c->signals.cells[last].mean - 22 / 8.0) < 1e-12);
    drop();
}

static void the_other_way_it_is_worse_and_a_wash_is_open(void **state)
{
    (void)state;
    struct analysis_options options = options_of(500);
    int marks[8][2];
    for (int p = 0; p < 8; p++) {
        marks[p][0] = RISING[p][1];
        marks[p][1] = RISING[p][0];
    }
    write_run(0, marks, 8);
    analyse(&options);
    assert_int_equal(an->contrasts[0].findings[an->primary].verdict, VERDICT_WORSE);
    assert_true(analysis_has_regression(an) && !analysis_is_inconclusive(an));
    drop();
    for (int p = 0; p < 8; p += 2) {
        marks[p][0] = RISING[p][0];
        marks[p][1] = RISING[p][1];
    }
    write_run(0, marks, 8);
    analyse(&options);
    assert_int_equal(an->contrasts[0].findings[an->primary].verdict, VERDICT_INCONCLUSIVE);
    assert_true(analysis_is_inconclusive(an));
    analysis_free(an);
    options.compare.margin = 5; /* only a margin allows "no difference" */
    analyse(&options);
    assert_int_equal(an->contrasts[0].findings[an->primary].verdict, VERDICT_EQUIVALENT);
    drop();
}

static void missing_answers_are_counted_and_imputed(void **state)
{
    (void)state;
    struct analysis_options options = options_of(500);
    int marks[8][2];
    memcpy(marks, RISING, sizeof marks);
    marks[7][1] = -1;
    marks[6][1] = -1;
    write_run(0, marks, 8);
    analyse(&options);
    const struct contrast *c = &an->contrasts[0];
    const struct finding *f = &c->findings[an->primary];
    assert_int_equal(c->n_pairs, 6);
    assert_int_equal(c->n_incomplete, 2);
    assert_int_equal(an->arms[1].failures[FAILURE_ERROR].count, 2);
    assert_int_equal(an->arms[1].failures[FAILURE_ERROR].of, 8);
    assert_int_equal(c->failures[FAILURE_ERROR].table.only_b, 2);
    assert_int_equal(c->failures[FAILURE_ERROR].table.neither, 6);
    /* 14 marks more on six probes; the two others from worst (0 marks) to best (4) less 0 and 1 */
    assert_true(fabs(f->numbers.t.mean - 14 * 0.5 / 6) < 1e-9);
    assert_true(fabs(f->imputed.low - (14 - 1) * 0.5 / 8) < 1e-9);
    assert_true(fabs(f->imputed.high - (14 + 7) * 0.5 / 8) < 1e-9);
    assert_true(f->verdict == VERDICT_BETTER && f->imputed_verdict == VERDICT_BETTER);
    bool told = false;
    for (size_t i = 0; i < an->n_notes; i++)
        told |= strstr(an->notes[i].ptr, "lack an answer on one side: 2.") != NULL;
    assert_true(told);
    drop();
    int more[11][2] = {{6, -1}, {6, -1}, {6, -1}};
    memcpy(more + 3, RISING, sizeof RISING);
    write_run(0, more, 11);
    analyse(&options);
    f = &an->contrasts[0].findings[an->primary];
    assert_true(f->verdict == VERDICT_BETTER && f->imputed_verdict == VERDICT_INCONCLUSIVE);
    drop();
}

static void runs_are_paired_by_id_and_prompt(void **state)
{
    (void)state;
    struct analysis_options options = options_of(500);
    static int one[3][2] = {{1, -1}, {2, -1}, {3, -1}},
               two[4][2] = {{5, -1}, {5, -1}, {5, -1}, {5, -1}};
    write_run(0, one, 3);
    write_run(1, two, 4);
    err = (struct err){0};
    assert_true(analysis_of_pair(&an, runs, &options, &err));
    const struct contrast *c = &an->contrasts[0];
    assert_true(c->kind == CONTRAST_RUNS && c->n_pairs == 3 && c->n_alone == 1);
    assert_true(fabs(c->findings[0].numbers.t.mean - 1.5) < 1e-9); /* (4 + 3 + 2) / 2 / 3 */
    drop();
    load(0, RUNS "gemma.jsonl");
    load(1, RUNS "original.jsonl");
    options.force = true;
    assert_false(analysis_of_pair(&an, runs, &options, &err));
    assert_int_equal(err.code, ERR_USAGE); /* the ids agree, the prompts do not */
    assert_non_null(strstr(err.msg, "paired by id and prompt"));
    drop();
}

static void unlike_runs_are_refused(void **state)
{
    (void)state;
    struct analysis_options options = options_of(200);
    load(0, RUNS "smollm2.jsonl");
    load(1, RUNS "smollm2-seed2.jsonl");
    err = (struct err){0};
    assert_false(analysis_of_pair(&an, runs, &options, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.msg, "params.seed: 1 and 2"));
    options.force = true;
    err = (struct err){0};
    assert_true(analysis_of_pair(&an, runs, &options, &err));
    size_t material = 0;
    for (size_t i = 0; i < an->n_differences; i++)
        material += an->differences[i].is_material;
    assert_int_equal(material, 1);
    assert_int_equal(an->contrasts[0].samples, 3);
    assert_true(isfinite(an->contrasts[0].findings[0].numbers.icc));
    drop();
}

static void metrics_are_chosen_by_name(void **state)
{
    (void)state;
    struct analysis_options options = options_of(200);
    load(0, RUNS "original.jsonl");
    options.primary = "v2-ab.compliance_markers";
    analyse(&options);
    assert_true(an->metrics[an->primary].direction == -1);
    /* fewer hits are better, so the verdict's sign is turned */
    const struct finding *f = &an->contrasts[0].findings[an->primary];
    assert_true(f->numbers.t.mean < 0 && f->verdict != VERDICT_WORSE);
    analysis_free(an);
    an = NULL;
    static const char *const bad[] = {"v3", "v2-ab.no_such", "stored",
                                      "",   "capability-py", "exact-py"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.primary = bad[i];
        err = (struct err){0};
        assert_false(analysis_of_runs(&an, runs, 1, &options, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
    drop();
    load(0, "tests/oracle/ab-golden/rescore/old-scores.jsonl");
    options.primary = "stored";
    analyse(&options);
    assert_true(an->stored_equal < an->stored_total);
    assert_true(
        isnan(an->contrasts[0].layouts[0].t.mean)); /* a stored score cannot be made again */
    drop();
}

static void original_runs_and_published_values(void **state)
{
    (void)state;
    struct analysis_options options = options_of(200);
    load(0, RUNS "original.jsonl");
    analyse(&options);
    assert_int_equal(an->n_contrasts, 2);
    assert_int_equal(an->length_unit, LENGTH_WORDS);
    assert_int_equal(an->stored_equal, an->stored_total);
    assert_int_equal(an->n_published, 3);
    assert_true(str_is(an->published[0].model, "Gemma 3 4B") &&
                an->published[0].published == 20.66);
    assert_int_equal(an->published[0].verdict, PUBLISHED_OUTSIDE);
    assert_true(fabs(an->published[1].published - (21.65 - 20.66)) < 1e-9);
    /* One refused answer of dozens of markers carries the mean: the report must say so. */
    const struct finding *f = &an->contrasts[1].findings[an->primary];
    assert_true(f->numbers.rests_on_one && fabs(f->capped_mean) < fabs(f->numbers.t.mean) / 4);
    assert_int_equal(an->arms[0].failures[FAILURE_TRUNCATED].of, 0); /* not recorded */
    assert_true(an->arms[0].failures[FAILURE_REFUSAL].count >= 1);
    assert_true(an->salad.wins);
    drop();
    load(0, RUNS "gemma.jsonl");
    analyse(&options);
    assert_int_equal(an->length_unit, LENGTH_TOKENS);
    assert_int_equal(an->n_published, 0);
    assert_true(an->contrasts[0].regressions.items[0].rerun.ptr != NULL);
    assert_true(an->arms[1].leak.is_known); /* kernel/axioms.json stands where the run says */
    drop();
}

/* A placebo is compared with the bare model, and its own kernel with it: never one kernel with the
 * placebo of another. */
static void kernels_are_held_against_their_placebos(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"id\": \"A\", \"prompt\": \"q\", \"conditions\": {\"baseline\": {\"response\": \"a\"}, "
        "\"k\": {\"response\": \"b\"}, \"other\": {\"response\": \"c\"}, \"k~neutral\": "
        "{\"response\": \"d\"}}}\n"
        "{\"type\": \"summary\", \"model\": \"m\", \"provenance\": {\"kernels\": [{\"name\": "
        "\"k\", "
        "\"file\": \"-\", \"sha256\": \"00\", \"bytes\": 3}, {\"name\": \"other\"}, {\"name\": "
        "\"k~neutral\", \"placebo_of\": \"k\", \"placebo\": \"neutral\"}]}}\n";
    static const struct {
        enum contrast_kind kind;
        const char *a, *b;
    } expected[] = {{CONTRAST_KERNEL, "baseline", "k"},
                    {CONTRAST_KERNEL, "baseline", "other"},
                    {CONTRAST_PLACEBO, "baseline", "k~neutral"},
                    {CONTRAST_OVER_PLACEBO, "k~neutral", "k"}};
    struct analysis_options options = options_of(100);
    err = (struct err){0};
    assert_true(file_write_atomic(files[0], str_of(lines), &err));
    load(0, files[0]);
    analyse(&options);
    assert_int_equal(an->n_contrasts, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct contrast *c = &an->contrasts[i];
        assert_int_equal(c->kind, expected[i].kind);
        assert_true(str_is(an->arms[c->a].name, expected[i].a));
        assert_true(str_is(an->arms[c->b].name, expected[i].b));
    }
    assert_true(str_is(an->contrasts[3].name, "k over k~neutral"));
    assert_false(an->arms[1].leak.is_known); /* "-" is not read from a terminal */
    drop();
}

/* Dignity counts in two signals: of four hits three are the kernel's; without it one of two. */
static void words_of_the_kernel_are_told_from_others(void **state)
{
    (void)state;
    static char kernel[] = "/tmp/lem-kernel-XXXXXX";
    static const char lines[] =
        "{\"id\": \"A\", \"prompt\": \"q\", \"conditions\": {\"baseline\": {\"response\": "
        "\"her consent, however small\"}, \"k\": {\"response\": \"Dignity and CONSENT, however "
        "small, and so the pact of the valley says that nobody owns the well alone\"}}}\n";
    static const char text[] = "Consent before dignity. So the pact of the valley says that nobody "
                               "owns the well alone.";
    char spec[64];
    int fd = mkstemp(kernel);
    assert_true(fd >= 0 && close(fd) == 0);
    err = (struct err){0};
    assert_true(file_write_atomic(kernel, str_of(text), &err));
    assert_true(file_write_atomic(files[0], str_of(lines), &err));
    snprintf(spec, sizeof spec, "k=%s", kernel);
    const char *kernels[] = {spec};
    struct analysis_options options = options_of(100);
    options.kernels = kernels;
    options.n_kernels = 1;
    load(0, files[0]);
    analyse(&options);
    const struct arm_leak *leak = &an->arms[1].leak;
    assert_true(leak->is_known && leak->hits == 4 && leak->kernel_hits == 3);
    assert_true(leak->hit_share == 0.75 && leak->reference_share == 0.5);
    assert_true(leak->copying == 1 && leak->answers == 1 && leak->overlapping == 0);
    unlink(kernel);
    drop();
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct buf one, three;
    buf_init(&one, BUF_MAX_DEFAULT);
    buf_init(&three, BUF_MAX_DEFAULT);
    for (int pass = 0; pass < 2; pass++) {
        struct analysis_options options = options_of(500);
        options.compare.resample.pool = pass ? pool_create(3) : NULL;
        load(0, RUNS "smollm2.jsonl");
        analyse(&options);
        json_t *report = report_to_json(an, "test");
        json_format(pass ? &three : &one, report, (struct json_style){0});
        json_decref(report);
        drop();
        if (options.compare.resample.pool)
            pool_free(options.compare.resample.pool);
    }
    assert_true(one.len > 10000 && str_eq(buf_str(&one), buf_str(&three)));
    buf_release(&one);
    buf_release(&three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clear_gain_is_better),
        cmocka_unit_test(the_other_way_it_is_worse_and_a_wash_is_open),
        cmocka_unit_test(missing_answers_are_counted_and_imputed),
        cmocka_unit_test(runs_are_paired_by_id_and_prompt),
        cmocka_unit_test(unlike_runs_are_refused),
        cmocka_unit_test(metrics_are_chosen_by_name),
        cmocka_unit_test(original_runs_and_published_values),
        cmocka_unit_test(kernels_are_held_against_their_placebos),
        cmocka_unit_test(words_of_the_kernel_are_told_from_others),
        cmocka_unit_test(threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
