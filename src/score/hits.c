/* hits.c - see hits.h. */
#include "score/hits.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "text/utf8.h"

enum { DETAIL_MAX = 256, STRIDE = 64 };

void hits_init(struct hits *hits)
{
    *hits = (struct hits){0};
}

void hits_reset(struct hits *hits)
{
    arena_release(&hits->details);
    hits->details = (struct arena){0};
    hits->n = 0;
    hits->full = false;
}

void hits_release(struct hits *hits)
{
    free(hits->items);
    arena_release(&hits->details);
    *hits = (struct hits){0};
}

void hits_add_units(struct hits *hits, size_t index, double units, const char *detail, size_t start,
                    size_t end)
{
    if (!hits)
        return;
    if (hits->n == HITS_MAX) {
        hits->full = true;
        return;
    }
    struct hit hit = {.detail = detail, .start = start, .end = end, .index = index, .units = units};
    VEC_PUSH(hits->items, hits->n, hits->cap, hit);
}

void hits_add(struct hits *hits, size_t index, const char *detail, size_t start, size_t end)
{
    hits_add_units(hits, index, 1, detail, start, end);
}

const char *hits_detail(struct hits *hits, const char *fmt, ...)
{
    char text[DETAIL_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return arena_str(&hits->details, str_n(text, utf8_check(str_of(text)))).ptr;
}

/* Symbols one character became when the text was loaded. */
static size_t symbols_of(const struct symbols *symbols, struct str text, size_t *at)
{
    uint32_t cp = utf8_next(text, at);
    return cp == 0x130 && symbols->dialect == SYMBOLS_PYTHON_LOWER ? 2 : 1;
}

/* Where every STRIDE-th symbol or the first after it begins. */
struct place {
    size_t symbol, byte;
};

static struct place *places_of(const struct symbols *symbols, struct str text)
{
    struct place *places = mem_alloc((symbols->n / STRIDE + 1) * sizeof *places);
    size_t n = 0, symbol = 0;
    for (size_t at = 0; at < text.len;) {
        if (symbol >= n * STRIDE)
            places[n++] = (struct place){symbol, at};
        symbol += symbols_of(symbols, text, &at);
    }
    if (n < symbols->n / STRIDE + 1)
        places[n] = (struct place){symbol, text.len};
    return places;
}

/* The byte where a symbol begins; one inside a character counts as its end. */
static size_t byte_of(const struct place *places, const struct symbols *symbols, struct str text,
                      size_t symbol)
{
    const struct place *place = &places[symbol / STRIDE];
    if (place->symbol > symbol) /* that symbol is the second of its character */
        return place->byte;
    size_t at = place->byte;
    for (size_t i = place->symbol; i < symbol;)
        i += symbols_of(symbols, text, &at);
    return at;
}

void hits_to_bytes(struct hits *hits, size_t first, const struct symbols *symbols, struct str text)
{
    if (!hits || hits->n == first)
        return;
    struct place *places = places_of(symbols, text);
    for (size_t i = first; i < hits->n; i++) {
        hits->items[i].start = byte_of(places, symbols, text, hits->items[i].start);
        hits->items[i].end = byte_of(places, symbols, text, hits->items[i].end);
    }
    free(places);
}

static int by_place(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->in_prompt != y->in_prompt)
        return x->in_prompt ? 1 : -1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static double worth(const struct hit_rule *rule, double units)
{
    return fmax(-rule->cap, fmin(rule->points * units, rule->cap));
}

void hits_settle(struct hits *hits, size_t first, const struct hit_rule *rules)
{
    enum { RULES_MAX = 64 };
    double units[RULES_MAX] = {0};
    if (!hits || hits->n == first)
        return;
    qsort(hits->items + first, hits->n - first, sizeof *hits->items, by_place);
    for (size_t i = first; i < hits->n; i++) {
        struct hit *hit = &hits->items[i];
        if (hit->index >= RULES_MAX)
            BUG("hit of rule %zu", hit->index);
        const struct hit_rule *rule = &rules[hit->index];
        double before = worth(rule, units[hit->index]);
        units[hit->index] += hit->units;
        hit->points = worth(rule, units[hit->index]) - before;
        hit->rule = rule->name;
    }
}
