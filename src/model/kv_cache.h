/* kv_cache.h - keys and values of many timelines, in shared pages of 64 positions.
 *
 * Does        Layers come in at most two classes: those that see everything and those with a
 *             sliding window. A page holds 64 positions of all layers of one class; it is
 *             reference-counted and written only by an owner who holds it alone. A timeline
 *             (kv_seq) is a table of pages per class. Forking shares pages; a shared, partly filled
 *             last page is copied by the reserve that first wants to write into it. Window pages
 *             that no later position can see are given back.
 *
 * Lifetime    kv_create / kv_free; every kv_seq is released before the cache is freed.
 *
 * Threads     bookkeeping (fork, reserve, release) by one thread; page contents by whoever computes
 *             the layer.
 *
 * Limits      never more than budget_bytes of pages.
 *
 * See         docs/numerics.md N6: pages start at multiples of 64, so attention over a shared
 *             prefix and over a private copy of it does the same sums. */
#ifndef MODEL_KV_CACHE_H
#define MODEL_KV_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { KV_PAGE_TOK = 64, KV_CLASSES_MAX = 2 };

struct kv_layout {
    size_t n_classes;
    struct {
        size_t n_layers;
        size_t window;      /* 0: sees everything; else positions i - window + 1 .. i */
        size_t layer_bytes; /* keys and values of one layer in one page */
    } cls[KV_CLASSES_MAX];
};

struct kv_page {
    unsigned refs;
    uint8_t cls;
    struct kv_page *next_free;
    unsigned char *bytes; /* n_layers x layer_bytes, zeroed before first use, 64-byte aligned */
};

struct kv_cache;

/* One timeline. `{0}` plus kv_seq_init. */
struct kv_seq {
    struct kv_cache *cache;
    size_t len; /* positions written */
    struct {
        struct kv_page **page; /* page[i] covers positions 64 i ..; NULL where given back */
        size_t count, cap;     /* table entries */
        size_t first;          /* entries before this are NULL */
    } cls[KV_CLASSES_MAX];
};

struct kv_cache *kv_create(const struct kv_layout *layout, size_t budget_bytes);
void kv_free(struct kv_cache *cache);
const struct kv_layout *kv_layout(const struct kv_cache *cache);
size_t kv_bytes_used(const struct kv_cache *cache);
size_t kv_bytes_budget(const struct kv_cache *cache);

/* Upper bound of what one timeline of `len` positions needs beyond `shared` positions it shares
 * with others. */
size_t kv_bytes_for(const struct kv_layout *layout, size_t len, size_t shared);

void kv_seq_init(struct kv_seq *seq, struct kv_cache *cache);
void kv_seq_release(
    struct kv_seq *seq); /* gives all pages back; safe on an initialised, empty seq */

/* Makes positions [len, new_len) writable: allocates pages, copies a shared partial page. false,
 * and nothing changed, when the budget does not allow it. */
MUST_USE bool kv_seq_reserve(struct kv_seq *seq, size_t new_len);

/* dst (initialised, empty) becomes the first `len` positions of src, sharing their pages. false
 * when src no longer holds the window before `len` (then compute it again). */
MUST_USE bool kv_seq_fork(struct kv_seq *dst, const struct kv_seq *src, size_t len);

/* len += n after the model has written n positions, and gives back window pages no position >= len
 * can see. */
void kv_seq_advance(struct kv_seq *seq, size_t n);

#endif
