/* prefix_tree.h - what prompts have in common, and the keys and values already computed for it.
 *
 * Does        a radix tree over token ids. Every prompt that waits or is being computed stands in
 *             it, so each node knows how many prompts still want the ids up to it; nodes that are
 *             worth it hold a snapshot of the timeline there, from which others fork. Snapshots
 *             nobody wants now are kept for later prompts, the least recently used going first.
 *
 * Lifetime    prefix_tree_create / prefix_tree_free (before the cache). A node stays valid while
 *             its prompt is in the tree, between prefix_tree_add and prefix_tree_drop.
 *
 * Threads     one thread.
 *
 * Limits      PREFIX_SHARED_MIN, PREFIX_SERVED_MAX, PREFIX_FRESH_MAX. */
#ifndef INFER_PREFIX_TREE_H
#define INFER_PREFIX_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kv_cache.h"

enum {
    PREFIX_SHARED_MIN = 32, /* computing fewer positions again costs less than waiting for them */
    /* Snapshots kept for prompts to come: those that served once, and finished timelines that
     * a chat's next turn may go on from. The first kind is kept longer. */
    PREFIX_SERVED_MAX = 16,
    PREFIX_FRESH_MAX = 8
};

struct prefix_node {
    struct prefix_node *parent, *child, *sibling; /* child: the first; sibling: the next */
    uint32_t *ids;                                /* from the parent's depth to this one's */
    size_t depth;                                 /* ids from the root to here */
    size_t wanted;                                /* prompts in the tree that pass through here */
    uint64_t claimed_step;     /* the scheduler's: somebody computes up to here in that step */
    uint64_t used;             /* the clock when the snapshot was last made or forked */
    bool has_snapshot, served; /* served: some prompt forked from it */
    struct kv_seq snapshot;    /* depth positions */
};

struct prefix_tree;

struct prefix_tree *prefix_tree_create(struct kv_cache *cache);
void prefix_tree_free(struct prefix_tree *tree);

/* Puts a prompt's first n ids (>= 1) in; returns the node at their end. */
struct prefix_node *prefix_tree_add(struct prefix_tree *tree, const uint32_t *ids, size_t n);
/* The prompt that ended at `end` wants nothing more. */
void prefix_tree_drop(struct prefix_tree *tree, struct prefix_node *end);

/* The first node on the way to `end` beyond position `len` that several prompts want and that is at
 * least PREFIX_SHARED_MIN beyond `from`; NULL when there is none. */
struct prefix_node *prefix_tree_shared(struct prefix_node *end, size_t from, size_t len);

/* Replaces seq by the longest stretch known on the way to `end`, if that is longer than seq->len.
 * With `search`, also looks into snapshots that go on differently. true when seq was replaced. */
bool prefix_tree_fork(struct prefix_tree *tree, struct kv_seq *seq, struct prefix_node *end,
                      bool search);

/* The longest snapshot on the way to `end`: its depth, 0 when there is none. */
size_t prefix_tree_known(const struct prefix_node *end);
/* Upper bound of what the snapshots that some prompt wants hold. */
size_t prefix_tree_bytes_wanted(const struct prefix_tree *tree);

/* Keeps a snapshot of seq (node->depth positions) at a node that has none. */
void prefix_tree_keep(struct prefix_tree *tree, struct prefix_node *node, const struct kv_seq *seq);
/* Keeps a finished timeline, whose positions hold `ids` (seq->len of them). */
void prefix_tree_keep_finished(struct prefix_tree *tree, const uint32_t *ids,
                               const struct kv_seq *seq);

/* Gives up a snapshot: of those that no prompt in the tree wants (or of all, with `wanted_too`) the
 * least recently used, those that never served before the others. false when there is none. */
bool prefix_tree_evict(struct prefix_tree *tree, bool wanted_too);

#endif
