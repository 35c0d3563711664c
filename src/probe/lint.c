/* lint.c - see lint.h. */
#include "probe/lint.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "text/utf8.h"

/* Words of the kernels that people seldom use when they tell each other what troubles them. Left
 * out are those that a dilemma cannot do without: mind, harm, respect, honesty, power. */
const char *const LINT_KERNEL_STEMS[] = {
    "alignment", "asymmetr",   "axiom",    "benevolen", "consent",   "flourish", "imperative",
    "interven",  "reversibil", "sovereig", "steward",   "substrate", NULL,
};

struct run {
    struct lint *out;
    const struct lint_item *items;
    size_t n_items;
    const struct lint_options *options;
    struct word_list words;       /* of the prompt at hand */
    struct shingle_set *shingles; /* of each prompt; none for one that repeats another */
    struct shingle_set *runs;     /* of each kernel */
    size_t *lengths;
};

static void report(struct run *run, enum lint_kind kind, size_t item, size_t other, double value,
                   struct str text)
{
    struct lint *out = run->out;
    struct lint_finding finding = {kind, item, other, value, text};
    VEC_PUSH(out->findings, out->n_findings, out->cap_findings, finding);
}

bool lint_is_kernel_word(struct str word)
{
    for (size_t i = 0; LINT_KERNEL_STEMS[i]; i++)
        if (str_starts(word, str_of(LINT_KERNEL_STEMS[i])))
            return true;
    return false;
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
    struct str bare = bare_name(arena, &run->words, name);
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

static size_t count_words(struct str text)
{
    struct str word;
    size_t at = 0, count = 0;
    while (utf8_word(&word, text, &at))
        count++;
    return count;
}

static void check_length(struct run *run, size_t item)
{
    struct str prompt = run->items[item].probe->prompt;
    size_t words = run->lengths[item] = count_words(prompt);
    struct str none = str_n("", 0);
    if (words == 0)
        report(run, LINT_PROMPT_EMPTY, item, LINT_NO_ITEM, 0, none);
    else if (words < run->options->words_min)
        report(run, LINT_PROMPT_SHORT, item, LINT_NO_ITEM, (double)words, none);
    else if (words > run->options->words_max)
        report(run, LINT_PROMPT_LONG, item, LINT_NO_ITEM, (double)words, none);
}

/* Each stem is told once a prompt. */
static void check_kernel_words(struct run *run, size_t item)
{
    for (size_t k = 0; LINT_KERNEL_STEMS[k]; k++) {
        struct str stem = str_of(LINT_KERNEL_STEMS[k]);
        size_t i = 0;
        while (i < run->words.count && !str_starts(run->words.items[i], stem))
            i++;
        if (i < run->words.count)
            report(run, LINT_KERNEL_WORD, item, LINT_NO_ITEM, 0, stem);
    }
}

/* Of each kernel the first run that the prompt shares. */
static void check_kernel_runs(struct run *run, size_t item)
{
    const struct word_list *words = &run->words;
    for (size_t k = 0; k < run->options->n_kernels; k++) {
        size_t i = 0;
        while (i + LINT_RUN_WORDS <= words->count &&
               !shingle_set_has(&run->runs[k], shingle_hash(words->items + i, LINT_RUN_WORDS)))
            i++;
        if (i + LINT_RUN_WORDS <= words->count)
            report(run, LINT_KERNEL_RUN, item, LINT_NO_ITEM, (double)i,
                   str_of(run->options->kernels[k].name));
    }
}

static void check_prompts(struct run *run)
{
    struct map prompts = {0};
    for (size_t i = 0; i < run->n_items; i++) {
        struct str prompt = utf8_strip(run->items[i].probe->prompt);
        check_length(run, i);
        word_list_split(&run->words, prompt);
        check_kernel_words(run, i);
        check_kernel_runs(run, i);
        if (prompt.len > 0 && !map_add(&prompts, prompt, (uint32_t)i))
            report(run, LINT_PROMPT_TWICE, i, map_get(&prompts, prompt), 1, prompt);
        else
            shingle_set_make(&run->shingles[i], &run->words, LINT_SHINGLE_WORDS);
    }
    map_release(&prompts);
}

static bool check_near(struct run *run, struct err *err)
{
    struct near_pair *pairs;
    size_t n_pairs;
    if (!near_find(&pairs, &n_pairs, run->shingles, run->n_items, run->options->near, err))
        return false;
    for (size_t i = 0; i < n_pairs; i++)
        report(run, LINT_PROMPT_NEAR, pairs[i].b, pairs[i].a, pairs[i].likeness, str_n("", 0));
    free(pairs);
    return true;
}

static int compare_sizes(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void measure_lengths(struct run *run)
{
    size_t n = run->n_items, *sorted = run->lengths;
    struct lint *out = run->out;
    qsort(sorted, n, sizeof *sorted, compare_sizes);
    out->words_min = sorted[0];
    out->words_p10 = sorted[n / 10];
    out->words_median = sorted[n / 2];
    out->words_p90 = sorted[n - 1 - n / 10];
    out->words_max = sorted[n - 1];
}

static int compare_findings(const void *a, const void *b)
{
    const struct lint_finding *x = a, *y = b;
    int by_item = (x->item > y->item) - (x->item < y->item);
    int by_kind = (x->kind > y->kind) - (x->kind < y->kind);
    int by_other = (x->other > y->other) - (x->other < y->other);
    return by_item ? by_item : by_kind ? by_kind : by_other ? by_other : str_cmp(x->text, y->text);
}

static void run_init(struct run *run)
{
    const struct lint_options *options = run->options;
    word_list_init(&run->words);
    run->shingles = mem_zalloc(run->n_items, sizeof *run->shingles);
    run->lengths = mem_zalloc(run->n_items, sizeof *run->lengths);
    run->runs = mem_zalloc(options->n_kernels + 1, sizeof *run->runs);
    for (size_t k = 0; k < options->n_kernels; k++) {
        word_list_split(&run->words, options->kernels[k].text);
        shingle_set_make(&run->runs[k], &run->words, LINT_RUN_WORDS);
    }
}

static void run_release(struct run *run)
{
    for (size_t i = 0; i < run->n_items; i++)
        shingle_set_release(&run->shingles[i]);
    for (size_t k = 0; k < run->options->n_kernels; k++)
        shingle_set_release(&run->runs[k]);
    free(run->shingles);
    free(run->runs);
    free(run->lengths);
    word_list_release(&run->words);
}

bool lint_run(struct lint *out, const struct lint_item *items, size_t n_items,
              const struct lint_options *options, struct err *err)
{
    struct run run = {.out = out, .items = items, .n_items = n_items, .options = options};
    *out = (struct lint){0};
    if (n_items == 0)
        return true;
    run_init(&run);
    check_ids(&run);
    check_categories(&run);
    check_prompts(&run);
    bool ok = check_near(&run, err);
    measure_lengths(&run);
    run_release(&run);
    if (!ok)
        lint_release(out);
    else if (out->n_findings > 0)
        qsort(out->findings, out->n_findings, sizeof *out->findings, compare_findings);
    return ok;
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
        "prompt-near",  "kernel-word",  "kernel-run"};
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
    case LINT_KINDS: BUG("no kind of finding");
    }
    if (other)
        put_item(out, other);
}
