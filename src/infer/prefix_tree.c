/* prefix_tree.c - a radix tree whose nodes may hold snapshots of timelines.
 *
 * Invariants: (1) a node's ids are those between its parent's depth and its own, at least one;
 * (2) siblings begin with different ids; (3) `wanted` of a node is at least that of each child;
 * (4) a node other than the root is wanted, or has a snapshot, or has a child: what else there was
 * is pruned; (5) snapshots stand in one list of nodes, so the oldest is found without a walk. */
#include "infer/prefix_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"

/* Looking for a snapshot that goes on differently stops after so many nodes: among thousands of
 * waiting prompts it is not worth more. */
enum { SEARCH_MAX = 64 };

struct prefix_tree {
    struct kv_cache *cache;
    struct prefix_node root;
    uint64_t clock;
    struct prefix_node **kept; /* nodes with a snapshot, in no order */
    size_t n_kept, cap_kept;
};

struct prefix_tree *prefix_tree_create(struct kv_cache *cache)
{
    struct prefix_tree *tree = mem_zalloc(1, sizeof *tree);
    tree->cache = cache;
    return tree;
}

static void node_free(struct prefix_node *node)
{
    if (node->has_snapshot)
        kv_seq_release(&node->snapshot);
    free(node->ids);
    free(node);
}

void prefix_tree_free(struct prefix_tree *tree)
{
    if (!tree)
        return;
    struct prefix_node *node = tree->root.child;
    while (node) { /* down to a leaf, free it, on to its sibling or up */
        if (node->child) {
            node = node->child;
            continue;
        }
        struct prefix_node *next = node->sibling ? node->sibling : node->parent;
        if (!node->sibling)
            node->parent->child = NULL;
        node_free(node);
        node = next == &tree->root ? NULL : next;
    }
    free(tree->kept);
    free(tree);
}

static size_t edge_len(const struct prefix_node *node)
{
    return node->depth - node->parent->depth;
}

static struct prefix_node *child_find(const struct prefix_node *node, uint32_t id)
{
    struct prefix_node *child = node->child;
    while (child && child->ids[0] != id)
        child = child->sibling;
    return child;
}

static size_t common_len(const uint32_t *a, const uint32_t *b, size_t n)
{
    size_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

static struct prefix_node *child_create(struct prefix_node *parent, const uint32_t *ids, size_t n)
{
    struct prefix_node *node = mem_zalloc(1, sizeof *node);
    node->ids = mem_alloc(n * sizeof *ids);
    memcpy(node->ids, ids, n * sizeof *ids);
    node->depth = parent->depth + n;
    node->parent = parent;
    node->sibling = parent->child;
    parent->child = node;
    return node;
}

static void child_unlink(struct prefix_node *node)
{
    struct prefix_node **link = &node->parent->child;
    while (*link != node)
        link = &(*link)->sibling;
    *link = node->sibling;
}

/* Puts a node between `node` and its parent, n ids below the parent; `node` keeps its address,
 * which prompts and the list of snapshots remember. */
static struct prefix_node *node_split(struct prefix_node *node, size_t n)
{
    size_t rest = edge_len(node) - n;
    child_unlink(node);
    struct prefix_node *middle = child_create(node->parent, node->ids, n);
    middle->wanted = node->wanted;
    middle->child = node;
    memmove(node->ids, node->ids + n, rest * sizeof *node->ids);
    node->parent = middle;
    node->sibling = NULL;
    return middle;
}

static struct prefix_node *node_at(struct prefix_tree *tree, const uint32_t *ids, size_t n)
{
    struct prefix_node *node = &tree->root;
    while (node->depth < n) {
        const uint32_t *rest = ids + node->depth;
        size_t left = n - node->depth;
        struct prefix_node *child = child_find(node, rest[0]);
        if (!child)
            return child_create(node, rest, left);
        size_t same = common_len(child->ids, rest, size_min(left, edge_len(child)));
        node = same < edge_len(child) ? node_split(child, same) : child;
    }
    return node;
}

struct prefix_node *prefix_tree_add(struct prefix_tree *tree, const uint32_t *ids, size_t n)
{
    struct prefix_node *end = node_at(tree, ids, n);
    for (struct prefix_node *node = end; node; node = node->parent)
        node->wanted++;
    return end;
}

/* Removes `node` and its ancestors as far up as they serve nothing. */
static void prune(struct prefix_node *node)
{
    while (node->parent && !node->wanted && !node->has_snapshot && !node->child) {
        struct prefix_node *parent = node->parent;
        child_unlink(node);
        node_free(node);
        node = parent;
    }
}

enum kind { KIND_FRESH, KIND_SERVED, KIND_WANTED };

static enum kind kind_of(const struct prefix_node *node)
{
    return node->wanted ? KIND_WANTED : node->served ? KIND_SERVED : KIND_FRESH;
}

/* Gives up the least recently used snapshot of a kind. */
static bool evict(struct prefix_tree *tree, enum kind kind)
{
    size_t oldest = tree->n_kept;
    for (size_t i = 0; i < tree->n_kept; i++) {
        const struct prefix_node *node = tree->kept[i];
        if (kind_of(node) == kind &&
            (oldest == tree->n_kept || node->used < tree->kept[oldest]->used))
            oldest = i;
    }
    if (oldest == tree->n_kept)
        return false;
    struct prefix_node *node = tree->kept[oldest];
    tree->kept[oldest] = tree->kept[--tree->n_kept];
    kv_seq_release(&node->snapshot);
    node->has_snapshot = node->served = false;
    prune(node);
    return true;
}

bool prefix_tree_evict(struct prefix_tree *tree, bool wanted_too)
{
    return evict(tree, KIND_FRESH) || evict(tree, KIND_SERVED) ||
           (wanted_too && evict(tree, KIND_WANTED));
}

static void limit_unwanted(struct prefix_tree *tree)
{
    size_t served = 0, fresh = 0;
    for (size_t i = 0; i < tree->n_kept; i++) {
        served += kind_of(tree->kept[i]) == KIND_SERVED;
        fresh += kind_of(tree->kept[i]) == KIND_FRESH;
    }
    for (; fresh > PREFIX_FRESH_MAX; fresh--)
        evict(tree, KIND_FRESH);
    for (; served > PREFIX_SERVED_MAX; served--)
        evict(tree, KIND_SERVED);
}

void prefix_tree_drop(struct prefix_tree *tree, struct prefix_node *end)
{
    for (struct prefix_node *node = end; node; node = node->parent)
        node->wanted--;
    prune(end);
    limit_unwanted(tree);
}

struct prefix_node *prefix_tree_shared(struct prefix_node *end, size_t from, size_t len)
{
    size_t least = size_max(from + PREFIX_SHARED_MIN, len + 1);
    struct prefix_node *first = NULL;
    for (struct prefix_node *node = end; node && node->depth >= least; node = node->parent)
        if (node->wanted >= 2)
            first = node;
    return first;
}

/* The next node of the subtree below `top` in the order parent, children. */
static struct prefix_node *walk_next(struct prefix_node *node, const struct prefix_node *top)
{
    if (node->child)
        return node->child;
    while (node != top && !node->sibling)
        node = node->parent;
    return node == top ? NULL : node->sibling;
}

/* A node at or below `top` whose snapshot still has what the first `top->depth` positions need. */
static struct prefix_node *fork_below(struct kv_seq *seq, struct prefix_node *top, bool search)
{
    size_t left = search ? SEARCH_MAX : 1;
    for (struct prefix_node *node = top; node && left; left--, node = walk_next(node, top))
        if (node->has_snapshot && kv_seq_fork(seq, &node->snapshot, top->depth))
            return node;
    return NULL;
}

bool prefix_tree_fork(struct prefix_tree *tree, struct kv_seq *seq, struct prefix_node *end,
                      bool search)
{
    struct kv_seq found;
    kv_seq_init(&found, tree->cache);
    for (struct prefix_node *node = end; node->depth > seq->len; node = node->parent) {
        struct prefix_node *source = fork_below(&found, node, search);
        if (!source)
            continue;
        source->used = ++tree->clock;
        source->served = true;
        kv_seq_release(seq);
        *seq = found;
        return true;
    }
    return false;
}

size_t prefix_tree_known(const struct prefix_node *end)
{
    while (end && !end->has_snapshot)
        end = end->parent;
    return end ? end->depth : 0;
}

size_t prefix_tree_bytes_wanted(const struct prefix_tree *tree)
{
    size_t bytes = 0;
    for (size_t i = 0; i < tree->n_kept; i++) {
        const struct prefix_node *node = tree->kept[i];
        if (node->wanted)
            bytes +=
                kv_bytes_for(kv_layout(tree->cache), node->depth, prefix_tree_known(node->parent));
    }
    return bytes;
}

void prefix_tree_keep(struct prefix_tree *tree, struct prefix_node *node, const struct kv_seq *seq)
{
    kv_seq_init(&node->snapshot, tree->cache);
    node->has_snapshot = kv_seq_fork(&node->snapshot, seq, node->depth);
    if (!node->has_snapshot)
        return;
    node->used = ++tree->clock;
    VEC_PUSH(tree->kept, tree->n_kept, tree->cap_kept, node);
}

void prefix_tree_keep_finished(struct prefix_tree *tree, const uint32_t *ids,
                               const struct kv_seq *seq)
{
    if (seq->len < PREFIX_SHARED_MIN)
        return;
    struct prefix_node *node = node_at(tree, ids, seq->len);
    if (node->has_snapshot)
        node->used = ++tree->clock;
    else
        prefix_tree_keep(tree, node, seq);
    limit_unwanted(tree);
}
