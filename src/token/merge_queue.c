/* Invariants:
 *   1. every key in the heap is below `limit`, every key in a bucket is not;
 *   2. base <= every key in a bucket, so a lower bucket holds only lower keys than a higher one.
 * The lowest bucket that is not empty is either small, and becomes the heap, or it is dealt out to
 * the buckets below it after `base` has moved up to its lowest key. Each deal moves a key at least
 * one bucket down, so there are at most 64 a key; a key that arrives below `limit` costs what it
 * costs in a heap. */
#include "token/merge_queue.h"

#include <stdlib.h>

#include "base/vec.h"

enum { HEAP_START_MAX = 2048 }; /* keys a bucket may have to become the heap: 32 KiB */

void merge_queue_reset(struct merge_queue *queue, size_t n)
{
    queue->heap.count = 0;
    for (size_t i = 0; i < MERGE_BUCKETS; i++)
        queue->bucket[i].count = 0;
    queue->base = 0;
    queue->limit = n <= HEAP_START_MAX ? UINT64_MAX : 0; /* few keys need no buckets */
}

void merge_queue_release(struct merge_queue *queue)
{
    free(queue->heap.item);
    for (size_t i = 0; i < MERGE_BUCKETS; i++)
        free(queue->bucket[i].item);
    *queue = (struct merge_queue){0};
}

static void list_push(struct merge_list *list, struct merge_candidate candidate)
{
    VEC_PUSH(list->item, list->count, list->cap, candidate);
}

static void heap_push(struct merge_list *heap, struct merge_candidate candidate)
{
    list_push(heap, candidate);
    size_t at = heap->count - 1;
    while (at && candidate.key < heap->item[(at - 1) / 2].key) {
        heap->item[at] = heap->item[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->item[at] = candidate;
}

static struct merge_candidate heap_take(struct merge_list *heap)
{
    struct merge_candidate best = heap->item[0], moved = heap->item[--heap->count];
    size_t at = 0, n = heap->count;
    for (size_t child = 1; child < n; child = 2 * at + 1) {
        child += child + 1 < n && heap->item[child + 1].key < heap->item[child].key;
        if (moved.key <= heap->item[child].key)
            break;
        heap->item[at] = heap->item[child];
        at = child;
    }
    if (n)
        heap->item[at] = moved;
    return best;
}

static struct merge_list *bucket_of(struct merge_queue *queue, uint64_t key)
{
    uint64_t differs = key ^ queue->base;
    return &queue->bucket[differs ? 64 - __builtin_clzll(differs) : 0];
}

void merge_queue_push(struct merge_queue *queue, struct merge_candidate candidate)
{
    if (candidate.key < queue->limit)
        heap_push(&queue->heap, candidate);
    else
        list_push(bucket_of(queue, candidate.key), candidate);
}

/* Bucket b becomes the heap. Its keys agree with `base` above bit b - 1 and have that bit set. */
static void bucket_to_heap(struct merge_queue *queue, size_t b)
{
    struct merge_list *bucket = &queue->bucket[b];
    uint64_t bit = b ? (uint64_t)1 << (b - 1) : 0;
    if (b)
        queue->base = (queue->base | (bit - 1)) - (bit - 1) + bit;
    queue->limit = queue->base + (b ? bit : 1);
    if (queue->limit < queue->base)
        queue->limit = UINT64_MAX;
    for (size_t i = 0; i < bucket->count; i++)
        heap_push(&queue->heap, bucket->item[i]);
    bucket->count = 0;
}

static void bucket_deal(struct merge_queue *queue, size_t b)
{
    struct merge_list *bucket = &queue->bucket[b];
    uint64_t lowest = bucket->item[0].key;
    for (size_t i = 1; i < bucket->count; i++)
        lowest = bucket->item[i].key < lowest ? bucket->item[i].key : lowest;
    queue->base = queue->limit = lowest;
    for (size_t i = 0; i < bucket->count; i++)
        list_push(bucket_of(queue, bucket->item[i].key), bucket->item[i]);
    bucket->count = 0;
}

bool merge_queue_take(struct merge_queue *queue, struct merge_candidate *out)
{
    while (queue->heap.count == 0) {
        size_t b = 0;
        while (b < MERGE_BUCKETS && queue->bucket[b].count == 0)
            b++;
        if (b == MERGE_BUCKETS)
            return false;
        if (b == 0 || queue->bucket[b].count <= HEAP_START_MAX)
            bucket_to_heap(queue, b);
        else
            bucket_deal(queue, b);
    }
    *out = heap_take(&queue->heap);
    return true;
}
