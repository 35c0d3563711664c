/* shingle.c - see shingle.h. */
#include "probe/shingle.h"

#include <stdlib.h>

#include "base/vec.h"
#include "text/utf8.h"

void word_list_init(struct word_list *words)
{
    *words = (struct word_list){0};
    buf_init(&words->lower, BUF_MAX_DEFAULT);
}

void word_list_release(struct word_list *words)
{
    free(words->items);
    free(words->hashes);
    buf_release(&words->lower);
    *words = (struct word_list){0};
}

static bool is_mark(uint32_t cp) /* Arabic, Hebrew and Indic vowels belong to their word */
{
    return (cp >= 0x300 && cp < 0x370) || (cp >= 0x591 && cp < 0x5C8) ||
           (cp >= 0x610 && cp < 0x61B) || (cp >= 0x64B && cp < 0x660) ||
           (cp >= 0x900 && cp < 0xE00 && !utf8_is_space(cp) && cp != 0x964 && cp != 0x965);
}

bool word_is_alone(uint32_t cp) /* Korean is written with spaces */
{
    if (cp < 0xE00)
        return false;
    bool thai_lao = cp >= 0xE00 && cp < 0xF00, burmese = cp >= 0x1000 && cp < 0x10A0;
    bool khmer = cp >= 0x1780 && cp < 0x1800, kana = cp >= 0x3040 && cp < 0x3100;
    bool han = (cp >= 0x3400 && cp < 0xA000) || (cp >= 0xF900 && cp < 0xFB00) ||
               (cp >= 0x20000 && cp < 0x32000);
    return (thai_lao || burmese || khmer || kana || han) && utf8_is_alpha(cp);
}

bool word_has(uint32_t cp)
{
    return cp != UTF8_BAD && (utf8_is_alnum(cp) || is_mark(cp));
}

enum place { OUTSIDE, INSIDE, ALONE };

static enum place place_of(uint32_t cp)
{
    if (cp < 0x80)
        return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ? INSIDE : OUTSIDE;
    if (cp == UTF8_BAD)
        return OUTSIDE;
    return word_is_alone(cp) ? ALONE : word_has(cp) ? INSIDE : OUTSIDE;
}

static uint64_t mix(uint64_t hash) /* the last step of splitmix64 */
{
    hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
    return hash ^ (hash >> 31);
}

static uint64_t word_hash(struct str word)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
    for (size_t i = 0; i < word.len; i++)
        hash = (hash ^ (unsigned char)word.ptr[i]) * 0x100000001B3u;
    return mix(hash);
}

static void add_word(struct word_list *words, struct str word)
{
    size_t n_hashes = words->count;
    VEC_PUSH(words->hashes, n_hashes, words->hashes_cap, word_hash(word));
    VEC_PUSH(words->items, words->count, words->cap, word);
}

static uint32_t next_char(struct str text, size_t *at)
{
    unsigned char c = (unsigned char)text.ptr[*at];
    if (c >= 0x80)
        return utf8_next(text, at);
    ++*at;
    return c;
}

void word_list_split(struct word_list *words, struct str text)
{
    const size_t none = (size_t)-1;
    size_t start = none;
    words->count = 0;
    buf_reset(&words->lower);
    utf8_lower(&words->lower, text);
    struct str lower = buf_str(&words->lower);
    for (size_t at = 0; at < lower.len;) {
        size_t here = at;
        enum place place = place_of(next_char(lower, &at));
        if (start != none && place != INSIDE)
            add_word(words, str_sub(lower, start, here - start));
        if (place == ALONE)
            add_word(words, str_sub(lower, here, at - here));
        start = place != INSIDE ? none : start == none ? here : start;
    }
    if (start != none)
        add_word(words, str_from(lower, start));
}

size_t words_count(struct str text)
{
    enum { GAP, LETTER, WORD } before = GAP; /* LETTER: one that is a word by itself */
    size_t count = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t cp = next_char(text, &at);
        bool known = cp != UTF8_BAD;
        if (cp == ' ' || (known && utf8_is_space(cp))) {
            before = GAP;
        } else if (known && word_is_alone(cp)) {
            before = LETTER;
            count++;
        } else if (before == GAP || (before == LETTER && known && utf8_is_alnum(cp))) {
            before = WORD;
            count++;
        } /* a stop after a letter is no word of its own */
    }
    return count;
}

uint64_t shingle_hash(const struct str *words, size_t n)
{
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++)
        hash = mix(hash * 3 + word_hash(words[i]));
    return hash;
}

uint64_t shingle_at(const struct word_list *words, size_t at, size_t n)
{
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++)
        hash = mix(hash * 3 + words->hashes[at + i]);
    return hash;
}

static int compare_hashes(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void shingle_set_make(struct shingle_set *out, const struct word_list *words, size_t n)
{
    size_t run = words->count < n ? words->count : n;
    size_t count = words->count ? words->count - run + 1 : 0, kept = 0;
    *out = (struct shingle_set){0};
    if (count == 0)
        return;
    out->hashes = mem_zalloc(count, sizeof *out->hashes);
    for (size_t i = 0; i < count; i++)
        out->hashes[i] = shingle_at(words, i, run);
    qsort(out->hashes, count, sizeof *out->hashes, compare_hashes);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || out->hashes[i] != out->hashes[kept - 1])
            out->hashes[kept++] = out->hashes[i];
    out->count = kept;
}

void shingle_set_release(struct shingle_set *set)
{
    free(set->hashes);
    *set = (struct shingle_set){0};
}

bool shingle_set_has(const struct shingle_set *set, uint64_t hash)
{
    return set->count > 0 &&
           bsearch(&hash, set->hashes, set->count, sizeof *set->hashes, compare_hashes) != NULL;
}
