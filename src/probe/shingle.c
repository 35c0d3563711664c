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
    buf_release(&words->lower);
    *words = (struct word_list){0};
}

static bool is_mark(uint32_t cp) /* Arabic, Hebrew and Indic vowels belong to their word */
{
    return (cp >= 0x300 && cp < 0x370) || (cp >= 0x591 && cp < 0x5C8) ||
           (cp >= 0x610 && cp < 0x61B) || (cp >= 0x64B && cp < 0x660) ||
           (cp >= 0x900 && cp < 0xE80 && !utf8_is_space(cp) && cp != 0x964 && cp != 0x965);
}

bool word_is_alone(uint32_t cp)
{
    return (cp >= 0x3040 && cp < 0x3100) || (cp >= 0x3400 && cp < 0xA000) ||
           (cp >= 0xAC00 && cp < 0xD7A4) || (cp >= 0x20000 && cp < 0x32000);
}

bool word_has(uint32_t cp)
{
    return cp != UTF8_BAD && (utf8_is_alnum(cp) || is_mark(cp));
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
        uint32_t cp = utf8_next(lower, &at);
        bool alone = word_is_alone(cp);
        bool inside = !alone && word_has(cp);
        if (start != none && !inside)
            VEC_PUSH(words->items, words->count, words->cap, str_sub(lower, start, here - start));
        if (alone)
            VEC_PUSH(words->items, words->count, words->cap, str_sub(lower, here, at - here));
        start = !inside ? none : start == none ? here : start;
    }
    if (start != none)
        VEC_PUSH(words->items, words->count, words->cap, str_from(lower, start));
}

uint64_t shingle_hash(const struct str *words, size_t n)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a, and splitmix64's last step over it */
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < words[i].len; k++)
            hash = (hash ^ (unsigned char)words[i].ptr[k]) * 0x100000001B3u;
        hash = (hash ^ 0x20) * 0x100000001B3u;
    }
    hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
    return hash ^ (hash >> 31);
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
        out->hashes[i] = shingle_hash(words->items + i, run);
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
