/* near.c - see near.h.
 *
 * A sketch is NEAR_SKETCH numbers at most, BINS from each pass over the set: the least hash in each
 * bin. Two sketches agree in a number with the probability that is their sets' likeness s, so in a
 * band of r numbers with s^r, and in one of b bands with 1 - (1 - s^r)^b.
 *
 * Before two sets are compared member by member, their parity bits are: if they differ in d bits,
 * at least d members are in one set only, hence at most (|A| + |B| - d) / 2 in both. */
#include "probe/near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

enum { BINS = 64, NEAR_SKETCH = 320, SMALL_SET = 2048, SLOTS_MIN = 1024 };

/* The most rows that leave room for as many bands as NEAR_MISS asks for: the more rows, the fewer
 * candidates that are not alike. */
static void cut_bands(struct near *near)
{
    near->rows = 1;
    near->n_bands = NEAR_SKETCH;
    for (size_t rows = 1; rows <= NEAR_SKETCH; rows++) {
        double agree = fmin(pow(near->threshold, (double)rows), 1 - 1e-9);
        double bands = fmax(ceil(log(NEAR_MISS) / log1p(-agree)), 1);
        if (bands * (double)rows > NEAR_SKETCH)
            break;
        near->rows = rows;
        near->n_bands = (size_t)bands;
    }
}

void near_init(struct near *near, double threshold)
{
    *near = (struct near){.threshold = threshold};
    cut_bands(near);
}

void near_release(struct near *near)
{
    for (size_t i = 0; i < near->count; i++)
        free(near->members[i]);
    free(near->members);
    free(near->kept);
    free(near->links);
    free(near->heads);
    *near = (struct near){0};
}

void near_set_release(struct near_set *set)
{
    free(set->members);
    *set = (struct near_set){0};
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 31;
    h *= 0x7fb5d329728ea185u;
    h ^= h >> 27;
    h *= 0x81dadef4bc2dd44du;
    return h ^ (h >> 33);
}

/* Hashes are spread evenly: dealt out by their first byte they nearly are in order, and each has
 * only a few places to go. qsort would call a function for every comparison. */
static void sort_small(uint32_t *items, size_t count)
{
    uint32_t dealt[SMALL_SET], first[257] = {0};
    for (size_t i = 0; i < count; i++)
        first[(items[i] >> 24) + 1]++;
    for (size_t b = 1; b < 256; b++)
        first[b] += first[b - 1];
    for (size_t i = 0; i < count; i++)
        dealt[first[items[i] >> 24]++] = items[i];
    for (size_t i = 0; i < count; i++) {
        uint32_t item = dealt[i];
        size_t at = i;
        for (; at > 0 && items[at - 1] > item; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

static int compare_members(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static size_t sort_and_unite(uint32_t *items, size_t count)
{
    size_t kept = 0;
    if (count <= SMALL_SET)
        sort_small(items, count);
    else
        qsort(items, count, sizeof *items, compare_members);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || items[i] != items[kept - 1])
            items[kept++] = items[i];
    return kept;
}

/* The least hash in each bin; an empty bin takes that of the next full one, changed by the
 * distance. */
static void sketch(uint32_t out[BINS], const struct near_set *set, uint64_t pass)
{
    bool is_full[BINS];
    memset(out, 0xff, BINS * sizeof *out);
    for (size_t i = 0; i < set->digest.count; i++) {
        uint64_t h = mix(set->members[i] + (pass << 40));
        uint32_t *bin = &out[h % BINS], value = (uint32_t)(h >> 32) >> 1;
        *bin = value < *bin ? value : *bin; /* no branch: it would be guessed wrong often */
    }
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

static void fill_bands(struct near_set *set, const struct near *near)
{
    uint32_t values[NEAR_SKETCH];
    for (size_t pass = 0; pass * BINS < near->rows * near->n_bands; pass++)
        sketch(values + pass * BINS, set, pass);
    for (size_t b = 0; b < near->n_bands; b++) {
        uint64_t h = b;
        for (size_t r = 0; r < near->rows; r++)
            h = mix(h + values[b * near->rows + r]);
        set->bands[b] = (uint32_t)h;
    }
}

void near_set_make(struct near_set *out, const struct near *near, const struct word_list *words)
{
    size_t run = words->count < NEAR_RUN ? words->count : NEAR_RUN;
    size_t count = words->count ? words->count - run + 1 : 0;
    *out = (struct near_set){0};
    if (count == 0)
        return;
    out->members = mem_alloc((count + near->n_bands) * sizeof *out->members);
    for (size_t i = 0; i < count; i++)
        out->members[i] = (uint32_t)shingle_at(words, i, run);
    out->bands = out->members + count;
    out->digest.count = (uint32_t)sort_and_unite(out->members, count);
    for (size_t i = 0; i < out->digest.count; i++) {
        uint32_t bit = out->members[i] % (64 * NEAR_PARITY);
        out->digest.parity[bit / 64] ^= (uint64_t)1 << bit % 64;
    }
    fill_bands(out, near);
}

/* Bits that differ: of each word in its bytes, then of all words by one product. */
static size_t parity_distance(const struct near_digest *a, const struct near_digest *b)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < NEAR_PARITY; i++) {
        uint64_t x = a->parity[i] ^ b->parity[i];
        x -= x >> 1 & 0x5555555555555555u;
        x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
        bytes += (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    }
    bytes = (bytes & 0x00FF00FF00FF00FFu) + (bytes >> 8 & 0x00FF00FF00FF00FFu);
    return bytes * 0x0001000100010001u >> 48;
}

static size_t count_common(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
    size_t i = 0, j = 0, common = 0;
    while (i < n_a && j < n_b) {
        uint32_t x = a[i], y = b[j];
        common += x == y;
        i += x <= y;
        j += y <= x;
    }
    return common;
}

/* One search for what is most like a set. */
struct search {
    const struct near *near;
    const struct near_digest *digest;
    const uint32_t *members, *bands;
    size_t best; /* place in kept, or NOWHERE */
    double likeness;
};
#define NOWHERE ((size_t)-1)

/* Looks at kept set `at`, and takes it if it is near and more alike, or as much and earlier. */
static void consider(struct search *search, size_t at)
{
    const struct near_digest *mine = search->digest, *other = &search->near->kept[at];
    size_t total = (size_t)mine->count + other->count;
    /* likeness >= t is common >= t / (1 + t) * total; the slack is for rounding */
    double t = fmax(search->near->threshold, search->likeness);
    double least = t / (1 + t) * (double)total - 1e-6;
    if ((double)size_min(mine->count, other->count) < least ||
        (double)(total - size_min(parity_distance(mine, other), total)) * 0.5 < least)
        return;
    size_t common =
        count_common(search->members, mine->count, search->near->members[at], other->count);
    double value = (double)common / (double)(total - common);
    if (value < t || (value == search->likeness && at > search->best))
        return;
    search->best = at;
    search->likeness = value;
}

/* Candidates by the chains that begin at `from`, a step of each chain in turn: the steps of one
 * round do not wait for each other's memory. Returns how many; one may be there several times. */
static size_t gather(uint32_t candidates[NEAR_CANDIDATES_MAX], const struct search *search,
                     uint32_t from[NEAR_SKETCH])
{
    const struct near *near = search->near;
    uint32_t open[NEAR_SKETCH]; /* bands whose chains have not ended */
    size_t n_open = 0, n = 0;
    for (size_t b = 0; b < near->n_bands; b++)
        if (from[b] != 0)
            open[n_open++] = (uint32_t)b;
    while (n_open > 0) {
        size_t still = 0;
        for (size_t i = 0; i < n_open && n < NEAR_CANDIDATES_MAX; i++) {
            uint32_t b = open[i], place = from[b] - 1;
            const struct near_link *link = &near->links[(size_t)place * near->n_bands + b];
            if (link->band == search->bands[b])
                candidates[n++] = place;
            from[b] = link->before;
            if (link->before != 0)
                open[still++] = b;
        }
        n_open = n < NEAR_CANDIDATES_MAX ? still : 0;
    }
    return n;
}

static void consider_candidates(struct search *search, uint32_t from[NEAR_SKETCH])
{
    enum { AHEAD = 8 };
    uint32_t candidates[NEAR_CANDIDATES_MAX];
    size_t n = gather(candidates, search, from);
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(&search->near->kept[candidates[i + AHEAD]]);
        if (candidates[i] != search->best)
            consider(search, candidates[i]);
    }
}

static uint32_t *head_of(const struct near *near, size_t band, uint32_t value)
{
    return &near->heads[band * near->slots + (value & (near->slots - 1))];
}

/* Among the first n_before kept sets: all of them, or by the chains that begin at `from`. */
static struct near_match find(struct search *search, size_t n_before, uint32_t *from)
{
    const struct near *near = search->near;
    if (search->digest->count > 0 && n_before <= NEAR_ALL)
        for (size_t i = 0; i < n_before; i++)
            consider(search, i);
    else if (search->digest->count > 0)
        consider_candidates(search, from);
    uint32_t id = search->best == NOWHERE ? NEAR_NONE : near->kept[search->best].id;
    return (struct near_match){id, search->likeness};
}

struct near_match near_find(const struct near *near, const struct near_set *set)
{
    uint32_t from[NEAR_SKETCH];
    struct search search = {.near = near,
                            .digest = &set->digest,
                            .members = set->members,
                            .bands = set->bands,
                            .best = NOWHERE};
    for (size_t b = 0; set->digest.count > 0 && near->slots > 0 && b < near->n_bands; b++)
        from[b] = *head_of(near, b, set->bands[b]);
    return find(&search, near->count, from);
}

struct near_match near_find_before(const struct near *near, size_t at)
{
    uint32_t from[NEAR_SKETCH], bands[NEAR_SKETCH];
    struct search search = {.near = near,
                            .digest = &near->kept[at],
                            .members = near->members[at],
                            .bands = bands,
                            .best = NOWHERE};
    for (size_t b = 0; b < near->n_bands; b++) {
        const struct near_link *link = &near->links[at * near->n_bands + b];
        from[b] = link->before;
        bands[b] = link->band;
    }
    return find(&search, at, from);
}

/* Puts kept set `at`, whose bands are in its links, at the heads of its chains. */
static void link_set(struct near *near, size_t at)
{
    for (size_t b = 0; near->kept[at].count > 0 && b < near->n_bands; b++) {
        struct near_link *link = &near->links[at * near->n_bands + b];
        uint32_t *head = head_of(near, b, link->band);
        link->before = *head;
        *head = (uint32_t)at + 1;
    }
}

/* Tables of so many slots, and room for as many sets; those that are there are linked again. */
static void set_slots(struct near *near, size_t slots)
{
    near->slots = slots;
    free(near->heads);
    near->heads = mem_zalloc(near->slots * near->n_bands, sizeof *near->heads);
    near->links = mem_realloc(near->links, near->slots * near->n_bands, sizeof *near->links);
    for (size_t i = 0; i < near->count; i++)
        link_set(near, i);
}

void near_reserve(struct near *near, size_t count)
{
    size_t slots = SLOTS_MIN;
    while (slots < count)
        slots *= 2;
    if (slots > near->slots)
        set_slots(near, slots);
}

void near_keep(struct near *near, struct near_set *set, uint32_t id)
{
    size_t at = near->count, n_members = at;
    near_reserve(near, at + 1);
    set->digest.id = id;
    for (size_t b = 0; b < near->n_bands; b++)
        near->links[at * near->n_bands + b] =
            (struct near_link){0, set->digest.count > 0 ? set->bands[b] : 0};
    VEC_PUSH(near->members, n_members, near->members_cap, set->members);
    VEC_PUSH(near->kept, near->count, near->cap, set->digest);
    link_set(near, at);
    *set = (struct near_set){0};
}
