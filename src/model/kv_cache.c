/* kv_cache.c - reference-counted pages, a free list per class, and the page tables over them.
 *
 * A page is in exactly one of two states: referenced (refs >= 1, found in that many tables) or on
 * the free list of its class (refs == 0). Free pages keep their old, finite values: attention masks
 * positions beyond a timeline's length, so only NaN or infinity could hurt, and no computed key or
 * value is one. A fork takes references only; whoever first writes into a partly filled page that
 * others hold too copies it then (kv_seq_reserve).
 *
 * Pages of the two classes differ in size, so memory freed by one class can serve the other only
 * through the system: when the budget is tight, free pages of the other class are handed back. */
#include "model/kv_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PAGE_ALIGN = 64 };

struct kv_cache {
    struct kv_layout layout;
    size_t budget, used, held; /* bytes: allowed, referenced, referenced or free */
    size_t page_bytes[KV_CLASSES_MAX];
    struct kv_page *free[KV_CLASSES_MAX];
};

static size_t page_bytes_of(const struct kv_layout *layout, size_t cls)
{
    return layout->cls[cls].n_layers * layout->cls[cls].layer_bytes;
}

static size_t pages_for(size_t len)
{
    return len / KV_PAGE_TOK + (len % KV_PAGE_TOK != 0);
}

/* The first page that position `len`, or any later one, can see. */
static size_t first_visible(size_t window, size_t len)
{
    return window == 0 || len < window ? 0 : (len - window + 1) / KV_PAGE_TOK;
}

struct kv_cache *kv_create(const struct kv_layout *layout, size_t budget_bytes)
{
    if (layout->n_classes > KV_CLASSES_MAX)
        BUG("%zu classes of layers, %d are possible", layout->n_classes, KV_CLASSES_MAX);
    struct kv_cache *cache = mem_zalloc(1, sizeof *cache);
    cache->layout = *layout;
    cache->budget = budget_bytes;
    for (size_t c = 0; c < layout->n_classes; c++)
        cache->page_bytes[c] = page_bytes_of(layout, c);
    return cache;
}

/* Hands one free page of `cls` back to the system. */
static bool page_discard(struct kv_cache *cache, size_t cls)
{
    struct kv_page *page = cache->free[cls];
    if (!page)
        return false;
    cache->free[cls] = page->next_free;
    cache->held -= cache->page_bytes[cls];
    free(page->bytes);
    free(page);
    return true;
}

void kv_free(struct kv_cache *cache)
{
    if (!cache)
        return;
    if (cache->used)
        BUG("%zu bytes of pages are still referenced", cache->used);
    for (size_t c = 0; c < cache->layout.n_classes; c++)
        while (page_discard(cache, c))
            ;
    free(cache);
}

const struct kv_layout *kv_layout(const struct kv_cache *cache)
{
    return &cache->layout;
}

size_t kv_bytes_used(const struct kv_cache *cache)
{
    return cache->used;
}

size_t kv_bytes_budget(const struct kv_cache *cache)
{
    return cache->budget;
}

size_t kv_bytes_for(const struct kv_layout *layout, size_t len, size_t shared)
{
    size_t bytes = 0;
    for (size_t c = 0; c < layout->n_classes; c++) {
        size_t window = layout->cls[c].window;
        size_t pages = pages_for(len) - size_min(shared, len) / KV_PAGE_TOK;
        if (window) /* the window's own pages, one more at each end where it is not aligned */
            pages = size_min(pages, pages_for(window) + 2);
        bytes += pages * page_bytes_of(layout, c);
    }
    return bytes;
}

/* A new page, its memory zeroed; room in the budget is made from other free pages if need be. */
static struct kv_page *page_create(struct kv_cache *cache, size_t cls)
{
    size_t bytes = cache->page_bytes[cls];
    for (size_t c = 0; c < cache->layout.n_classes; c++)
        while (cache->held + bytes > cache->budget && page_discard(cache, c))
            ;
    if (cache->held + bytes > cache->budget)
        return NULL;
    unsigned char *memory = mem_try_aligned(bytes, PAGE_ALIGN);
    if (!memory)
        return NULL;
    struct kv_page *page = mem_zalloc(1, sizeof *page);
    page->cls = (uint8_t)cls;
    page->bytes = memory;
    cache->held += bytes;
    return page;
}

static struct kv_page *page_take(struct kv_cache *cache, size_t cls)
{
    struct kv_page *page = cache->free[cls];
    if (page)
        cache->free[cls] = page->next_free;
    else if (!(page = page_create(cache, cls)))
        return NULL;
    page->next_free = NULL;
    page->refs = 1;
    cache->used += cache->page_bytes[cls];
    return page;
}

static void page_drop(struct kv_cache *cache, struct kv_page *page)
{
    if (!page || --page->refs)
        return;
    page->next_free = cache->free[page->cls];
    cache->free[page->cls] = page;
    cache->used -= cache->page_bytes[page->cls];
}

void kv_seq_init(struct kv_seq *seq, struct kv_cache *cache)
{
    *seq = (struct kv_seq){.cache = cache};
}

void kv_seq_release(struct kv_seq *seq)
{
    if (!seq->cache)
        return;
    for (size_t c = 0; c < seq->cache->layout.n_classes; c++) {
        for (size_t i = seq->cls[c].first; i < seq->cls[c].count; i++)
            page_drop(seq->cache, seq->cls[c].page[i]);
        free(seq->cls[c].page);
    }
    kv_seq_init(seq, seq->cache);
}

static void table_grow(struct kv_seq *seq, size_t cls, size_t count)
{
    if (count <= seq->cls[cls].cap)
        return;
    size_t cap = size_max(count, seq->cls[cls].cap + seq->cls[cls].cap / 2);
    seq->cls[cls].page = mem_realloc(seq->cls[cls].page, cap, sizeof(struct kv_page *));
    seq->cls[cls].cap = cap;
}

/* The page that the next position goes into, if it is partly filled and others hold it too. */
static struct kv_page *shared_partial(const struct kv_seq *seq, size_t cls)
{
    size_t index = seq->len / KV_PAGE_TOK;
    if (seq->len % KV_PAGE_TOK == 0 || index < seq->cls[cls].first)
        return NULL;
    struct kv_page *page = seq->cls[cls].page[index];
    return page->refs > 1 ? page : NULL;
}

bool kv_seq_reserve(struct kv_seq *seq, size_t new_len)
{
    struct kv_cache *cache = seq->cache;
    struct kv_page *taken[KV_CLASSES_MAX] = {NULL};
    size_t pages = pages_for(new_len);
    if (new_len <= seq->len)
        return true;
    for (size_t c = 0; c < cache->layout.n_classes; c++) {
        size_t need = pages > seq->cls[c].count ? pages - seq->cls[c].count : 0;
        need += shared_partial(seq, c) != NULL;
        for (size_t i = 0; i < need; i++) {
            struct kv_page *page = page_take(cache, c);
            if (!page)
                goto give_back;
            page->next_free = taken[c];
            taken[c] = page;
        }
    }
    for (size_t c = 0; c < cache->layout.n_classes; c++) {
        struct kv_page *old = shared_partial(seq, c), *page = taken[c];
        if (old) {
            memcpy(page->bytes, old->bytes, cache->page_bytes[c]);
            seq->cls[c].page[seq->len / KV_PAGE_TOK] = page;
            page_drop(cache, old);
            page = page->next_free;
        }
        table_grow(seq, c, pages);
        for (; page; page = page->next_free)
            seq->cls[c].page[seq->cls[c].count++] = page;
    }
    return true;
give_back:
    for (size_t c = 0; c < cache->layout.n_classes; c++) {
        for (struct kv_page *page = taken[c], *next; page; page = next) {
            next = page->next_free;
            page_drop(cache, page);
        }
    }
    return false;
}

bool kv_seq_fork(struct kv_seq *dst, const struct kv_seq *src, size_t len)
{
    const struct kv_layout *layout = &src->cache->layout;
    if (len > src->len)
        BUG("fork at %zu of a timeline of %zu positions", len, src->len);
    for (size_t c = 0; c < layout->n_classes; c++)
        if (first_visible(layout->cls[c].window, len) < src->cls[c].first)
            return false;
    size_t pages = pages_for(len);
    for (size_t c = 0; c < layout->n_classes; c++) {
        size_t first = size_min(first_visible(layout->cls[c].window, len), pages);
        table_grow(dst, c, pages);
        for (size_t i = 0; i < first; i++)
            dst->cls[c].page[i] = NULL;
        for (size_t i = first; i < pages; i++) {
            dst->cls[c].page[i] = src->cls[c].page[i];
            dst->cls[c].page[i]->refs++;
        }
        dst->cls[c].first = first;
        dst->cls[c].count = pages;
    }
    dst->len = len;
    return true;
}

void kv_seq_advance(struct kv_seq *seq, size_t n)
{
    struct kv_cache *cache = seq->cache;
    seq->len += n;
    for (size_t c = 0; c < cache->layout.n_classes; c++) {
        size_t visible = first_visible(cache->layout.cls[c].window, seq->len);
        size_t end = size_min(visible, seq->cls[c].count);
        for (size_t i = seq->cls[c].first; i < end; i++) {
            page_drop(cache, seq->cls[c].page[i]);
            seq->cls[c].page[i] = NULL;
        }
        seq->cls[c].first = size_max(seq->cls[c].first, end);
    }
}
