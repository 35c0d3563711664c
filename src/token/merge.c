/* A candidate is not removed when one of its symbols changes: it is recognised as stale when it is
 * taken, because its left symbol is gone, or the two no longer cover the same number of bytes. */
#include "token/merge.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"
#include "token/tokenizer.h"

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
    merge_queue_release(&merge->queue);
    free(merge->memo);
    *merge = (struct merge){0};
}

void merge_reset(struct merge *merge)
{
    merge->n_symbols = 0;
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

/* Puts symbol `left` and its right neighbour into the queue, if they join. */
static void add_candidate(struct merge *merge, uint32_t left, merge_pair_fn pair,
                          const void *context)
{
    const struct merge_symbol *a = &merge->symbol[left];
    if (a->right == MERGE_EDGE)
        return;
    const struct merge_symbol *b = &merge->symbol[a->right];
    struct merge_joined joined;
    if (ask(merge, a, b, pair, context, &joined))
        merge_queue_push(&merge->queue,
                         (struct merge_candidate){(uint64_t)joined.order << 32 | left,
                                                  a->len + b->len, joined.id});
}

/* Joins what the candidate says; false when it is stale. */
static bool join(struct merge *merge, const struct merge_candidate *candidate)
{
    uint32_t index = (uint32_t)candidate->key;
    struct merge_symbol *left = &merge->symbol[index];
    if (left->len == 0 || left->right == MERGE_EDGE)
        return false;
    struct merge_symbol *right = &merge->symbol[left->right];
    if (left->len + right->len != candidate->len)
        return false;
    left->len = candidate->len;
    left->id = candidate->id;
    left->right = right->right;
    right->len = 0;
    if (left->right != MERGE_EDGE)
        merge->symbol[left->right].left = index;
    return true;
}

void merge_run(struct merge *merge, merge_pair_fn pair, const void *context)
{
    struct merge_candidate best;
    merge_queue_reset(&merge->queue, merge->n_symbols);
    for (size_t i = 0; i < merge->n_symbols; i++)
        add_candidate(merge, (uint32_t)i, pair, context);
    while (merge_queue_take(&merge->queue, &best)) {
        if (!join(merge, &best))
            continue;
        uint32_t index = (uint32_t)best.key, before = merge->symbol[index].left;
        if (before != MERGE_EDGE)
            add_candidate(merge, before, pair, context);
        add_candidate(merge, index, pair, context);
    }
}
