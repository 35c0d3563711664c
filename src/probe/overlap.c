/* overlap.c - see overlap.h. The items are indexed and the texts only pass by, so that a corpus of
 * any size can be looked through. */
#include "probe/overlap.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/vec.h"
#include "probe/shingle.h"
#include "text/utf8.h"

struct word {
    uint64_t hash;
    size_t start, end; /* in its text */
};

struct run {
    uint64_t hash;
    size_t item;
    size_t start, end; /* in the item's text */
    bool found;
};

struct overlap {
    struct overlap_item *items;
    const struct str *texts;
    struct run *runs; /* by hash, then item and place */
    size_t n_runs, cap_runs;
    bool has_length[OVERLAP_RUN_WORDS + 1]; /* some item has runs of so many words */
};

static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
    return hash ^ (hash >> 31);
}

static uint64_t add_char(uint64_t hash, struct str text, size_t at, uint32_t cp)
{
    uint32_t lower[3] = {cp >= 'A' && cp <= 'Z' ? cp - 'A' + 'a' : cp};
    size_t n = cp < 0x80 ? 1 : utf8_lower_at(lower, text, at);
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ lower[i]) * 0x100000001B3u;
    return hash;
}

/* The next word from *at (0 at first), false after the last. */
static bool next_word(struct word *word, struct str text, size_t *at)
{
    bool begun = false;
    while (*at < text.len) {
        size_t here = *at;
        uint32_t cp = utf8_next(text, at);
        bool alone = cp != UTF8_BAD && word_is_alone(cp);
        if (begun && (alone || (cp != UTF8_BAD && utf8_is_space(cp)))) {
            *at = alone ? here : *at;
            break;
        }
        if (!alone && !word_has(cp))
            continue;
        if (!begun)
            *word = (struct word){.hash = 0xCBF29CE484222325u, .start = here};
        begun = true;
        word->hash = add_char(word->hash, text, here, cp);
        word->end = *at;
        if (alone)
            break;
    }
    word->hash = begun ? mix(word->hash) : 0;
    return begun;
}

/* The last words of a text, the newest at (count - 1) % OVERLAP_RUN_WORDS. */
struct window {
    struct word words[OVERLAP_RUN_WORDS];
    size_t count; /* pushed so far */
};

static const struct word *window_back(const struct window *window, size_t back)
{
    return &window->words[(window->count - 1 - back) % OVERLAP_RUN_WORDS];
}

/* The run of the last n words, n <= count. */
static struct run window_run(const struct window *window, size_t n)
{
    struct run run = {
        .hash = n, .start = window_back(window, n - 1)->start, .end = window_back(window, 0)->end};
    for (size_t back = n; back-- > 0;)
        run.hash = mix(run.hash * 0x9E3779B97F4A7C15u + window_back(window, back)->hash);
    return run;
}

static void window_push(struct window *window, const struct word *word)
{
    window->words[window->count++ % OVERLAP_RUN_WORDS] = *word;
}

static void add_run(struct overlap *overlap, struct run run, size_t item, size_t length)
{
    run.item = item;
    overlap->has_length[length] = true;
    overlap->items[item].runs++;
    VEC_PUSH(overlap->runs, overlap->n_runs, overlap->cap_runs, run);
}

static void add_item(struct overlap *overlap, size_t item)
{
    struct window window = {0};
    struct word word;
    for (size_t at = 0; next_word(&word, overlap->texts[item], &at);) {
        window_push(&window, &word);
        if (window.count >= OVERLAP_RUN_WORDS)
            add_run(overlap, window_run(&window, OVERLAP_RUN_WORDS), item, OVERLAP_RUN_WORDS);
    }
    if (window.count >= OVERLAP_WORDS_MIN && window.count < OVERLAP_RUN_WORDS)
        add_run(overlap, window_run(&window, window.count), item, window.count);
    overlap->items[item].words = window.count;
}

static int compare_runs(const void *a, const void *b)
{
    const struct run *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash > y->hash ? 1 : -1;
    if (x->item != y->item)
        return x->item > y->item ? 1 : -1;
    return (x->start > y->start) - (x->start < y->start);
}

struct overlap *overlap_create(const struct str *items, size_t n_items)
{
    struct overlap *overlap = mem_zalloc(1, sizeof *overlap);
    overlap->texts = items;
    overlap->items = mem_zalloc(n_items, sizeof *overlap->items);
    for (size_t i = 0; i < n_items; i++)
        add_item(overlap, i);
    if (overlap->n_runs > 0)
        qsort(overlap->runs, overlap->n_runs, sizeof *overlap->runs, compare_runs);
    return overlap;
}

void overlap_free(struct overlap *overlap)
{
    if (!overlap)
        return;
    free(overlap->items);
    free(overlap->runs);
    free(overlap);
}

/* The first run with this hash or a greater one. */
static size_t find_run(const struct overlap *overlap, uint64_t hash)
{
    size_t low = 0, high = overlap->n_runs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (overlap->runs[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void meet(struct overlap *overlap, uint64_t hash, size_t source)
{
    for (size_t i = find_run(overlap, hash); i < overlap->n_runs && overlap->runs[i].hash == hash;
         i++) {
        struct run *run = &overlap->runs[i];
        struct overlap_item *item = &overlap->items[run->item];
        if (run->found)
            continue;
        run->found = true;
        if (item->found++ > 0)
            continue;
        item->source = source;
        item->text = str_sub(overlap->texts[run->item], run->start, run->end - run->start);
    }
}

void overlap_read(struct overlap *overlap, struct str text, size_t source)
{
    struct window window = {0};
    struct word word;
    for (size_t at = 0; next_word(&word, text, &at);) {
        window_push(&window, &word);
        for (size_t n = OVERLAP_WORDS_MIN; n <= OVERLAP_RUN_WORDS && n <= window.count; n++)
            if (overlap->has_length[n])
                meet(overlap, window_run(&window, n).hash, source);
    }
}

struct overlap_item overlap_get(const struct overlap *overlap, size_t index)
{
    return overlap->items[index];
}
