/* neutral.c - see neutral.h.
 *
 * A text is planned by the tokens that each sentence adds behind another one, which is nearly exact,
 * because tokens seldom reach across a blank. The plan fills up to the goal sentence by sentence, and
 * closes the gap with a subset of the unused sentences that adds up to it (subset sum, by dynamic
 * programming; sentences at the end give way until there is one). Then the text is counted as it
 * stands, and if the plan was off, the next one aims off by as much. */
#include "eval/neutral.h"

#include <stdlib.h>

#include "base/rng.h"
#include "base/vec.h"
#include "eval/kernel.h"
#include "probe/shingle.h"
#include "text/utf8.h"

enum { PLANS_MAX = 16, GAP_MAX = 256 };

#define COMMON_MARK "common:"
/* What sentences are measured behind. */
#define SAMPLE "Ice melts."

static void read_common(struct neutral *out, struct str words)
{
    struct str word;
    for (size_t at = 0; utf8_word(&word, words, &at);)
        map_set(&out->common, word, 1);
}

bool neutral_read(struct neutral *out, struct str text, const char *name, struct err *err)
{
    struct str line;
    bool begins = true; /* the next sentence begins a subject */
    *out = (struct neutral){0};
    for (size_t at = 0; utf8_line(&line, text, &at);) {
        line = utf8_strip(line);
        if (line.len == 0) {
            begins = true;
        } else if (str_starts(line, str_of(COMMON_MARK))) {
            read_common(out, str_from(line, sizeof COMMON_MARK - 1));
        } else if (line.ptr[0] != '#') {
            out->n_subjects += begins;
            begins = false;
            struct neutral_sentence sentence = {line, out->n_subjects - 1};
            VEC_PUSH(out->sentences, out->count, out->cap, sentence);
        }
    }
    if (out->count > 0)
        return true;
    neutral_release(out);
    return err_set(err, ERR_FORMAT, "%s: no sentences", name);
}

void neutral_release(struct neutral *neutral)
{
    free(neutral->sentences);
    map_release(&neutral->common);
    *neutral = (struct neutral){0};
}

/* A sentence of the text under way. */
struct piece {
    size_t sentence, place; /* place: in the order of its pass */
    bool begins;            /* a paragraph */
    size_t tokens;          /* that it adds */
};

struct growth {
    const struct neutral *neutral;
    const struct neutral_wish *wish;
    size_t *usable, n_usable; /* sentences, in the source's order */
    size_t *behind, *below;   /* tokens of each sentence behind another, and as a new paragraph */
    size_t *order;            /* the usable ones in this pass's order */
    bool *used;               /* by place in the order */
    uint64_t pass;
    struct piece *pieces;
    size_t n_pieces, cap_pieces, tokens; /* tokens: planned */
    size_t pass_start;                   /* the first piece of this pass */
    struct buf scratch;
};

static void growth_release(struct growth *growth)
{
    free(growth->usable);
    free(growth->behind);
    free(growth->below);
    free(growth->order);
    free(growth->used);
    free(growth->pieces);
    buf_release(&growth->scratch);
}

/* A set of the words a kernel does not have in common with anybody. */
static void list_words(struct map *own, struct word_list *words, const struct neutral *neutral,
                       struct str kernel)
{
    word_list_split(words, kernel);
    for (size_t i = 0; i < words->count; i++)
        if (map_get(&neutral->common, words->items[i]) == MAP_NONE)
            map_set(own, words->items[i], 1);
}

static bool has_any(const struct map *own, struct word_list *words, struct str sentence)
{
    word_list_split(words, sentence);
    for (size_t i = 0; i < words->count; i++)
        if (map_get(own, words->items[i]) != MAP_NONE)
            return true;
    return false;
}

static void choose_usable(struct growth *growth)
{
    const struct neutral *neutral = growth->neutral;
    struct word_list kernel, sentence;
    struct map own = {0};
    word_list_init(&kernel);
    word_list_init(&sentence);
    list_words(&own, &kernel, neutral, growth->wish->kernel);
    growth->usable = mem_zalloc(neutral->count, sizeof *growth->usable);
    for (size_t i = 0; i < neutral->count; i++)
        if (!has_any(&own, &sentence, neutral->sentences[i].text))
            growth->usable[growth->n_usable++] = i;
    map_release(&own);
    word_list_release(&kernel);
    word_list_release(&sentence);
}

/* The tokens that a sentence adds to the sample, at least one. */
static bool count_behind(size_t *tokens, struct growth *growth, size_t sample, const char *gap,
                         struct str sentence, struct err *err)
{
    buf_reset(&growth->scratch);
    buf_puts(&growth->scratch, SAMPLE);
    buf_puts(&growth->scratch, gap);
    buf_add_str(&growth->scratch, sentence);
    if (!kernel_tokens(tokens, buf_str(&growth->scratch), growth->wish->tok, err))
        return false;
    *tokens = *tokens > sample ? *tokens - sample : 1;
    return true;
}

static bool measure(struct growth *growth, struct err *err)
{
    size_t sample, n = growth->neutral->count;
    growth->behind = mem_zalloc(n, sizeof *growth->behind);
    growth->below = mem_zalloc(n, sizeof *growth->below);
    if (!kernel_tokens(&sample, str_of(SAMPLE), growth->wish->tok, err))
        return false;
    for (size_t u = 0; u < growth->n_usable; u++) {
        size_t i = growth->usable[u];
        struct str sentence = growth->neutral->sentences[i].text;
        if (!count_behind(&growth->behind[i], growth, sample, " ", sentence, err) ||
            !count_behind(&growth->below[i], growth, sample, "\n\n", sentence, err))
            return false;
    }
    return true;
}

/* Subjects in random order (Fisher and Yates), sentences within them as they are. */
static void begin_pass(struct growth *growth, uint64_t pass)
{
    const struct neutral *neutral = growth->neutral;
    size_t n = neutral->n_subjects, at = 0;
    size_t *subjects = mem_zalloc(n, sizeof *subjects);
    for (size_t i = 0; i < n; i++)
        subjects[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t k = (size_t)(rng_uniform(growth->wish->key, pass, i) * (double)(i + 1));
        size_t kept = subjects[i];
        subjects[i] = subjects[k];
        subjects[k] = kept;
    }
    for (size_t s = 0; s < n; s++)
        for (size_t u = 0; u < growth->n_usable; u++)
            if (neutral->sentences[growth->usable[u]].subject == subjects[s])
                growth->order[at++] = growth->usable[u];
    memset(growth->used, 0, growth->n_usable * sizeof *growth->used);
    growth->pass = pass;
    growth->pass_start = growth->n_pieces;
    free(subjects);
}

static size_t subject_at(const struct growth *growth, size_t place)
{
    return growth->neutral->sentences[growth->order[place]].subject;
}

static void push(struct growth *growth, size_t place, bool begins)
{
    size_t sentence = growth->order[place];
    struct piece piece = {sentence, place, begins,
                          begins ? growth->below[sentence] : growth->behind[sentence]};
    VEC_PUSH(growth->pieces, growth->n_pieces, growth->cap_pieces, piece);
    growth->tokens += piece.tokens;
    growth->used[place] = true;
}

static size_t pop(struct growth *growth)
{
    struct piece piece = growth->pieces[--growth->n_pieces];
    if (growth->n_pieces >= growth->pass_start)
        growth->used[piece.place] = false;
    growth->tokens -= piece.tokens;
    return piece.tokens;
}

/* Whole subjects, one after the other, as long as the next sentence fits. */
static void fill(struct growth *growth, size_t goal)
{
    growth->n_pieces = growth->tokens = 0;
    begin_pass(growth, 0);
    for (size_t place = 0;; place++) {
        if (place == growth->n_usable) {
            begin_pass(growth, growth->pass + 1);
            place = 0;
        }
        size_t sentence = growth->order[place];
        bool begins = place == 0 || subject_at(growth, place) != subject_at(growth, place - 1);
        if (growth->tokens + (begins ? growth->below : growth->behind)[sentence] > goal)
            return;
        push(growth, place, begins);
    }
}

/* Adds unused sentences whose tokens add up to `gap`, or to the most below it that can be; returns
 * how much is missing. With `exactly`, adds nothing unless nothing is missing. */
static size_t close_gap(struct growth *growth, size_t gap, bool exactly)
{
    size_t *last = mem_zalloc(gap + 1, sizeof *last); /* place + 1 of the last sentence of a sum */
    size_t sum = gap;
    for (size_t place = 0; place < growth->n_usable; place++) {
        size_t tokens = growth->behind[growth->order[place]];
        for (size_t s = gap; !growth->used[place] && s >= tokens; s--)
            if (!last[s] && (s == tokens || last[s - tokens]))
                last[s] = place + 1;
    }
    while (sum > 0 && !last[sum])
        sum--;
    size_t missing = gap - sum, first = growth->n_pieces;
    while (sum > 0 && (missing == 0 || !exactly)) {
        size_t place = last[sum] - 1;
        push(growth, place, false);
        sum -= growth->behind[growth->order[place]];
    }
    free(last);
    /* They were found from the last to the first. */
    for (size_t i = first, k = growth->n_pieces; i + 1 < k; i++) {
        struct piece kept = growth->pieces[i];
        growth->pieces[i] = growth->pieces[--k];
        growth->pieces[k] = kept;
    }
    return missing;
}

static void plan(struct growth *growth, size_t goal)
{
    fill(growth, goal);
    size_t gap = goal - growth->tokens;
    while (close_gap(growth, gap, true) > 0 && growth->n_pieces > 0 && gap < GAP_MAX)
        gap += pop(growth);
    close_gap(growth, goal - growth->tokens, false);
}

static void write_plan(struct buf *out, const struct growth *growth, const char *end)
{
    for (size_t i = 0; i < growth->n_pieces; i++) {
        const struct piece *piece = &growth->pieces[i];
        if (i > 0)
            buf_puts(out, piece->begins ? "\n\n" : " ");
        buf_add_str(out, growth->neutral->sentences[piece->sentence].text);
    }
    buf_puts(out, end);
}

static size_t gap_between(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

/* Plans, counts, and aims again; `best` receives the nearest. */
static bool grow(struct buf *best, size_t *tokens, struct growth *growth, const char *end,
                 struct err *err)
{
    size_t wanted = growth->wish->tokens, goal = wanted;
    for (int i = 0; i < PLANS_MAX; i++) {
        size_t count;
        plan(growth, goal);
        buf_reset(&growth->scratch);
        write_plan(&growth->scratch, growth, end);
        if (!kernel_tokens(&count, buf_str(&growth->scratch), growth->wish->tok, err))
            return false;
        if (i == 0 || gap_between(count, wanted) < gap_between(*tokens, wanted)) {
            buf_reset(best);
            buf_add_str(best, buf_str(&growth->scratch));
            *tokens = count;
        }
        if (count == wanted)
            break;
        goal = goal + wanted > count ? goal + wanted - count : 1;
    }
    return true;
}

bool neutral_grow(struct buf *out, size_t *tokens, const struct neutral *neutral,
                  const struct neutral_wish *wish, const char *end, struct err *err)
{
    struct growth growth = {.neutral = neutral, .wish = wish};
    struct buf best;
    buf_init(&best, BUF_MAX_DEFAULT);
    buf_init(&growth.scratch, BUF_MAX_DEFAULT);
    choose_usable(&growth);
    growth.order = mem_zalloc(growth.n_usable, sizeof *growth.order);
    growth.used = mem_zalloc(growth.n_usable, sizeof *growth.used);
    bool ok = growth.n_usable >= NEUTRAL_SENTENCES_MIN ||
              err_set(err, ERR_UNSUPPORTED,
                      "it shares words with all but %zu of the %zu neutral sentences",
                      growth.n_usable, neutral->count);
    ok = ok && measure(&growth, err) && grow(&best, tokens, &growth, end, err);
    if (ok)
        buf_add_str(out, buf_str(&best));
    buf_release(&best);
    growth_release(&growth);
    return ok;
}
