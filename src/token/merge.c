/* Candidates wait in a binary heap keyed by (order, position). A candidate is not removed when one
 * of its symbols changes: it is recognised as stale when it is taken, because its left symbol is
 * gone, has another right neighbour, or the two no longer cover the same number of bytes. */
#include "token/merge.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"
#include "token/tokenizer.h"

struct merge_candidate {
    uint64_t key; /* order, then index of the left symbol */
    uint32_t right, len, id;
};

/* Text repeats its pairs, and a vocabulary's table is larger than the caches: a small direct-mapped
 * memory of the last answers saves most lookups. */
enum { MEMO_BITS = 12 };

struct merge_memo {
    uint32_t left, right;
    struct merge_joined joined; /* id TOKEN_NONE: they do not join */
};

void merge_init(struct merge *merge)
{
    *merge = (struct merge){.memo = mem_alloc(sizeof *merge->memo << MEMO_BITS)};
    for (size_t i = 0; i < (size_t)1 << MEMO_BITS; i++)
        merge->memo[i].left = TOKEN_NONE;
}

void merge_release(struct merge *merge)
{
    free(merge->symbol);
    free(merge->heap);
    free(merge->memo);
    *merge = (struct merge){0};
}

void merge_reset(struct merge *merge)
{
    merge->n_symbols = 0;
    merge->n_heap = 0;
}

void merge_push(struct merge *merge, uint32_t start, uint32_t len, uint32_t id)
{
    uint32_t index = (uint32_t)merge->n_symbols;
    struct merge_symbol symbol = {start, len, id, index ? index - 1 : MERGE_EDGE, MERGE_EDGE};
    if (index)
        merge->symbol[index - 1].right = index;
    VEC_PUSH(merge->symbol, merge->n_symbols, merge->cap_symbols, symbol);
}

static bool ask(struct merge *merge, const struct merge_symbol *left,
                const struct merge_symbol *right, merge_pair_fn pair, const void *context,
                struct merge_joined *out)
{
    if (left->id == TOKEN_NONE || right->id == TOKEN_NONE)
        return pair(context, left, right, out);
    uint64_t hash = (((uint64_t)left->id << 32) ^ right->id) * 0x9e3779b97f4a7c15u;
    struct merge_memo *memo = &merge->memo[hash >> (64 - MEMO_BITS)];
    if (memo->left != left->id || memo->right != right->id) {
        *memo = (struct merge_memo){left->id, right->id, {0, TOKEN_NONE}};
        if (!pair(context, left, right, &memo->joined))
            memo->joined.id = TOKEN_NONE;
    }
    *out = memo->joined;
    return out->id != TOKEN_NONE;
}

/* Moves the candidate `moved` down from `at` to where no child comes before it. */
static void sift_down(struct merge_candidate *heap, size_t n, size_t at,
                      struct merge_candidate moved)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n)
            break;
        child += child + 1 < n && heap[child + 1].key < heap[child].key;
        if (moved.key <= heap[child].key)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static void sift_up(struct merge_candidate *heap, size_t at)
{
    struct merge_candidate moved = heap[at];
    while (at && moved.key < heap[(at - 1) / 2].key) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moved;
}

/* Appends the candidate for symbol `left` and its right neighbour, if they join; the heap order is
 * the caller's. */
static bool add_candidate(struct merge *merge, uint32_t left, merge_pair_fn pair,
                          const void *context)
{
    const struct merge_symbol *a = &merge->symbol[left];
    if (a->right == MERGE_EDGE)
        return false;
    const struct merge_symbol *b = &merge->symbol[a->right];
    struct merge_joined joined;
    if (!ask(merge, a, b, pair, context, &joined))
        return false;
    struct merge_candidate candidate = {(uint64_t)joined.order << 32 | left, a->right,
                                        a->len + b->len, joined.id};
    VEC_PUSH(merge->heap, merge->n_heap, merge->cap_heap, candidate);
    return true;
}

static struct merge_candidate take_best(struct merge *merge)
{
    struct merge_candidate best = merge->heap[0];
    merge->n_heap--;
    if (merge->n_heap)
        sift_down(merge->heap, merge->n_heap, 0, merge->heap[merge->n_heap]);
    return best;
}

static bool is_stale(const struct merge *merge, const struct merge_candidate *candidate)
{
    const struct merge_symbol *left = &merge->symbol[(uint32_t)candidate->key];
    return left->len == 0 || left->right != candidate->right ||
           left->len + merge->symbol[candidate->right].len != candidate->len;
}

static void join(struct merge *merge, const struct merge_candidate *candidate)
{
    uint32_t index = (uint32_t)candidate->key;
    struct merge_symbol *left = &merge->symbol[index];
    struct merge_symbol *right = &merge->symbol[candidate->right];
    left->len = candidate->len;
    left->id = candidate->id;
    left->right = right->right;
    right->len = 0;
    if (left->right != MERGE_EDGE)
        merge->symbol[left->right].left = index;
}

void merge_run(struct merge *merge, merge_pair_fn pair, const void *context)
{
    for (size_t i = 0; i < merge->n_symbols; i++)
        add_candidate(merge, (uint32_t)i, pair, context);
    for (size_t i = merge->n_heap / 2; i-- > 0;)
        sift_down(merge->heap, merge->n_heap, i, merge->heap[i]);
    while (merge->n_heap) {
        struct merge_candidate best = take_best(merge);
        if (is_stale(merge, &best))
            continue;
        join(merge, &best);
        uint32_t index = (uint32_t)best.key, before = merge->symbol[index].left;
        if (before != MERGE_EDGE && add_candidate(merge, before, pair, context))
            sift_up(merge->heap, merge->n_heap - 1);
        if (add_candidate(merge, index, pair, context))
            sift_up(merge->heap, merge->n_heap - 1);
    }
}
