/* dedup.c - see dedup.h.
 *
 * A text becomes a sorted set of hashes of its three-word runs. Two one-permutation sketches of 64
 * bins each give 128 numbers, 16 bands of 8: texts that agree in a whole band are candidates. */
#include "probe/dedup.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

enum {
    BINS = 64,
    SKETCHES = 2,
    BANDS = 16,
    ROWS = BINS * SKETCHES / BANDS,
    RUN = 3,
    SMALL_SET = 2048
};
#define NOBODY UINT32_MAX

/* The runs of all texts, one after another; text i has [start[i], start[i + 1]). */
struct runs {
    uint32_t *hashes;
    size_t count, cap, *start;
};

struct index {
    uint32_t *heads, *next; /* chains of kept texts by band: next[text * BANDS + band] */
    size_t mask;            /* of heads, which holds BANDS tables of mask + 1 */
    uint32_t *seen_by;      /* the text that met it last, so that no pair is compared twice */
};

static uint64_t mix(uint64_t h)
{
    h ^= h >> 31;
    h *= 0x7fb5d329728ea185u;
    h ^= h >> 27;
    h *= 0x81dadef4bc2dd44du;
    return h ^ (h >> 33);
}

/* Bytes of a word: letters, digits, and what is beyond ASCII. */
static bool is_word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* Characters of three bytes from U+3000 on are words of their own: Chinese and Japanese do not
 * write spaces. */
static bool is_lone_char(unsigned char lead)
{
    return lead >= 0xE3 && lead <= 0xEC;
}

/* The hash of the next word at or after *at, which moves past it; 0 after the last. */
static uint64_t next_word(struct str text, size_t *at)
{
    uint64_t h = 0xcbf29ce484222325u;
    size_t i = *at;
    while (i < text.len && !is_word_byte((unsigned char)text.ptr[i]))
        i++;
    size_t start = i;
    for (; i < text.len && is_word_byte((unsigned char)text.ptr[i]); i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (is_lone_char(c) && i > start)
            break;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        h = (h ^ c) * 0x100000001b3u;
        if (is_lone_char((unsigned char)text.ptr[start]) && i - start == 2) {
            i++;
            break;
        }
    }
    *at = i;
    return i == start ? 0 : mix(h) | 1;
}

/* Shell's sort: sets are small, and qsort would call a function for every comparison. */
static void sort_u32(uint32_t *items, size_t count)
{
    static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        size_t gap = gaps[g];
        for (size_t i = gap; i < count; i++) {
            uint32_t item = items[i];
            size_t j = i;
            for (; j >= gap && items[j - gap] > item; j -= gap)
                items[j] = items[j - gap];
            items[j] = item;
        }
    }
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Adds the runs of a text as a sorted set, and gives a hash of all its words. A text of fewer than
 * RUN words is one run. */
static uint64_t add_runs(struct runs *runs, struct str text)
{
    uint64_t word, last[RUN] = {0}, whole = 0;
    size_t at = 0, first = runs->count, n_words = 0;
    while ((word = next_word(text, &at)) != 0) {
        for (size_t i = 0; i + 1 < RUN; i++)
            last[i] = last[i + 1];
        last[RUN - 1] = word;
        whole = mix(whole * 3 + word);
        if (++n_words >= RUN)
            VEC_PUSH(runs->hashes, runs->count, runs->cap,
                     (uint32_t)mix(last[0] + 3 * last[1] + 7 * last[2]));
    }
    if (n_words < RUN)
        VEC_PUSH(runs->hashes, runs->count, runs->cap, (uint32_t)whole);
    uint32_t *set = runs->hashes + first;
    size_t count = runs->count - first, kept = 0;
    if (count <= SMALL_SET)
        sort_u32(set, count);
    else
        qsort(set, count, sizeof *set, compare_u32);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || set[i] != set[kept - 1])
            set[kept++] = set[i];
    runs->count = first + kept;
    return whole + n_words;
}

static double similarity(const struct runs *runs, size_t a, size_t b)
{
    size_t i = runs->start[a], i_end = runs->start[a + 1];
    size_t j = runs->start[b], j_end = runs->start[b + 1], both = 0;
    size_t total = (i_end - i) + (j_end - j);
    while (i < i_end && j < j_end) {
        uint32_t x = runs->hashes[i], y = runs->hashes[j];
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    return (double)both / (double)(total - both);
}

/* The likeness of two sets is at most the quotient of their sizes. */
static bool may_be_near(const struct runs *runs, size_t a, size_t b, double threshold)
{
    double x = (double)(runs->start[a + 1] - runs->start[a]);
    double y = (double)(runs->start[b + 1] - runs->start[b]);
    return (x < y ? x : y) >= threshold * (x < y ? y : x);
}

/* The least hash in each bin; an empty bin takes that of the next full one, changed by the
 * distance. */
static void sketch(uint32_t out[BINS], const uint32_t *set, size_t count, uint64_t salt)
{
    memset(out, 0xff, BINS * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        uint64_t h = mix(set[i] + salt);
        uint32_t *bin = &out[h % BINS], value = (uint32_t)(h >> 32) >> 1;
        if (value < *bin)
            *bin = value;
    }
    bool is_full[BINS];
    for (size_t i = 0; i < BINS; i++)
        is_full[i] = out[i] != UINT32_MAX;
    for (size_t i = 0; i < BINS; i++) {
        uint32_t away = 0;
        while (!is_full[(i + away) % BINS])
            away++;
        if (away > 0)
            out[i] = out[(i + away) % BINS] + away * 0x9e3779b9u;
    }
}

static void band_hashes(uint64_t bands[BANDS], const struct runs *runs, size_t text)
{
    uint32_t values[SKETCHES * BINS];
    const uint32_t *set = runs->hashes + runs->start[text];
    size_t count = runs->start[text + 1] - runs->start[text];
    for (size_t s = 0; s < SKETCHES; s++)
        sketch(values + s * BINS, set, count, s << 40);
    for (size_t b = 0; b < BANDS; b++) {
        uint64_t h = b;
        for (size_t r = 0; r < ROWS; r++)
            h = mix(h + values[b * ROWS + r]);
        bands[b] = h;
    }
}

static uint32_t *head_of(const struct index *index, const uint64_t *bands, size_t band)
{
    return &index->heads[band * (index->mask + 1) + (bands[band] & index->mask)];
}

/* The most similar kept text among the candidates, if it is near enough. */
static void find_near(struct dedup_twin *twin, struct index *index, const struct runs *runs,
                      const uint64_t *bands, uint32_t text, double threshold)
{
    size_t n_compared = 0;
    for (size_t b = 0; b < BANDS; b++) {
        uint32_t other = *head_of(index, bands, b);
        for (; other != NOBODY && n_compared < DEDUP_CANDIDATES_MAX;
             other = index->next[(size_t)other * BANDS + b]) {
            if (index->seen_by[other] == text)
                continue;
            index->seen_by[other] = text;
            if (!may_be_near(runs, text, other, threshold))
                continue;
            n_compared++;
            double s = similarity(runs, text, other);
            if (s >= threshold && (twin->of == DEDUP_NONE || s > twin->similarity))
                *twin = (struct dedup_twin){.of = other, .similarity = s};
        }
    }
}

static void keep_text(struct index *index, const uint64_t *bands, uint32_t text)
{
    for (size_t b = 0; b < BANDS; b++) {
        uint32_t *head = head_of(index, bands, b);
        index->next[(size_t)text * BANDS + b] = *head;
        *head = text;
    }
}

static void index_init(struct index *index, size_t count)
{
    size_t slots = 1024;
    while (slots < count)
        slots *= 2;
    index->mask = slots - 1;
    index->heads = mem_zalloc(slots * BANDS, sizeof *index->heads);
    index->next = mem_zalloc(count * BANDS + 1, sizeof *index->next);
    index->seen_by = mem_zalloc(count + 1, sizeof *index->seen_by);
    memset(index->heads, 0xff, slots * BANDS * sizeof *index->heads);
    memset(index->seen_by, 0xff, count * sizeof *index->seen_by);
}

static void index_release(struct index *index)
{
    free(index->heads);
    free(index->next);
    free(index->seen_by);
}

/* Texts without a word are alike only when their bytes are. */
static bool same_words(const struct runs *runs, const uint64_t *words, const struct str *texts,
                       size_t a, size_t b)
{
    if (words[a] != words[b] || similarity(runs, a, b) < 1.0)
        return false;
    return words[a] != 0 || str_eq(texts[a], texts[b]);
}

size_t dedup_find(struct dedup_twin *twins, const struct str *texts, size_t count, double threshold)
{
    struct runs runs = {.start = mem_zalloc(count + 1, sizeof *runs.start)};
    uint64_t *words = mem_zalloc(count + 1, sizeof *words), bands[BANDS];
    struct map by_words = {0};
    struct index index;
    size_t n_repeats = 0;
    for (size_t i = 0; i < count; i++) {
        words[i] = add_runs(&runs, texts[i]);
        runs.start[i + 1] = runs.count;
    }
    index_init(&index, count);
    map_reserve(&by_words, count);
    for (uint32_t i = 0; i < count; i++) {
        struct str key = str_n((const char *)&words[i], sizeof words[i]);
        uint32_t same = map_get(&by_words, key);
        twins[i] = (struct dedup_twin){.of = DEDUP_NONE};
        if (same != MAP_NONE && same_words(&runs, words, texts, same, i)) {
            twins[i] = (struct dedup_twin){.of = same, .similarity = 1, .is_exact = true};
        } else if (threshold <= 1 && words[i] != 0) {
            band_hashes(bands, &runs, i);
            find_near(&twins[i], &index, &runs, bands, i, threshold);
            if (twins[i].of == DEDUP_NONE)
                keep_text(&index, bands, i);
        }
        if (twins[i].of == DEDUP_NONE)
            map_add(&by_words, key, i);
        n_repeats += twins[i].of != DEDUP_NONE;
    }
    index_release(&index);
    map_release(&by_words);
    free(words);
    free(runs.hashes);
    free(runs.start);
    return n_repeats;
}
