/* merge_queue.h - the pairs that wait to be joined, first the one of lowest key.
 * Does        a priority queue for keys that mostly arrive above the one taken last: O(log n) a key
 *             at worst, and almost only sequential memory accesses where there are millions.
 * Lifetime    `{0}` is empty; merge_queue_release frees.
 * Threads     one thread at a time.
 * See         Ahuja, Mehlhorn, Orlin, Tarjan 1990, "Faster algorithms for the shortest path
 *             problem" (radix heaps). */
#ifndef TOKEN_MERGE_QUEUE_H
#define TOKEN_MERGE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct merge_candidate {
    uint64_t key;     /* order, then index of the left symbol */
    uint32_t len, id; /* what the two would be: bytes and piece */
};

struct merge_list {
    struct merge_candidate *item;
    size_t count, cap;
};

enum { MERGE_BUCKETS = 65 };

struct merge_queue {
    struct merge_list heap; /* all keys below `limit`, as a binary heap */
    /* All others: bucket b holds the keys whose highest bit unlike `base` is bit b - 1. */
    struct merge_list bucket[MERGE_BUCKETS];
    uint64_t base, limit;
};

/* Empties the queue for about n keys. */
void merge_queue_reset(struct merge_queue *queue, size_t n);
void merge_queue_release(struct merge_queue *queue);

void merge_queue_push(struct merge_queue *queue, struct merge_candidate candidate);
/* Takes out the lowest key; false when there is none. */
bool merge_queue_take(struct merge_queue *queue, struct merge_candidate *out);

#endif
