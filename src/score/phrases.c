/* phrases.c - see phrases.h. */
#include "score/phrases.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"

enum { LETTERS = 26, PAIRS = LETTERS * 256, PATTERN_MAX = 1 << 12 };

struct phrase {
    struct str head, tail;
    unsigned wild_min, wild_max; /* characters between them; wild_max 0: no wild card */
    uint16_t list, pair;
    bool exact_case, anywhere;
};

struct phrases {
    struct phrase *items; /* by pair, then in the order given */
    size_t count, cap, n_lists;
    bool any_anywhere;         /* some list looks inside words */
    struct arena arena;        /* the patterns, groups written out */
    uint16_t first[PAIRS + 1]; /* items of pair p: first[p] .. first[p+1] - 1 */
    uint32_t thirds[PAIRS];    /* the third symbols of pair p, a bit for each, modulo 32 */
};

static uint32_t third_bit(uint8_t symbol)
{
    return (uint32_t)1 << (symbol & 31);
}

static uint8_t lower_ascii(char c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static uint16_t pair_of(struct str head)
{
    uint8_t letter = lower_ascii(head.len ? head.ptr[0] : '\0');
    if (head.len < 2 || letter < 'a' || letter > 'z')
        BUG("phrase '%.*s' must begin with a letter and one more character", STR_ARG(head));
    return (uint16_t)((letter - 'a') * 256 + lower_ascii(head.ptr[1]));
}

static struct phrase phrase_parse(struct str pattern)
{
    struct phrase phrase = {.head = pattern};
    size_t wild = str_find(pattern, str_of(".{"), 0);
    if (wild != (size_t)-1) {
        char *end;
        phrase.head.len = wild;
        phrase.wild_min = (unsigned)strtoul(pattern.ptr + wild + 2, &end, 10);
        if (*end == ',')
            phrase.wild_max = (unsigned)strtoul(end + 1, &end, 10);
        if (*end != '}' || phrase.wild_max < phrase.wild_min || phrase.wild_max == 0)
            BUG("phrase '%.*s' must have a wild card of the form .{m,n}", STR_ARG(pattern));
        phrase.tail = str_from(pattern, (size_t)(end + 1 - pattern.ptr));
    }
    phrase.pair = pair_of(phrase.head);
    return phrase;
}

static void add_phrase(struct phrases *phrases, const struct phrase_list *list, size_t index,
                       struct str pattern)
{
    struct phrase phrase = phrase_parse(arena_str(&phrases->arena, pattern));
    phrase.list = (uint16_t)index;
    phrase.exact_case = list->exact_case;
    phrase.anywhere = list->anywhere;
    phrases->any_anywhere |= list->anywhere;
    VEC_PUSH(phrases->items, phrases->count, phrases->cap, phrase);
}

/* The alternative at the start of *rest, which moves past it and its bar; false when none is left.
 */
static bool next_alternative(struct str *alternative, struct str *rest)
{
    size_t n = 0, depth = 0;
    if (!rest->ptr)
        return false;
    for (; n < rest->len && (depth > 0 || rest->ptr[n] != '|'); n++)
        depth += rest->ptr[n] == '(' ? 1 : rest->ptr[n] == ')' ? (size_t)-1 : 0;
    *alternative = str_n(rest->ptr, n);
    *rest = n < rest->len ? str_from(*rest, n + 1) : str_n(NULL, 0);
    return true;
}

/* Adds `done` followed by all that `pattern` stands for; groups do not nest. */
static void add_expanded(struct phrases *phrases, const struct phrase_list *list, size_t index,
                         struct buf *done, struct str pattern)
{
    size_t len = done->len, open = str_find(pattern, str_of("("), 0);
    size_t close = str_find(pattern, str_of(")"), 0);
    if (open == (size_t)-1) {
        buf_add_str(done, pattern);
        add_phrase(phrases, list, index, buf_str(done));
        done->len = len;
        return;
    }
    if (close == (size_t)-1)
        BUG("phrase '%.*s' has an open group", STR_ARG(pattern));
    struct str group = str_sub(pattern, open + 1, close - open - 1), one;
    while (next_alternative(&one, &group)) {
        buf_add(done, pattern.ptr, open);
        buf_add_str(done, one);
        add_expanded(phrases, list, index, done, str_from(pattern, close + 1));
        done->len = len;
    }
}

static void add_list(struct phrases *phrases, const struct phrase_list *list, size_t index)
{
    struct str rest = str_of(list->phrases ? list->phrases : ""), one;
    struct buf done;
    buf_init(&done, PATTERN_MAX);
    while (rest.len > 0 && next_alternative(&one, &rest))
        add_expanded(phrases, list, index, &done, one);
    buf_release(&done);
}

/* A stable counting sort: within a pair the order of lists and alternatives is kept. */
static void sort_by_pair(struct phrases *phrases)
{
    struct phrase *sorted = mem_zalloc(phrases->count, sizeof *sorted);
    uint16_t *first = phrases->first;
    for (size_t i = 0; i < phrases->count; i++)
        first[phrases->items[i].pair + 1]++;
    for (size_t p = 0; p < PAIRS; p++)
        first[p + 1] = (uint16_t)(first[p + 1] + first[p]);
    for (size_t i = 0; i < phrases->count; i++)
        sorted[first[phrases->items[i].pair]++] = phrases->items[i];
    for (size_t p = PAIRS; p > 0; p--)
        first[p] = first[p - 1];
    first[0] = 0;
    free(phrases->items);
    phrases->items = sorted;
}

static void note_thirds(struct phrases *phrases)
{
    for (size_t i = 0; i < phrases->count; i++) {
        struct str head = phrases->items[i].head;
        phrases->thirds[phrases->items[i].pair] |=
            head.len > 2 ? third_bit(lower_ascii(head.ptr[2])) : UINT32_MAX;
    }
}

struct phrases *phrases_create(const struct phrase_list *lists, size_t n_lists)
{
    struct phrases *phrases = mem_zalloc(1, sizeof *phrases);
    phrases->n_lists = n_lists;
    for (size_t i = 0; i < n_lists; i++)
        add_list(phrases, &lists[i], i);
    if (phrases->count > PHRASES_MAX || n_lists > PHRASE_LISTS_MAX)
        BUG("%zu phrases in %zu lists are too many", phrases->count, n_lists);
    sort_by_pair(phrases);
    note_thirds(phrases);
    return phrases;
}

void phrases_free(struct phrases *phrases)
{
    if (!phrases)
        return;
    free(phrases->items);
    arena_release(&phrases->arena);
    free(phrases);
}

/* Stops at the first difference, so it never reads past the end mark. */
static bool is_literal(const struct phrase *phrase, struct str literal, const struct symbols *text,
                       const uint8_t *p)
{
    for (size_t i = 0; i < literal.len; i++) {
        uint8_t symbol = phrase->exact_case ? p[i] : text->fold[p[i]];
        if (symbol != (uint8_t)literal.ptr[i])
            return false;
    }
    return true;
}

/* Where the phrase that starts at p ends, NULL when it does not stand there. */
static const uint8_t *phrase_end(const struct phrase *phrase, const struct symbols *text,
                                 const uint8_t *p)
{
    if (!is_literal(phrase, phrase->head, text, p))
        return NULL;
    p += phrase->head.len;
    if (!phrase->wild_max)
        return phrase->anywhere || symbol_edge(text, p) ? p : NULL;
    size_t longest = 0;
    while (longest < phrase->wild_max && p[longest] != '\n' && p[longest] != SYMBOL_END)
        longest++;
    for (size_t n = longest + 1; n-- > phrase->wild_min;) {
        const uint8_t *end = p + n + phrase->tail.len;
        if (is_literal(phrase, phrase->tail, text, p + n) &&
            (phrase->anywhere || symbol_edge(text, end)))
            return end;
    }
    return NULL;
}

/* The state of one pass. */
struct pass {
    size_t *counts;
    struct hits *hits;
    const uint8_t *free_from[PHRASE_LISTS_MAX]; /* a list's last match ended there */
};

/* Compares the phrases that may stand at p, by their first three symbols. */
static void count_at(struct pass *pass, const struct phrases *phrases, const struct symbols *text,
                     const uint8_t *p, bool inside)
{
    size_t pair = (size_t)(text->fold[p[0]] - 'a') * 256 + text->fold[p[1]];
    /* At the last symbol p[1] is the end mark, which begins no pair: there is nothing behind it. */
    if (!(phrases->thirds[pair] & third_bit(text->fold[p[2]])))
        return;
    for (size_t i = phrases->first[pair]; i < phrases->first[pair + 1]; i++) {
        const struct phrase *phrase = &phrases->items[i];
        if ((inside && !phrase->anywhere) || p < pass->free_from[phrase->list])
            continue;
        const uint8_t *stop = phrase_end(phrase, text, p);
        if (!stop)
            continue;
        pass->counts[phrase->list]++;
        pass->free_from[phrase->list] = stop;
        hits_add(pass->hits, phrase->list, phrase->head.ptr, (size_t)(p - text->at),
                 (size_t)(stop - text->at));
    }
}

void phrases_count(size_t *counts, const struct phrases *phrases, const struct symbols *text,
                   struct hits *hits)
{
    struct pass pass = {.counts = counts, .hits = hits};
    uint64_t last = 0; /* was the last symbol of the block before part of a word? */
    for (size_t i = 0; i < phrases->n_lists; i++) {
        counts[i] = 0;
        pass.free_from[i] = text->at;
    }
    for (size_t b = 0; b < text->n_blocks; b++) {
        uint64_t word = text->blocks[b].word, edges = word ^ (word << 1 | last);
        uint64_t letters = text->blocks[b].letter & (phrases->any_anywhere ? UINT64_MAX : edges);
        for (; letters; letters &= letters - 1)
            count_at(&pass, phrases, text, text->at + symbol_of_bit(b, letters),
                     !(edges & letters & -letters));
        last = word >> (SYMBOLS_PER_BLOCK - 1);
    }
}
