/* placebo.c - kernels against their placebos: which arms are held against which, and what is said of
 * a gain that the placebo has too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "base/buf.h"
#include "os/file.h"

static char run_file[] = "/tmp/lem-placebo-XXXXXX";
static struct run *run;
static struct analysis *an;

enum { ARMS = 4, PROBES = 8 };
static const char *const ARM[ARMS] = {"baseline", "k", "k~neutral", "other"};

static int make_files(void **state)
{
    (void)state;
    int fd = mkstemp(run_file);
    return fd < 0 || close(fd) != 0 ? -1 : 0;
}

static int remove_files(void **state)
{
    (void)state;
    return unlink(run_file);
}

/* Answers of so many question marks, half a point each, more on each probe. */
static void add_answers(struct buf *out, const int marks[ARMS], int probe)
{
    for (int arm = 0; arm < ARMS; arm++) {
        buf_printf(out, "%s\"%s\": {\"response\": \"An answer of consent and autonomy",
                   arm ? ", " : "", ARM[arm]);
        for (int i = 0; i < marks[arm] + probe % 2; i++)
            buf_putc(out, '?');
        buf_puts(out, "\"}");
    }
}

static void analyse(const int marks[ARMS], const char *placebo_facts)
{
    struct analysis_options options = {
        .compare = {.alpha = 0.05, .power = 0.8, .resample = {.resamples = 200}},
        .adjust = ADJUST_NONE,
        .n_changes = 1};
    struct buf text;
    struct err err = {0};
    buf_init(&text, BUF_MAX_DEFAULT);
    for (int p = 0; p < PROBES; p++) {
        buf_printf(&text,
                   "{\"type\": \"probe\", \"id\": \"P%d\", \"prompt\": \"q\", \"conditions\": {",
                   p);
        add_answers(&text, marks, p);
        buf_puts(&text, "}}\n");
    }
    buf_printf(&text,
               "{\"type\": \"summary\", \"model\": \"m\", \"provenance\": {\"probes\": {\"file\": "
               "\"p\"}, \"kernels\": [{\"name\": "
               "\"k\", \"file\": \"k.txt\"}, {\"name\": \"k~neutral\", %s\"sha256\": \"0\"}]}}\n",
               placebo_facts);
    assert_true(file_write_atomic(run_file, buf_str(&text), &err));
    buf_release(&text);
    if (!run_load(&run, run_file, &err) || !analysis_of_runs(&an, &run, 1, &options, &err))
        fail_msg("%s", err.msg);
}

static void drop(void)
{
    analysis_free(an);
    run_free(run);
}

static void assert_contrast(size_t i, enum contrast_kind kind, const char *name)
{
    assert_int_equal(an->contrasts[i].kind, kind);
    assert_true(str_is(an->contrasts[i].name, name));
}

static size_t count_notes(const char *words)
{
    size_t n = 0;
    for (size_t i = 0; i < an->n_notes; i++)
        n += str_find(an->notes[i], str_of(words), 0) != (size_t)-1;
    return n;
}

#define FACTS "\"placebo_of\": \"k\", \"placebo\": \"neutral\", "

static void a_kernel_meets_its_own_placebo(void **state)
{
    (void)state;
    static const int marks[ARMS] = {0, 4, 0, 4};
    analyse(marks, FACTS);
    assert_int_equal(an->n_contrasts, 4);
    assert_contrast(0, CONTRAST_KERNEL, "k");
    assert_contrast(1, CONTRAST_PLACEBO, "k~neutral");
    assert_contrast(2, CONTRAST_KERNEL, "other");
    assert_contrast(3, CONTRAST_OVER_PLACEBO, "k over k~neutral");
    assert_int_equal(an->contrasts[0].findings[an->primary].verdict, VERDICT_BETTER);
    assert_int_equal(an->contrasts[3].findings[an->primary].verdict, VERDICT_BETTER);
    assert_int_equal(count_notes("against its placebo"), 0);
    drop();
}

static void a_gain_the_placebo_has_too_is_not_the_messages(void **state)
{
    (void)state;
    static const int as_good[ARMS] = {0, 4, 4, 4}, worse[ARMS] = {4, 0, 0, 0},
                     no_gain[ARMS] = {0, 0, 0, 0};
    analyse(as_good, FACTS);
    assert_int_equal(
        count_notes("k: better than the baseline, but inconclusive against its placebo "
                    "k~neutral, so it is not shown that its message did it."),
        1);
    drop();
    analyse(worse, FACTS);
    assert_int_equal(count_notes("k: worse than the baseline, but inconclusive against"), 1);
    drop();
    analyse(no_gain, FACTS);
    assert_int_equal(count_notes("against its placebo"), 0);
    drop();
}

static void answers_of_a_placebo_can_be_made_again(void **state)
{
    (void)state;
    static const int marks[ARMS] = {0, 4, 2, 4};
    analyse(marks, FACTS "\"seed\": 7, ");
    for (size_t i = 0; i < an->n_contrasts; i++) {
        const struct contrast *c = &an->contrasts[i];
        struct str rerun = c->improvements.items[0].rerun;
        bool placebo = c->kind == CONTRAST_PLACEBO || c->kind == CONTRAST_OVER_PLACEBO;
        size_t at = str_find(rerun, str_of(" -k k=k.txt"), 0);
        assert_true(rerun.ptr != NULL);
        assert_int_equal(str_find(rerun, str_of(" --placebo neutral --placebo-seed 7"), 0) !=
                             (size_t)-1,
                         placebo);
        if (placebo) /* once: twice is refused */
            assert_true(at != (size_t)-1 && str_find(rerun, str_of(" -k "), at + 1) == (size_t)-1);
    }
    drop();
}

static void a_name_makes_no_placebo(void **state)
{
    (void)state;
    static const int marks[ARMS] = {0, 4, 4, 4};
    analyse(marks, "");
    assert_int_equal(an->n_contrasts, 3);
    assert_contrast(1, CONTRAST_KERNEL, "k~neutral");
    drop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernel_meets_its_own_placebo),
        cmocka_unit_test(a_gain_the_placebo_has_too_is_not_the_messages),
        cmocka_unit_test(answers_of_a_placebo_can_be_made_again),
        cmocka_unit_test(a_name_makes_no_placebo),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
