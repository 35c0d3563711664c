/* lint.c - see lint.h. */
#include "probe/lint.h"

#include <assert.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "os/threads.h"
#include "text/utf8.h"

/* Words of the kernels that people seldom use when they tell each other what troubles them. Left
 * out are those that a dilemma cannot do without: mind, harm, respect, honesty, power. */
const char *const LINT_KERNEL_STEMS[] = {
    "alignment", "asymmetr",   "axiom",    "benevolen", "consent",   "flourish", "imperative",
    "interven",  "reversibil", "sovereig", "steward",   "substrate", NULL,
};

enum { N_STEMS = sizeof LINT_KERNEL_STEMS / sizeof *LINT_KERNEL_STEMS - 1 };
#define NO_RUN   UINT32_MAX
#define NOT_KEPT ((size_t)-1)

/* What one prompt says by itself. */
struct reading {
    size_t words;
    uint32_t stems;                       /* bit k: it has a word of stem k */
    uint32_t kernel_at[LINT_KERNELS_MAX]; /* where its first run of kernel k begins, or NO_RUN */
    struct near_set set;                  /* moves to run.near; none if it repeats another */
    size_t kept_as;                       /* its number there */
    struct near_match match;
};

struct run {
    struct lint *out;
    const struct lint_item *items;
    size_t n_items;
    const struct lint_options *options;
    struct reading *readings;
    struct shingle_set *kernel_runs; /* of each kernel */
    struct word_list *lists;         /* one a thread */
    struct near near;
};

static void report(struct run *run, enum lint_kind kind, size_t item, size_t other, double value,
                   struct str text)
{
    struct lint *out = run->out;
    struct lint_finding finding = {kind, item, other, value, text};
    VEC_PUSH(out->findings, out->n_findings, out->cap_findings, finding);
}

static void check_ids(struct run *run)
{
    struct map ids = {0};
    for (size_t i = 0; i < run->n_items; i++) {
        struct str id = run->items[i].probe->id;
        if (utf8_strip(id).len == 0)
            report(run, LINT_ID_MISSING, i, LINT_NO_ITEM, 0, id);
        else if (!map_add(&ids, id, (uint32_t)i))
            report(run, LINT_ID_TWICE, i, map_get(&ids, id), 0, id);
    }
    map_release(&ids);
}

/* A name without white space and punctuation: "un-cloud" and "uncloud" are one. */
static struct str bare_name(struct arena *arena, struct word_list *words, struct str name)
{
    struct buf bare;
    buf_init(&bare, BUF_MAX_DEFAULT);
    word_list_split(words, name);
    for (size_t i = 0; i < words->count; i++)
        buf_add_str(&bare, words->items[i]);
    struct str copy = arena_str(arena, buf_str(&bare));
    buf_release(&bare);
    return copy;
}

static void check_spelling(struct run *run, struct map *bare_names, struct arena *arena,
                           size_t item, const size_t *first_items)
{
    struct str name = run->items[item].probe->category;
    struct str bare = bare_name(arena, &run->lists[0], name);
    uint32_t category = (uint32_t)run->out->n_categories - 1;
    if (!map_add(bare_names, bare, category))
        report(run, LINT_CATEGORY_SPELLING, item, first_items[map_get(bare_names, bare)], 0, name);
}

static void check_categories(struct run *run)
{
    struct lint *out = run->out;
    struct map names = {0}, bare_names = {0};
    struct arena arena = {0};
    size_t *first_items = NULL, n_first = 0, cap_first = 0;
    for (size_t i = 0; i < run->n_items; i++) {
        struct str name = run->items[i].probe->category;
        if (str_is(name, "uncategorised") || utf8_strip(name).len == 0)
            report(run, LINT_CATEGORY_MISSING, i, LINT_NO_ITEM, 0, name);
        uint32_t at = map_get(&names, name);
        if (at != MAP_NONE) {
            out->categories[at].count++;
            continue;
        }
        struct lint_category category = {name, 1};
        map_add(&names, name, (uint32_t)out->n_categories);
        VEC_PUSH(out->categories, out->n_categories, out->cap_categories, category);
        VEC_PUSH(first_items, n_first, cap_first, i);
        check_spelling(run, &bare_names, &arena, i, first_items);
    }
    free(first_items);
    map_release(&names);
    map_release(&bare_names);
    arena_release(&arena);
}

static uint32_t stems_of(const struct word_list *words)
{
    uint32_t stems = 0;
    for (size_t i = 0; i < words->count; i++) {
        struct str word = words->items[i];
        for (size_t k = 0; k < N_STEMS; k++)
            if (word.ptr[0] == LINT_KERNEL_STEMS[k][0] &&
                str_starts(word, str_of(LINT_KERNEL_STEMS[k])))
                stems |= 1u << k;
    }
    return stems;
}

static uint32_t find_run(const struct word_list *words, const struct shingle_set *kernel)
{
    for (size_t i = 0; i + LINT_RUN_WORDS <= words->count; i++)
        if (shingle_set_has(kernel, shingle_at(words, i, LINT_RUN_WORDS)))
            return (uint32_t)i;
    return NO_RUN;
}

static void read_prompt(void *arg, size_t index, size_t thread)
{
    const struct run *run = arg;
    struct reading *out = &run->readings[index];
    struct word_list *words = &run->lists[thread];
    struct str prompt = run->items[index].probe->prompt;
    word_list_split(words, prompt);
    out->words = words_count(prompt);
    out->stems = stems_of(words);
    for (size_t k = 0; k < run->options->n_kernels; k++)
        out->kernel_at[k] = find_run(words, &run->kernel_runs[k]);
    near_set_make(&out->set, &run->near, words);
}

static void check_length(struct run *run, size_t item)
{
    size_t words = run->readings[item].words;
    struct str none = str_n("", 0);
    if (words == 0)
        report(run, LINT_PROMPT_EMPTY, item, LINT_NO_ITEM, 0, none);
    else if (words < run->options->words_min)
        report(run, LINT_PROMPT_SHORT, item, LINT_NO_ITEM, (double)words, none);
    else if (words > run->options->words_max)
        report(run, LINT_PROMPT_LONG, item, LINT_NO_ITEM, (double)words, none);
}

/* Each stem is told once a prompt, and of each kernel the first run. */
static void check_leaks(struct run *run, size_t item)
{
    const struct reading *reading = &run->readings[item];
    for (size_t k = 0; k < N_STEMS; k++)
        if (reading->stems >> k & 1)
            report(run, LINT_KERNEL_WORD, item, LINT_NO_ITEM, 0, str_of(LINT_KERNEL_STEMS[k]));
    for (size_t k = 0; k < run->options->n_kernels; k++)
        if (reading->kernel_at[k] != NO_RUN)
            report(run, LINT_KERNEL_RUN, item, LINT_NO_ITEM, (double)reading->kernel_at[k],
                   str_of(run->options->kernels[k].name));
}

static void find_near(void *arg, size_t index, size_t thread)
{
    const struct run *run = arg;
    struct reading *reading = &run->readings[index];
    (void)thread;
    if (reading->kept_as != NOT_KEPT)
        reading->match = near_find_before(&run->near, reading->kept_as);
}

static void check_training(struct run *run, size_t item)
{
    if (!run->options->training)
        return;
    struct overlap_item found = overlap_get(run->options->training, item);
    if (found.found > 0)
        report(run, LINT_TRAINING, item, LINT_NO_ITEM, (double)found.found / (double)found.runs,
               str_of(run->options->training_files[found.source]));
}

/* A prompt that is the same as another is not also nearly so. */
static void check_repeats(struct run *run, struct pool *pool)
{
    struct map prompts = {0};
    map_reserve(&prompts, run->n_items);
    for (size_t i = 0; i < run->n_items; i++) {
        struct str prompt = utf8_strip(run->items[i].probe->prompt);
        struct reading *reading = &run->readings[i];
        reading->kept_as = NOT_KEPT;
        reading->match.id = NEAR_NONE;
        if (prompt.len > 0 && !map_add(&prompts, prompt, (uint32_t)i)) {
            report(run, LINT_PROMPT_TWICE, i, map_get(&prompts, prompt), 1, prompt);
            near_set_release(&reading->set);
        } else {
            reading->kept_as = run->near.count;
            near_keep(&run->near, &reading->set, (uint32_t)i);
        }
    }
    map_release(&prompts);
    pool_run(pool, find_near, run, run->n_items);
    for (size_t i = 0; i < run->n_items; i++) {
        struct near_match match = run->readings[i].match;
        if (match.id != NEAR_NONE)
            report(run, LINT_PROMPT_NEAR, i, match.id, match.likeness, str_n("", 0));
    }
}

static int compare_sizes(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void measure_lengths(struct run *run)
{
    size_t n = run->n_items, *sorted = mem_zalloc(n, sizeof *sorted);
    struct lint *out = run->out;
    for (size_t i = 0; i < n; i++)
        sorted[i] = run->readings[i].words;
    qsort(sorted, n, sizeof *sorted, compare_sizes);
    out->words_min = sorted[0];
    out->words_p10 = sorted[n / 10];
    out->words_median = sorted[n / 2];
    out->words_p90 = sorted[n - 1 - n / 10];
    out->words_max = sorted[n - 1];
    free(sorted);
}

static int compare_findings(const void *a, const void *b)
{
    const struct lint_finding *x = a, *y = b;
    int by_item = (x->item > y->item) - (x->item < y->item);
    int by_kind = (x->kind > y->kind) - (x->kind < y->kind);
    int by_other = (x->other > y->other) - (x->other < y->other);
    return by_item ? by_item : by_kind ? by_kind : by_other ? by_other : str_cmp(x->text, y->text);
}

static void run_init(struct run *run, size_t n_threads)
{
    const struct lint_options *options = run->options;
    assert(options->n_kernels <= LINT_KERNELS_MAX);
    run->lists = mem_zalloc(n_threads, sizeof *run->lists);
    for (size_t i = 0; i < n_threads; i++)
        word_list_init(&run->lists[i]);
    run->readings = mem_zalloc(run->n_items, sizeof *run->readings);
    run->kernel_runs = mem_zalloc(options->n_kernels + 1, sizeof *run->kernel_runs);
    for (size_t k = 0; k < options->n_kernels; k++) {
        word_list_split(&run->lists[0], options->kernels[k].text);
        shingle_set_make(&run->kernel_runs[k], &run->lists[0], LINT_RUN_WORDS);
    }
    near_init(&run->near, options->near);
    near_reserve(&run->near, run->n_items);
}

static void run_release(struct run *run, size_t n_threads)
{
    for (size_t i = 0; i < n_threads; i++)
        word_list_release(&run->lists[i]);
    for (size_t k = 0; k < run->options->n_kernels; k++)
        shingle_set_release(&run->kernel_runs[k]);
    near_release(&run->near);
    free(run->lists);
    free(run->readings);
    free(run->kernel_runs);
}

void lint_run(struct lint *out, const struct lint_item *items, size_t n_items,
              const struct lint_options *options)
{
    struct run run = {.out = out, .items = items, .n_items = n_items, .options = options};
    *out = (struct lint){0};
    if (n_items == 0)
        return;
    struct pool *pool = pool_create(0);
    run_init(&run, pool_threads(pool));
    pool_run(pool, read_prompt, &run, n_items);
    check_ids(&run);
    check_categories(&run);
    for (size_t i = 0; i < n_items; i++) {
        check_length(&run, i);
        check_leaks(&run, i);
        check_training(&run, i);
    }
    check_repeats(&run, pool);
    measure_lengths(&run);
    run_release(&run, pool_threads(pool));
    pool_free(pool);
    if (out->n_findings > 0)
        qsort(out->findings, out->n_findings, sizeof *out->findings, compare_findings);
}

void lint_release(struct lint *lint)
{
    free(lint->findings);
    free(lint->categories);
    *lint = (struct lint){0};
}

const char *lint_kind_name(enum lint_kind kind)
{
    static const char *const names[LINT_KINDS] = {
        "id-missing",   "id-twice",     "category-missing", "category-spelling",
        "prompt-empty", "prompt-short", "prompt-long",      "prompt-twice",
        "prompt-near",  "kernel-word",  "kernel-run",       "in-training"};
    return names[kind];
}

/* "P07 (seeds/a.json)", or the record's number when it has no id. */
static void put_item(struct buf *out, const struct lint_item *item)
{
    if (item->probe->id.len > 0)
        buf_printf(out, "%.*s (%s)", STR_ARG(item->probe->id), item->file);
    else
        buf_printf(out, "record %zu (%s)", item->probe->record, item->file);
}

void lint_describe(struct buf *out, const struct lint_finding *finding,
                   const struct lint_item *items)
{
    const struct lint_item *other = finding->other == LINT_NO_ITEM ? NULL : &items[finding->other];
    size_t words = (size_t)finding->value;
    switch (finding->kind) {
    case LINT_ID_MISSING: buf_puts(out, "has no id"); break;
    case LINT_ID_TWICE: buf_puts(out, "has the id of "); break;
    case LINT_CATEGORY_MISSING: buf_puts(out, "has no category"); break;
    case LINT_CATEGORY_SPELLING:
        buf_printf(out, "spells its category \"%.*s\", unlike \"%.*s\" in ", STR_ARG(finding->text),
                   STR_ARG(other->probe->category));
        break;
    case LINT_PROMPT_EMPTY: buf_puts(out, "has an empty prompt"); break;
    case LINT_PROMPT_SHORT: buf_printf(out, "has a prompt of only %zu words", words); break;
    case LINT_PROMPT_LONG: buf_printf(out, "has a prompt of %zu words", words); break;
    case LINT_PROMPT_TWICE: buf_puts(out, "has the prompt of "); break;
    case LINT_PROMPT_NEAR:
        buf_printf(out, "has nearly the prompt (likeness %.2f) of ", finding->value);
        break;
    case LINT_KERNEL_WORD:
        buf_printf(out, "uses a word of the kernel's: %.*s...", STR_ARG(finding->text));
        break;
    case LINT_KERNEL_RUN:
        buf_printf(out, "has %d words in a row, from word %zu, from kernel %.*s", LINT_RUN_WORDS,
                   words + 1, STR_ARG(finding->text));
        break;
    case LINT_TRAINING:
        buf_printf(out, "stands in training file %.*s (%.0f %% of its runs of words)",
                   STR_ARG(finding->text), 100 * finding->value);
        break;
    case LINT_KINDS: BUG("no kind of finding");
    }
    if (other)
        put_item(out, other);
}
