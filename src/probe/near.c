/* near.c - see near.h. */
#include "probe/near.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"

struct member {
    uint64_t hash;
    uint32_t count; /* sets that have it */
};

/* A set with its members as ranks, the rarest first, and so ascending. */
struct ranked {
    uint32_t *ranks;
    size_t count, index; /* index: its place in the caller's array */
};

/* The sets seen so far that have a member in their prefix: a list through `links`. */
struct link {
    size_t set, next; /* next: place in links + 1; 0 ends */
};

struct join {
    struct member *members; /* by hash; `count` becomes the rank */
    size_t n_members;
    struct ranked *sets;    /* smallest first */
    size_t n_sets, n_first; /* n_first: pairs are across this place; 0: any are wanted */
    uint32_t *ranks;        /* of all sets, one after the other */
    size_t *heads;          /* per rank: place in links + 1 */
    size_t *seen_for;       /* per set: the last one it was compared with, + 1 */
    struct link *links;
    size_t n_links, cap_links;
    struct near_pair *pairs;
    size_t n_pairs, cap_pairs;
};

static int compare_hash(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static int compare_rarity(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int by_count = (x->count > y->count) - (x->count < y->count);
    return by_count ? by_count : compare_hash(a, b);
}

static int compare_ranks(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int compare_sizes(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int by_count = (x->count > y->count) - (x->count < y->count);
    return by_count ? by_count : (x->index > y->index) - (x->index < y->index);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct near_pair *x = a, *y = b;
    int by_a = (x->a > y->a) - (x->a < y->a);
    return by_a ? by_a : (x->b > y->b) - (x->b < y->b);
}

static void count_members(struct join *join, const struct shingle_set *sets, size_t n, size_t total)
{
    struct member *all = mem_zalloc(total, sizeof *all);
    size_t at = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sets[i].count; k++)
            all[at++] = (struct member){sets[i].hashes[k], 1};
    qsort(all, total, sizeof *all, compare_hash);
    for (size_t i = 0; i < total; i++)
        if (kept > 0 && all[kept - 1].hash == all[i].hash)
            all[kept - 1].count++;
        else
            all[kept++] = all[i];
    join->members = all;
    join->n_members = kept;
    qsort(all, kept, sizeof *all, compare_rarity);
    for (size_t i = 0; i < kept; i++)
        all[i].count = (uint32_t)i; /* from here on its rank */
    qsort(all, kept, sizeof *all, compare_hash);
}

static void rank_sets(struct join *join, const struct shingle_set *sets, size_t n, size_t total)
{
    uint32_t *ranks = join->ranks = mem_zalloc(total, sizeof *ranks);
    join->sets = mem_zalloc(n, sizeof *join->sets);
    for (size_t i = 0; i < n; i++) {
        if (sets[i].count == 0)
            continue;
        for (size_t k = 0; k < sets[i].count; k++) {
            struct member wanted = {sets[i].hashes[k], 0};
            const struct member *found = bsearch(&wanted, join->members, join->n_members,
                                                 sizeof *join->members, compare_hash);
            ranks[k] = found->count;
        }
        qsort(ranks, sets[i].count, sizeof *ranks, compare_ranks);
        join->sets[join->n_sets++] = (struct ranked){ranks, sets[i].count, i};
        ranks += sets[i].count;
    }
    qsort(join->sets, join->n_sets, sizeof *join->sets, compare_sizes);
    join->heads = mem_zalloc(join->n_members, sizeof *join->heads);
    join->seen_for = mem_zalloc(join->n_sets, sizeof *join->seen_for);
}

static bool is_wanted(const struct join *join, size_t x, size_t y)
{
    size_t n = join->n_first;
    return n == 0 || (join->sets[x].index < n) != (join->sets[y].index < n);
}

static double likeness(const struct ranked *a, const struct ranked *b)
{
    size_t i = 0, k = 0, common = 0;
    while (i < a->count && k < b->count) {
        if (a->ranks[i] == b->ranks[k])
            common++;
        uint32_t x = a->ranks[i], y = b->ranks[k];
        i += x <= y;
        k += y <= x;
    }
    return (double)common / (double)(a->count + b->count - common);
}

static void compare(struct join *join, size_t x, size_t y, double at_least)
{
    double value = likeness(&join->sets[x], &join->sets[y]);
    size_t a = join->sets[x].index, b = join->sets[y].index;
    join->seen_for[y] = x + 1;
    if (value < at_least)
        return;
    struct near_pair pair = {a < b ? a : b, a < b ? b : a, value};
    VEC_PUSH(join->pairs, join->n_pairs, join->cap_pairs, pair);
}

/* Compares set x with the smaller ones it meets in its prefix, then joins them there. */
static void meet(struct join *join, size_t x, double at_least)
{
    const struct ranked *set = &join->sets[x];
    /* The slack keeps a likeness of exactly at_least from falling to rounding. */
    double least = at_least * (double)set->count - 1e-9 * (double)set->count;
    size_t prefix = set->count - (size_t)ceil(least) + 1;
    prefix = size_min(prefix, set->count);
    for (size_t i = 0; i < prefix; i++) {
        size_t *head = &join->heads[set->ranks[i]];
        for (size_t at = *head; at != 0; at = join->links[at - 1].next) {
            size_t y = join->links[at - 1].set;
            if (join->seen_for[y] != x + 1 && (double)join->sets[y].count >= least &&
                is_wanted(join, x, y))
                compare(join, x, y, at_least);
        }
        struct link link = {x, *head};
        VEC_PUSH(join->links, join->n_links, join->cap_links, link);
        *head = join->n_links;
    }
}

static void join_release(struct join *join)
{
    free(join->members);
    free(join->sets);
    free(join->ranks);
    free(join->heads);
    free(join->seen_for);
    free(join->links);
}

static bool find(struct near_pair **pairs, size_t *n_pairs, const struct shingle_set *sets,
                 size_t n_sets, size_t n_first, double at_least, struct err *err)
{
    struct join join = {.n_first = n_first};
    size_t total = 0;
    *pairs = NULL;
    *n_pairs = 0;
    for (size_t i = 0; i < n_sets; i++)
        total += sets[i].count;
    if (total > NEAR_MEMBERS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d runs of words to compare", NEAR_MEMBERS_MAX);
    if (total == 0)
        return true;
    count_members(&join, sets, n_sets, total);
    rank_sets(&join, sets, n_sets, total);
    for (size_t x = 0; x < join.n_sets && join.n_pairs <= NEAR_PAIRS_MAX; x++)
        meet(&join, x, at_least);
    join_release(&join);
    if (join.n_pairs > NEAR_PAIRS_MAX) {
        free(join.pairs);
        return err_set(err, ERR_LIMIT, "more than %d pairs of texts are nearly the same",
                       NEAR_PAIRS_MAX);
    }
    if (join.n_pairs > 0)
        qsort(join.pairs, join.n_pairs, sizeof *join.pairs, compare_pairs);
    *pairs = join.pairs;
    *n_pairs = join.n_pairs;
    return true;
}

bool near_find(struct near_pair **pairs, size_t *n_pairs, const struct shingle_set *sets,
               size_t n_sets, double at_least, struct err *err)
{
    return find(pairs, n_pairs, sets, n_sets, 0, at_least, err);
}

bool near_between(struct near_pair **pairs, size_t *n_pairs, const struct shingle_set *sets,
                  size_t n_sets, size_t n_first, double at_least, struct err *err)
{
    *pairs = NULL;
    *n_pairs = 0;
    return n_first == 0 || find(pairs, n_pairs, sets, n_sets, n_first, at_least, err);
}
