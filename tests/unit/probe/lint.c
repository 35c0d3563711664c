/* Lint: every kind of fault is found where it is and nowhere else, and the shipped seeds have none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>

#include "base/vec.h"
#include "eval/kernel.h"
#include "os/file.h"
#include "probe/lint.h"

static const struct lint_options DEFAULTS = {.near = 0.5, .words_min = 2, .words_max = 400};

struct fixture {
    struct probe_set set;
    struct lint_item *items;
    struct lint lint;
};

static void lint_text(struct fixture *f, const char *json, const struct lint_options *options)
{
    struct err err = {0};
    assert_true(probe_set_parse(&f->set, str_of(json), "f.json", &(struct probe_options){0}, &err));
    f->items = mem_zalloc(f->set.count + 1, sizeof *f->items);
    for (size_t i = 0; i < f->set.count; i++)
        f->items[i] = (struct lint_item){&f->set.items[i], "f.json"};
    lint_run(&f->lint, f->items, f->set.count, options);
}

static void release(struct fixture *f)
{
    lint_release(&f->lint);
    probe_set_release(&f->set);
    free(f->items);
}

/* The one finding of a text, as a sentence. */
static void assert_finds(const char *json, enum lint_kind kind, size_t item, const char *sentence)
{
    struct fixture f;
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    lint_text(&f, json, &DEFAULTS);
    assert_int_equal(f.lint.n_findings, 1);
    assert_int_equal(f.lint.findings[0].kind, kind);
    assert_int_equal(f.lint.findings[0].item, item);
    lint_describe(&text, &f.lint.findings[0], f.items);
    assert_string_equal(text.ptr, sentence);
    buf_release(&text);
    release(&f);
}

static void finds_each_fault(void **state)
{
    (void)state;
    assert_finds("[{\"domain\":\"A\",\"prompt\":\"one two\"}]", LINT_ID_MISSING, 0, "has no id");
    assert_finds("[{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\"one two\"},"
                 "{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\"three four\"}]",
                 LINT_ID_TWICE, 1, "has the id of x (f.json)");
    assert_finds("[{\"id\":\"x\",\"prompt\":\"one two\"}]", LINT_CATEGORY_MISSING, 0,
                 "has no category");
    assert_finds("[{\"id\":\"x\",\"domain\":\"Un-Cloud\",\"prompt\":\"one two\"},"
                 "{\"id\":\"y\",\"domain\":\"uncloud\",\"prompt\":\"three four\"}]",
                 LINT_CATEGORY_SPELLING, 1,
                 "spells its category \"uncloud\", unlike \"un-cloud\" in x (f.json)");
    assert_finds("[{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\" \"}]", LINT_PROMPT_EMPTY, 0,
                 "has an empty prompt");
    assert_finds("[{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\"one\"}]", LINT_PROMPT_SHORT, 0,
                 "has a prompt of only 1 words");
    assert_finds("[{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\"one two\"},"
                 "{\"id\":\"y\",\"domain\":\"A\",\"prompt\":\"one two \"}]",
                 LINT_PROMPT_TWICE, 1, "has the prompt of x (f.json)");
    assert_finds("[{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\"Is this the axiom, axioms?\"}]",
                 LINT_KERNEL_WORD, 0, "uses a word of the kernel's: axiom...");
}

static void near_prompts_are_found_from_the_level_on(void **state)
{
    (void)state;
    /* 4 of 6 runs of three words in common: 2/3 */
    const char *json = "[{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\"one two three four five six "
                       "seven\"},{\"id\":\"y\",\"domain\":\"A\",\"prompt\":\"One two, three four "
                       "five six eight!\"}]";
    struct lint_options options = DEFAULTS;
    struct fixture f;
    options.near = 2.0 / 3;
    lint_text(&f, json, &options);
    assert_int_equal(f.lint.n_findings, 1);
    assert_int_equal(f.lint.findings[0].kind, LINT_PROMPT_NEAR);
    assert_int_equal(f.lint.findings[0].item, 1);
    assert_int_equal(f.lint.findings[0].other, 0);
    assert_true(f.lint.findings[0].value == 2.0 / 3);
    release(&f);
    options.near = 0.67;
    lint_text(&f, json, &options);
    assert_int_equal(f.lint.n_findings, 0);
    release(&f);
}

static void long_prompts_and_lengths_are_counted(void **state)
{
    (void)state;
    struct lint_options options = DEFAULTS;
    struct fixture f;
    options.words_max = 3;
    lint_text(&f,
              "[{\"id\":1,\"domain\":\"A\",\"prompt\":\"a b\"},"
              "{\"id\":2,\"domain\":\"B\",\"prompt\":\"c d e\"},"
              "{\"id\":3,\"domain\":\"A\",\"prompt\":\"f g h i\"}]",
              &options);
    assert_int_equal(f.lint.n_findings, 1);
    assert_int_equal(f.lint.findings[0].kind, LINT_PROMPT_LONG);
    assert_int_equal(f.lint.words_min, 2);
    assert_int_equal(f.lint.words_median, 3);
    assert_int_equal(f.lint.words_max, 4);
    assert_int_equal(f.lint.n_categories, 2);
    assert_true(str_is(f.lint.categories[0].name, "a"));
    assert_int_equal(f.lint.categories[0].count, 2);
    release(&f);
    lint_text(&f, "[]", &options);
    assert_int_equal(f.lint.n_findings, 0);
    release(&f);
}

static void runs_of_a_kernel_are_found(void **state)
{
    (void)state;
    struct err err = {0};
    struct kernel kernel;
    struct fixture f;
    assert_true(kernel_load(&kernel, "kernel/axioms.json", &err));
    struct lint_options options = DEFAULTS;
    options.kernels = &(struct lint_kernel){"axioms", kernel.text};
    options.n_kernels = 1;
    lint_text(&f,
              "[{\"id\":\"x\",\"domain\":\"A\",\"prompt\":\"Should I wish well before you act "
              "well, sir?\"},{\"id\":\"y\",\"domain\":\"A\",\"prompt\":\"Wish well before you "
              "act at all.\"}]",
              &options);
    assert_int_equal(f.lint.n_findings, 1);
    assert_int_equal(f.lint.findings[0].kind, LINT_KERNEL_RUN);
    assert_int_equal(f.lint.findings[0].item, 0);
    assert_true(f.lint.findings[0].value == 2);
    release(&f);
    kernel_release(&kernel);
}

/* A stem that no kernel uses would forbid a word for nothing. */
static void every_stem_is_in_a_kernel(void **state)
{
    (void)state;
    static const char *const paths[] = {"kernel/axioms.json", "kernel/lek-1-kernel.txt",
                                        "kernel/compact.json"};
    struct word_list words;
    struct buf text;
    struct err err = {0};
    buf_init(&text, BUF_MAX_DEFAULT);
    word_list_init(&words);
    for (size_t i = 0; i < 3; i++)
        assert_true(file_read(&text, paths[i], &err));
    word_list_split(&words, buf_str(&text));
    for (size_t k = 0; LINT_KERNEL_STEMS[k]; k++) {
        size_t i = 0;
        while (i < words.count && !str_starts(words.items[i], str_of(LINT_KERNEL_STEMS[k])))
            i++;
        if (i == words.count)
            fail_msg("no kernel has a word in %s", LINT_KERNEL_STEMS[k]);
    }
    word_list_release(&words);
    buf_release(&text);
}

/* A text that repeats an earlier one is told once, with the one it is most like; and however many
 * threads read. */
static void repeats_are_told_once_by_any_number_of_threads(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct buf json;
    struct fixture f[2];
    size_t n_near = 0;
    buf_init(&json, BUF_MAX_DEFAULT);
    for (unsigned i = 0; i < N; i++) { /* every tenth is the one before it but for a word */
        buf_printf(&json, "%c{\"id\":%u,\"domain\":\"A\",\"prompt\":\"", i ? ',' : '[', i);
        for (unsigned w = 0; w < 20; w++)
            buf_printf(&json, "w%u ", w == 9 ? i : (i - (i % 10 == 9)) * 20 + w);
        buf_puts(&json, "\"}");
    }
    buf_puts(&json, "]");
    for (size_t k = 0; k < 2; k++) {
        setenv("LEM_THREADS", k ? "5" : "1", 1);
        lint_text(&f[k], json.ptr, &DEFAULTS);
    }
    unsetenv("LEM_THREADS");
    assert_int_equal(f[0].lint.n_findings, N / 10);
    assert_int_equal(f[1].lint.n_findings, N / 10);
    for (size_t i = 0; i < N / 10; i++) {
        const struct lint_finding *x = &f[0].lint.findings[i], *y = &f[1].lint.findings[i];
        n_near += x->kind == LINT_PROMPT_NEAR && x->item == i * 10 + 9 && x->other == x->item - 1;
        assert_true(x->item == y->item && x->other == y->other && x->value == y->value);
    }
    assert_int_equal(n_near, N / 10);
    release(&f[0]);
    release(&f[1]);
    buf_release(&json);
}

/* A Chinese prompt has as many words as letters, so it is neither too short nor counted as one. */
static void scripts_without_spaces_have_words(void **state)
{
    (void)state;
    struct fixture f;
    lint_text(&f,
              "[{\"id\":1,\"domain\":\"A\",\"prompt\":\"这口井归谁？\"},"
              "{\"id\":2,\"domain\":\"A\",\"prompt\":\"لمن هذه البئر؟\"}]",
              &DEFAULTS);
    assert_int_equal(f.lint.n_findings, 0);
    assert_int_equal(f.lint.words_min, 3);
    assert_int_equal(f.lint.words_max, 5);
    release(&f);
}

struct shipped {
    struct probe_set sets[64];
    size_t n_sets;
    struct lint_item *items;
    size_t n_items, cap_items;
};

static void load_shipped(struct shipped *all, const char *pattern, const char *leave_out)
{
    glob_t found;
    struct err err = {0};
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct probe_set *set = &all->sets[all->n_sets];
        if (leave_out && strcmp(found.gl_pathv[i], leave_out) == 0)
            continue;
        assert_true(all->n_sets++ < 64);
        if (!probe_set_load(set, found.gl_pathv[i], &(struct probe_options){0}, &err))
            fail_msg("%s", err.msg);
        for (size_t k = 0; k < set->count; k++) {
            struct lint_item item = {&set->items[k], "seeds"};
            VEC_PUSH(all->items, all->n_items, all->cap_items, item);
        }
    }
    globfree(&found);
}

static void release_shipped(struct shipped *all)
{
    while (all->n_sets > 0)
        probe_set_release(&all->sets[--all->n_sets]);
    free(all->items);
}

static void the_shipped_seeds_are_clean(void **state)
{
    (void)state;
    static const char *const paths[] = {"kernel/axioms.json", "kernel/lek-1-kernel.txt",
                                        "kernel/compact.json"};
    struct kernel kernels[3];
    struct lint_kernel texts[3];
    struct shipped all = {0};
    struct lint lint;
    struct err err = {0};
    for (size_t i = 0; i < 3; i++) {
        assert_true(kernel_load(&kernels[i], paths[i], &err));
        texts[i] = (struct lint_kernel){paths[i], kernels[i].text};
    }
    /* The hundred is the decades again, and is compared with them below. */
    load_shipped(&all, "seeds/*.json", "seeds/P01-P100.json");
    load_shipped(&all, "seeds/ethics/*/*.json", NULL);
    load_shipped(&all, "seeds/tension/*.json", NULL);
    load_shipped(&all, "seeds/creative/*.json", NULL);
    assert_true(all.n_items >= 610);
    struct lint_options options = DEFAULTS;
    options.near = 0.2;
    options.words_min = 20;
    options.words_max = 130;
    options.kernels = texts;
    options.n_kernels = 3;
    lint_run(&lint, all.items, all.n_items, &options);
    for (size_t i = 0; i < lint.n_findings; i++) {
        struct buf text;
        buf_init(&text, BUF_MAX_DEFAULT);
        lint_describe(&text, &lint.findings[i], all.items);
        print_error("%.*s %s\n", STR_ARG(all.items[lint.findings[i].item].probe->id), text.ptr);
        buf_release(&text);
    }
    assert_int_equal(lint.n_findings, 0);
    lint_release(&lint);
    release_shipped(&all);
    for (size_t i = 0; i < 3; i++)
        kernel_release(&kernels[i]);
}

static void the_hundred_is_the_decades_and_a_farewell(void **state)
{
    (void)state;
    static const char *const decades[] = {"seeds/P01-P20.json", "seeds/P21-P40.json",
                                          "seeds/P41-P60.json", "seeds/P61-P80.json",
                                          "seeds/P81-P100.json"};
    struct shipped hundred = {0}, parts = {0};
    load_shipped(&hundred, "seeds/P01-P100.json", NULL);
    for (size_t i = 0; i < 5; i++)
        load_shipped(&parts, decades[i], NULL);
    assert_int_equal(hundred.n_items, 101);
    assert_int_equal(parts.n_items, 100);
    assert_true(str_is(hundred.items[20].probe->id, "P21_CULTURE_PLAYFULNESS"));
    for (size_t i = 0; i < 100; i++) {
        const struct probe *a = parts.items[i].probe;
        const struct probe *b = hundred.items[i < 20 ? i : i + 1].probe;
        assert_true(str_eq(a->id, b->id));
        assert_true(str_eq(a->category, b->category));
        assert_true(str_eq(a->prompt, b->prompt));
    }
    release_shipped(&hundred);
    release_shipped(&parts);
}

static void the_hundred_has_the_published_categories(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t count;
    } expected[] = {
        {"identity", 3},
        {"network", 2},
        {"storage", 3},
        {"compute", 2},
        {"payment", 2},
        {"hypnos", 8},
        {"governance", 3},
        {"education", 3},
        {"health", 1},
        {"culture", 6},
        {"history", 3},
        {"censorship", 1},
        {"wisdom", 1},
        {"resistance", 1},
        {"philosophy", 1},
        {"labor", 1},
        {"un-cloud", 15},
        {"silent network", 15},
        {"forgotten history", 15},
        {"ghost in the shell", 15},
    };
    struct shipped all = {0};
    struct lint lint;
    load_shipped(&all, "seeds/P01-P100.json", NULL);
    lint_run(&lint, all.items, all.n_items, &DEFAULTS);
    assert_int_equal(lint.n_findings, 0);
    assert_int_equal(lint.n_categories, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < lint.n_categories; i++) {
        size_t k = 0;
        while (k < lint.n_categories && !str_is(lint.categories[k].name, expected[i].name))
            k++;
        assert_true(k < lint.n_categories);
        assert_int_equal(lint.categories[k].count, expected[i].count);
    }
    lint_release(&lint);
    release_shipped(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_fault),
        cmocka_unit_test(near_prompts_are_found_from_the_level_on),
        cmocka_unit_test(long_prompts_and_lengths_are_counted),
        cmocka_unit_test(runs_of_a_kernel_are_found),
        cmocka_unit_test(every_stem_is_in_a_kernel),
        cmocka_unit_test(repeats_are_told_once_by_any_number_of_threads),
        cmocka_unit_test(scripts_without_spaces_have_words),
        cmocka_unit_test(the_shipped_seeds_are_clean),
        cmocka_unit_test(the_hundred_is_the_decades_and_a_farewell),
        cmocka_unit_test(the_hundred_has_the_published_categories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
