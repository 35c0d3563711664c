/* phrases.c - see phrases.h. */
#include "score/phrases.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"

enum { LETTERS = 26, PAIRS = LETTERS * 256 };

struct phrase {
    struct str head, tail;
    unsigned wild_min, wild_max; /* characters between them; wild_max 0: no wild card */
    uint16_t list, pair;
    bool exact_case;
};

struct phrases {
    struct phrase *items; /* by pair, then in the order given */
    size_t count, cap, n_lists;
    uint16_t first[PAIRS + 1]; /* items of pair p: first[p] .. first[p+1] - 1 */
};

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

static void add_list(struct phrases *phrases, const struct phrase_list *list, size_t index)
{
    struct str rest = str_of(list->phrases ? list->phrases : "");
    for (bool more = rest.len > 0; more;) {
        size_t bar = str_find(rest, str_of("|"), 0);
        more = bar != (size_t)-1;
        struct phrase phrase = phrase_parse(str_n(rest.ptr, more ? bar : rest.len));
        phrase.list = (uint16_t)index;
        phrase.exact_case = list->exact_case;
        VEC_PUSH(phrases->items, phrases->count, phrases->cap, phrase);
        rest = more ? str_from(rest, bar + 1) : rest;
    }
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

struct phrases *phrases_create(const struct phrase_list *lists, size_t n_lists)
{
    struct phrases *phrases = mem_zalloc(1, sizeof *phrases);
    phrases->n_lists = n_lists;
    for (size_t i = 0; i < n_lists; i++)
        add_list(phrases, &lists[i], i);
    if (phrases->count > PHRASES_MAX || n_lists > PHRASE_LISTS_MAX)
        BUG("%zu phrases in %zu lists are too many", phrases->count, n_lists);
    sort_by_pair(phrases);
    return phrases;
}

void phrases_free(struct phrases *phrases)
{
    if (!phrases)
        return;
    free(phrases->items);
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
        return symbol_edge(text, p) ? p : NULL;
    size_t longest = 0;
    while (longest < phrase->wild_max && p[longest] != '\n' && p[longest] != SYMBOL_END)
        longest++;
    for (size_t n = longest + 1; n-- > phrase->wild_min;) {
        const uint8_t *end = p + n + phrase->tail.len;
        if (is_literal(phrase, phrase->tail, text, p + n) && symbol_edge(text, end))
            return end;
    }
    return NULL;
}

void phrases_count(size_t *counts, const struct phrases *phrases, const struct symbols *text)
{
    const uint8_t *free_from[PHRASE_LISTS_MAX]; /* a list's last match ended there */
    for (size_t i = 0; i < phrases->n_lists; i++) {
        counts[i] = 0;
        free_from[i] = text->at;
    }
    const uint8_t *end = text->at + text->n;
    for (const uint8_t *p = text->at; p < end; p++) {
        unsigned letter = (unsigned)text->fold[*p] - 'a';
        if (letter >= LETTERS || symbol_is(text, p[-1], SYMBOL_IS_WORD))
            continue;
        size_t pair = letter * 256 + text->fold[p[1]];
        for (size_t i = phrases->first[pair]; i < phrases->first[pair + 1]; i++) {
            const struct phrase *phrase = &phrases->items[i];
            const uint8_t *stop = p < free_from[phrase->list] ? NULL : phrase_end(phrase, text, p);
            if (!stop)
                continue;
            counts[phrase->list]++;
            free_from[phrase->list] = stop;
        }
    }
}
